//! The server's program: settings, certificate, database, then requests.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use clap::Parser;
use parley_server::handler::Service;
use parley_server::limits::Limits;
use parley_server::sql_store::SqlStore;
use parley_server::storage::{Folder, Storage};
use parley_server::{settings, tls};

/// A chat server.
#[derive(Parser)]
struct Args {
    /// Where to listen.
    #[arg(long, env = "PARLEY_LISTEN", default_value = "127.0.0.1:7400")]
    listen: SocketAddr,

    /// What clients have to present.
    #[arg(long, env = "PARLEY_AUTH_TOKEN", default_value = "devtoken")]
    auth_token: String,

    /// Where the server keeps what it makes.
    #[arg(long, env = "PARLEY_DATA_DIR", default_value = "data")]
    data_dir: PathBuf,

    #[arg(long, env = "PARLEY_TLS_CERT", default_value = "data/server-cert.der")]
    tls_cert: PathBuf,

    #[arg(long, env = "PARLEY_TLS_KEY", default_value = "data/server-key.der")]
    tls_key: PathBuf,

    #[arg(long, env = "PARLEY_DATABASE", default_value = "data/parley.db")]
    database: PathBuf,

    /// The key of the database; empty: it is not encrypted.
    #[arg(long, env = "PARLEY_DB_KEY", hide_env_values = true)]
    db_key: Option<String>,
}

fn main() -> Result<()> {
    let file = std::fs::read_to_string("parley.toml").unwrap_or_default();
    for (name, value) in settings::variables(&file) {
        if std::env::var_os(&name).is_none() {
            std::env::set_var(name, value);
        }
    }
    let args = Args::parse();
    let _held = Folder::new(&args.data_dir)
        .lock()
        .expect("the data folder can be written");
    let service = Arc::new(Service {
        auth_token: args.auth_token,
        limits: Limits::default(),
        storage: Storage::default(),
        store: SqlStore::open(&args.database, &args.db_key.unwrap_or_default())?,
    });
    let acceptor = tls::config(&args.tls_cert, &args.tls_key)?.into();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(args.listen).await?;
        tracing::info!(listen = %args.listen, "ready");
        parley_server::serve(listener, acceptor, service).await
    })
}
