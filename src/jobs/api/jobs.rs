//! Jobs in the background, for administrators.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

use crate::http::{Api, Core, Id, Problems, Result, language_of, routes};
use crate::jobs::view::{JobView, Jobs, WarningView};
use crate::jobs::{JobName, rules, service, store};
use crate::people::Permit;
use crate::people::rights::{ManagePeople, ReadAudit};

pub fn router<A: Api>() -> A {
    A::new().routes(routes!(list_jobs)).routes(routes!(run_job))
}

/// Jobs in the background
///
/// When each is due, how the last one went, and what somebody should look at.
#[utoipa::path(get, path = "/jobs", tag = "audit",
    responses((status = 200, description = "All jobs", body = Jobs), Problems))]
async fn list_jobs(State(core): State<Core>, _permit: Permit<ReadAudit>, headers: HeaderMap) -> Result<Json<Jobs>> {
    let rows = store::jobs(&mut core.db.read().await?).await?;
    let (now, lang) = (core.clock.now(), language_of(&headers));
    let warnings = rules::warnings(&rows, now).into_iter().map(|warning| WarningView::of(warning, lang)).collect();
    Ok(Json(Jobs { items: rows.into_iter().map(|job| JobView::of(job, now)).collect(), warnings }))
}

/// Run a job now
///
/// It begins within moments, in whichever process takes it; `GET /jobs` tells how it went. One that runs already answers 409
/// `already_running`.
#[utoipa::path(post, path = "/jobs/{name}/run", tag = "audit", params(("name" = JobName, Path)),
    responses((status = 202, description = "The job, which is due now", body = JobView), Problems))]
async fn run_job(
    State(core): State<Core>,
    permit: Permit<ManagePeople>,
    Id(name): Id<JobName>,
) -> Result<(StatusCode, Json<JobView>)> {
    let job = core.run(async |tx| service::run_now(tx, &core, &permit, name).await).await?;
    Ok((StatusCode::ACCEPTED, Json(job)))
}
