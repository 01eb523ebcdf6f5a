//! Notices: one at a time, or a file of them.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;

use crate::routes::App;

/// The longest notice.
const NOTICE: usize = 8 * 1024;

pub async fn pin(State(app): State<Arc<App>>, request: Request) -> Result<StatusCode, StatusCode> {
    let body = to_bytes(request.into_body(), NOTICE)
        .await
        .map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    let text = String::from_utf8_lossy(&body).into_owned();
    Ok(match app.pages.send(text) {
        Ok(_) => StatusCode::CREATED,
        Err(_) => StatusCode::ACCEPTED,
    })
}

/// A file of notices, one a line, from the board that the house had before.
pub async fn import(State(app): State<Arc<App>>, request: Request) -> Result<String, StatusCode> {
    let body = to_bytes(request.into_body(), usize::MAX)
        .await
        .map_err(|_| StatusCode::BAD_REQUEST)?;
    let text = String::from_utf8_lossy(&body);
    let shown = text
        .lines()
        .filter(|line| app.pages.send((*line).to_owned()).is_ok())
        .count();
    Ok(format!("{shown} notices"))
}

/// What a handler of ours answered, for the log of the night: it is as long as we made it.
pub async fn logged(response: axum::response::Response) -> Option<String> {
    let answer = to_bytes(response.into_body(), usize::MAX).await.ok()?;
    Some(format!("answered with {} bytes", answer.len()))
}
