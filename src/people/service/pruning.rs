//! Tokens, sessions and codes that ended long ago are dropped: so many at most in one transaction.

use crate::db::{Conn, Tx};
use crate::http::Result;
use crate::kernel::Moment;
use crate::people::store::{devices, tokens};

/// Drops sessions and API tokens that ended or were revoked before this; how many.
pub async fn drop_logins(tx: &mut Tx, before: Moment, limit: i64) -> Result<u64> {
    Ok(tokens::drop_ended(tx, before, limit).await?)
}

/// How many ended or were revoked before this.
pub async fn ended_logins(conn: &mut Conn, before: Moment) -> Result<i64> {
    Ok(tokens::ended(conn, before).await?)
}

/// Drops enrolment codes that ended before this; the phones stay.
pub async fn drop_enrol_codes(tx: &mut Tx, before: Moment, limit: i64) -> Result<u64> {
    Ok(devices::drop_codes(tx, before, limit).await?)
}

/// How many codes ended before this.
pub async fn ended_codes(conn: &mut Conn, before: Moment) -> Result<i64> {
    Ok(devices::ended_codes(conn, before).await?)
}

/// Drops tokens that phones had before this.
pub async fn drop_phone_tokens(tx: &mut Tx, before: Moment, limit: i64) -> Result<u64> {
    Ok(devices::drop_ended_tokens(tx, before, limit).await?)
}

/// How many tokens phones had before this.
pub async fn ended_phone_tokens(conn: &mut Conn, before: Moment) -> Result<i64> {
    Ok(devices::ended_tokens(conn, before).await?)
}
