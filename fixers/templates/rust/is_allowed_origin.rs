/// Whether `CORS_ALLOWED_ORIGINS`, separated by commas, names the origin; no page may call when it is not set.
fn is_allowed_origin(origin: &actix_web::http::header::HeaderValue) -> bool {
    std::env::var("CORS_ALLOWED_ORIGINS")
        .unwrap_or_default()
        .split(',')
        .any(|allowed| allowed.trim().as_bytes() == origin.as_bytes())
}
