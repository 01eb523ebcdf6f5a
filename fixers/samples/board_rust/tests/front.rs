//! The front door, as a browser on this machine finds it.

use board::login::session_token;
use board::passkeys::front;
use webauthn_rs::prelude::Url;

#[test]
fn the_front_door_knows_its_name() {
    let origin = Url::parse("http://localhost:8090").unwrap();
    assert_eq!(front(&origin).unwrap().id, "localhost");
}

#[test]
fn no_two_tokens_are_the_same() {
    assert_ne!(session_token(), session_token());
}

#[tokio::test]
async fn the_hall_has_a_port_of_its_own() {
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
    assert_ne!(listener.local_addr().unwrap().port(), 0);
}
