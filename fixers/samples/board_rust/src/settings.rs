//! What the environment says about this house.

/// Under which name browsers know the board. The default is for the machine of whoever works on it.
#[derive(Clone, Debug)]
pub struct Settings {
    pub rp_id: String,
    pub rp_origin: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rp_id: "localhost".to_owned(),
            rp_origin: "http://localhost:8090".to_owned(),
        }
    }
}

/// The origins of the pages that may call the board.
pub fn pages() -> Vec<axum::http::HeaderValue> {
    let written = std::env::var("BOARD_PAGE").unwrap_or_default();
    written
        .split(',')
        .filter_map(|page| page.trim().parse().ok())
        .collect()
}
