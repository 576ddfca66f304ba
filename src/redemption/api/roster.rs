//! Paper lists that were signed at a point, keyed in afterwards.

use std::collections::HashMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::results::{ITEMS_MAX, UploadResults, result_view};
use crate::http::{Api, Body, Core, Error, Problems, Result, language_of, routes};
use crate::kernel::ids::PointId;
use crate::kernel::message::Invalid;
use crate::kernel::{Moment, Validation};
use crate::people::audit::{self, Act};
use crate::people::rights::Override;
use crate::people::{Caller, Permit};
use crate::redemption::Presented;
use crate::redemption::intake::{Desk, ScanBody, ScanIntake, Upload};
use crate::redemption::scan::Source;

pub(crate) fn router<A: Api>() -> A {
    A::new().routes(routes!(key_in_roster))
}

/// A paper list (danh sách ký nhận) to key in.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"point_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "handed_out_at": "2021-08-05T09:00:00+07:00",
    "codes": ["7G4K2-M9QXR", "2K8TT-0PWA3"]}))]
pub(crate) struct RosterBody {
    /// Where it was signed.
    pub(crate) point_id: PointId,
    /// When people signed, roughly; now when left out.
    pub(crate) handed_out_at: Option<Moment>,
    /// The typed codes of the lines that are signed, at most 1,000.
    pub(crate) codes: Vec<String>,
    /// The desk.
    pub(crate) desk: Option<String>,
}

/// Key in a signed paper list
///
/// The codes were handed out already: each gets its answer at once — redeemed, already_redeemed, unknown — and a
/// voucher that was also scanned, or signed for on another point's list, becomes a conflict: both handovers are kept.
/// A point's list has one line for a voucher: keyed in again, also with another time, a used-up voucher's line counts
/// once. The same list sent again with its `handed_out_at` gets its first answers.
#[utoipa::path(post, path = "/redemptions/roster", tag = "redemption", request_body = RosterBody,
    responses((status = 200, description = "An answer for each code", body = UploadResults), Problems))]
pub(crate) async fn key_in_roster(
    State(core): State<Core>,
    Extension(redemption): Extension<ScanIntake>,
    headers: HeaderMap,
    permit: Permit<Override>,
    Body(body): Body<RosterBody>,
) -> Result<Json<UploadResults>> {
    permit.require_point(body.point_id)?;
    let mut fields = Validation::new();
    fields.check("codes", (1..=ITEMS_MAX).contains(&body.codes.len()), || {
        Invalid::fixed("out_of_range", "Nhập từ 1 đến 1.000 mã mỗi lần.", "Key in 1 to 1,000 codes at a time.")
    });
    fields.finish()?;
    let lang = language_of(&headers);
    let caller = Caller::Staff((*permit).clone());
    let scanned_at = body.handed_out_at.unwrap_or_else(|| core.clock.now());
    let mut scans = Vec::with_capacity(body.codes.len());
    let mut times: HashMap<Vec<u8>, u32> = HashMap::new();
    for code in &body.codes {
        let canonical = Presented::canonical(code);
        let nth = times.entry(canonical.clone()).or_default();
        *nth += 1;
        let scan = ScanBody {
            nonce: line_nonce(&body, scanned_at, &canonical, *nth),
            code: code.clone(),
            point_id: body.point_id,
            scanned_at,
            units: None,
            collector: None,
            desk: body.desk.clone().map(Desk::Name),
            override_reason: None,
        };
        scans.push(redemption.scan(&core, &caller, scan, Source::Roster, Upload::default()).await?);
    }
    redemption.look_at(&core, &caller, &scans).await?;
    let mut results = Vec::with_capacity(scans.len());
    for (decided, code) in redemption.engine.decide_all(scans).await.into_iter().zip(body.codes) {
        let result = decided.and_then(|decided| decided.map_err(Error::from));
        let mut view = result_view(None, result, lang)?;
        view["code"] = Value::String(code);
        results.push(view);
    }
    let act = Act::many("key_in_roster", "point", json!({ "point_id": body.point_id, "codes": results.len() }));
    audit::record(&core, caller.actor(), act).await?;
    Ok(Json(UploadResults { results }))
}

/// A line's nonce: the same list sent again, with the time it was sent with, is the same scans.
fn line_nonce(body: &RosterBody, scanned_at: Moment, canonical: &[u8], nth: u32) -> Uuid {
    let desk = body.desk.as_deref().unwrap_or_default().trim();
    let said = [
        b"lalanh-roster-v1".as_slice(),
        body.point_id.0.as_bytes(),
        &scanned_at.micros().to_be_bytes(),
        &nth.to_be_bytes(),
        canonical,
        desk.as_bytes(),
    ];
    let bytes = crate::vault::sha256(&said.concat()).first_chunk::<16>().copied().unwrap_or_default();
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
