//! One scan: decided, asked for again, undone.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde::Deserialize;
use uuid::Uuid;

use crate::http::schemas::Reason;
use crate::http::{Api, Body, Core, Id, Problems, Result, Throttled, language_of, routes};
use crate::people::rights::Redeem;
use crate::people::{Caller, Permit, audit};
use crate::redemption::answer::AnswerView;
use crate::redemption::intake::{ScanBody, ScanIntake};
use crate::redemption::reversal;
use crate::redemption::reversal::ReversalView;
use crate::redemption::service::scans;

pub(crate) fn router<A: Api>() -> A {
    A::new().routes(routes!(redeem)).routes(routes!(get_answer)).routes(routes!(undo))
}

/// Decide one scan
///
/// Every decided scan is 200, whatever the outcome: a refusal is an answer. The answer leaves after the commit.
#[utoipa::path(post, path = "/redemptions", tag = "redemption", request_body = ScanBody,
    responses((status = 200, description = "The decision", body = AnswerView), Problems, Throttled))]
async fn redeem(
    State(core): State<Core>,
    Extension(redemption): Extension<ScanIntake>,
    headers: HeaderMap,
    permit: Permit<Redeem, Caller>,
    Body(body): Body<ScanBody>,
) -> Result<Json<AnswerView>> {
    let decision = scans::redeem(&core, &redemption, &permit, body).await?;
    Ok(Json(decision.view(language_of(&headers))))
}

/// The stored answer of a scan
///
/// For a phone whose request was answered but never heard the answer.
#[utoipa::path(get, path = "/redemptions/{nonce}", tag = "redemption", params(("nonce" = Uuid, Path)),
    responses((status = 200, description = "The answer", body = AnswerView), Problems))]
async fn get_answer(
    State(core): State<Core>,
    headers: HeaderMap,
    caller: Caller,
    Id(nonce): Id<Uuid>,
) -> Result<Json<AnswerView>> {
    let answer = scans::stored_answer(&mut core.db.read().await?, &caller, nonce).await?;
    Ok(Json(answer.view(language_of(&headers))))
}

/// A reason.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"reason": "Quét nhầm phiếu của hộ bên cạnh"}))]
#[schema(as = ReversalReason)]
struct ReasonBody {
    /// Why, 3 to 300 characters.
    #[schema(value_type = Reason)]
    reason: String,
}

/// Undo a handover
///
/// Within 15 minutes whoever handed out, later a coordinator. The goods return to the lots they came from.
#[utoipa::path(post, path = "/redemptions/{nonce}/reversal", tag = "redemption", params(("nonce" = Uuid, Path)),
    request_body = ReasonBody,
    responses((status = 200, description = "The reversal", body = ReversalView), Problems))]
async fn undo(
    State(core): State<Core>,
    permit: Permit<Redeem, Caller>,
    Id(nonce): Id<Uuid>,
    Body(body): Body<ReasonBody>,
) -> Result<Json<ReversalView>> {
    let reason = audit::parse_reason(&body.reason).map_err(|wrong| wrong.at("reason"))?;
    core.run(async |tx| reversal::service::reverse(tx, &core, &permit, nonce, reason).await).await.map(Json)
}
