//! The JSON API of redemptions and conflicts.

use std::collections::HashMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::answer::{Answer, AnswerView, ContentLine, HouseholdView, PackageView, VoucherView};
use super::chain::{self, Link, Record};
use super::conflicts::{self, ConflictView};
use super::door::{Redemption, ScanBody, Upload};
use super::history::{self, Count, ScanView};
use super::leases;
use super::reversal::{self, ReversalView};
use super::{ConflictId, Operator, Outcome, Presented, Source};
use crate::kernel::say::{Lang, Wrong};
use crate::kernel::{Fields, Moment, Say};
use crate::people::audit::{self, Act};
use crate::people::{Caller, PointId, Right, Staff, Uploader};
use crate::web::{Body, Core, Error, Id, Listing, Page, Params, Problems, Result, language_of};

/// Items that one upload has at most.
const UPLOAD_MAX: usize = 1000;

/// Redemptions and conflicts.
pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(redeem, list_scans))
        .routes(routes!(upload))
        .routes(routes!(key_in_roster))
        .routes(routes!(statistics))
        .routes(routes!(get_answer))
        .routes(routes!(undo))
        .routes(routes!(voucher_history))
        .routes(routes!(list_conflicts))
        .routes(routes!(resolve_conflict))
        .merge(leases::api::router())
}

/// Decide one scan
///
/// Every decided scan is 200, whatever the outcome: a refusal is an answer. The answer leaves after the commit.
#[utoipa::path(post, path = "/redemptions", tag = "redemption", request_body = ScanBody,
    responses((status = 200, description = "The decision", body = AnswerView), Problems))]
pub(super) async fn redeem(
    State(core): State<Core>,
    Extension(redemption): Extension<Redemption>,
    headers: HeaderMap,
    caller: Caller,
    Body(body): Body<ScanBody>,
) -> Result<Json<AnswerView>> {
    caller.require(Right::Redeem)?;
    if body.override_reason.is_some() {
        caller.require(Right::Override)?;
    }
    redemption.check_guessing(&core, &caller)?;
    let scan = redemption.scan(&core, &caller, body, Source::Online, Upload::default()).await?;
    let typed = matches!(scan.presented, Presented::Typed(_) | Presented::Foreign);
    let answer = redemption.engine.decide(scan).await??;
    if typed && answer.outcome == Outcome::Unknown && !answer.replayed {
        redemption.guessed(&core, &caller);
    }
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

/// The answers of an upload, in its order.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct UploadResults {
    /// One a record.
    #[schema(value_type = Vec<AnswerView>)]
    pub(super) results: Vec<Value>,
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
    if body.items.len() > UPLOAD_MAX {
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
async fn record(
    core: &Core,
    redemption: &Redemption,
    caller: &Caller,
    item: Value,
) -> Result<(super::Scan, Option<Link>)> {
    let bytes = serde_json::to_vec(&item).map_err(|error| Error::Internal(Box::new(error)))?;
    let scan: ScanBody = crate::web::parse_json(&bytes)?;
    let place: UploadPlace = crate::web::parse_json(&bytes)?;
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
        desk: &scan.desk.as_ref().map(super::door::Desk::text).unwrap_or_default(),
        collector: scan.collector.as_ref(),
    };
    Ok(Some(Link { sequence, nonce: scan.nonce, hash: record.hash(&previous), previous }))
}

/// An answer, or the error of one record. What is not the record's fault fails the request: the phone keeps all.
fn result_view(nonce: Option<Value>, result: Result<Answer>, lang: Lang) -> Result<Value> {
    match result {
        Ok(answer) => serde_json::to_value(answer.view(lang)).map_err(|error| Error::Internal(Box::new(error))),
        Err(error @ (Error::Busy | Error::StorageFull | Error::Internal(_))) => Err(error),
        Err(error) => {
            let fields: Vec<Value> = match &error {
                Error::Invalid(fields) => fields
                    .iter()
                    .map(|f| json!({ "field": f.field, "code": f.code, "message": f.say.in_lang(lang) }))
                    .collect(),
                _ => Vec::new(),
            };
            let mut view = json!({
                "error": { "code": error.code(), "message": error.say().in_lang(lang), "errors": fields }
            });
            if let Some(nonce) = nonce.filter(Value::is_string) {
                view["nonce"] = nonce;
            }
            Ok(view)
        }
    }
}

/// A paper list (danh sách ký nhận) to key in.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"point_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "handed_out_at": "2021-08-05T09:00:00+07:00",
    "codes": ["7G4K2-M9QXR", "2K8TT-0PWA3"]}))]
pub(super) struct RosterBody {
    /// Where it was signed.
    pub(super) point_id: PointId,
    /// When people signed, roughly; now when left out.
    pub(super) handed_out_at: Option<Moment>,
    /// The typed codes of the lines that are signed, at most 1,000.
    pub(super) codes: Vec<String>,
    /// The desk.
    pub(super) desk: Option<String>,
}

