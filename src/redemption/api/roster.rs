//! Paper lists that were signed at a point, keyed in afterwards.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde_json::Value;

use super::results::{RosterResults, result_view};
use crate::http::{Api, Body, Core, Problems, Result, Throttled, language_of, routes};
use crate::people::Permit;
use crate::people::rights::Override;
use crate::redemption::intake::ScanIntake;
use crate::redemption::roster::{Roster, RosterBody};
use crate::redemption::service::roster::{self, KeyedIn};

pub(crate) fn router<A: Api>() -> A {
    A::new().routes(routes!(key_in_roster))
}

/// Key in a signed paper list
///
/// The codes were handed out already: each gets its answer at once — redeemed, already_redeemed, unknown — and a
/// voucher that was also scanned, or signed for on another point's list, becomes a conflict: both handovers are kept.
/// A point's list has one line for a voucher: keyed in again, also with another time, a used-up voucher's line counts
/// once. The same list sent again with its `handed_out_at` gets its first answers.
#[utoipa::path(post, path = "/redemptions/roster", tag = "redemption", request_body = RosterBody,
    responses((status = 200, description = "An answer for each code", body = RosterResults), Problems, Throttled))]
async fn key_in_roster(
    State(core): State<Core>,
    Extension(redemption): Extension<ScanIntake>,
    headers: HeaderMap,
    permit: Permit<Override>,
    Body(body): Body<RosterBody>,
) -> Result<Json<RosterResults>> {
    permit.require_point(body.point_id)?;
    let lines = roster::key_in(&core, &redemption, &permit, Roster::parse(body)?).await?;
    let lang = language_of(&headers);
    let results = lines.into_iter().map(|KeyedIn { code, answer }| {
        let mut view = result_view(None, answer, lang)?;
        view["code"] = Value::String(code);
        Ok(view)
    });
    Ok(Json(RosterResults { results: results.collect::<Result<_>>()? }))
}
