//! Rounds are made, paused, resumed and closed for good.

use crate::db::{Conn, Tx};
use crate::http::{Core, Cursor, Error, Result};
use crate::kernel::ids::{PointId, RoundId};
use crate::kernel::message::Invalid;
use crate::kernel::{Day, FieldError, Message, Validation, Within};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::WriteVouchers;
use crate::places;
use crate::vouchers::new_round::NewRound;
use crate::vouchers::reach::{lock_round, require_every_point, seen_round};
use crate::vouchers::round::{Round, RoundStatus, RoundView, round_closed};
use crate::vouchers::slots;
use crate::vouchers::store::rounds as store;

/// Rounds made at the same moment, at most.
const NUMBER_TRIES: usize = 32;

/// Makes a round under the next number. A login that is confined makes rounds of its own points.
pub async fn create(tx: &mut Tx, core: &Core, permit: &Permit<WriteVouchers>, new: NewRound) -> Result<RoundView> {
    check_links(tx, &new).await?;
    new.point_ids.iter().try_for_each(|id| permit.require_point(*id))?;
    let id = insert(tx, core, &new).await?;
    audit::append(tx, &core.clock, permit.actor(), Act::on("create", "round", id.0)).await?;
    core.changed_after(tx);
    reachable(tx, &permit.scope.points, id).await
}

/// Stores a round. Others that are made at the same moment each take a number away: then the next one is tried.
async fn insert(tx: &mut Tx, core: &Core, round: &NewRound) -> Result<RoundId> {
    for _ in 0..NUMBER_TRIES {
        if let Some(id) = store::insert(tx, &core.clock, round).await? {
            return Ok(id);
        }
    }
    Err(Error::Busy)
}

/// What the round names must exist and fit.
async fn check_links(tx: &mut Tx, round: &NewRound) -> Result<()> {
    let mut fields = Validation::new();
    match store::campaign(tx, round.campaign_id).await? {
        None => fields.push(FieldError::new(
            "campaign_id",
            "unknown",
            Message::fixed(
                "Không có chương trình này. Xem danh sách chương trình rồi chọn lại.",
                "There is no such campaign. See the list of campaigns and choose again.",
            ),
        )),
        Some((from, until, _)) => {
            let (first, last) = slots::days(round.starts_at, round.ends_at);
            let outside = |day: Day| day < from || day > until;
            for (field, day) in [("starts_at", first), ("ends_at", last)] {
                fields.check(field, !outside(day), || outside_campaign(from, until));
            }
        }
    }
    fields.check("package_id", store::package_exists(tx, round.package_id).await?, || {
        Invalid::fixed(
            "unknown",
            "Không có loại suất quà này. Xem danh sách suất quà rồi chọn lại.",
            "There is no such package. See the list of packages and choose again.",
        )
    });
    for (i, id) in round.point_ids.iter().enumerate() {
        let field = format!("point_ids[{i}]");
        match places::store::point(tx, *id).await? {
            None => fields.check(&field, false, || {
                Invalid::fixed(
                    "unknown",
                    "Không có điểm này. Xem danh sách điểm rồi chọn lại.",
                    "There is no such point. See the list of points and choose again.",
                )
            }),
            Some(point) => check_point(&mut fields, &field, &point),
        }
    }
    Ok(fields.finish()?)
}

fn outside_campaign(from: Day, until: Day) -> Invalid {
    let (vi_from, vi_until) = (from.for_people(), until.for_people());
    Invalid::new(
        "outside_campaign",
        Message::new(
            format!("Đợt phát phải nằm trong thời gian của chương trình, từ {vi_from} đến hết {vi_until}."),
            format!("A round lies within its campaign's days, from {from} to {until} inclusive."),
        ),
    )
}

fn check_point(fields: &mut Validation, field: &str, point: &places::Point) {
    fields.check(field, point.kind == places::PointKind::Distribution, || {
        Invalid::fixed(
            "not_a_distribution_point",
            "Đây là kho, không phải điểm phát quà. Hãy chọn một điểm phát.",
            "This is a warehouse. Choose a distribution point.",
        )
    });
    fields.check(field, point.closed_at.is_none(), || {
        Invalid::fixed("closed", "Điểm này đã đóng. Hãy chọn điểm khác.", "This point is closed. Choose another.")
    });
}

/// Its vouchers answer `round_closed` until it is resumed.
pub async fn pause(tx: &mut Tx, core: &Core, permit: &Permit<WriteVouchers>, id: RoundId) -> Result<RoundView> {
    set_status(tx, core, permit, id, (RoundStatus::Paused, "pause")).await
}

/// Ends a pause.
pub async fn resume(tx: &mut Tx, core: &Core, permit: &Permit<WriteVouchers>, id: RoundId) -> Result<RoundView> {
    set_status(tx, core, permit, id, (RoundStatus::Open, "resume")).await
}

/// Closes a round for good.
pub async fn close(tx: &mut Tx, core: &Core, permit: &Permit<WriteVouchers>, id: RoundId) -> Result<RoundView> {
    set_status(tx, core, permit, id, (RoundStatus::Closed, "close")).await
}

/// Doing it again changes nothing; a closed round stays closed. For who reaches all its points.
async fn set_status(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<WriteVouchers>,
    id: RoundId,
    (status, action): (RoundStatus, &str),
) -> Result<RoundView> {
    let round = lock_round(tx, &permit.scope.points, id).await?;
    require_every_point(tx, permit, id).await?;
    if round.status == status {
        return view(tx, round).await;
    }
    if round.is_closed() {
        return Err(round_closed());
    }
    store::set_status(tx, id, status).await?;
    audit::append(tx, &core.clock, permit.actor(), Act::on(action, "round", id.0)).await?;
    core.changed_after(tx);
    reachable(tx, &permit.scope.points, id).await
}

/// A round with its points.
async fn view(conn: &mut Conn, round: Round) -> Result<RoundView> {
    let point_ids = store::points_of(conn, &[round.id]).await?.into_iter().map(|(_, point_id)| point_id).collect();
    Ok(RoundView { round, point_ids })
}

/// A round that one of these points belongs to; another is refused.
pub async fn reachable(conn: &mut Conn, points: &Within<PointId>, id: RoundId) -> Result<RoundView> {
    let round = seen_round(conn, points, id).await?;
    view(conn, round).await
}

/// A page of the rounds that one of these points belongs to.
pub async fn page(conn: &mut Conn, points: &Within<PointId>, cursor: Cursor) -> Result<Vec<RoundView>> {
    let rounds = store::page(conn, points, cursor).await?;
    let ids: Vec<RoundId> = rounds.iter().map(|round| round.id).collect();
    let points = store::points_of(conn, &ids).await?;
    let of = |id: RoundId| points.iter().filter(move |(round_id, _)| *round_id == id).map(|(_, point_id)| *point_id);
    Ok(rounds.into_iter().map(|round| RoundView { point_ids: of(round.id).collect(), round }).collect())
}
