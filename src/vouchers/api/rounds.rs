//! Rounds: made, listed, paused, resumed, closed.

use std::collections::HashSet;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use crate::db::Tx;
use crate::http::{Answer, Api, Claim, Core, CreateBody, Error, Id, Listing, Page, Params, Problems, Result, routes};
use crate::kernel::ids::{CampaignId, PackageId, PointId, RoundId};
use crate::kernel::message::Invalid;
use crate::kernel::{Day, FieldError, Message, Moment, Validation};
use crate::people::audit::{self, Act};
use crate::people::rights::{ReadPlans, WriteVouchers};
use crate::people::{Caller, Permit};
use crate::places;
use crate::vouchers::round::{AmberCaps, MAX_DAYS, MAX_POINTS, NewRound, Offline, RoundStatus, RoundView};
use crate::vouchers::slots;
use crate::vouchers::store::rounds as store;

/// Rounds made at the same moment, at most.
const NUMBER_TRIES: usize = 32;

pub(crate) fn router<A: Api>() -> A {
    A::new()
        .routes(routes!(create_round, list_rounds))
        .routes(routes!(get_round))
        .routes(routes!(pause_round))
        .routes(routes!(resume_round))
        .routes(routes!(close_round))
}

/// A round to make.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"campaign_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "name": "Đợt 3",
    "package_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a91", "point_ids": ["0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a92"],
    "starts_at": "2021-08-05T07:00:00+07:00", "ends_at": "2021-08-06T17:00:00+07:00",
    "slot_minutes": 20, "slot_capacity": 15, "offline": "strict"}))]
pub(crate) struct NewRoundBody {
    /// The campaign it belongs to; the round's days lie within the campaign's.
    pub(crate) campaign_id: CampaignId,
    /// 1 to 200 characters.
    pub(crate) name: String,
    /// What a unit of a voucher is.
    pub(crate) package_id: PackageId,
    /// Distribution points, 1 to 500.
    pub(crate) point_ids: Vec<PointId>,
    /// When it begins.
    pub(crate) starts_at: Moment,
    /// The first moment after it, at most 366 days later.
    pub(crate) ends_at: Moment,
    /// Length of a time slot, 5 to 1440 minutes; given together with `slot_capacity`.
    pub(crate) slot_minutes: Option<i64>,
    /// Vouchers of a slot and point at most, 1 to 100,000.
    pub(crate) slot_capacity: Option<i64>,
    /// What a phone without a network may hand out; `strict` when left out.
    #[serde(default)]
    pub(crate) offline: Offline,
    /// `amber`: how many such handovers a phone makes before it has heard from the server again, 1 to 1,000; 20 when
    /// left out.
    pub(crate) amber_in_a_row: Option<i64>,
    /// `amber`: how many hours after it last heard from the server a phone may do so, 1 to 72; 4 when left out.
    pub(crate) amber_hours: Option<i64>,
    /// Whether a voucher counts only in its slot.
    #[serde(default)]
    pub(crate) enforce_slots: bool,
    /// Whether a voucher counts at each of the points; otherwise it belongs to one.
    #[serde(default)]
    pub(crate) any_point: bool,
    /// Whether the name of who collects is always asked.
    #[serde(default)]
    pub(crate) collector_required: bool,
}

impl NewRoundBody {
    /// Everything that can be said without looking anything up.
    fn check(self) -> Result<NewRound> {
        let mut fields = Validation::new();
        let name = fields.take("name", places::parse_name(&self.name));
        check_times(&mut fields, self.starts_at, self.ends_at);
        check_slots(&mut fields, &self);
        fields.check("point_ids", (1..=MAX_POINTS).contains(&self.point_ids.len()), || {
            Invalid::fixed("required", "Chọn từ 1 đến 500 điểm phát.", "Choose 1 to 500 distribution points.")
        });
        let amber = check_amber(&mut fields, &self);
        fields.finish()?;
        let mut seen = HashSet::new();
        Ok(NewRound {
            campaign_id: self.campaign_id,
            package_id: self.package_id,
            name: name.unwrap_or_default(),
            point_ids: self.point_ids.into_iter().filter(|id| seen.insert(*id)).collect(),
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            slots: self.slot_minutes.zip(self.slot_capacity),
            enforce_slots: self.enforce_slots,
            any_point: self.any_point,
            collector_required: self.collector_required,
            offline: self.offline,
            amber,
        })
    }
}

