//! Listening, and stopping gracefully.

use std::fs::{File, OpenOptions, TryLockError};
use std::future::IntoFuture as _;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tokio::net::TcpListener;

use super::open::StartError;
use super::router::router;
use crate::people;
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
    match people::setup::offer(&core, address).await {
        Ok(None) => {}
        Ok(Some(link)) => tracing::warn!(
            "nobody can log in yet: open the set-up link in {} to make the first administrator",
            link.display()
        ),
        Err(error) => tracing::error!("the set-up link was not written: {}", error.say().en),
    }
    let service = router(core.clone()).into_make_service_with_connect_info::<SocketAddr>();
    // Caught before the ready line: whoever reads it may stop the service at once.
    let signals = Signals::catch()?;
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "listening on http://{address}")?;
    stdout.flush()?;
    drop(stdout);
    let told = core.clone();
    let signal = async move {
        signals.wait().await;
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

/// Takes the data folder for this process: two services on one folder would each believe their own memory of it.
/// Held until the returned file is dropped, also by a crash.
pub fn take_folder(data_dir: &Path) -> Result<File, StartError> {
    let path = data_dir.join("serve.lock");
    let unusable = |error: std::io::Error| {
        StartError::new(
            format!("Không ghi được {}: {error}. Kiểm tra quyền ghi của thư mục.", path.display()),
            format!("{} can't be written: {error}. Check the folder's permissions.", path.display()),
        )
    };
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::new(
            format!(
                "Một «lalanh serve» khác đang chạy trên thư mục {}. Dừng nó trước, hoặc chọn --data-dir khác.",
                data_dir.display()
            ),
            format!(
                "Another `lalanh serve` runs on the folder {}. Stop it first, or choose another --data-dir.",
                data_dir.display()
            ),
        )),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}

/// The signals that stop the service, caught from the moment this is made.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    fn catch() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    #[cfg(unix)]
    async fn wait(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    #[cfg(not(unix))]
    fn catch() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn wait(self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
