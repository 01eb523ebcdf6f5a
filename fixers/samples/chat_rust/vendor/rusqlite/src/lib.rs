//! A stand-in for rusqlite that compiles in a second: rows in memory, and a file of them.
//! It has the calls that Parley needs, with the same shapes, and no SQL behind them.

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

#[derive(Debug)]
pub struct Error(String);

pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

/// An open database.
pub struct Connection {
    path: PathBuf,
    rows: Mutex<Vec<Vec<String>>>,
}

impl Connection {
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let rows = text
            .lines()
            .map(|l| l.split('\t').map(str::to_owned).collect());
        Ok(Self {
            rows: Mutex::new(rows.collect()),
            path,
        })
    }

    pub fn pragma_update(&self, _schema: Option<&str>, name: &str, value: &str) -> Result<()> {
        if name.is_empty() || value.is_empty() {
            return Err(Error("a pragma needs a name and a value".to_owned()));
        }
        Ok(())
    }

    /// Keeps the values of an INSERT; every other statement is taken as done.
    pub fn execute(&self, sql: &str, values: &[&str]) -> Result<usize> {
        if !sql.starts_with("INSERT") {
            return Ok(0);
        }
        let row: Vec<String> = values
            .iter()
            .map(|v| v.replace(['\t', '\n'], " "))
            .collect();
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path)
            .map_err(|e| Error(e.to_string()))?;
        writeln!(file, "{}", row.join("\t")).map_err(|e| Error(e.to_string()))?;
        self.rows.lock().unwrap().push(row);
        Ok(1)
    }

    /// The last value of each row whose first one is `key`.
    pub fn query(&self, _sql: &str, key: &str) -> Result<Vec<String>> {
        let rows = self.rows.lock().unwrap();
        let found = rows.iter().filter(|r| r.first().is_some_and(|k| k == key));
        Ok(found.filter_map(|r| r.last().cloned()).collect())
    }
}
