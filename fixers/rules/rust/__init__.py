"""Rules about Rust code."""
