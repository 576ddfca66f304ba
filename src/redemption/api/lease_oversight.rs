//! Leases as coordinators see them: the list, with what is in doubt, and the release of one whose phone doesn't report.

use axum::extract::State;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};

use crate::http::{Body, Core, Id, Listing, Page, Params, Problems, Result};
use crate::kernel::ids::{DeviceId, LeaseId, PointId};
use crate::kernel::{Moment, Within};
use crate::people::Permit;
use crate::people::rights::{Override, ReadRedemptions};
use crate::redemption::intake::ScanIntake;
use crate::redemption::leases::risk::{ReleaseBody, Risk};
use crate::redemption::leases::service::release;
use crate::redemption::leases::store::{self, Filter, ListRow};
use crate::redemption::leases::view::Ended;
use crate::redemption::leases::{Lease, LeaseState, Share};

/// Which leases.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LeaseFilter {
    /// Only those in this state.
    state: Option<LeaseState>,
    /// Only this point's.
    point_id: Option<PointId>,
    /// Rows at most, 1 to 500 (50 when left out).
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// The point of a lease.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct LeasePoint {
    /// Its id.
    id: PointId,
    /// Its name.
    name: String,
}

/// The phone of a lease.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct LeasePhone {
    /// Its id.
    id: DeviceId,
    /// Its name.
    name: String,
    /// Who carries it; may be empty.
    volunteer: String,
    /// When it was revoked.
    revoked_at: Option<Moment>,
}

/// The vouchers of a lease, counted.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct LeaseCounts {
    /// Ever held under it.
    taken: i64,
    /// Of those, handed out by its phone, as far as is known here.
    used: i64,
    /// Still held and not used up.
    left: i64,
}

/// A lease as coordinators see it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct LeaseListView {
    /// Its id.
    id: LeaseId,
    /// Its number.
    epoch: i64,
    /// What it is now.
    state: LeaseState,
    /// The point.
    point: LeasePoint,
    /// Where the phone works.
    desk: String,
    /// Its share; null: all of the point.
    share: Option<Share>,
    /// The phone.
    device: LeasePhone,
    /// When it was taken.
    taken_at: Moment,
    /// Until when the phone may use it without being heard.
    use_until: Moment,
    /// When the phone was last heard.
    heard_at: Option<Moment>,
    /// When it ended.
    closed_at: Option<Moment>,
    /// Why a coordinator released it.
    release_reason: Option<String>,
    /// Its vouchers.
    vouchers: LeaseCounts,
}

impl LeaseListView {
    fn of(row: ListRow, now: Moment) -> Self {
        let lease: Lease = row.lease;
        Self {
            id: lease.id,
            epoch: lease.epoch,
            state: lease.state(now),
            point: LeasePoint { id: lease.point_id, name: row.point },
            share: lease.share(),
            device: LeasePhone {
                id: lease.device_id,
                name: row.device,
                volunteer: row.volunteer,
                revoked_at: row.revoked_at,
            },
            taken_at: lease.taken_at,
            use_until: lease.use_until,
            heard_at: lease.heard_at.max(row.last_seen_at),
            closed_at: lease.closed_at,
            release_reason: lease.release_reason,
            desk: lease.desk,
            vouchers: LeaseCounts { taken: row.taken, used: row.used, left: row.left },
        }
    }
}

/// Leases, with what is in doubt
///
/// `in_doubt`: the phone's use is over and it did not report; a coordinator waits for it, or releases it.
#[utoipa::path(get, path = "/leases", tag = "leases", params(LeaseFilter),
    responses((status = 200, description = "A page of leases", body = Listing<LeaseListView>), Problems))]
pub(super) async fn list_leases(
    State(core): State<Core>,
    permit: Permit<ReadRedemptions>,
    Params(filter): Params<LeaseFilter>,
) -> Result<Json<Listing<LeaseListView>>> {
    let cursor = Page { limit: filter.limit, after: filter.after }.cursor()?;
    let points = match filter.point_id {
        Some(point_id) => {
            permit.require_point(point_id)?;
            Within::these([point_id])
        }
        None => permit.scope.points.clone(),
    };
    let now = core.clock.now();
    let rows = store::page(&mut core.db.read().await?, &Filter { state: filter.state, points }, cursor, now).await?;
    let items = rows.into_iter().map(|row| LeaseListView::of(row, now)).collect();
    Ok(Json(Listing::new(items, cursor, |lease: &LeaseListView| lease.id.0)))
}

/// Release a lease whose phone doesn't report
///
/// What it holds is free again, though its phone may have handed it out. What the phone uploads later is kept, and
/// what was handed out twice becomes a conflict.
#[utoipa::path(post, path = "/leases/{id}/release", tag = "leases", params(("id" = LeaseId, Path)),
    request_body = ReleaseBody,
    responses((status = 200, description = "The lease has ended", body = Ended), Problems))]
pub(super) async fn release_lease(
    State(core): State<Core>,
    Extension(redemption): Extension<ScanIntake>,
    permit: Permit<Override>,
    Id(id): Id<LeaseId>,
    Body(body): Body<ReleaseBody>,
) -> Result<Json<Ended>> {
    let risk = Risk::parse(&body.reason, body.still_in_use).map_err(|wrong| wrong.at("reason"))?;
    core.run(async |tx| release::release(tx, &core, &redemption, &permit, id, risk).await).await.map(Json)
}
