//! `/rounds/{id}/issue`: choose who gets a voucher, see who would and who not, issue, and see what was done.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::selection::{self, AREAS, HOUSEHOLDS, Offered};
use super::words::on_the_list;
use crate::db::Conn;
use crate::http::{Core, Form, Frame, Id, Params, Result, show};
use crate::inventory::store::catalogue;
use crate::kernel::Quantity;
use crate::kernel::ids::{HouseholdId, ItemId, PointId, RoundId};
use crate::people::rights::WriteVouchers;
use crate::people::{Staff, Visitor};
use crate::vouchers::issuing_plan::{PointCount, SkipReason, Skipped, Warning};
use crate::vouchers::preview::{IssuePreview, PointPreview};
use crate::vouchers::reach::seen_round;
use crate::vouchers::round::Round;
use crate::vouchers::selection::Selection;
use crate::vouchers::service::issuing as service;
use crate::vouchers::store::listings as store;
use crate::vouchers::store::listings::{NamedHousehold, PointOfRound};

/// Households of one reason that are named; the others are counted.
const NAMED_MAX: usize = 100;

pub(crate) fn router() -> Router<Core> {
    Router::new().route("/rounds/{id}/issue", get(choose).post(step))
}

/// A round with those of its points that the visitor reaches.
struct Ground {
    round: Round,
    points: Vec<PointOfRound>,
}

impl Ground {
    async fn of(conn: &mut Conn, staff: &Staff, id: RoundId) -> Result<Self> {
        let seen = &staff.scope.points;
        let round = seen_round(conn, seen, id).await?;
        let points = store::points_of_round(conn, seen, id).await?;
        Ok(Self { round, points })
    }

    fn point(&self, id: Option<PointId>) -> Option<&str> {
        self.points.iter().find(|point| point.point_id == id)?.point.as_deref()
    }

    fn choices(&self) -> Vec<(String, String)> {
        let choice = |point: &PointOfRound| Some((point.point_id?.to_string(), point.point.clone()?));
        self.points.iter().filter_map(choice).collect()
    }
}

#[derive(Template)]
#[template(path = "vouchers/issue.html")]
struct ChoosePage {
    frame: Frame,
    ground: Ground,
    form: Form,
    offered: Offered,
}

impl ChoosePage {
    fn who(&self) -> [(&'static str, &'static str); 2] {
        [
            (AREAS, self.frame.t("Theo khu vực và diện hỗ trợ", "By area and category")),
            (HOUSEHOLDS, self.frame.t("Chọn từng hộ", "Single households")),
        ]
    }

    fn is_chosen(&self, id: &HouseholdId) -> bool {
        self.form.has("household_ids", &id.to_string())
    }

    fn word(&self, category: &crate::households::Category) -> String {
        self.frame.say(&category.say()).to_owned()
    }
}

/// From a household's own page.
#[derive(Debug, Deserialize)]
struct From {
    household_id: Option<HouseholdId>,
}

async fn choose(
    State(core): State<Core>,
    visitor: Visitor<WriteVouchers>,
    Id(id): Id<RoundId>,
    Params(from): Params<From>,
) -> Result<Response> {
    let who = if from.household_id.is_some() { HOUSEHOLDS } else { AREAS };
    let form = Form::fresh(&core).with("who", who).with("units", 1).with_some("household_ids", from.household_id);
    choose_again(&core, visitor, id, (StatusCode::OK, form), false).await
}

async fn choose_again(
    core: &Core,
    visitor: Visitor<WriteVouchers>,
    id: RoundId,
    (status, form): (StatusCode, Form),
    search: bool,
) -> Result<Response> {
    let ground = Ground::of(&mut core.db.read().await?, &visitor.permit, id).await?;
    let offered = selection::offered(core, &visitor, &form, search).await?;
    show(status, &ChoosePage { frame: visitor.frame, ground, form, offered })
}

async fn step(
    State(core): State<Core>,
    visitor: Visitor<WriteVouchers>,
    Id(id): Id<RoundId>,
    form: Form,
) -> Result<Response> {
    match form.value("step") {
        "find" => choose_again(&core, visitor, id, (StatusCode::OK, form), true).await,
        "edit" => choose_again(&core, visitor, id, (StatusCode::OK, form), false).await,
        "issue" => issue(core, visitor, id, form).await,
        _ => preview(core, visitor, id, form).await,
    }
}

/// Households without a voucher for one reason.
struct SkippedFor {
    reason: SkipReason,
    count: usize,
    named: Vec<NamedHousehold>,
}

impl SkippedFor {
    fn unnamed(&self) -> usize {
        self.count - self.named.len()
    }
}

async fn by_reason(conn: &mut Conn, staff: &Staff, skipped: &[Skipped]) -> Result<Vec<SkippedFor>> {
    let mut groups = Vec::new();
    for reason in SkipReason::ALL {
        let of: Vec<HouseholdId> =
            skipped.iter().filter(|skip| skip.reason == reason).map(|skip| skip.household_id).collect();
        // Who is not of the visitor's area is counted, not named.
        let shown = if reason == SkipReason::UnknownHousehold { 0 } else { of.len().min(NAMED_MAX) };
        if !of.is_empty() {
            let named = store::named(conn, &staff.scope.areas, &of[..shown]).await?;
            groups.push(SkippedFor { reason, count: of.len(), named });
        }
    }
    Ok(groups)
}

