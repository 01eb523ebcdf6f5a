/// Origins whose pages may call this service: `CORS_ALLOWED_ORIGINS`, separated by commas; none when it is not set.
fn allowed_origins() -> Vec<axum::http::HeaderValue> {
    std::env::var("CORS_ALLOWED_ORIGINS")
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|origin| !origin.is_empty() && *origin != "*")
        .filter_map(|origin| origin.parse().ok())
        .collect()
}
