//! A line to every page that is open.

use std::sync::Arc;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::State;
use axum::response::Response;

use crate::routes::App;

pub async fn open(State(app): State<Arc<App>>, ws: WebSocketUpgrade) -> Response {
    ws.on_upgrade(move |socket| show(socket, app))
}

/// The same for the small screen in the hall, which sends nothing but a word.
pub async fn open_short(State(app): State<Arc<App>>, ws: WebSocketUpgrade) -> Response {
    ws.max_message_size(4096)
        .on_upgrade(move |socket| show(socket, app))
}

async fn show(mut socket: WebSocket, app: Arc<App>) {
    let mut notices = app.pages.subscribe();
    loop {
        tokio::select! {
            notice = notices.recv() => match notice {
                Ok(text) => if socket.send(Message::Text(text.into())).await.is_err() { return },
                Err(_) => return,
            },
            said = socket.recv() => if !matches!(said, Some(Ok(_))) { return },
        }
    }
}
