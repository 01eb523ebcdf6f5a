//! Who is connected.

use std::net::SocketAddr;

/// A connection that has shown its token.
pub struct SessionInfo {
    pub peer: SocketAddr,
    pub username: String,
    pub identity_key: Vec<u8>,
}

impl SessionInfo {
    /// A session of a peer that has not said yet who it is.
    pub fn anonymous(peer: SocketAddr) -> Self {
        Self {
            peer,
            username: String::from("anonymous"),
            identity_key: Vec::new(),
        }
    }
}
