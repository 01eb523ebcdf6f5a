//! Which address answers with what.

use std::sync::Arc;

use axum::http::Method;
use axum::routing::{get, post};
use axum::Router;
use tokio::sync::broadcast;
use tower_http::cors::{Any, CorsLayer};

use crate::{feed, login, notices, settings};

/// What the handlers share: a line to every open page.
pub struct App {
    pub pages: broadcast::Sender<String>,
}

impl App {
    pub fn new() -> Self {
        Self {
            pages: broadcast::Sender::new(64),
        }
    }
}

impl Default for App {
    fn default() -> Self {
        Self::new()
    }
}

pub fn app(state: Arc<App>) -> Router {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers(Any);
    Router::new()
        .route("/healthz", get(|| async { "up" }))
        .route("/login", post(login::log_in))
        .route("/logout", post(login::log_out))
        .route("/notices", post(notices::pin))
        .route("/notices/import", post(notices::import))
        .route("/feed", get(feed::open))
        .route("/feed/short", get(feed::open_short))
        .layer(cors)
        .with_state(state)
}

/// What only the house's own page may call.
pub fn admin() -> Router {
    let cors = CorsLayer::new()
        .allow_origin(settings::pages())
        .allow_methods([Method::POST]);
    Router::new()
        .route("/close", post(|| async { "closed" }))
        .layer(cors)
}

/// A list that any page may show: it is only ever read.
pub fn published() -> Router {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET]);
    Router::new()
        .route("/opening-hours", get(|| async { "9 to 5" }))
        .layer(cors)
}
