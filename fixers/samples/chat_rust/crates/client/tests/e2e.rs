//! A server and a client, from the certificate to a message that arrives.

use std::sync::Arc;

use parley_client::{init_auth, Client};
use parley_core::KEY_LEN;
use parley_server::handler::Service;
use parley_server::limits::Limits;
use parley_server::sql_store::SqlStore;
use parley_server::storage::Storage;
use parley_server::tls;

#[tokio::test]
async fn a_message_arrives() {
    let mut folder = std::env::temp_dir().join(format!("parley-e2e-{}", std::process::id()));
    let (cert, key) = (folder.join("cert.der"), folder.join("key.der"));
    let acceptor = tls::config(&cert, &key).unwrap().into();
    let service = Arc::new(Service {
        auth_token: "devtoken".to_owned(),
        limits: Limits::default(),
        storage: Storage::default(),
        store: SqlStore::open(&folder.join("test.db"), "").unwrap(),
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(parley_server::serve(listener, acceptor, service));

    init_auth("devtoken");
    let cert = std::fs::read(cert).unwrap();
    let mut client = Client::connect(address, "localhost", cert.into())
        .await
        .unwrap();
    assert!(client.health().await.unwrap());
    client.send(&[7; KEY_LEN], "hall", "hello").await.unwrap();
    assert_eq!(client.fetch(&[7; KEY_LEN]).await.unwrap(), b"\x04hallhello");
    std::fs::remove_dir_all(folder).unwrap();
}
