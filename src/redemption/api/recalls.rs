//! A phone waits to hear what is asked back.

use std::time::Duration;

use axum::extract::State;
use axum::{Extension, Json};
use serde::Deserialize;

use crate::http::{Core, Id, Params, Problems, Result};
use crate::kernel::ids::LeaseId;
use crate::people::Caller;
use crate::redemption::intake::ScanIntake;
use crate::redemption::leases::recalls::{LOOK_EVERY, Recalls, WAIT_MAX_SECS, note_heard, recalls};
use crate::redemption::leases::reports::phone;

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
pub(crate) async fn wait_for_recalls(
    State(core): State<Core>,
    Extension(redemption): Extension<ScanIntake>,
    caller: Caller,
    Id(id): Id<LeaseId>,
    Params(wait): Params<Wait>,
) -> Result<Json<Recalls>> {
    let device = phone(caller)?;
    let until = tokio::time::Instant::now() + Duration::from_secs(wait.wait.unwrap_or(0).min(WAIT_MAX_SECS));
    let mut news = redemption.recalls();
    note_heard(&core, &device, id).await?;
    loop {
        news.mark_unchanged();
        let seen = recalls(&core, &device, id).await?;
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
