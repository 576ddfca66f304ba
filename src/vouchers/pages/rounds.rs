//! `/rounds`: all rounds, planning one, and its papers to print.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use uuid::Uuid;

use super::words::on_the_list;
use crate::campaigns::store as campaigns;
use crate::http::{Core, Cursor, Form, Frame, Id, Params, Result, Rows, Turn, see_other, show};
use crate::inventory::store::catalogue;
use crate::kernel::ids::{CampaignId, PackageId, PointId, RoundId};
use crate::kernel::{Day, Moment, Validation};
use crate::people::rights::{PrintVouchers, ReadVouchers, WriteVouchers};
use crate::people::{Right, Visitor};
use crate::places::{PointKind, store as places};
use crate::vouchers::new_round::{NewRound, NewRoundBody};
use crate::vouchers::reach::seen_round;
use crate::vouchers::round::{AmberCaps, Offline, Round, RoundStatus};
use crate::vouchers::service::rounds as service;
use crate::vouchers::store::listings as store;
use crate::vouchers::store::listings::{ListedRound, PointOfRound};

/// Campaigns, packages and points that a form offers at most.
const CHOICES_MAX: i64 = 1_000;
/// All of a short list.
const ALL: Cursor = Cursor { fetch: CHOICES_MAX, after: Uuid::nil() };

pub(crate) fn router() -> Router<Core> {
    Router::new()
        .route("/rounds", get(rounds))
        .route("/rounds/new", get(new_round).post(create))
        .route("/rounds/{id}/print", get(print))
}

/// Which rounds.
#[derive(Debug, Default, Deserialize)]
struct Filter {
    #[serde(default)]
    status: String,
}

#[derive(Template)]
#[template(path = "vouchers/rounds.html")]
struct RoundsPage {
    frame: Frame,
    rows: Rows<ListedRound>,
    now: Moment,
    status: Option<RoundStatus>,
    may_plan: bool,
}

impl RoundsPage {
    fn stage(&self, round: &ListedRound) -> String {
        self.frame.say(&round.stage(self.now).say()).to_owned()
    }

    fn has_status(&self, status: &str) -> bool {
        self.status.map_or("", RoundStatus::name) == status
    }

    fn statuses(&self) -> [(&'static str, &'static str); 4] {
        [
            ("", self.frame.t("Tất cả", "All")),
            (RoundStatus::Open.name(), self.frame.t("Đang mở", "Open")),
            (RoundStatus::Paused.name(), self.frame.t("Tạm dừng", "Paused")),
            (RoundStatus::Closed.name(), self.frame.t("Đã kết thúc", "Closed")),
        ]
    }
}

async fn rounds(
    State(core): State<Core>,
    visitor: Visitor<ReadVouchers>,
    Params(turn): Params<Turn>,
    Params(filter): Params<Filter>,
) -> Result<Response> {
    let status = RoundStatus::from_name(&filter.status);
    let found =
        store::rounds(&mut core.db.read().await?, &visitor.permit.scope.points, status, turn.limit(), turn.offset())
            .await?;
    let page = RoundsPage {
        rows: Rows::new(found, &turn, None),
        now: core.clock.now(),
        status,
        may_plan: visitor.may(Right::WriteVouchers),
        frame: visitor.frame,
    };
    show(StatusCode::OK, &page)
}

/// What a new round may be made of: value and label each.
#[derive(Debug, Default)]
struct Choices {
    campaigns: Vec<(String, String)>,
    packages: Vec<(String, String)>,
    points: Vec<(String, String)>,
}

impl Choices {
    fn lack_something(&self) -> bool {
        self.campaigns.is_empty() || self.packages.is_empty() || self.points.is_empty()
    }
}

async fn choices(core: &Core, visitor: &Visitor<WriteVouchers>) -> Result<Choices> {
    let mut conn = core.db.read().await?;
    let campaigns = campaigns::campaigns(&mut conn, ALL).await?.into_iter().rev().map(|campaign| {
        let days = format!("{} – {}", campaign.starts_on.for_people(), campaign.ends_on.for_people());
        (campaign.id.to_string(), format!("{} ({days})", campaign.name))
    });
    let packages = catalogue::packages(&mut conn, ALL).await?.into_iter().rev();
    let points =
        places::listed_points(&mut conn, &visitor.permit.scope.points, false, CHOICES_MAX, 0).await?.into_iter();
    let points = points.filter(|point| point.kind == PointKind::Distribution);
    Ok(Choices {
        campaigns: campaigns.collect(),
        packages: packages.map(|package| (package.id.to_string(), package.name)).collect(),
        points: points.map(|point| (point.id.to_string(), format!("{} – {}", point.name, point.address))).collect(),
    })
}

#[derive(Template)]
#[template(path = "vouchers/round-new.html")]
struct NewRoundPage {
    frame: Frame,
    form: Form,
    choices: Choices,
}

impl NewRoundPage {
    fn offline(&self) -> [(&'static str, &'static str); 2] {
        [
            (
                Offline::Strict.name(),
                self.frame.t(
                    "Chặt: điện thoại mất mạng chỉ phát những phiếu đã giao riêng cho nó",
                    "Strict: a phone without a network hands out only what was given to it alone",
                ),
            ),
            (
                Offline::Amber.name(),
                self.frame.t(
                    "Linh hoạt: phát cả phiếu hợp lệ khác, đánh dấu để cán bộ xem lại",
                    "Flexible: other valid vouchers too, marked for the coordinator to look at",
                ),
            ),
        ]
    }
}

