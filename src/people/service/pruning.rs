//! Tokens, sessions and codes that ended long ago are dropped.

use crate::http::{Core, Result};
use crate::kernel::Moment;
use crate::people::store::{devices, tokens};

/// Seconds of a day.
const DAY_SECS: i64 = 86_400;
/// A token that ended is looked up for so long: whoever asks why it stopped finds it in its login's list.
const TOKEN_DAYS: i64 = 30;
/// A code is told to be used or over for so long, and then unknown.
const CODE_DAYS: i64 = 7;
/// A phone's earlier token, shown again within this time, is noticed.
const DEVICE_TOKEN_DAYS: i64 = 90;

/// Drops sessions and API tokens that ended or were revoked long ago, so many at most; how many.
pub async fn drop_tokens(core: &Core, now: Moment, limit: i64) -> Result<u64> {
    core.run(async |tx| Ok(tokens::drop_ended(tx, now.plus_secs(-TOKEN_DAYS * DAY_SECS), limit).await?)).await
}

/// Drops enrolment codes that ended long ago; the phones stay.
pub async fn drop_enrol_codes(core: &Core, now: Moment, limit: i64) -> Result<u64> {
    core.run(async |tx| Ok(devices::drop_codes(tx, now.plus_secs(-CODE_DAYS * DAY_SECS), limit).await?)).await
}

/// Drops tokens that phones had long ago.
pub async fn drop_device_tokens(core: &Core, now: Moment, limit: i64) -> Result<u64> {
    let before = now.plus_secs(-DEVICE_TOKEN_DAYS * DAY_SECS);
    core.run(async |tx| Ok(devices::drop_ended_tokens(tx, before, limit).await?)).await
}
