//! A token in a test is nobody's secret.

const AUTH_TOKEN: &str = "devtoken";

#[test]
fn a_text_becomes_bytes() {
    assert!(parley_client::say("hall", AUTH_TOKEN).is_some());
}