async fn new_round(State(core): State<Core>, visitor: Visitor<WriteVouchers>) -> Result<Response> {
    let choices = choices(&core, &visitor).await?;
    let only = |list: &[(String, String)]| match list {
        [(only, _)] => Some(only.clone()),
        _ => None,
    };
    let tomorrow = core.clock.today().plus_days(1);
    let form = Form::fresh(&core)
        .with_some("campaign_id", only(&choices.campaigns))
        .with_some("package_id", only(&choices.packages))
        .with_some("point_ids", only(&choices.points))
        .with("starts_at", tomorrow)
        .with("ends_at", tomorrow)
        .with("opens", "07:00")
        .with("closes", "17:00")
        .with("slot_minutes", 20)
        .with("slot_capacity", 15)
        .with("offline", Offline::Strict)
        .with("amber_in_a_row", AmberCaps::default().in_a_row)
        .with("amber_hours", AmberCaps::default().hours);
    show(StatusCode::OK, &NewRoundPage { frame: visitor.frame, form, choices })
}

async fn create(State(core): State<Core>, visitor: Visitor<WriteVouchers>, form: Form) -> Result<Response> {
    let created = async {
        let new = NewRound::parse(round_of(&form)?)?;
        core.run_once(&form.once(), visitor.permit.id.0, StatusCode::CREATED, async |tx| {
            service::create(tx, &core, &visitor.permit, new).await
        })
        .await
    };
    match created.await {
        Ok(answer) => Ok(see_other(&format!("/rounds/{}?done=created", answer.id()?))),
        Err(error) => {
            let (status, form) = form.refused(on_the_list(error))?;
            let choices = choices(&core, &visitor).await?;
            show(status, &NewRoundPage { frame: visitor.frame, form, choices })
        }
    }
}

fn round_of(form: &Form) -> Result<NewRoundBody> {
    let mut fields = Validation::new();
    let campaign_id = fields.take("campaign_id", form.chosen::<CampaignId>("campaign_id"));
    let package_id = fields.take("package_id", form.chosen::<PackageId>("package_id"));
    let starts_at = moment(&mut fields, form, "starts_at", "opens");
    let ends_at = moment(&mut fields, form, "ends_at", "closes");
    let mut optional = |name| fields.take(name, form.text(name).map(|_| form.int(name)).transpose());
    let (slot_minutes, slot_capacity) = (optional("slot_minutes"), optional("slot_capacity"));
    let (amber_in_a_row, amber_hours) = (optional("amber_in_a_row"), optional("amber_hours"));
    let (campaign_id, package_id, starts_at, ends_at, slot_minutes, slot_capacity, amber_in_a_row, amber_hours) =
        fields.all((
            campaign_id,
            package_id,
            starts_at,
            ends_at,
            slot_minutes,
            slot_capacity,
            amber_in_a_row,
            amber_hours,
        ))?;
    Ok(NewRoundBody {
        campaign_id,
        name: form.value("name").to_owned(),
        package_id,
        point_ids: form.all_chosen("point_ids"),
        starts_at,
        ends_at,
        slot_minutes,
        slot_capacity,
        offline: if form.has("offline", Offline::Amber.name()) { Offline::Amber } else { Offline::Strict },
        amber_in_a_row,
        amber_hours,
        enforce_slots: form.ticked("enforce_slots"),
        any_point: form.ticked("any_point"),
        collector_required: form.ticked("collector_required"),
    })
}

/// A day and the time of day beside it.
fn moment(fields: &mut Validation, form: &Form, day: &str, time: &str) -> Option<Moment> {
    let at: Option<Day> = fields.take(day, form.day(day));
    let secs = fields.take(time, form.time_of_day(time));
    Some(at?.start().plus_secs(secs?))
}

#[derive(Template)]
#[template(path = "vouchers/round-print.html")]
struct PrintPage {
    frame: Frame,
    round: Round,
    points: Vec<PointOfRound>,
}

impl PrintPage {
    /// Where a paper of one point is.
    fn paper(&self, layout: &str, point: &Option<PointId>) -> String {
        let point = point.map(|id| format!("&point_id={id}")).unwrap_or_default();
        format!("{}{point}", self.paper_of_all(layout))
    }

    /// Where a paper of all points is.
    fn paper_of_all(&self, layout: &str) -> String {
        format!("/api/v1/rounds/{}/vouchers.pdf?layout={layout}", self.round.id)
    }

    fn vouchers(&self) -> i64 {
        self.points.iter().map(|point| point.vouchers).sum()
    }
}

async fn print(State(core): State<Core>, visitor: Visitor<PrintVouchers>, Id(id): Id<RoundId>) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let seen = &visitor.permit.scope.points;
    let round = seen_round(&mut conn, seen, id).await?;
    let points = store::points_of_round(&mut conn, seen, id).await?;
    show(StatusCode::OK, &PrintPage { frame: visitor.frame, round, points })
}
