//! What a client does with its server.

use parley_core::Message;
use parley_wire::encode;

/// The bytes that send a text to a room, or None when it is too long.
pub fn say(room: &str, text: &str) -> Option<Vec<u8>> {
    Message::new(room, text.as_bytes()).map(|message| encode(&message))
}
