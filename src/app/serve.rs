//! Listening, and stopping gracefully.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

use super::connections::{self, Door, Register};
use super::open::{StartError, keep_anchor};
use super::redirect;
use super::router::router;
use super::runner;
use super::tls::{self, Source};
use crate::http::Core;
use crate::people;

/// How long requests in flight may take to finish after the stop signal.
const GRACE: Duration = Duration::from_secs(10);
/// How long the database may take to close after that.
const CLOSING: Duration = Duration::from_secs(5);
/// How often the data folder is told how the audit log ends.
const REMEMBER: Duration = Duration::from_secs(600);
/// How long nobody may have handed anything out for the moment to be quiet.
const QUIET: Duration = Duration::from_secs(10);

/// Takes the address, or says who may have it.
pub async fn bind(listen: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(listen).await.map_err(|error| {
        StartError::new(
            format!("Không mở được địa chỉ {listen}: {error}. Có thể chương trình khác đang dùng cổng này; chọn cổng khác bằng --listen."),
            format!("The address {listen} can't be opened: {error}. Another program may use the port; choose one with --listen."),
        )
    })
}

/// How the service speaks https by itself.
#[derive(Debug)]
pub struct Https {
    /// Where the certificate comes from.
    pub source: Source,
    /// Where visitors who came by http are sent on to https.
    pub redirect: Option<TcpListener>,
}

/// Serves until SIGTERM or Ctrl-C; then finishes what is in flight. Prints the ready line on stdout.
pub async fn run(core: Core, listener: TcpListener, https: Option<Https>) -> Result<(), StartError> {
    let address = listener.local_addr().map_err(failed)?;
    match people::service::setup::offer(&core, address).await {
        Ok(None) => {}
        Ok(Some(link)) => tracing::warn!(
            "nobody can log in yet: open the set-up link in {} to make the first administrator",
            link.display()
        ),
        Err(error) => tracing::error!("the set-up link was not written: {}", error.say().en),
    }
    let scheme = if https.is_some() { "https" } else { "http" };
    // Caught before the ready line: whoever reads it may stop the service at once.
    let signals = Signals::catch().map_err(failed)?;
    let told = core.clone();
    let serving = tokio::spawn(serving(core.clone(), listener, https)?);
    tokio::spawn(async move {
        signals.wait().await;
        tracing::info!("stopping: no new requests, finishing those in flight");
        told.stop();
    });
    tokio::spawn(settle_when_quiet(core.clone()));
    tokio::spawn(keep_log_end(core.clone()));
    let running = tokio::spawn(runner::run(core.clone()));
    say_ready(&format!("{scheme}://{address}")).map_err(failed)?;
    let overdue = async {
        core.stopped().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = serving => served.map_err(|error| StartError::new(error.to_string(), error.to_string()))?,
        () = overdue => tracing::warn!("some connections did not end in time and are cut"),
    }
    // A connection that a cut request still holds must not keep the program either.
    let close = async {
        // A job gives its lease back, so that another service follows at once.
        let _ = running.await;
        keep_anchor(&core.db, &core.config.data_dir).await;
        core.db.close().await;
    };
    let _ = tokio::time::timeout(CLOSING, close).await;
    Ok(())
}

/// Lets this service's own folder remember how the audit log ends, now and then; at the start and the stop it does so too.
async fn keep_log_end(core: Core) {
    loop {
        tokio::select! {
            () = core.stopped() => return,
            () = tokio::time::sleep(REMEMBER) => keep_anchor(&core.db, &core.config.data_dir).await,
        }
    }
}

/// Settles the database whenever the market pauses, never in its rush.
async fn settle_when_quiet(core: Core) {
    let mut changes = core.changes();
    loop {
        tokio::select! {
            () = core.stopped() => return,
            () = tokio::time::sleep(QUIET) => {}
        }
        if changes.has_changed().unwrap_or(false) {
            changes.mark_unchanged();
        } else if let Err(error) = core.db.checkpoint().await {
            tracing::warn!(%error, "the database was not settled");
        }
    }
}

fn say_ready(address: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "listening on {address}")?;
    stdout.flush()
}

/// The service on its listeners, until it stops.
fn serving(
    core: Core,
    listener: TcpListener,
    https: Option<Https>,
) -> Result<impl Future<Output = ()> + Send + 'static, StartError> {
    let register = Register::new(&core);
    let mut routes = router(core.clone());
    let (mut tls, mut onward) = (None, None);
    if let Some(https) = https {
        let port = listener.local_addr().map_err(failed)?.port();
        routes = tls::routes(routes);
        tls = Some(tls::answering(&core, &https.source, tls::LOOK_EVERY)?);
        onward = https.redirect.map(|listener| {
            let door = Door { listener, routes: redirect::router(core.clone(), port), tls: None };
            connections::serve(core.clone(), Arc::clone(&register), door)
        });
    }
    let main = connections::serve(core, register, Door { listener, routes, tls });
    Ok(async move {
        match onward {
            Some(onward) => drop(tokio::join!(main, onward)),
            None => main.await,
        }
    })
}

fn failed(error: std::io::Error) -> StartError {
    StartError::new(error.to_string(), error.to_string())
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
