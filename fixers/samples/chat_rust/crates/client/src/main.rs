//! The command line client: a line of the standard input is a message.

use std::io::BufRead;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use parley_client::{init_auth, Client};
use parley_core::KEY_LEN;

#[derive(Parser)]
struct Args {
    #[arg(long, env = "PARLEY_SERVER", default_value = "127.0.0.1:7400")]
    server: SocketAddr,

    #[arg(long, env = "PARLEY_AUTH_TOKEN", hide_env_values = true)]
    auth_token: String,

    /// The server's certificate.
    #[arg(long, default_value = "data/server-cert.der")]
    cert: PathBuf,

    #[arg(long, default_value = "hall")]
    room: String,
}

fn main() -> Result<()> {
    let args = Args::parse();
    init_auth(&args.auth_token);
    let cert = std::fs::read(&args.cert).context("read the server's certificate")?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut client = Client::connect(args.server, "localhost", cert.into()).await?;
        for line in std::io::stdin().lock().lines() {
            client.send(&[0; KEY_LEN], &args.room, &line?).await?;
        }
        Ok(())
    })
}
