//! Who may ask.

use parley_core::ErrorCode;
use subtle::ConstantTimeEq;

/// Compares the token of a request with the server's, in a time that tells nothing about either.
pub fn check(auth_token: &str, given: &[u8]) -> Result<(), ErrorCode> {
    if bool::from(auth_token.as_bytes().ct_eq(given)) {
        Ok(())
    } else {
        tracing::warn!(bytes = given.len(), "a request was refused");
        Err(ErrorCode::Unauthorized)
    }
}
