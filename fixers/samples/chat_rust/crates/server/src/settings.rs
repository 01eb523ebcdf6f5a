//! The settings file: its lines become environment, unless the environment has them already.

/// The settings of some `key = "value"` lines as variables: `auth_token` is `PARLEY_AUTH_TOKEN`.
pub fn variables(text: &str) -> Vec<(String, String)> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| {
            let name = format!("PARLEY_{}", key.trim().to_uppercase());
            (name, value.trim().trim_matches('"').to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::variables;

    #[test]
    fn a_line_becomes_a_variable() {
        let text = include_str!("../tests/fixtures/parley.toml");
        let found = variables(text);
        assert_eq!(
            found[0],
            ("PARLEY_AUTH_TOKEN".to_owned(), "test".to_owned())
        );
    }
}
