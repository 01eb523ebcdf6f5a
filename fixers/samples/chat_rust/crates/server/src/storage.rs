//! What waits for recipients, in memory and in files of the data folder.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, RwLock};

use parley_core::{recipient, ErrorCode, KEY_LEN, MAX_QUEUE};

type Queues = HashMap<[u8; KEY_LEN], Vec<Vec<u8>>>;

/// Queues of recipients.
#[derive(Clone, Default)]
pub struct Storage {
    waiting: Arc<Mutex<Queues>>,
    names: Arc<RwLock<HashMap<[u8; KEY_LEN], String>>>,
}

impl Storage {
    /// Let a message wait for its recipient.
    pub fn push(&self, key: &[u8], body: Vec<u8>) -> Result<(), ErrorCode> {
        let key = recipient(key)?;
        let mut waiting = self.waiting.lock().unwrap();
        let queue = waiting.entry(key).or_default();
        if queue.len() >= MAX_QUEUE.get() {
            return Err(ErrorCode::QueueFull);
        }
        queue.push(body);
        Ok(())
    }

    /// Everything that waited for a recipient.
    pub fn take(&self, key: &[u8]) -> Result<Vec<Vec<u8>>, ErrorCode> {
        let key = recipient(key)?;
        Ok(self
            .waiting
            .lock()
            .unwrap()
            .remove(&key)
            .unwrap_or_default())
    }

    /// Remember how a recipient is called.
    pub fn rename(&self, key: &[u8], name: &str) -> Result<(), ErrorCode> {
        let key = recipient(key)?;
        self.names.write().unwrap().insert(key, name.to_owned());
        Ok(())
    }

    /// How a recipient is called.
    pub fn name(&self, key: &[u8]) -> Option<String> {
        let key = recipient(key).ok()?;
        self.names.read().unwrap().get(&key).cloned()
    }
}

/// The data folder, for one server at a time: its lock is a file and cannot be poisoned.
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    /// Make the folder and take it.
    pub fn lock(&self) -> io::Result<std::fs::File> {
        std::fs::create_dir_all(&self.path)?;
        std::fs::File::create(self.path.join("lock"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_taken_once() {
        let storage = Storage::default();
        storage.push(&[1; KEY_LEN], b"hello".to_vec()).unwrap();
        assert_eq!(storage.take(&[1; KEY_LEN]).unwrap().len(), 1);
        assert!(storage.waiting.lock().unwrap().is_empty());
    }

    #[test]
    fn a_recipient_has_a_name() {
        let storage = Storage::default();
        storage.rename(&[2; KEY_LEN], "ada").unwrap();
        assert_eq!(storage.name(&[2; KEY_LEN]).as_deref(), Some("ada"));
    }
}