fn check_amber(fields: &mut Validation, body: &NewRoundBody) -> AmberCaps {
    let usual = AmberCaps::default();
    let caps = AmberCaps {
        in_a_row: body.amber_in_a_row.unwrap_or(usual.in_a_row),
        hours: body.amber_hours.unwrap_or(usual.hours),
    };
    fields.check("amber_in_a_row", (1..=1000).contains(&caps.in_a_row), || {
        Invalid::fixed("out_of_range", "Số lượt phát liên tiếp từ 1 đến 1.000.", "Handovers in a row are 1 to 1,000.")
    });
    fields.check("amber_hours", (1..=72).contains(&caps.hours), || {
        Invalid::fixed("out_of_range", "Số giờ mất mạng từ 1 đến 72.", "Hours without a network are 1 to 72.")
    });
    caps
}

fn check_times(fields: &mut Validation, starts_at: Moment, ends_at: Moment) {
    fields.check("ends_at", ends_at > starts_at, || {
        Invalid::fixed(
            "before_start",
            "Đợt phát phải kết thúc sau khi bắt đầu. Hãy sửa giờ kết thúc.",
            "A round ends after it starts. Correct its end.",
        )
    });
    let (first, last) = slots::days(starts_at, ends_at);
    fields.check("ends_at", last.days_since(first) < MAX_DAYS, || {
        Invalid::fixed(
            "out_of_range",
            "Một đợt phát dài nhất 366 ngày. Hãy chia thành nhiều đợt.",
            "A round lasts at most 366 days. Split it into several.",
        )
    });
    // Two bytes of the code on paper hold a day; they begin on 2020-01-01.
    let fits = |day: Day| Day::from_code_days(day.code_days()) == day;
    fields.check("starts_at", fits(first) && fits(last), || {
        Invalid::fixed(
            "out_of_range",
            "Ngày của đợt phát phải từ 01/01/2020 đến 06/06/2199.",
            "A round's days are from 2020-01-01 to 2199-06-06.",
        )
    });
}

fn check_slots(fields: &mut Validation, body: &NewRoundBody) {
    let lacks = |field: &str| {
        let vi = format!("Khung giờ cần cả slot_minutes và slot_capacity; thiếu «{field}».");
        Invalid::new(
            "required",
            Message::new(vi, format!("Slots need slot_minutes and slot_capacity; “{field}” is missing.")),
        )
    };
    fields
        .check("slot_capacity", body.slot_minutes.is_none() || body.slot_capacity.is_some(), || lacks("slot_capacity"));
    fields.check("slot_minutes", body.slot_capacity.is_none() || body.slot_minutes.is_some(), || lacks("slot_minutes"));
    fields.check("slot_minutes", body.slot_minutes.is_none_or(|n| (5..=1440).contains(&n)), || {
        Invalid::fixed("out_of_range", "Khung giờ dài từ 5 đến 1440 phút.", "A slot lasts 5 to 1440 minutes.")
    });
    fields.check("slot_capacity", body.slot_capacity.is_none_or(|n| (1..=100_000).contains(&n)), || {
        Invalid::fixed(
            "out_of_range",
            "Mỗi khung giờ nhận từ 1 đến 100.000 phiếu.",
            "A slot takes 1 to 100,000 vouchers.",
        )
    });
    fields.check("enforce_slots", !body.enforce_slots || body.slot_minutes.is_some(), || {
        Invalid::fixed(
            "needs_slots",
            "Muốn bắt buộc đúng khung giờ thì phải đặt slot_minutes và slot_capacity.",
            "To enforce slots, give slot_minutes and slot_capacity.",
        )
    });
    let Some(minutes) = body.slot_minutes.filter(|n| (5..=1440).contains(n)) else { return };
    let too_long = body.ends_at > body.starts_at
        && body.ends_at.secs_since(body.starts_at) < i64::from(MAX_DAYS) * 86_400
        && slots::tile(body.starts_at, body.ends_at, minutes).is_empty();
    fields.check("slot_minutes", !too_long, || {
        Invalid::fixed(
            "longer_than_round",
            "Khung giờ dài hơn giờ phát trong ngày. Hãy rút ngắn khung giờ.",
            "A slot is longer than the round's hours in a day. Make it shorter.",
        )
    });
}

/// Make a round
///
/// A login that is confined makes rounds of its own points.
#[utoipa::path(post, path = "/rounds", tag = "vouchers", request_body = NewRoundBody,
    responses((status = 201, description = "The round with its number", body = RoundView), Problems))]
