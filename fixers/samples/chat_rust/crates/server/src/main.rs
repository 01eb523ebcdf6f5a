//! The server: it reads its settings and says what it would serve.

mod config;

use parley_core::Message;
use parley_mesh::{is_message, next_hops};
use parley_wire::encode;

fn main() {
    let text = std::fs::read_to_string("parley.toml").unwrap_or_default();
    let config = config::parse(&text);
    let greeting = Message::new("hall", b"hello").map(|m| encode(&m));
    println!(
        "listening on {}, data in {}",
        config.listen,
        config.data_dir.display()
    );
    println!(
        "certificate {}, key {}",
        config.tls_cert.display(),
        config.tls_key.display()
    );
    println!(
        "database {}, token of {} bytes",
        config.database.display(),
        config.auth_token.len()
    );
    if greeting.is_some_and(|bytes| is_message(&bytes)) {
        println!("{} neighbours", next_hops(&[], "self").len());
    }
}
