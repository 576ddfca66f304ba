//! A phone waits to hear what is asked back.

use std::time::Duration;

use axum::extract::State;
use axum::{Extension, Json};
use serde::Deserialize;

use crate::http::{Core, Id, Params, Problems, Result};
use crate::kernel::ids::LeaseId;
use crate::people::Caller;
use crate::redemption::intake::ScanIntake;
use crate::redemption::leases::lookup::phone;
use crate::redemption::leases::service::recalls;
use crate::redemption::leases::view::Recalls;

/// Seconds that a phone waits for recalls at most.
const WAIT_MAX_SECS: u64 = 25;
/// How often a waiting phone's recalls are looked up: another process may have written them.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// For how long to wait.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wait {
    /// Seconds, at most 25; 0 when left out.
    wait: Option<u64>,
}

/// Wait for vouchers that are asked back
///
/// Answers at once when there is something to give back or the lease has ended, else after `wait` seconds.
#[utoipa::path(get, path = "/leases/{id}/recalls", tag = "leases", params(("id" = LeaseId, Path), Wait),
    responses((status = 200, description = "What to give back", body = Recalls), Problems))]
pub(super) async fn wait_for_recalls(
    State(core): State<Core>,
    Extension(redemption): Extension<ScanIntake>,
    caller: Caller,
    Id(id): Id<LeaseId>,
    Params(wait): Params<Wait>,
) -> Result<Json<Recalls>> {
    let device = phone(caller)?;
    let until = tokio::time::Instant::now() + Duration::from_secs(wait.wait.unwrap_or(0).min(WAIT_MAX_SECS));
    let mut news = redemption.recalls();
    if recalls::is_to_be_noted(&mut core.db.read().await?, &core.clock, &device, id).await? {
        core.run(async |tx| recalls::note_heard(tx, &core.clock, id).await).await?;
    }
    loop {
        news.mark_unchanged();
        let seen = recalls::recalls(&mut core.db.read().await?, &core.clock, &device, id).await?;
        let left = until.saturating_duration_since(tokio::time::Instant::now());
        if !seen.recalls.is_empty() || !seen.state.holds() || left.is_zero() {
            return Ok(Json(seen));
        }
        tokio::select! {
            _ = news.changed() => {}
            () = tokio::time::sleep(left.min(LOOK_EVERY)) => {}
            () = core.stopped() => return Ok(Json(seen)),
        }
    }
}
