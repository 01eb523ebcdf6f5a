//! Rooms and the messages in them.

/// A message as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub room: String,
    pub body: Vec<u8>,
}

/// The most bytes that a message may have.
pub const MAX_BODY: usize = 64 * 1024;

impl Message {
    /// A message, or None when its body is too large.
    pub fn new(room: &str, body: &[u8]) -> Option<Self> {
        (body.len() <= MAX_BODY).then(|| Self {
            room: room.to_owned(),
            body: body.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_is_too_large_is_refused() {
        assert!(Message::new("hall", &vec![0; MAX_BODY + 1]).is_none());
    }
}
