//! `/rent/{id}`: one reduction with its lines, its history and the landlord's other reductions.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::shown::Shown;
use super::words;
use crate::http::{Core, Form, Frame, Id, Result, see_other, show};
use crate::kernel::ids::ReductionId;
use crate::landlords::ReductionStatus;
use crate::landlords::lookup::reachable;
use crate::landlords::reduction::Reduction;
use crate::landlords::rent_line::RentLine;
use crate::landlords::store::{self, Overlap, TableFilter};
use crate::people::audit::Act;
use crate::people::audit_entry::ActorKind;
use crate::people::rights::{ReadPersonal, ReadRent};
use crate::people::store::audit::{self, Named};
use crate::people::{Right, Visitor};
use crate::places;

/// Entries of the audit log shown; the log's own page has the rest.
const ENTRIES: i64 = 50;
/// Other reductions of the landlord shown.
const OTHERS: i64 = 20;

pub fn router() -> Router<Core> {
    Router::new().route("/rent/{id}", get(masked)).route("/rent/{id}/full", get(back).post(full))
}

#[derive(Template)]
#[template(path = "landlords/reduction.html")]
pub(super) struct ReductionPage {
    frame: Frame,
    form: Form,
    reduction: Reduction,
    lines: Vec<RentLine>,
    area: Option<String>,
    submitter: Option<String>,
    overlaps: Vec<Overlap>,
    others: Vec<Shown>,
    entries: Vec<Named>,
    corrections: Vec<(uuid::Uuid, String)>,
    in_full: bool,
    may_verify: bool,
    may_unmask: bool,
    may_read_audit: bool,
    may_answer: bool,
}

impl ReductionPage {
    fn status(&self) -> &'static str {
        words::status(&self.frame, self.reduction.status)
    }

    fn state(&self) -> &'static str {
        words::state(self.reduction.status)
    }

    fn other_status(&self, shown: &Shown) -> &'static str {
        words::status(&self.frame, shown.reduction.status)
    }

    fn cut(&self, line: &RentLine) -> String {
        words::line_cut(&self.frame, line)
    }

    fn counts(&self) -> bool {
        matches!(self.reduction.status, ReductionStatus::Verified | ReductionStatus::Confirmed)
    }

    /// What an entry of the log says was done.
    fn done(&self, named: &Named) -> String {
        let t = |vi, en| self.frame.t(vi, en);
        let done = match named.action.as_str() {
            "create" => t("Đăng ký", "Registered"),
            "correct" => t("Sửa", "Corrected"),
            "verify" => t("Xác minh", "Verified"),
            "reject" => t("Từ chối", "Rejected"),
            "confirm" => t("Xác nhận đã giảm", "Confirmed as given"),
            "withdraw" => t("Chủ nhà trọ rút đăng ký", "Withdrawn by the landlord"),
            "read_personal" => t("Xem số điện thoại đầy đủ", "Saw the phone in full"),
            "export" => t("Tải về Excel một danh sách có thể gồm khoản này", "Exported a list that may hold it"),
            other => other,
        };
        let kept = named.detail.0["correction_id"].as_str().and_then(|id| id.parse::<uuid::Uuid>().ok());
        let kept = kept.and_then(|id| self.corrections.iter().find(|(known, _)| *known == id));
        // Before corrections had a table of their own, the log held their reasons.
        match kept.map(|(_, reason)| reason.as_str()).or_else(|| named.detail.0["reason"].as_str()) {
            Some(reason) => format!("{done}: {reason}"),
            None => done.to_owned(),
        }
    }

    fn actor<'a>(&self, named: &'a Named) -> &'a str {
        let name = named.actor_full_name.as_ref().or(named.actor_name.as_ref());
        match (name, named.actor_kind) {
            (Some(name), _) => name,
            (None, ActorKind::Public) => self.frame.t("Chủ nhà trọ", "The landlord"),
            (None, _) => self.frame.t("Máy chủ", "The server"),
        }
    }
}

async fn masked(State(core): State<Core>, visitor: Visitor<ReadRent>, Id(id): Id<ReductionId>) -> Result<Response> {
    show_reduction(&core, visitor, id, false, StatusCode::OK, Form::default()).await
}

/// The address of a full view that was closed.
async fn back(_visitor: Visitor<ReadPersonal>, Id(id): Id<ReductionId>) -> Result<Response> {
    Ok(see_other(&format!("/rent/{id}")))
}

/// The phone in full; the look is logged before the page is sent.
async fn full(State(core): State<Core>, visitor: Visitor<ReadRent>, Id(id): Id<ReductionId>) -> Result<Response> {
    visitor.permit.also::<ReadPersonal>()?;
    show_reduction(&core, visitor, id, true, StatusCode::OK, Form::default()).await
}

/// The page, with what a step refused if it did.
pub(super) async fn show_reduction(
    core: &Core,
    visitor: Visitor<ReadRent>,
    id: ReductionId,
    in_full: bool,
    status: StatusCode,
    form: Form,
) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let row = reachable(&mut conn, &visitor.permit, id).await?;
    let scope = visitor.permit.scope.areas.clone();
    let filter = TableFilter::of_landlord(scope.clone(), row.landlord_id);
    let mut others = store::listed(&mut conn, &filter, OTHERS + 1, 0).await?;
    let own = others.iter().position(|listed| listed.row.id == id).map(|at| others.remove(at));
    let submitter = own.and_then(|listed| listed.submitter);
    let area = match row.area_id {
        Some(area_id) => places::store::area(&mut conn, area_id).await?.map(|area| area.name),
        None => None,
    };
    let lines = store::lines(&mut conn, id).await?;
    let overlaps = store::overlaps(&mut conn, &scope, &[id]).await?;
    let corrections = store::corrections::of_reduction(&mut conn, id).await?;
    drop(conn);
    let reduction = row.view(&core.vault, in_full)?;
    if in_full && reduction.landlord.phone.is_some() {
        let look = Act::on("read_personal", "rent_reduction", id.0);
        crate::people::audit::record(core, visitor.permit.actor(), look).await?;
    }
    // After the look itself, which stands first.
    let since = reduction.submitted_at;
    let entries = audit::about(&mut core.db.read().await?, "rent_reduction", id.0, since, ENTRIES).await?;
    let page = ReductionPage {
        may_verify: visitor.may(Right::VerifyRent),
        may_unmask: visitor.may(Right::ReadPersonal),
        may_read_audit: visitor.may(Right::ReadAudit),
        may_answer: visitor.may(Right::ManagePrivacy),
        frame: visitor.frame,
        form,
        others: others.into_iter().map(|listed| Shown::of(core, listed)).collect::<Result<_>>()?,
        reduction,
        lines,
        area,
        submitter,
        overlaps,
        entries,
        corrections,
        in_full,
    };
    show(status, &page)
}
