//! The command line client.

fn main() {
    let text: Vec<String> = std::env::args().skip(1).collect();
    match parley_client::say("hall", &text.join(" ")) {
        Some(bytes) => println!("{} bytes", bytes.len()),
        None => eprintln!("that is too long"),
    }
}
