//! Messages as bytes: the length of the room's name, the name, the body.

use parley_core::Message;

/// The bytes of a message.
pub fn encode(message: &Message) -> Vec<u8> {
    let mut out = vec![message.room.len() as u8];
    out.extend_from_slice(message.room.as_bytes());
    out.extend_from_slice(&message.body);
    out
}

/// The message in some bytes, or None when they are none.
pub fn decode(bytes: &[u8]) -> Option<Message> {
    let (len, rest) = bytes.split_first()?;
    let len = usize::from(*len);
    let room = std::str::from_utf8(rest.get(..len)?).ok()?;
    Message::new(room, rest.get(len..)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_encoded_comes_back() {
        let message = Message::new("hall", b"hello").unwrap();
        assert_eq!(decode(&encode(&message)), Some(message));
    }
}
