//! One household: what is known of it, what it received, and who changed or looked at its data.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::words::{category, name};
use crate::households::HouseholdStatus;
use crate::households::lookup::reachable;
use crate::households::store::table::{self, Listed};
use crate::households::store::{self, HandoverPast, PastStatus, Surroundings, VoucherPast};
use crate::households::view::{Household, shown_one};
use crate::http::{Core, Error, Frame, Id, Result, see_other, show};
use crate::kernel::ids::HouseholdId;
use crate::people::audit_entry::ActorKind;
use crate::people::rights::{ReadHouseholds, ReadPersonal};
use crate::people::store::audit::{self, Named};
use crate::people::{Right, Visitor};

/// Entries of the audit log shown; the log's own page has the rest.
const ENTRIES: i64 = 30;

pub fn router() -> Router<Core> {
    Router::new().route("/households/{id}", get(masked)).route("/households/{id}/full", get(back).post(full))
}

#[derive(Template)]
#[template(path = "households/household.html")]
struct HouseholdPage {
    frame: Frame,
    household: Household,
    around: Surroundings,
    into: Option<Listed>,
    merged: Vec<Listed>,
    vouchers: Vec<VoucherPast>,
    handovers: Vec<HandoverPast>,
    entries: Vec<Named>,
    may_write: bool,
    may_answer: bool,
    may_unmask: bool,
    may_read_audit: bool,
}

impl HouseholdPage {
    fn name(&self) -> &str {
        name(&self.frame, &self.household)
    }

    fn category(&self) -> String {
        category(&self.frame, self.household.category)
    }

    fn is_active(&self) -> bool {
        self.household.status == HouseholdStatus::Active
    }

    /// The round of a handover, by its voucher.
    fn round(&self, handover: &HandoverPast) -> &str {
        let voucher = self.vouchers.iter().find(|voucher| voucher.id == handover.voucher_id);
        voucher.map_or("", |voucher| voucher.round.as_str())
    }

    fn done(&self, named: &Named) -> String {
        let t = |vi, en| self.frame.t(vi, en);
        let done = match (named.action.as_str(), named.record_id.is_some()) {
            ("create", _) => t("Ghi vào sổ", "Registered"),
            ("update", _) => t("Sửa thông tin", "Corrected"),
            ("read_personal", true) => {
                t("Xem đầy đủ số điện thoại, CCCD, ghi chú", "Saw phone, id number and note in full")
            }
            ("read_personal", false) => t("Xem đầy đủ cùng nhiều hộ khác", "Saw it in full among other households"),
            ("merge", _) => t("Gộp vào hộ khác", "Merged into another"),
            ("erase", _) => t("Xóa dữ liệu cá nhân", "Erased personal data"),
            ("tell_apart", _) => t("Xác nhận không trùng với một hộ khác", "Told apart from another"),
            ("export", _) => t("Tải về Excel một danh sách có thể gồm hộ này", "Exported a list that may hold it"),
            (other, _) => return other.to_owned(),
        };
        done.to_owned()
    }

    fn actor<'a>(&self, named: &'a Named) -> &'a str {
        let name = named.actor_full_name.as_ref().or(named.actor_name.as_ref());
        match (name, named.actor_kind) {
            (Some(name), _) => name,
            (None, ActorKind::Public) => self.frame.t("Người dân", "The public"),
            (None, _) => self.frame.t("Máy chủ", "The server"),
        }
    }
}

async fn masked(
    State(core): State<Core>,
    visitor: Visitor<ReadHouseholds>,
    Id(id): Id<HouseholdId>,
) -> Result<Response> {
    show_household(&core, visitor, id, false).await
}

/// The address of a full view that was closed.
async fn back(_visitor: Visitor<ReadPersonal>, Id(id): Id<HouseholdId>) -> Result<Response> {
    Ok(see_other(&format!("/households/{id}")))
}

/// Phone, id number and note in full; the look is logged before the page is sent.
async fn full(State(core): State<Core>, visitor: Visitor<ReadPersonal>, Id(id): Id<HouseholdId>) -> Result<Response> {
    show_household(&core, visitor, id, true).await
}

async fn show_household<R>(core: &Core, visitor: Visitor<R>, id: HouseholdId, full: bool) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let reach = &visitor.permit.scope.areas;
    let stored = reachable(&mut conn, reach, id).await?;
    let around = store::surroundings(&mut conn, reach, id).await?.ok_or(Error::NotFound)?;
    let vouchers = store::vouchers_of(&mut conn, id).await?;
    let handovers = store::handovers_of(&mut conn, id).await?;
    let merged = table::merged_into(&mut conn, reach, id).await?;
    let into = match stored.merged_into {
        Some(into) => table::some(&mut conn, reach, &[into]).await?.pop(),
        None => None,
    };
    drop(conn);
    let since = stored.created_at;
    let household =
        if full { shown_one(core, &visitor.permit, stored).await? } else { Household::masked(&core.vault, stored)? };
    // After the look itself, which stands first.
    let entries = audit::about(&mut core.db.read().await?, "household", id.0, since, ENTRIES).await?;
    let page = HouseholdPage {
        may_write: visitor.may(Right::WriteHouseholds),
        may_answer: visitor.may(Right::ManagePrivacy),
        may_unmask: visitor.may(Right::ReadPersonal),
        may_read_audit: visitor.may(Right::ReadAudit),
        frame: visitor.frame,
        household,
        around,
        into,
        merged,
        vouchers,
        handovers,
        entries,
    };
    show(StatusCode::OK, &page)
}
