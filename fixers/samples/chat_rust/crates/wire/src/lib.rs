//! Requests and messages as bytes.

use parley_core::{ErrorCode, Message};

/// The operations of the protocol, as the build writes them.
pub mod operations {
    include!(concat!(env!("OUT_DIR"), "/operations.rs"));
}

/// What a client asks: an operation, the token it has, and a body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    pub operation: u8,
    pub auth_token: Vec<u8>,
    pub body: Vec<u8>,
}

impl Request {
    /// The bytes of a request: operation, length of the token, token, body.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ErrorCode> {
        let len = u8::try_from(self.auth_token.len()).map_err(|_| ErrorCode::Unauthorized)?;
        let mut out = vec![self.operation, len];
        out.extend_from_slice(&self.auth_token);
        out.extend_from_slice(&self.body);
        Ok(out)
    }

    /// The request in some bytes, or None when they are none.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&operation, rest) = bytes.split_first()?;
        let (&len, rest) = rest.split_first()?;
        let len = usize::from(len);
        operations::is_known(operation).then_some(Self {
            operation,
            auth_token: rest.get(..len)?.to_vec(),
            body: rest.get(len..)?.to_vec(),
        })
    }
}

/// The bytes of a message: the length of the room's name, the name, the body.
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
    Message::new(room, rest.get(len..)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_encoded_comes_back() {
        let message = Message::new("hall", b"hello").unwrap();
        assert_eq!(decode(&encode(&message)), Some(message));
    }

    #[test]
    fn a_request_comes_back() {
        let request = Request {
            operation: operations::SEND,
            auth_token: b"test".to_vec(),
            body: b"hello".to_vec(),
        };
        assert_eq!(
            Request::from_bytes(&request.to_bytes().unwrap()),
            Some(request)
        );
    }
}
