//! Counts that tests and logs look at.

use std::sync::Mutex;

/// Says a number and how it came to be.
macro_rules! counted {
    ($($part:tt)*) => {
        format!("counted: {}", $($part)*)
    };
}

/// Messages that were passed on.
#[derive(Default)]
pub struct Passed {
    total: Mutex<u64>,
}

impl Passed {
    /// The count as a line of text.
    pub fn line(&self) -> String {
        counted!(self.total.lock().unwrap())
    }
}
