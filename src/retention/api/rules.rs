//! The rules of retention, for administrators.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;

use crate::http::{Api, Body, Core, Id, Problems, Result, language_of, routes};
use crate::people::Permit;
use crate::people::rights::{ManagePeople, ReadAudit};
use crate::retention::rule::{ChangeBody, Rule};
use crate::retention::service;
use crate::retention::view::{DryRun, RuleView, Rules};

pub fn router<A: Api>() -> A {
    A::new().routes(routes!(list_rules)).routes(routes!(try_rules)).routes(routes!(change_rule))
}

/// How long what is kept
///
/// Each rule with what it drops, why, its period, and its last run.
#[utoipa::path(get, path = "/retention", tag = "audit",
    responses((status = 200, description = "All rules", body = Rules), Problems))]
async fn list_rules(State(core): State<Core>, _permit: Permit<ReadAudit>, headers: HeaderMap) -> Result<Json<Rules>> {
    let rows = service::rules(&mut core.db.read().await?).await?;
    let lang = language_of(&headers);
    Ok(Json(Rules { items: rows.iter().map(|row| RuleView::of(row, lang)).collect() }))
}

/// What the rules would drop now
///
/// Changes nothing. The job `prune` carries out the rules that nobody changes, `retain` the others: `POST /jobs/{name}/run`.
#[utoipa::path(get, path = "/retention/dry-run", tag = "audit",
    responses((status = 200, description = "How many rows each rule would drop", body = DryRun), Problems))]
async fn try_rules(State(core): State<Core>, _permit: Permit<ReadAudit>) -> Result<Json<DryRun>> {
    Ok(Json(DryRun { items: service::dry_run(&core).await? }))
}

/// Keep something longer or shorter
///
/// From the rule's next run on; what was dropped before does not come back. A period that belongs to the safety of logins
/// answers 409 `fixed_period`.
#[utoipa::path(patch, path = "/retention/{rule}", tag = "audit", params(("rule" = Rule, Path)), request_body = ChangeBody,
    responses((status = 200, description = "The rule as it is now", body = RuleView), Problems))]
async fn change_rule(
    State(core): State<Core>,
    permit: Permit<ManagePeople>,
    headers: HeaderMap,
    Id(rule): Id<Rule>,
    Body(body): Body<ChangeBody>,
) -> Result<Json<RuleView>> {
    let days = body.parse(rule)?;
    let row = core.run(async |tx| service::choose(tx, &core, &permit, rule, days).await).await?;
    Ok(Json(RuleView::of(&row, language_of(&headers))))
}
