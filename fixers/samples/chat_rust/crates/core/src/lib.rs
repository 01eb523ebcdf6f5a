//! Rooms, the messages in them, and the errors that a client can act on.

mod error;

pub use error::ErrorCode;

use std::ffi::CString;
use std::num::NonZeroUsize;
use std::sync::LazyLock;

/// The most bytes that a message may have.
pub const MAX_BODY: usize = 64 * 1024;
/// How many bytes the key of a recipient has.
pub const KEY_LEN: usize = 32;
/// How many messages may wait for one recipient.
pub const MAX_QUEUE: NonZeroUsize = NonZeroUsize::new(256).expect("256 is not zero");
/// The name that the system's log has for a server.
pub static LOG_NAME: LazyLock<CString> =
    LazyLock::new(|| CString::new("parley").expect("no zero byte is in it"));

/// A message as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub room: String,
    pub body: Vec<u8>,
}

impl Message {
    /// A message, or why it is none.
    pub fn new(room: &str, body: &[u8]) -> Result<Self, ErrorCode> {
        if body.len() > MAX_BODY {
            return Err(ErrorCode::TooLarge);
        }
        if room.is_empty() || room.len() > usize::from(u8::MAX) {
            return Err(ErrorCode::NoSuchRoom);
        }
        Ok(Self {
            room: room.to_owned(),
            body: body.to_vec(),
        })
    }
}

/// The key of a recipient, which has one length only.
pub fn recipient(key: &[u8]) -> Result<[u8; KEY_LEN], ErrorCode> {
    if key.len() != KEY_LEN {
        return Err(ErrorCode::NoSuchRecipient);
    }
    key.try_into().map_err(|_| ErrorCode::NoSuchRecipient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_is_too_large_is_refused() {
        let refused = Message::new("hall", &vec![0; MAX_BODY + 1]);
        assert_eq!(refused.unwrap_err(), ErrorCode::TooLarge);
    }

    #[test]
    fn a_key_has_one_length() {
        assert!(recipient(&[0; KEY_LEN]).is_ok());
        assert!(recipient(&[]).is_err());
    }
}
