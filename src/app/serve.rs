//! Listening, and stopping gracefully.

use std::io::Write;
use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::open::StartError;
use super::router::router;
use crate::people;
use crate::web::Core;

/// Takes the address, or says who may have it.
pub async fn bind(listen: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(listen).await.map_err(|error| {
        StartError::new(
            format!("Không mở được địa chỉ {listen}: {error}. Có thể chương trình khác đang dùng cổng này; chọn cổng khác bằng --listen."),
            format!("The address {listen} can't be opened: {error}. Another program may use the port; choose one with --listen."),
        )
    })
}

/// Serves until SIGTERM or Ctrl-C; then finishes what is in flight. Prints the ready line on stdout.
pub async fn run(core: Core, listener: TcpListener) -> std::io::Result<()> {
    let address = listener.local_addr()?;
    match people::setup::offer(&core, address).await {
        Ok(None) => {}
        Ok(Some(link)) => tracing::warn!(
            "nobody can log in yet: open the set-up link in {} to make the first administrator",
            link.display()
        ),
        Err(error) => tracing::error!("the set-up link was not written: {}", error.say().en),
    }
    let service = router(core.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "listening on http://{address}")?;
    stdout.flush()?;
    drop(stdout);
    axum::serve(listener, service).with_graceful_shutdown(stopped()).await?;
    core.db.close().await;
    Ok(())
}

async fn stopped() {
    let interrupt = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
    tracing::info!("stopping: no new requests, finishing those in flight");
}
