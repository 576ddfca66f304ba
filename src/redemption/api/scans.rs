//! One scan: decided, asked for again, undone.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde::Deserialize;
use uuid::Uuid;

use crate::http::{Api, Body, Core, Error, Id, Problems, Result, language_of, routes};
use crate::people::rights::{Override, Redeem};
use crate::people::{Caller, Holder, Permit, Right, audit};
use crate::redemption::answer::{Answer, AnswerView, ContentLine, HouseholdView, PackageView, VoucherView};
use crate::redemption::intake::{ScanBody, ScanIntake, Upload, operator};
use crate::redemption::outcome::Outcome;
use crate::redemption::reversal::ReversalView;
use crate::redemption::scan::{Source, fact_nonce_of};
use crate::redemption::{admission, history, leases, reversal};

pub(crate) fn router<A: Api>() -> A {
    A::new().routes(routes!(redeem)).routes(routes!(get_answer)).routes(routes!(undo))
}

/// Decide one scan
///
/// Every decided scan is 200, whatever the outcome: a refusal is an answer. The answer leaves after the commit.
#[utoipa::path(post, path = "/redemptions", tag = "redemption", request_body = ScanBody,
    responses((status = 200, description = "The decision", body = AnswerView), Problems))]
pub(crate) async fn redeem(
    State(core): State<Core>,
    Extension(redemption): Extension<ScanIntake>,
    headers: HeaderMap,
    permit: Permit<Redeem, Caller>,
    Body(body): Body<ScanBody>,
) -> Result<Json<AnswerView>> {
    if body.override_reason.is_some() {
        permit.also::<Override>()?;
    }
    let scan = redemption.scan(&core, &permit, body, Source::Online, Upload::default()).await?;
    let typed = admission::rules::can_be_guessed(&scan.presented);
    if typed {
        redemption.check_guessing(&core, &permit)?;
        redemption.count_guesses(&core, &permit, 1)?;
    }
    let decided = redemption.engine.decide(scan).await;
    if typed && !matches!(&decided, Ok(Ok(answer)) if answer.outcome == Outcome::Unknown && !answer.replayed) {
        redemption.was_no_guess(&permit);
    }
    let answer = decided??;
    let lang = language_of(&headers);
    let held = (answer.outcome == Outcome::LeasedElsewhere).then_some(answer.voucher.as_ref()).flatten();
    let recall = match held {
        Some(voucher) => Some(leases::recalls::ask_back(&core, &redemption, voucher.id).await?),
        None => None,
    };
    let view = answer.view(lang);
    Ok(Json(match recall {
        Some(recall) => view.with_recall(recall, lang),
        None => view,
    }))
}

/// The stored answer of a scan
///
/// For a phone whose request was answered but never heard the answer.
#[utoipa::path(get, path = "/redemptions/{nonce}", tag = "redemption", params(("nonce" = Uuid, Path)),
    responses((status = 200, description = "The answer", body = AnswerView), Problems))]
pub(crate) async fn get_answer(
    State(core): State<Core>,
    headers: HeaderMap,
    caller: Caller,
    Id(nonce): Id<Uuid>,
) -> Result<Json<AnswerView>> {
    let reads_all = caller.may(Right::ReadRedemptions);
    if !reads_all {
        Permit::<Redeem, _>::of(caller.clone())?;
    }
    let mut conn = core.db.read().await?;
    let stored = history::store::stored(&mut conn, nonce, fact_nonce_of(nonce)).await?.ok_or(Error::NotFound)?;
    let own = stored.user_id == Some(caller.id()) || stored.device_id == Some(caller.id());
    if !(own || (reads_all && caller.serves(stored.point_id))) {
        return Err(Error::NotFound);
    }
    let package = match (stored.package_id, stored.package_name) {
        (Some(id), Some(name)) => {
            let lines: Vec<ContentLine> = history::store::contents(&mut conn, id)
                .await?
                .into_iter()
                .map(|(item_id, name, unit, decimals, quantity)| ContentLine {
                    item_id,
                    name,
                    unit,
                    decimals: u8::try_from(decimals).unwrap_or(0),
                    quantity,
                })
                .collect();
            Some(PackageView::new(name, &lines))
        }
        _ => None,
    };
    let answer = Answer {
        nonce,
        outcome: stored.outcome,
        replayed: true,
        detail: stored.detail.0,
        flags: stored.flags.0,
        received_at: stored.received_at,
        reversed_at: stored.reversed_at,
        voucher: stored.voucher_id.map(|id| VoucherView {
            id,
            serial: stored.serial.unwrap_or_default(),
            round: stored.round_name.unwrap_or_default(),
            units: stored.voucher_units.unwrap_or_default(),
        }),
        household: stored.household_id.map(|id| HouseholdView {
            id,
            head_name: stored.head_name.unwrap_or_default(),
            members: stored.members.unwrap_or_default(),
        }),
        package,
    };
    Ok(Json(answer.view(language_of(&headers))))
}

/// A reason.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"reason": "Quét nhầm phiếu của hộ bên cạnh"}))]
#[schema(as = ReversalReason)]
pub(crate) struct ReasonBody {
    /// Why, 3 to 300 characters.
    pub(crate) reason: String,
}

/// Undo a handover
///
/// Within 15 minutes whoever handed out, later a coordinator. The goods return to the lots they came from.
#[utoipa::path(post, path = "/redemptions/{nonce}/reversal", tag = "redemption", params(("nonce" = Uuid, Path)),
    request_body = ReasonBody,
    responses((status = 200, description = "The reversal", body = ReversalView), Problems))]
pub(crate) async fn undo(
    State(core): State<Core>,
    permit: Permit<Redeem, Caller>,
    Id(nonce): Id<Uuid>,
    Body(body): Body<ReasonBody>,
) -> Result<Json<ReversalView>> {
    let reason = audit::parse_reason(&body.reason).map_err(|wrong| wrong.at("reason"))?;
    reversal::service::reverse(&core, &permit, operator(&permit), nonce, reason).await.map(Json)
}
