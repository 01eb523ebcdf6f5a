//! The server: TLS outside, requests and answers inside.

pub mod auth;
pub mod handler;
pub mod limits;
mod session;
pub mod settings;
pub mod sql_store;
pub mod storage;
pub mod tls;

use std::sync::Arc;

use anyhow::{ensure, Result};
use handler::Service;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// The most bytes that a request may have: a message and what is around it.
pub const MAX_REQUEST: usize = parley_core::MAX_BODY + 1024;

/// Answer everybody who comes, until the process ends.
pub async fn serve(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    service: Arc<Service>,
) -> Result<()> {
    loop {
        let (socket, peer) = listener.accept().await?;
        let (acceptor, service) = (acceptor.clone(), Arc::clone(&service));
        tokio::spawn(async move {
            let talked = async {
                let mut stream = acceptor.accept(socket).await?;
                while let Ok(len) = stream.read_u32().await {
                    let len = len as usize;
                    ensure!(len <= MAX_REQUEST, "a request of {len} bytes");
                    let mut request = vec![0; len];
                    stream.read_exact(&mut request).await?;
                    let answer = service.answer(peer, &request);
                    stream.write_u32(u32::try_from(answer.len())?).await?;
                    stream.write_all(&answer).await?;
                    stream.flush().await?;
                }
                Ok(())
            };
            if let Err(error) = talked.await {
                tracing::info!(%peer, %error, "disconnected");
            }
        });
    }
}
