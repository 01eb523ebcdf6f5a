//! How long to wait before the neighbours are asked again.

use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// Waits a little longer each time, and never as long as the others do.
pub fn pause(tries: u32) -> Duration {
    let mut rng = SmallRng::from_os_rng();
    let spread = rng.random_range(0..1000);
    Duration::from_millis(u64::from(tries.min(10)) * 500 + spread)
}