/// Key in a signed paper list
///
/// The codes were handed out already: each gets its answer at once — redeemed, already_redeemed, unknown — and a
/// voucher that was also scanned, or signed for on another point's list, becomes a conflict: both handovers are kept.
/// A point's list has one line for a voucher: keyed in again, also with another time, a used-up voucher's line counts
/// once. The same list sent again with its `handed_out_at` gets its first answers.
#[utoipa::path(post, path = "/redemptions/roster", tag = "redemption", request_body = RosterBody,
    responses((status = 200, description = "An answer for each code", body = UploadResults), Problems))]
pub(super) async fn key_in_roster(
    State(core): State<Core>,
    Extension(redemption): Extension<Redemption>,
    headers: HeaderMap,
    staff: Staff,
    Body(body): Body<RosterBody>,
) -> Result<Json<UploadResults>> {
    staff.require(Right::Override)?;
    staff.require_point(body.point_id)?;
    let mut fields = Fields::new();
    fields.check("codes", (1..=UPLOAD_MAX).contains(&body.codes.len()), || {
        Wrong::fixed("out_of_range", "Nhập từ 1 đến 1.000 mã mỗi lần.", "Key in 1 to 1,000 codes at a time.")
    });
    fields.finish()?;
    let lang = language_of(&headers);
    let caller = Caller::Staff(staff);
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
            desk: body.desk.clone().map(super::door::Desk::Name),
            override_reason: None,
        };
        scans.push(redemption.scan(&core, &caller, scan, Source::Roster, Upload::default()).await?);
    }
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

/// The stored answer of a scan
///
/// For a phone whose request was answered but never heard the answer.
#[utoipa::path(get, path = "/redemptions/{nonce}", tag = "redemption", params(("nonce" = Uuid, Path)),
    responses((status = 200, description = "The answer", body = AnswerView), Problems))]
pub(super) async fn get_answer(
    State(core): State<Core>,
    headers: HeaderMap,
    caller: Caller,
    Id(nonce): Id<Uuid>,
) -> Result<Json<AnswerView>> {
    let reads_all = caller.require(Right::ReadRedemptions).is_ok();
    if !reads_all {
        caller.require(Right::Redeem)?;
    }
    let mut conn = core.db.read().await?;
    let stored = history::store::stored(&mut conn, nonce, super::fact_nonce_of(nonce)).await?.ok_or(Error::NotFound)?;
    let own = stored.user_id == Some(caller.id()) || stored.device_id == Some(caller.id());
    if !(reads_all || own) {
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
        outcome: serde_json::from_value(stored.outcome.into()).map_err(|error| Error::Internal(Box::new(error)))?,
        replayed: true,
        detail: serde_json::from_str(&stored.detail).unwrap_or_default(),
        flags: serde_json::from_str(&stored.flags).unwrap_or_default(),
        received_at: stored.received_at,
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

/// Which scans.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ScanFilter {
    /// Only this point's.
    point_id: Option<PointId>,
    /// Rows at most, 1 to 500 (50 when left out).
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Every scan, refused ones too, newest first
#[utoipa::path(get, path = "/redemptions", tag = "redemption", params(ScanFilter),
    responses((status = 200, description = "A page of scans", body = Listing<ScanView>), Problems))]
async fn list_scans(
    State(core): State<Core>,
    staff: Staff,
    Params(filter): Params<ScanFilter>,
) -> Result<Json<Listing<ScanView>>> {
    staff.require(Right::ReadRedemptions)?;
    let cursor = Page { limit: filter.limit, after: None }.cursor()?;
    let before = match &filter.after {
        None => (Moment::from_micros(i64::MAX), Uuid::max()),
        Some(text) => text
            .split_once('.')
            .and_then(|(at, nonce)| Some((Moment::from_micros(at.parse().ok()?), nonce.parse().ok()?)))
            .ok_or_else(|| {
                Error::field(
                    "after",
                    "unknown",
                    Say::fixed(
                        "after phải là giá trị next của trang trước.",
                        "after must be the next of the page before.",
                    ),
                )
            })?,
    };
    let mut conn = core.db.read().await?;
    let mut items = history::store::recent(&mut conn, filter.point_id, before, cursor.fetch).await?;
    let more = i64::try_from(items.len()).unwrap_or(i64::MAX) == cursor.fetch;
    if more {
        items.pop();
    }
    let next = items.last().filter(|_| more).map(|last| format!("{}.{}", last.received_at.micros(), last.nonce));
    Ok(Json(Listing { items, next }))
}

/// Which round's counts.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct CountFilter {
    /// Only this round's.
    round_id: Option<Uuid>,
}

/// The counts.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Counts {
    /// One per round, package and point.
    items: Vec<Count>,
}

/// Packages handed out, undone and refused, per round, package and point
#[utoipa::path(get, path = "/redemptions/statistics", tag = "redemption", params(CountFilter),
    responses((status = 200, description = "The counts", body = Counts), Problems))]
async fn statistics(
    State(core): State<Core>,
    staff: Staff,
    Params(filter): Params<CountFilter>,
) -> Result<Json<Counts>> {
    staff.require(Right::ReadRedemptions)?;
    let items = history::store::counts(&mut core.db.read().await?, filter.round_id).await?;
    Ok(Json(Counts { items }))
}

