//! What was scanned: newest first, counted, of one voucher.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::http::{Api, Core, Error, Id, Listing, Page, Params, Problems, Result, routes};
use crate::kernel::ids::{PointId, VoucherId};
use crate::kernel::{Message, Moment};
use crate::people::Permit;
use crate::people::rights::ReadRedemptions;
use crate::redemption::history::{Count, KeptScan, store};
use crate::vouchers::reach::seen_voucher;

pub(crate) fn router<A: Api>() -> A {
    A::new().routes(routes!(list_scans)).routes(routes!(statistics)).routes(routes!(voucher_history))
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
///
/// Those at points that the login reaches.
#[utoipa::path(get, path = "/redemptions", tag = "redemption", params(ScanFilter),
    responses((status = 200, description = "A page of scans", body = Listing<KeptScan>), Problems))]
async fn list_scans(
    State(core): State<Core>,
    permit: Permit<ReadRedemptions>,
    Params(filter): Params<ScanFilter>,
) -> Result<Json<Listing<KeptScan>>> {
    let cursor = Page { limit: filter.limit, after: None }.cursor()?;
    let before = before(filter.after.as_deref())?;
    let mut conn = core.db.read().await?;
    let mut items = store::recent(&mut conn, &permit.scope.points, filter.point_id, before, cursor.fetch).await?;
    let more = i64::try_from(items.len()).unwrap_or(i64::MAX) == cursor.fetch;
    if more {
        items.pop();
    }
    let next = items.last().filter(|_| more).map(|last| format!("{}.{}", last.received_at.micros(), last.nonce));
    Ok(Json(Listing { items, next }))
}

/// The scan that a page comes after: its moment and nonce.
fn before(after: Option<&str>) -> Result<(Moment, Uuid)> {
    let Some(text) = after else { return Ok((Moment::from_micros(i64::MAX), Uuid::max())) };
    text.split_once('.')
        .and_then(|(at, nonce)| Some((Moment::from_micros(at.parse().ok()?), nonce.parse().ok()?)))
        .ok_or_else(|| {
            let say = Message::fixed(
                "after phải là giá trị next của trang trước.",
                "after must be the next of the page before.",
            );
            Error::field("after", "unknown", say)
        })
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
///
/// At points that the login reaches.
#[utoipa::path(get, path = "/redemptions/statistics", tag = "redemption", params(CountFilter),
    responses((status = 200, description = "The counts", body = Counts), Problems))]
async fn statistics(
    State(core): State<Core>,
    permit: Permit<ReadRedemptions>,
    Params(filter): Params<CountFilter>,
) -> Result<Json<Counts>> {
    let items = store::counts(&mut core.db.read().await?, &permit.scope.points, filter.round_id).await?;
    Ok(Json(Counts { items }))
}

/// A voucher's history.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct VoucherHistory {
    /// Its scans, in the order of the phones' clocks.
    items: Vec<KeptScan>,
}

/// Every scan of a voucher, in the order of the phones' clocks
#[utoipa::path(get, path = "/vouchers/{id}/scans", tag = "redemption", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The scans", body = VoucherHistory), Problems))]
async fn voucher_history(
    State(core): State<Core>,
    permit: Permit<ReadRedemptions>,
    Id(id): Id<Uuid>,
) -> Result<Json<VoucherHistory>> {
    let mut conn = core.db.read().await?;
    seen_voucher(&mut conn, &permit, VoucherId(id)).await?;
    let items = store::of_voucher(&mut conn, id).await?;
    Ok(Json(VoucherHistory { items }))
}
