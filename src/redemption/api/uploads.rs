//! What phones handed out while they had no network.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use super::results::{ITEMS_MAX, UploadResults, result_view};
use crate::http::{Api, Body, Core, Error, Problems, Result, language_of, parse_json, routes};
use crate::kernel::Message;
use crate::kernel::message::Lang;
use crate::people::rights::{Override, Redeem};
use crate::people::{Caller, Permit, Right, Uploader};
use crate::redemption::admission::rules::Way;
use crate::redemption::batch::Decided;
use crate::redemption::chain::rules::Link;
use crate::redemption::intake::{Desk, ScanBody, ScanIntake, Upload, operator};
use crate::redemption::outcome::Outcome;
use crate::redemption::quarantine::record::Record;
use crate::redemption::rules::ConflictKind;
use crate::redemption::scan::{Operator, Scan, Source};
use crate::redemption::{admission, chain, quarantine};

pub(crate) fn router<A: Api>() -> A {
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
/// Records of handovers come from phones, and from staff who may override. Typed codes that don't exist count as tries,
/// and over the limit the whole upload is refused. Of a revoked phone at most 200 records are booked, made before it was
/// revoked, of vouchers that it held; others are kept until a coordinator accepts them, and an upload without any such
/// record is refused.
#[utoipa::path(post, path = "/redemptions/batch", tag = "redemption", request_body = UploadBody,
    responses((status = 200, description = "An answer or an error for each record", body = UploadResults), Problems))]
async fn upload(
    State(core): State<Core>,
    Extension(redemption): Extension<ScanIntake>,
    headers: HeaderMap,
    permit: Permit<Redeem, Uploader>,
    Body(body): Body<UploadBody>,
) -> Result<Json<UploadResults>> {
    let Uploader(caller) = &*permit;
    if body.items.len() > ITEMS_MAX {
        return Err(Error::field(
            "items",
            "too_many",
            Message::fixed("Mỗi lần gửi tối đa 1.000 lượt.", "Send at most 1,000 records at a time."),
        ));
    }
    let records = read(&core, &redemption, caller, body.items).await?;
    let results = take(&core, &redemption, caller, records, language_of(&headers)).await?;
    Ok(Json(UploadResults { results }))
}

/// The records of an upload as the engine wants them, each with what it was sent as.
#[derive(Default)]
struct Records {
    scans: Vec<Scan>,
    links: Vec<Option<Link>>,
    items: Vec<Value>,
    /// For each item its nonce, and what is wrong with it.
    slots: Vec<(Option<Value>, Option<Error>)>,
}

async fn read(core: &Core, redemption: &ScanIntake, caller: &Caller, items: Vec<Value>) -> Result<Records> {
    let mut records = Records::default();
    for item in items {
        let nonce = item.get("nonce").cloned();
        match record(core, redemption, caller, &item).await {
            Ok((scan, link)) => {
                records.scans.push(scan);
                records.links.push(link);
                records.items.push(item);
                records.slots.push((nonce, None));
            }
            Err(error @ (Error::Busy | Error::Refused { .. })) => return Err(error),
            Err(error) => records.slots.push((nonce, Some(error))),
        }
    }
    Ok(records)
}

