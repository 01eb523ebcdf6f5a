//! Writes the table of operations, as a schema compiler would.

use std::env;
use std::fs;
use std::path::Path;

const OPERATIONS: [(&str, u8); 4] = [("HEALTH", 0), ("SEND", 1), ("FETCH", 2), ("REFUSED", 255)];

fn main() {
    let mut out = String::new();
    for (name, code) in OPERATIONS {
        out.push_str(&format!("pub const {name}: u8 = ({code});\n"));
    }
    out.push_str("pub fn is_known(code: u8) -> bool {\n    return (");
    let tests: Vec<String> = OPERATIONS
        .iter()
        .map(|(n, _)| format!("code == {n}"))
        .collect();
    out.push_str(&tests.join(" || "));
    out.push_str(");\n}\n");
    let folder = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&folder).join("operations.rs"), out).expect("OUT_DIR can be written");
    println!("cargo:rerun-if-changed=build.rs");
}
