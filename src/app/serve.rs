//! Listening, and stopping gracefully.

use std::future::IntoFuture as _;
use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

use super::open::StartError;
use super::router::router;
use crate::web::Core;

/// How long requests in flight may take to finish after the stop signal.
const GRACE: Duration = Duration::from_secs(10);
/// How long the database may take to close after that.
const CLOSING: Duration = Duration::from_secs(5);

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
    let service = router(core.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "listening on http://{address}")?;
    stdout.flush()?;
    drop(stdout);
    let told = core.clone();
    let signal = async move {
        stop_signal().await;
        tracing::info!("stopping: no new requests, finishing those in flight");
        told.stop();
    };
    let serving = axum::serve(listener, service).with_graceful_shutdown(signal).into_future();
    let overdue = async {
        core.stopped().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = serving => served?,
        () = overdue => tracing::warn!("some connections did not end in time and are cut"),
    }
    // A connection that a cut request still holds must not keep the program either.
    let _ = tokio::time::timeout(CLOSING, core.db.close()).await;
    Ok(())
}

async fn stop_signal() {
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
}
