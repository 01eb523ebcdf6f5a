//! Servers that pass messages on to each other.

mod count;
mod routes;

pub use count::Passed;
pub use routes::Routes;

use parley_wire::decode;

/// Where a message has to go next: every neighbour but the one it came from.
pub fn next_hops<'a>(neighbours: &'a [String], from: &str) -> Vec<&'a str> {
    neighbours
        .iter()
        .map(String::as_str)
        .filter(|name| *name != from)
        .collect()
}

/// Whether some bytes are worth passing on.
pub fn is_message(bytes: &[u8]) -> bool {
    decode(bytes).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_never_goes_back() {
        let neighbours = ["a".to_owned(), "b".to_owned()];
        assert_eq!(next_hops(&neighbours, "a"), ["b"]);
        assert!(!is_message(&[]));
    }
}
