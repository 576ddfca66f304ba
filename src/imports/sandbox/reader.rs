//! The process that reads one list.

use std::io::{self, Read as _};
use std::process::ExitCode;

use super::{limits, wire};
use crate::spreadsheet::refusal::Refusal;
use crate::spreadsheet::workbook::pieces;

/// Reads a list from standard input and writes what it holds to standard output. May be killed, or abort, on the way.
pub fn run() -> ExitCode {
    if confine().is_err() {
        // Reading without limits is not begun.
        return ExitCode::FAILURE;
    }
    // Nobody reads what a panic says, and it may repeat what the file says.
    std::panic::set_hook(Box::new(|_| {}));
    match read() {
        Ok(()) => ExitCode::SUCCESS,
        // The service hung up.
        Err(_) => ExitCode::FAILURE,
    }
}

fn read() -> io::Result<()> {
    let limits = limits();
    let mut bytes = Vec::new();
    io::stdin().lock().take(limits.max_bytes + 1).read_to_end(&mut bytes)?;
    let mut sender = wire::Sender::new(io::stdout().lock());
    // A pipe that broke is no fault of the file's; the end is not told then, since it would break too.
    let end = pieces(&bytes, &limits, &mut |piece| sender.send(piece).map_err(|_| Refusal::Damaged));
    sender.end(end)
}

/// Gives this process its limits. They can't be raised again.
#[cfg(unix)]
fn confine() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let at_most = |resource: Resource, wanted: u64| {
        let most = getrlimit(resource).maximum.map_or(wanted, |allowed| allowed.min(wanted));
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
    };
    // A core dump would hold the list.
    at_most(Resource::Core, 0)?;
    at_most(Resource::Cpu, super::SECONDS_MAX)?;
    // Elsewhere the system may not know such a limit.
    let confined = at_most(Resource::As, super::MEMORY_MAX);
    #[cfg(target_os = "linux")]
    {
        confined?;
        // When the machine itself runs out of memory, this process goes first and the service stays.
        let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = confined;
    Ok(())
}

#[cfg(not(unix))]
fn confine() -> io::Result<()> {
    Ok(())
}
