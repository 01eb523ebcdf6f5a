//! Production mode: what is fine on a developer's machine and must not be served to others.
//!
//! Off unless the environment has `${prefix}_PRODUCTION=1`.

const SWITCH: &str = "${prefix}_PRODUCTION";

/// Refuse in production what is meant for development; elsewhere warn about it.
///
/// # Errors
///
/// Says what was refused, when production mode is on.
pub fn development_only(what: &str) -> Result<(), String> {
    let production = is_yes(std::env::var(SWITCH).ok().as_deref());
    let verdict = judge(production, what);
    if verdict.is_ok() {
        $warn("{what}: for development only");
    }
    verdict
}

fn judge(production: bool, what: &str) -> Result<(), String> {
    if production {
        return Err(format!("{what}: refused because {SWITCH} is set"));
    }
    Ok(())
}

fn is_yes(value: Option<&str>) -> bool {
    !matches!(value, None | Some("" | "0" | "false" | "no"))
}

#[cfg(test)]
mod tests {
    use super::{is_yes, judge};

    #[test]
    fn production_refuses_what_development_allows() {
        assert!(judge(true, "an empty key").is_err());
        assert!(judge(false, "an empty key").is_ok());
    }

    #[test]
    fn production_is_off_unless_asked_for() {
        assert!(!is_yes(None) && !is_yes(Some("0")) && !is_yes(Some("")));
        assert!(is_yes(Some("1")) && is_yes(Some("true")));
    }
}
