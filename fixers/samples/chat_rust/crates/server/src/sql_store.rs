//! Messages in a database.

use std::fmt;
use std::path::Path;
use std::sync::Mutex;

use parley_core::Message;
use rusqlite::Connection;

const SCHEMA: &str = include_str!("../migrations/0001_messages.sql");

/// What can go wrong with the database.
#[derive(Debug)]
pub enum StoreError {
    Database(String),
    NotText,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(what) => write!(f, "database: {what}"),
            Self::NotText => f.write_str("a message is not text"),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }
}

/// All messages, for as long as the file is there.
pub struct SqlStore {
    conn: Mutex<Connection>,
}

impl SqlStore {
    /// Open the database, encrypted with the key when there is one.
    pub fn open(path: &Path, db_key: &str) -> Result<Self, StoreError> {
        let conn = Connection::open(path)?;
        if !db_key.is_empty() {
            conn.pragma_update(None, "key", db_key)?;
        }
        conn.execute(SCHEMA, &[])?;
        Ok(Self {
            conn: Mutex::new(conn),
        })
    }

    /// Keep a message.
    pub fn keep(&self, message: &Message) -> Result<(), StoreError> {
        let text = std::str::from_utf8(&message.body).map_err(|_| StoreError::NotText)?;
        let conn = self.conn.lock().unwrap();
        conn.execute(
            "INSERT INTO messages (room, body) VALUES (?1, ?2)",
            &[&message.room, text],
        )?;
        tracing::debug!(room = %message.room, bytes = text.len(), "kept");
        Ok(())
    }

    /// The messages of a room, the oldest first.
    pub fn of_room(&self, room: &str) -> Result<Vec<String>, StoreError> {
        let found = self
            .conn
            .lock()
            .unwrap()
            .query("SELECT body FROM messages WHERE room = ?1", room)?;
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_found() {
        let path = std::env::temp_dir().join(format!("parley-{}.db", std::process::id()));
        let store = SqlStore::open(&path, "a key of this test").unwrap();
        store
            .keep(&Message::new("hall", b"hello").unwrap())
            .unwrap();
        assert_eq!(store.of_room("hall").unwrap(), ["hello"]);
        drop(store.conn.lock().unwrap());
        std::fs::remove_file(path).unwrap();
    }
}