/// Decides the records, or keeps them for a coordinator; the answers in the order of the items.
async fn take(
    core: &Core,
    redemption: &ScanIntake,
    caller: &Caller,
    records: Records,
    lang: Lang,
) -> Result<Vec<Value>> {
    let operator = operator(caller);
    let revoked = matches!(operator, Operator::Device { revoked_at: Some(_), .. });
    let _turn = if revoked { Some(redemption.in_turn().await) } else { None };
    let guessable = records.scans.iter().any(|scan| admission::rules::can_be_guessed(&scan.presented));
    let seen = if revoked || guessable { redemption.look_at(core, caller, &records.scans).await? } else { Vec::new() };
    let ways = admission::service::ways(core, &records.scans, operator, &seen).await?;
    let mut sent = Vec::with_capacity(records.scans.len());
    let mut kept = Vec::new();
    for (place, (scan, way)) in records.scans.into_iter().zip(&ways).enumerate() {
        let voucher_id = seen.get(place).and_then(|seen| seen.voucher_id);
        match (way, voucher_id) {
            (Way::Quarantine(doubt), Some(voucher_id)) => {
                kept.push(Record::new(core, &scan, voucher_id, &records.items[place], *doubt));
            }
            (Way::Quarantined, _) => {}
            _ => sent.push(scan),
        }
    }
    if let Some(device_id) = operator.device_id() {
        quarantine::service::keep(core, device_id, kept).await?;
    }
    let mut decided = redemption.engine.decide_all(sent).await.into_iter();
    let answers: Vec<Option<Result<Decided>>> =
        ways.iter().map(|way| (*way == Way::Decide).then(|| decided.next().unwrap_or(Err(Error::Busy)))).collect();
    if let Some(device_id) = operator.device_id() {
        let arrived = |answer: &Option<Result<Decided>>| answer.as_ref().is_none_or(|told| matches!(told, Ok(Ok(_))));
        let links = records.links.into_iter().zip(&answers).filter(|(_, answer)| arrived(answer));
        chain::service::take(core, device_id, links.filter_map(|(link, _)| link).collect()).await?;
    }
    let mut answers = answers.into_iter();
    let told = records.slots.into_iter().map(|(nonce, error)| match error {
        Some(error) => result_view(nonce, Err(error), lang),
        None => match answers.next().flatten() {
            Some(decided) => result_view(nonce, decided.and_then(|decided| decided.map_err(Error::from)), lang),
            None => Ok(waiting_view(nonce, lang)),
        },
    });
    told.collect()
}

/// The answer for a record that waits for a coordinator.
fn waiting_view(nonce: Option<Value>, lang: Lang) -> Value {
    json!({
        "nonce": nonce, "outcome": Outcome::NotAllowed, "replayed": false,
        "message": quarantine::service::message().in_lang(lang),
        "flags": [ConflictKind::Quarantined.name(), "device_revoked"],
    })
}

/// A record as the engine wants it, and where it stands in its phone's chain.
pub(crate) async fn record(
    core: &Core,
    redemption: &ScanIntake,
    caller: &Caller,
    item: &Value,
) -> Result<(Scan, Option<Link>)> {
    let bytes = serde_json::to_vec(item).map_err(|error| Error::Internal(Box::new(error)))?;
    let scan: ScanBody = parse_json(&bytes)?;
    let place: UploadPlace = parse_json(&bytes)?;
    if scan.override_reason.is_some() {
        Permit::<Override, _>::of(caller.clone())?;
    }
    let source = if place.handed_out.unwrap_or(true) { Source::Offline } else { Source::Online };
    match caller {
        Caller::Staff(staff) if source.is_fact() => {
            if !staff.role.may(Right::Override) {
                return Err(facts_come_from_phones());
            }
            staff.require_point(scan.point_id)?;
        }
        _ if source == Source::Online => caller.refuse_revoked()?,
        _ => {}
    }
    let link = link(caller, &scan, &place)?;
    let upload = Upload { sequence: place.sequence, lease_epoch: place.lease_epoch };
    Ok((redemption.scan(core, caller, scan, source, upload).await?, link))
}

fn facts_come_from_phones() -> Error {
    Error::refused(
        "not_a_phone",
        "Lượt đã phát do điện thoại đã kết nối gửi lên; tài khoản này không nhập thay được. Hãy nhờ cán bộ phụ trách.",
        "What was handed out is told by enrolled phones; this login can't enter it. Ask the coordinator.",
    )
}

/// Where a phone's record stands in its chain; nothing when it says nothing of that.
fn link(caller: &Caller, scan: &ScanBody, place: &UploadPlace) -> Result<Option<Link>> {
    let (Caller::Device(device), Some(sequence)) = (caller, place.sequence) else { return Ok(None) };
    if !(1..=chain::rules::SEQUENCE_MAX).contains(&sequence) {
        let say =
            Message::fixed("Số thứ tự của lượt ghi bắt đầu từ 1.", "A record's place in the queue is counted from 1.");
        return Err(Error::field("sequence", "out_of_range", say));
    }
    let previous = chain::rules::parse_hash(place.previous_hash.as_deref().unwrap_or_default())
        .map_err(|wrong| wrong.at("previous_hash"))?;
    let record = chain::rules::Record {
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