/// A voucher's history.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct VoucherHistory {
    /// Its scans, in the order of the phones' clocks.
    items: Vec<ScanView>,
}

/// Every scan of a voucher, in the order of the phones' clocks
#[utoipa::path(get, path = "/vouchers/{id}/scans", tag = "redemption", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The scans", body = VoucherHistory), Problems))]
async fn voucher_history(State(core): State<Core>, staff: Staff, Id(id): Id<Uuid>) -> Result<Json<VoucherHistory>> {
    staff.require(Right::ReadRedemptions)?;
    let items = history::store::of_voucher(&mut core.db.read().await?, id).await?;
    Ok(Json(VoucherHistory { items }))
}

/// A reason.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"reason": "Quét nhầm phiếu của hộ bên cạnh"}))]
#[schema(as = ReversalReason)]
pub(super) struct ReasonBody {
    /// Why, 3 to 500 characters.
    pub(super) reason: String,
}

/// Undo a handover
///
/// Within 15 minutes whoever handed out, later a coordinator. The goods return to the lots they came from.
#[utoipa::path(post, path = "/redemptions/{nonce}/reversal", tag = "redemption", params(("nonce" = Uuid, Path)),
    request_body = ReasonBody,
    responses((status = 200, description = "The reversal", body = ReversalView), Problems))]
pub(super) async fn undo(
    State(core): State<Core>,
    caller: Caller,
    Id(nonce): Id<Uuid>,
    Body(body): Body<ReasonBody>,
) -> Result<Json<ReversalView>> {
    caller.require(Right::Redeem)?;
    let reason = audit::parse_reason(&body.reason).map_err(|wrong| wrong.at("reason"))?;
    let by = match &caller {
        Caller::Staff(staff) => Operator::User(staff.id),
        Caller::Device(device) => Operator::Device { id: device.id, revoked_at: device.revoked_at },
    };
    reversal::reverse(&core, &caller, by, nonce, reason).await.map(Json)
}

/// Which conflicts.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ConflictFilter {
    /// `true` (when left out): only open ones.
    open: Option<bool>,
    /// Rows at most, 1 to 500 (50 when left out).
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Conflicts, both handovers side by side
#[utoipa::path(get, path = "/conflicts", tag = "redemption", params(ConflictFilter),
    responses((status = 200, description = "A page of conflicts", body = Listing<ConflictView>), Problems))]
async fn list_conflicts(
    State(core): State<Core>,
    staff: Staff,
    Params(filter): Params<ConflictFilter>,
) -> Result<Json<Listing<ConflictView>>> {
    staff.require(Right::ReadRedemptions)?;
    let cursor = Page { limit: filter.limit, after: filter.after }.cursor()?;
    let open_only = filter.open.unwrap_or(true);
    let items = conflicts::store::page(&mut core.db.read().await?, open_only, cursor).await?;
    Ok(Json(Listing::new(items, cursor, |conflict| conflict.id.0)))
}

/// How a conflict is settled.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"resolution": "accepted", "reason": "Hai phiếu của hai hộ cùng nhà, đã xác minh"}))]
pub(super) struct ResolutionBody {
    /// A short word of the committee's own: accepted, recovered, written_off, …
    pub(super) resolution: String,
    /// Why, 3 to 500 characters.
    pub(super) reason: String,
}

/// Settle a conflict
#[utoipa::path(post, path = "/conflicts/{id}/resolve", tag = "redemption", params(("id" = ConflictId, Path)),
    request_body = ResolutionBody,
    responses((status = 200, description = "The conflict as it is now", body = ConflictView), Problems))]
pub(super) async fn resolve_conflict(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<ConflictId>,
    Body(body): Body<ResolutionBody>,
) -> Result<Json<ConflictView>> {
    staff.require(Right::Override)?;
    let mut fields = Fields::new();
    let resolution = body.resolution.trim().to_owned();
    fields.check("resolution", (1..=60).contains(&resolution.chars().count()), || {
        Wrong::fixed(
            "required",
            "Ghi cách giải quyết, tối đa 60 ký tự.",
            "Say how it is settled, in at most 60 characters.",
        )
    });
    let reason = fields.take("reason", audit::parse_reason(&body.reason)).unwrap_or_default();
    fields.finish()?;
    let mut tx = core.db.begin().await?;
    let settled = conflicts::store::resolve(&mut tx, id, &resolution, &reason, staff.id, core.clock.now()).await?;
    let view = conflicts::store::one(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if !settled {
        return Err(Error::conflict(
            "already_resolved",
            "Trường hợp này đã được giải quyết rồi.",
            "This conflict was settled before.",
        ));
    }
    let act = Act::on("resolve", "conflict", id.0).with(json!({ "resolution": resolution }));
    audit::append(&mut tx, &core.clock, staff.actor(), act).await?;
    tx.commit().await?;
    core.changed();
    Ok(Json(view))
}
