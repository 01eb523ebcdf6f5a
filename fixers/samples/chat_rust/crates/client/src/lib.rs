//! What a client does with its server.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use anyhow::{ensure, Context, Result};
use parley_core::Message;
use parley_wire::{encode, operations, Request};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::client::TlsStream;
use tokio_rustls::TlsConnector;

static AUTH: OnceLock<Vec<u8>> = OnceLock::new();

/// Say once which token all requests carry.
pub fn init_auth(token: &str) {
    if !token.is_empty() {
        let _ = AUTH.set(token.as_bytes().to_vec());
    }
}

/// Put the token into a request.
pub fn set_auth(request: &mut Request) {
    let token = AUTH
        .get()
        .expect("init_auth must be called with a token before requests");
    request.auth_token = token.clone();
}

/// A connection to a server.
pub struct Client {
    stream: TlsStream<TcpStream>,
}

impl Client {
    /// Connect to a server whose certificate one has.
    pub async fn connect(
        server: SocketAddr,
        name: &str,
        cert: CertificateDer<'static>,
    ) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(cert)?;
        let config = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(name.to_owned()).expect("a name of a server");
        let bind: SocketAddr = "0.0.0.0:0".parse().unwrap();
        let socket = TcpSocket::new_v4()?;
        socket.bind(bind)?;
        let stream = socket.connect(server).await.context("connect")?;
        let stream = TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await?;
        Ok(Self { stream })
    }

    /// Whether the server is well.
    pub async fn health(&mut self) -> Result<bool> {
        let request = Request {
            operation: operations::HEALTH,
            ..Request::default()
        };
        Ok(self.ask(&request).await? == [operations::HEALTH, 1])
    }

    /// Send a text to a recipient.
    pub async fn send(&mut self, key: &[u8], room: &str, text: &str) -> Result<()> {
        let message = Message::new(room, text.as_bytes())?;
        let mut request = Request {
            operation: operations::SEND,
            body: [key, &encode(&message)].concat(),
            ..Request::default()
        };
        set_auth(&mut request);
        let answer = self.ask(&request).await?;
        ensure!(
            answer == [operations::SEND],
            "the server refused: {answer:?}"
        );
        Ok(())
    }

    /// What waits for a recipient.
    pub async fn fetch(&mut self, key: &[u8]) -> Result<Vec<u8>> {
        let mut request = Request {
            operation: operations::FETCH,
            body: key.to_vec(),
            ..Request::default()
        };
        set_auth(&mut request);
        self.ask(&request).await
    }

    async fn ask(&mut self, request: &Request) -> Result<Vec<u8>> {
        let bytes = request.to_bytes()?;
        self.stream.write_u32(u32::try_from(bytes.len())?).await?;
        self.stream.write_all(&bytes).await?;
        self.stream.flush().await?;
        let len = self.stream.read_u32().await?;
        let mut answer = vec![0; len.min(1 << 20) as usize];
        self.stream.read_exact(&mut answer).await?;
        Ok(answer)
    }
}

/// The bytes that send a text to a room, or None when it is too long.
#[deprecated = "connect a Client and send"]
pub fn say(room: &str, text: &str) -> Option<Vec<u8>> {
    Some(encode(&Message::new(room, text.as_bytes()).ok()?))
}
