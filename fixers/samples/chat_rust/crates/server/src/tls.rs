//! The server's certificate.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::ServerConfig;

/// The certificate and its key as files of DER; both are made when one is missing.
pub fn load_or_generate(
    cert: &Path,
    key: &Path,
) -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>)> {
    if !cert.exists() || !key.exists() {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
        if let Some(folder) = key.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(cert, made.cert.der())?;
        std::fs::write(key, made.signing_key.serialize_der())?;
    }
    let cert = std::fs::read(cert).with_context(|| format!("read {}", cert.display()))?;
    let key = std::fs::read(key).with_context(|| format!("read {}", key.display()))?;
    Ok((cert.into(), PrivatePkcs8KeyDer::from(key).into()))
}

/// How the server speaks TLS.
pub fn config(cert: &Path, key: &Path) -> Result<Arc<ServerConfig>> {
    let (cert, key) = load_or_generate(cert, key)?;
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![cert], key)?;
    Ok(Arc::new(config))
}
