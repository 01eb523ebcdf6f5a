//! Settings: the file first, then the environment.

use std::collections::HashMap;
use std::path::PathBuf;

/// What the server needs to know before it starts.
#[derive(Debug, Clone)]
pub struct Config {
    pub listen: String,
    pub auth_token: String,
    pub data_dir: PathBuf,
    pub tls_cert: PathBuf,
    pub tls_key: PathBuf,
    pub database: PathBuf,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:7400".to_owned(),
            auth_token: String::new(),
            data_dir: PathBuf::from("data"),
            tls_cert: PathBuf::from("data/server-cert.der"),
            tls_key: PathBuf::from("data/server-key.der"),
            database: PathBuf::from("data/parley.db"),
        }
    }
}

/// The settings of a file of `key = "value"` lines, with `PARLEY_AUTH_TOKEN` above them.
pub fn parse(text: &str) -> Config {
    let values: HashMap<&str, &str> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim(), value.trim().trim_matches('"')))
        .collect();
    let mut config = Config::default();
    if let Some(listen) = values.get("listen") {
        config.listen = (*listen).to_owned();
    }
    if let Some(token) = values.get("auth_token") {
        config.auth_token = (*token).to_owned();
    }
    if let Ok(token) = std::env::var("PARLEY_AUTH_TOKEN") {
        config.auth_token = token;
    }
    config
}
