//! Which servers are near. The file came from another system: its lines end with CR LF.

use std::collections::BTreeMap;
use std::sync::RwLock;

/// The round trips to neighbours, in milliseconds.
#[derive(Default)]
pub struct Routes {
    trips: RwLock<BTreeMap<String, u32>>,
}

impl Routes {
    pub fn measured(&self, name: &str, trip: u32) {
        self.trips.write().unwrap().insert(name.to_owned(), trip);
    }

    /// The nearest neighbour.
    pub fn nearest(&self) -> Option<String> {
        let trips = self.trips.read().unwrap();
        trips
            .iter()
            .min_by_key(|(_, trip)| **trip)
            .map(|(name, _)| name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_the_quickest() {
        let routes = Routes::default();
        routes.measured("far", 90);
        routes.measured("near", 3);
        assert_eq!(routes.nearest().as_deref(), Some("near"));
    }
}
