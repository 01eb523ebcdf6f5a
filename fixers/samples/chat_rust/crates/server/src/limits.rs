//! How often one peer may ask.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(10);
const REQUESTS: u32 = 200;

/// Counts the requests of each address in a window of time.
#[derive(Default)]
pub struct Limits {
    seen: Mutex<HashMap<IpAddr, (Instant, u32)>>,
}

impl Limits {
    /// Whether the address has asked too often.
    pub fn rate_limited(&self, peer: IpAddr, now: Instant) -> bool {
        let Ok(mut seen) = self.seen.lock() else {
            return true;
        };
        seen.retain(|_, (since, _)| now.duration_since(*since) < WINDOW);
        let (_, count) = seen.entry(peer).or_insert((now, 0));
        *count += 1;
        *count > REQUESTS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_that_asks_too_often_waits() {
        let (limits, now) = (Limits::default(), Instant::now());
        let peer = IpAddr::from([127, 0, 0, 1]);
        assert!((0..REQUESTS).all(|_| !limits.rate_limited(peer, now)));
        assert!(limits.rate_limited(peer, now));
        assert_eq!(limits.seen.lock().unwrap().len(), 1);
    }
}
