//! Errors as they go over the wire: a code that keeps its meaning.

use std::fmt;

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ErrorCode {
    Unauthorized = 1,
    TooLarge = 2,
    NoSuchRoom = 3,
    NoSuchRecipient = 4,
    TooManyRequests = 5,
    QueueFull = 6,
    Internal = 7,
}

impl ErrorCode {
    /// The byte that stands for the error.
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?} (code {})", self.code())
    }
}

impl std::error::Error for ErrorCode {}
