//! `lalanh health`: asks the running service whether it is ready. For containers, whose image has no other program.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use super::failed::failed;
use crate::app::StartError;

/// How long the service may take.
const TIMEOUT: Duration = Duration::from_secs(4);

/// `listen` is the service's plain-http door. A service with none but https is asked whether it takes connections: a
/// certificate for its name says nothing to whoever asks by address.
pub(super) fn health(listen: SocketAddr, https_only: bool) -> Result<ExitCode, StartError> {
    if https_only {
        TcpStream::connect_timeout(&reachable(listen), TIMEOUT).map_err(failed)?;
        return Ok(ExitCode::SUCCESS);
    }
    let answer = ask(reachable(listen)).map_err(failed)?;
    let ready = answer.lines().next().is_some_and(|status| status.contains(" 200 "));
    Ok(if ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A service that listens on all addresses is asked on this machine's own.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    write!(stream, "GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(4096).read_to_string(&mut answer)?;
    Ok(answer)
}