pub(crate) async fn create_round(
    State(core): State<Core>,
    permit: Permit<WriteVouchers>,
    create: CreateBody<NewRoundBody>,
) -> Result<Answer> {
    let CreateBody { body, once } = create;
    let round = body.check()?;
    let mut tx = match once.begin(&core, permit.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    check_links(&mut tx, &round).await?;
    round.point_ids.iter().try_for_each(|id| permit.require_point(*id))?;
    let id = insert(&mut tx, &core, &round).await?;
    audit::append(&mut tx, &core.clock, permit.actor(), Act::on("create", "round", id.0)).await?;
    let view = view(&mut tx, id).await?;
    let answer = once.finish(&core, tx, permit.id.0, StatusCode::CREATED, &view).await?;
    core.changed();
    Ok(answer)
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

async fn view(conn: &mut crate::db::Conn, id: RoundId) -> Result<RoundView> {
    let round = store::one(conn, id).await?.ok_or(Error::NotFound)?;
    let point_ids = store::points_of(conn, &[id]).await?.into_iter().map(|(_, point_id)| point_id).collect();
    Ok(RoundView { round, point_ids })
}

/// Rounds
///
/// Those of which the caller reaches a point.
#[utoipa::path(get, path = "/rounds", tag = "vouchers", params(Page),
    responses((status = 200, description = "A page of rounds", body = Listing<RoundView>), Problems))]
async fn list_rounds(
    State(core): State<Core>,
    permit: Permit<ReadPlans, Caller>,
    Params(page): Params<Page>,
) -> Result<Json<Listing<RoundView>>> {
    let cursor = page.cursor()?;
    let mut conn = core.db.read().await?;
    let rounds = store::page(&mut conn, &permit.points(), cursor).await?;
    let ids: Vec<RoundId> = rounds.iter().map(|round| round.id).collect();
    let points = store::points_of(&mut conn, &ids).await?;
    let of = |id: RoundId| points.iter().filter(move |(round_id, _)| *round_id == id).map(|(_, point_id)| *point_id);
    let views = rounds.into_iter().map(|round| RoundView { point_ids: of(round.id).collect(), round }).collect();
    Ok(Json(Listing::new(views, cursor, |view: &RoundView| view.round.id.0)))
}

/// One round
#[utoipa::path(get, path = "/rounds/{id}", tag = "vouchers", params(("id" = RoundId, Path)),
    responses((status = 200, description = "The round", body = RoundView), Problems))]
async fn get_round(
    State(core): State<Core>,
    permit: Permit<ReadPlans, Caller>,
    Id(id): Id<RoundId>,
) -> Result<Json<RoundView>> {
    let mut conn = core.db.read().await?;
    crate::vouchers::reach::seen_round(&mut conn, &permit.points(), id).await?;
    Ok(Json(view(&mut conn, id).await?))
}

/// Pause a round: its vouchers answer `round_closed` until it is resumed
#[utoipa::path(post, path = "/rounds/{id}/pause", tag = "vouchers", params(("id" = RoundId, Path)),
    responses((status = 200, description = "The round as it is now", body = RoundView), Problems))]
pub(crate) async fn pause_round(
    State(core): State<Core>,
    permit: Permit<WriteVouchers>,
    Id(id): Id<RoundId>,
) -> Result<Json<RoundView>> {
    set_status(&core, &permit, id, RoundStatus::Paused, "pause").await
}

/// Resume a paused round
#[utoipa::path(post, path = "/rounds/{id}/resume", tag = "vouchers", params(("id" = RoundId, Path)),
    responses((status = 200, description = "The round as it is now", body = RoundView), Problems))]
pub(crate) async fn resume_round(
    State(core): State<Core>,
    permit: Permit<WriteVouchers>,
    Id(id): Id<RoundId>,
) -> Result<Json<RoundView>> {
    set_status(&core, &permit, id, RoundStatus::Open, "resume").await
}

/// Close a round for good
#[utoipa::path(post, path = "/rounds/{id}/close", tag = "vouchers", params(("id" = RoundId, Path)),
    responses((status = 200, description = "The round as it is now", body = RoundView), Problems))]
pub(crate) async fn close_round(
    State(core): State<Core>,
    permit: Permit<WriteVouchers>,
    Id(id): Id<RoundId>,
) -> Result<Json<RoundView>> {
    set_status(&core, &permit, id, RoundStatus::Closed, "close").await
}

/// Doing it again changes nothing; a closed round stays closed. For who reaches all its points.
async fn set_status(
    core: &Core,
    permit: &Permit<WriteVouchers>,
    id: RoundId,
    status: RoundStatus,
    action: &str,
) -> Result<Json<RoundView>> {
    let mut tx = core.db.begin().await?;
    let round = store::locked(&mut tx, id).await?.ok_or(Error::NotFound)?;
    crate::vouchers::reach::require_every_point(&mut tx, permit, id).await?;
    if round.status != status {
        if round.is_closed() {
            return Err(crate::vouchers::round::round_closed());
        }
        store::set_status(&mut tx, id, status).await?;
        audit::append(&mut tx, &core.clock, permit.actor(), Act::on(action, "round", id.0)).await?;
    }
    let view = view(&mut tx, id).await?;
    tx.commit().await?;
    core.changed();
    Ok(Json(view))
}
