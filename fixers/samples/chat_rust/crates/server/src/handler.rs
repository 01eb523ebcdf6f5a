//! What the server answers.

use std::net::SocketAddr;
use std::time::Instant;

use parley_core::{ErrorCode, KEY_LEN};
use parley_mesh::is_message;
use parley_wire::{decode, operations, Request};

use crate::auth;
use crate::limits::Limits;
use crate::session::SessionInfo;
use crate::sql_store::SqlStore;
use crate::storage::Storage;

/// All that a request may need.
pub struct Service {
    pub auth_token: String,
    pub limits: Limits,
    pub storage: Storage,
    pub store: SqlStore,
}

impl Service {
    /// The answer to some bytes: what was asked for, or the code of an error.
    pub fn answer(&self, peer: SocketAddr, bytes: &[u8]) -> Vec<u8> {
        let session = SessionInfo::anonymous(peer);
        match self.handled(&session, bytes) {
            Ok(answer) => answer,
            Err(error) => {
                tracing::info!(peer = %session.peer, code = error.code(), "refused");
                vec![operations::REFUSED, error.code()]
            }
        }
    }

    fn handled(&self, session: &SessionInfo, bytes: &[u8]) -> Result<Vec<u8>, ErrorCode> {
        if self.limits.rate_limited(session.peer.ip(), Instant::now()) {
            return Err(ErrorCode::TooManyRequests);
        }
        let request = Request::from_bytes(bytes).ok_or(ErrorCode::Internal)?;
        if request.operation == operations::HEALTH {
            return Ok(self.health());
        }
        auth::check(&self.auth_token, &request.auth_token)?;
        let (key, body) = request
            .body
            .split_at_checked(KEY_LEN)
            .ok_or(ErrorCode::NoSuchRecipient)?;
        if request.operation == operations::FETCH {
            return Ok(self.storage.take(key)?.concat());
        }
        if !is_message(body) {
            return Err(ErrorCode::TooLarge);
        }
        if let Some(message) = decode(body) {
            self.store.keep(&message).map_err(|_| ErrorCode::Internal)?;
        }
        self.storage.push(key, body.to_vec())?;
        Ok(vec![operations::SEND])
    }

    /// Whether the server can work, for those who watch over it.
    fn health(&self) -> Vec<u8> {
        vec![operations::HEALTH, 1]
    }
}
