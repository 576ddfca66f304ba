//! What phones handed out while they had no network.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::Value;

use super::{ITEMS_MAX, UploadResults, result_view};
use crate::kernel::Say;
use crate::people::{Caller, Right, Uploader};
use crate::redemption::chain::{self, Link, Record};
use crate::redemption::door::{Desk, Redemption, ScanBody, Upload};
use crate::redemption::{Scan, Source};
use crate::web::{Api, Body, Core, Error, Problems, Result, language_of, parse_json, routes};

pub(super) fn router<A: Api>() -> A {
    A::new().routes(routes!(upload))
}

/// What a phone handed out while it had no network.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"items": [{
    "nonce": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "code": "7G4K2-M9QXR",
    "point_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "scanned_at": "2021-08-05T07:12:30+07:00",
    "sequence": 1, "previous_hash": "", "handed_out": true
}]}))]
struct UploadBody {
    /// At most 1,000. Each is checked and answered by itself.
    #[schema(value_type = Vec<UploadItem>)]
    items: Vec<Value>,
}

/// One record of a phone's queue: a scan and where it stood.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "documents the two halves, which are parsed one after the other")]
struct UploadItem {
    #[schema(inline)]
    #[serde(flatten)]
    scan: ScanBody,
    #[schema(inline)]
    #[serde(flatten)]
    place: UploadPlace,
}

/// Where a record stood in its phone's queue.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
struct UploadPlace {
    /// Place in the phone's queue.
    sequence: Option<i64>,
    /// Hash of the record before it in the phone's queue, in hex.
    previous_hash: Option<String>,
    /// The lease it was handed out under.
    lease_epoch: Option<i64>,
    /// Whether the goods left. A record that says so is taken as fact; left out, it is one.
    handed_out: Option<bool>,
}

/// Upload what was handed out offline
///
/// Each record gets its own answer, or its own error; the phone deletes a record only after that record's answer.
#[utoipa::path(post, path = "/redemptions/batch", tag = "redemption", request_body = UploadBody,
    responses((status = 200, description = "An answer or an error for each record", body = UploadResults), Problems))]
async fn upload(
    State(core): State<Core>,
    Extension(redemption): Extension<Redemption>,
    headers: HeaderMap,
    Uploader(caller): Uploader,
    Body(body): Body<UploadBody>,
) -> Result<Json<UploadResults>> {
    caller.require(Right::Redeem)?;
    if body.items.len() > ITEMS_MAX {
        return Err(Error::field(
            "items",
            "too_many",
            Say::fixed("Mỗi lần gửi tối đa 1.000 lượt.", "Send at most 1,000 records at a time."),
        ));
    }
    let lang = language_of(&headers);
    let mut scans = Vec::with_capacity(body.items.len());
    let mut links = Vec::with_capacity(body.items.len());
    let mut slots = Vec::with_capacity(body.items.len());
    for item in body.items {
        let nonce = item.get("nonce").cloned();
        match record(&core, &redemption, &caller, item).await {
            Ok((scan, link)) => {
                scans.push(scan);
                links.push(link);
                slots.push((nonce, None));
            }
            Err(Error::Busy) => return Err(Error::Busy),
            Err(error) => slots.push((nonce, Some(error))),
        }
    }
    let decided = redemption.engine.decide_all(scans).await;
    if let Caller::Device(device) = &caller {
        let kept = links.into_iter().zip(&decided).filter(|(_, decided)| matches!(decided, Ok(Ok(_))));
        chain::take(&core, device.id, kept.filter_map(|(link, _)| link).collect()).await?;
    }
    let mut decided = decided.into_iter();
    let mut results = Vec::with_capacity(slots.len());
    for (nonce, error) in slots {
        let result = match error {
            Some(error) => Err(error),
            None => decided.next().unwrap_or(Err(Error::Busy)).and_then(|decided| decided.map_err(Error::from)),
        };
        results.push(result_view(nonce, result, lang)?);
    }
    Ok(Json(UploadResults { results }))
}

/// A record as the engine wants it, and where it stands in its phone's chain.
async fn record(core: &Core, redemption: &Redemption, caller: &Caller, item: Value) -> Result<(Scan, Option<Link>)> {
    let bytes = serde_json::to_vec(&item).map_err(|error| Error::Internal(Box::new(error)))?;
    let scan: ScanBody = parse_json(&bytes)?;
    let place: UploadPlace = parse_json(&bytes)?;
    if scan.override_reason.is_some() {
        caller.require(Right::Override)?;
    }
    let source = if place.handed_out.unwrap_or(true) { Source::Offline } else { Source::Online };
    if source == Source::Online {
        caller.refuse_revoked()?;
    }
    let link = link(caller, &scan, &place)?;
    let upload = Upload { sequence: place.sequence, lease_epoch: place.lease_epoch };
    Ok((redemption.scan(core, caller, scan, source, upload).await?, link))
}

/// Where a phone's record stands in its chain; nothing when it says nothing of that.
fn link(caller: &Caller, scan: &ScanBody, place: &UploadPlace) -> Result<Option<Link>> {
    let (Caller::Device(device), Some(sequence)) = (caller, place.sequence) else { return Ok(None) };
    if !(1..=chain::SEQUENCE_MAX).contains(&sequence) {
        let say =
            Say::fixed("Số thứ tự của lượt ghi bắt đầu từ 1.", "A record's place in the queue is counted from 1.");
        return Err(Error::field("sequence", "out_of_range", say));
    }
    let previous = chain::parse_hash(place.previous_hash.as_deref().unwrap_or_default())
        .map_err(|wrong| wrong.at("previous_hash"))?;
    let record = Record {
        device_id: device.id,
        sequence,
        nonce: scan.nonce,
        point_id: scan.point_id,
        lease_epoch: place.lease_epoch,
        scanned_at: scan.scanned_at,
        units: scan.units.unwrap_or(1),
        handed_out: place.handed_out.unwrap_or(true),
        code: &scan.code,
        desk: &scan.desk.as_ref().map(Desk::text).unwrap_or_default(),
        collector: scan.collector.as_ref(),
    };
    Ok(Some(Link { sequence, nonce: scan.nonce, hash: record.hash(&previous), previous }))
}
