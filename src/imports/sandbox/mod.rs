//! Reads uploaded files in a process of its own, which may die of them.
//!
//! A file made to break its reader asks for 59 GB with one cell, runs in circles, or overflows the stack: the process
//! that reads it ends, and the service answers that the file can't be read. No check beforehand does that: it would have
//! to know every format as well as its reader, and be right where that is wrong. The process is this very program
//! (`lalanh read-list`): it gets the file on its standard input, nothing of the service's environment or files, at most
//! [`MEMORY_MAX`] of memory (where the system keeps to that: Linux does) and [`SECONDS_MAX`] of a processor, and writes
//! what the file holds, piece by piece, while this process already takes it in.

mod reader;
mod wire;

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

use axum::body::Bytes;
use tokio::task::spawn_blocking;

use crate::http::{Core, Error, Result, UPLOAD_LIMIT};
use crate::kernel::message::Invalid;
use crate::spreadsheet::refusal::Refusal;
use crate::spreadsheet::{Limits, Workbook};
pub use reader::run;
use wire::Received;

/// Bytes of address space that reading one file may take. 200,000 rows of ten texts take 220 MB as `.xlsx`, 430 MB as
/// `.ods`.
pub const MEMORY_MAX: u64 = 768 << 20;
/// Seconds of a processor that reading one file may take; those rows take eight in a build that is not optimised.
pub const SECONDS_MAX: u64 = 30;
/// How long it may take by the clock on the wall, on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(60);
/// The command that reads a list from standard input.
pub const COMMAND: &str = "read-list";

/// What an uploaded file may hold.
pub fn limits() -> Limits {
    Limits { max_bytes: UPLOAD_LIMIT as u64, ..Limits::default() }
}

/// The program that reads lists when this one is `lalanh` itself.
pub fn this_program() -> Option<PathBuf> {
    // The very file that runs here, even when an upgrade has put another in its place.
    let running = Path::new("/proc/self/exe");
    if running.exists() { Some(running.to_owned()) } else { std::env::current_exe().ok() }
}

/// Opens an uploaded file, in a process of its own where the configuration names its program, else on a thread. A file
/// that is no list is refused with the reason.
pub async fn open(core: &Core, bytes: Bytes) -> Result<Workbook> {
    let opened = match &core.config.list_reader {
        Some(program) => open_apart(program.clone(), bytes).await?,
        None => blocking(move || Workbook::open(&bytes, &limits())).await?,
    };
    opened.map_err(|wrong| wrong.at("file").into())
}

async fn open_apart(program: PathBuf, bytes: Bytes) -> Result<std::result::Result<Workbook, Invalid>> {
    let started = blocking(move || Reader::start(&program)).await?;
    let (reader, mut stdin, stdout) = started.map_err(|error| {
        tracing::error!(error = %error, "the process that reads lists did not start");
        Error::Busy
    })?;
    let exchanged = blocking(move || {
        // One that ends before it has heard everything says why, or is dead.
        let _ = io::Write::write_all(&mut stdin, &bytes);
        drop((stdin, bytes));
        wire::receive(stdout)
    });
    let received = tokio::time::timeout(PATIENCE, exchanged).await;
    // Ends it, and waits for that.
    let ended = blocking(move || reader.end(received.is_err()).map(|status| (received, status))).await?;
    match ended.map_err(|error| Error::Internal(Box::new(error)))? {
        (Ok(received), status) => match received? {
            Received::Whole(workbook) => Ok(workbook.map_err(Invalid::from)),
            // What a list does to its reader ends in a signal; elsewhere that has a code too.
            Received::Cut if cfg!(unix) && status.code().is_some() => {
                Err(Error::internal(format!("the process that reads lists failed: {status}")))
            }
            Received::Cut => Ok(Err(too_much(status))),
        },
        (Err(_), status) => Ok(Err(too_much(status))),
    }
}

fn too_much(status: ExitStatus) -> Invalid {
    tracing::warn!(%status, "a list could not be read within its bounds");
    Refusal::TooMuchWork.into()
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    spawn_blocking(work).await.map_err(|error| Error::Internal(Box::new(error)))
}

/// The process; ended when nobody waits for it any more.
struct Reader(Child);

impl Reader {
    fn start(program: &Path) -> io::Result<(Self, ChildStdin, ChildStdout)> {
        let mut command = Command::new(program);
        #[cfg(unix)]
        std::os::unix::process::CommandExt::arg0(&mut command, "lalanh");
        // The environment may hold the database's password.
        command.arg(COMMAND).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let reader = Self(child);
        let (stdin, stdout) = pipes.ok_or(io::ErrorKind::BrokenPipe)?;
        Ok((reader, stdin, stdout))
    }

    /// How it ended; one that would go on is made to.
    fn end(mut self, by_force: bool) -> io::Result<ExitStatus> {
        if by_force {
            self.0.kill()?;
        }
        self.0.wait()
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // Both fail only when it has ended and was waited for.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
