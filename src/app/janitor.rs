//! What nobody needs any more is dropped: at the start and then every ten minutes, in small transactions, so that nobody at
//! a desk waits for it.
//!
//! | what | how long it is kept |
//! |---|---|
//! | the answer of a create | 48 hours |
//! | a session or an API token that ended or was revoked | 30 days after |
//! | an enrolment code | 7 days after its end; the phone stays in the list |
//! | a phone's token that was followed by another | 90 days: shown again, it is a sign of theft |
//!
//! A revoked phone's last token stays: what the phone handed out before is still taken. The audit log names tokens by
//! their ids and needs no row of them.

use std::time::Duration;

use crate::app::open::keep_anchor;
use crate::http::{Core, Result, replay};
use crate::kernel::Moment;
use crate::people::service::pruning;
use crate::privacy::scrub;

/// How long it rests.
const EVERY: Duration = Duration::from_secs(600);
/// Between two transactions: whoever waits for the writer comes first.
const BREATH: Duration = Duration::from_millis(50);
/// Rows that one transaction drops.
const BATCH: i64 = 500;

/// How many rows were dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Answers of creates.
    pub answers: u64,
    /// Sessions and API tokens.
    pub tokens: u64,
    /// Enrolment codes.
    pub codes: u64,
    /// Tokens that phones had before.
    pub device_tokens: u64,
}

/// What is dropped.
#[derive(Clone, Copy, Debug)]
enum Over {
    Answers,
    Tokens,
    Codes,
    DeviceTokens,
}

/// Drops everything that was kept long enough.
pub async fn drop_what_is_over(core: &Core) -> Result<Dropped> {
    let now = core.clock.now();
    Ok(Dropped {
        answers: drop_all(core, now, Over::Answers).await?,
        tokens: drop_all(core, now, Over::Tokens).await?,
        codes: drop_all(core, now, Over::Codes).await?,
        device_tokens: drop_all(core, now, Over::DeviceTokens).await?,
    })
}

async fn drop_all(core: &Core, now: Moment, over: Over) -> Result<u64> {
    let mut all = 0;
    loop {
        let dropped = match over {
            Over::Answers => replay::drop_old_answers(core, now, BATCH).await?,
            Over::Tokens => pruning::drop_tokens(core, now, BATCH).await?,
            Over::Codes => pruning::drop_enrol_codes(core, now, BATCH).await?,
            Over::DeviceTokens => pruning::drop_device_tokens(core, now, BATCH).await?,
        };
        all += dropped;
        if dropped < BATCH.unsigned_abs() {
            return Ok(all);
        }
        tokio::time::sleep(BREATH).await;
    }
}

/// Does so until the service stops. Several services on one database do each other's work, to no harm.
pub(super) async fn keep_tidy(core: Core) {
    loop {
        match drop_what_is_over(&core).await {
            Ok(dropped) if dropped != Dropped::default() => tracing::info!(?dropped, "dropped what is over"),
            Ok(_) => {}
            Err(error) => tracing::warn!(?error, "what is over was not dropped"),
        }
        match scrub::what_is_left(&core).await {
            Ok(true) => tracing::info!("the bytes of what was erased are gone from the database's files"),
            Ok(false) => {}
            Err(error) => tracing::warn!(?error, "the bytes of what was erased are not gone yet"),
        }
        keep_anchor(&core.db, &core.config.data_dir).await;
        tokio::select! {
            () = core.stopped() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