/// An item that does not suffice at a point.
struct Shortage {
    point: Option<String>,
    item: String,
    promised: String,
    on_hand: String,
}

async fn shortages(conn: &mut Conn, ground: &Ground, warnings: &[Warning]) -> Result<Vec<Shortage>> {
    let short = || warnings.iter().filter_map(|warning| Some((warning, ItemId(warning.item_id?))));
    let items = catalogue::items_by_id(conn, &short().map(|(_, id)| id).collect::<Vec<_>>()).await?;
    let shortage = |(warning, id): (&Warning, ItemId)| {
        let item = items.get(&id)?;
        Some(Shortage {
            point: ground.point(warning.point_id).map(str::to_owned),
            item: item.name.clone(),
            promised: item.amount(Quantity(warning.promised?)),
            on_hand: item.amount(Quantity(warning.on_hand?)),
        })
    };
    Ok(short().filter_map(shortage).collect())
}

#[derive(Template)]
#[template(path = "vouchers/issue-preview.html")]
struct PreviewPage {
    frame: Frame,
    ground: Ground,
    form: Form,
    preview: IssuePreview,
    skipped: Vec<SkippedFor>,
    shortages: Vec<Shortage>,
}

impl PreviewPage {
    fn why(&self, reason: &SkipReason) -> String {
        self.frame.say(&reason.say()).to_owned()
    }

    fn point(&self, row: &PointPreview) -> &str {
        self.ground.point(row.point_id).unwrap_or(self.frame.t("Mọi điểm của đợt", "Any point of the round"))
    }

    fn is_over(&self) -> bool {
        self.preview.warnings.iter().any(|warning| warning.code == "round_over")
    }

    /// What was chosen, to be sent again.
    fn hidden(&self) -> Vec<(&'static str, &str)> {
        ["once", "who", "area_ids", "categories", "household_ids", "point_id", "units"]
            .into_iter()
            .flat_map(|name| self.form.all(name).map(move |value| (name, value)))
            .collect()
    }
}

async fn preview(core: Core, visitor: Visitor<WriteVouchers>, id: RoundId, form: Form) -> Result<Response> {
    let previewed = async {
        let selection = Selection::parse(selection::body_of(&form)?)?;
        service::preview(&mut core.db.snapshot().await?, &core, &visitor.permit, id, selection).await
    };
    match previewed.await {
        Ok(preview) => {
            let mut conn = core.db.read().await?;
            let ground = Ground::of(&mut conn, &visitor.permit, id).await?;
            let skipped = by_reason(&mut conn, &visitor.permit, &preview.skipped).await?;
            let shortages = shortages(&mut conn, &ground, &preview.warnings).await?;
            show(StatusCode::OK, &PreviewPage { frame: visitor.frame, ground, form, preview, skipped, shortages })
        }
        Err(error) => choose_again(&core, visitor, id, form.refused(on_the_list(error))?, false).await,
    }
}

/// The answer of an issuing, as far as the page shows it.
#[derive(Deserialize)]
struct Told {
    issued: u64,
    skipped: Vec<Skipped>,
    by_point: Vec<PointCount>,
}

#[derive(Template)]
#[template(path = "vouchers/issued.html")]
struct IssuedPage {
    frame: Frame,
    ground: Ground,
    issued: u64,
    by_point: Vec<PointCount>,
    skipped: Vec<SkippedFor>,
}

impl IssuedPage {
    fn why(&self, reason: &SkipReason) -> String {
        self.frame.say(&reason.say()).to_owned()
    }

    fn point(&self, row: &PointCount) -> &str {
        self.ground.point(row.point_id).unwrap_or(self.frame.t("Mọi điểm của đợt", "Any point of the round"))
    }
}

/// Issues. The page is the answer itself: loading it again asks again with the same key and changes nothing.
async fn issue(core: Core, visitor: Visitor<WriteVouchers>, id: RoundId, form: Form) -> Result<Response> {
    let issued = async {
        let selection = Selection::parse(selection::body_of(&form)?)?;
        core.run_once(&form.once(), visitor.permit.id.0, StatusCode::CREATED, async |tx| {
            service::issue(tx, &core, &visitor.permit, id, selection).await
        })
        .await
    };
    match issued.await {
        Ok(answer) => {
            let Told { issued, skipped, by_point } = answer.read()?;
            let mut conn = core.db.read().await?;
            let ground = Ground::of(&mut conn, &visitor.permit, id).await?;
            let skipped = by_reason(&mut conn, &visitor.permit, &skipped).await?;
            show(StatusCode::OK, &IssuedPage { frame: visitor.frame, ground, issued, by_point, skipped })
        }
        Err(error) => choose_again(&core, visitor, id, form.refused(on_the_list(error))?, false).await,
    }
}
