use std::sync::Arc;

use board::routes;
use board::routes::App;
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let app = routes::app(Arc::new(App::new()));
    let admin = TcpListener::bind("127.0.0.1:8091").await?;
    tokio::spawn(async move { axum::serve(admin, routes::admin()).await });
    let listener = TcpListener::bind("0.0.0.0:8090").await?;
    axum::serve(listener, app).await
}
