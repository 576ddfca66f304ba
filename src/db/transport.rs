//! How the way to PostgreSQL is protected: nobody between may read or change what passes (OWASP ASVS 12.3).
//!
//! To a database on this machine any way will do. To one elsewhere the address must say `sslmode`: `verify-full` or
//! `verify-ca`; `require`, which is encrypted but takes any certificate, and `disable` are the operator's own word, and
//! are warned of. Left out it means "encrypted if the server likes", which anybody between can talk it out of.

use std::net::IpAddr;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use thiserror::Error;

/// How the way is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// It does not leave this machine.
    Here,
    /// Encrypted, and the server is known by its certificate.
    Verified,
    /// Encrypted, to whoever answers.
    Unverified,
    /// Open, because the operator says so.
    Open,
    /// Left to whoever is between.
    Unsaid,
}

/// The address of a database elsewhere does not say how the way to it is protected.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the database is on another machine, and its address does not say sslmode=verify-full")]
pub struct UnsaidTransport;

/// How the way to this server is protected.
pub fn transport(options: &PgConnectOptions) -> Transport {
    if options.get_socket().is_some() || is_here(options.get_host()) {
        return Transport::Here;
    }
    match options.get_ssl_mode() {
        PgSslMode::VerifyFull | PgSslMode::VerifyCa => Transport::Verified,
        PgSslMode::Require => Transport::Unverified,
        PgSslMode::Disable => Transport::Open,
        PgSslMode::Allow | PgSslMode::Prefer => Transport::Unsaid,
    }
}

fn is_here(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.starts_with('/')
        || host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// Refuses what is left unsaid, and warns of what is said but weak.
pub(super) fn check(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    match transport(options) {
        Transport::Unsaid => return Err(sqlx::Error::Configuration(Box::new(UnsaidTransport))),
        Transport::Open => tracing::warn!(
            "the way to the database is NOT encrypted (sslmode=disable): whoever is between reads and changes everything. \
             Use sslmode=verify-full unless the network is yours alone"
        ),
        Transport::Unverified => tracing::warn!(
            "the way to the database is encrypted, but anybody may pose as it (sslmode=require): use sslmode=verify-full \
             with sslrootcert=FILE"
        ),
        Transport::Here | Transport::Verified => {}
    }
    Ok(())
}

/// Whether a connection failed because of TLS, the server's certificate say.
pub fn is_tls_failure(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Tls(_) => true,
        sqlx::Error::Io(io) => io.get_ref().is_some_and(|inner| inner.is::<tokio_rustls::rustls::Error>()),
        _ => false,
    }
}

/// The same server without TLS, where that was only preferred and the way does not leave this machine: an old certificate
/// of its own must not keep the service from it.
pub(super) fn without_tls(options: &PgConnectOptions, error: &sqlx::Error) -> Option<PgConnectOptions> {
    let preferred = matches!(options.get_ssl_mode(), PgSslMode::Prefer);
    (preferred && transport(options) == Transport::Here && is_tls_failure(error))
        .then(|| options.clone().ssl_mode(PgSslMode::Disable))
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;

    fn of(url: &str) -> Transport {
        transport(&PgConnectOptions::from_str(url).unwrap())
    }

    #[test]
    fn a_database_elsewhere_must_say_how_the_way_to_it_is_protected() {
        for unsaid in [
            "postgres://l@db.example/l",
            "postgres://l@db.example/l?sslmode=prefer",
            "postgres://l@10.0.0.7/l?sslmode=allow",
        ] {
            assert_eq!(of(unsaid), Transport::Unsaid, "{unsaid}");
        }
        for (mode, transport) in [
            ("verify-full", Transport::Verified),
            ("verify-ca", Transport::Verified),
            ("require", Transport::Unverified),
            ("disable", Transport::Open),
        ] {
            assert_eq!(of(&format!("postgres://l@db.example/l?sslmode={mode}")), transport);
        }
    }

    #[test]
    fn a_database_on_this_machine_needs_not_say_it() {
        for here in [
            "postgres://l@127.0.0.1/l",
            "postgres://l@localhost:5433/l",
            "postgres://l@[::1]/l",
            "postgres:///l?host=/run/postgresql",
            "postgres://l@%2Frun%2Fpostgresql/l",
        ] {
            assert_eq!(of(here), Transport::Here, "{here}");
        }
    }
}
