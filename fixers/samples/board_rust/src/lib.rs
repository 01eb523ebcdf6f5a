//! A board of notices.

pub mod feed;
pub mod login;
pub mod neighbours;
pub mod notices;
pub mod passkeys;
pub mod retry;
pub mod routes;
pub mod settings;
