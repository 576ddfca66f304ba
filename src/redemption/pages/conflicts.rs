//! `/conflicts`: contradictions, both handovers side by side, settled one by one with a reason.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use uuid::Uuid;

use super::store::{self, ToldConflict};
use super::words::{short, source};
use crate::db::Conn;
use crate::people::{Right, Visitor};
use crate::redemption::ConflictId;
use crate::redemption::api::{ResolutionBody, resolve_conflict};
use crate::redemption::conflicts::reached;
use crate::redemption::history::told::ToldScan;
use crate::web::{Body, Core, Error, Form, Frame, Id, Params, Result, Rows, Turn, see_other, show};

pub(super) fn router() -> Router<Core> {
    Router::new().route("/conflicts", get(conflicts)).route("/conflicts/{id}", get(conflict).post(resolve))
}

/// What became of a conflict: word, Vietnamese, English.
const RESOLUTIONS: [(&str, &str, &str); 4] = [
    ("accepted", "Chấp nhận: hàng đã trao đúng người cần", "Accepted: the goods went to who needs them"),
    ("recovered", "Đã thu lại hàng", "The goods were brought back"),
    ("written_off", "Ghi nhận thất thoát", "Written off as lost"),
    ("other", "Cách khác, ghi ở lý do", "Another way, told in the reason"),
];

/// A conflict with its handovers.
struct Case {
    conflict: ToldConflict,
    winner: Option<ToldScan>,
    other: Option<ToldScan>,
}

/// The handovers of conflicts, read at once.
async fn cases(conn: &mut Conn, conflicts: Vec<ToldConflict>) -> Result<Vec<Case>> {
    let nonces: Vec<Uuid> =
        conflicts.iter().flat_map(|conflict| [conflict.winner_nonce, conflict.other_nonce]).flatten().collect();
    let scans = if nonces.is_empty() { Vec::new() } else { store::told(conn, &nonces).await? };
    let find = |nonce: Option<Uuid>| scans.iter().find(|scan| Some(scan.nonce) == nonce).cloned();
    let case = |conflict: ToldConflict| Case {
        winner: find(conflict.winner_nonce),
        other: find(conflict.other_nonce),
        conflict,
    };
    Ok(conflicts.into_iter().map(case).collect())
}

/// What both pages say of a case.
struct Words<'a>(&'a Frame);

impl Words<'_> {
    fn kind(&self, case: &Case) -> &'static str {
        match case.conflict.kind.as_str() {
            "handed_out_twice" => self.0.t("Phát hai lần", "Handed out twice"),
            "handed_out_against_rule" => self.0.t("Phát trái quy định", "Handed out against a rule"),
            "stock_short" => self.0.t("Phát quá số hàng có", "More handed out than there was"),
            _ => self.0.t("Sổ ghi của điện thoại không liền", "A phone's records do not join"),
        }
    }

    fn why(&self, case: &Case) -> &'static str {
        match case.conflict.kind.as_str() {
            "handed_out_twice" => self.0.t(
                "Một phiếu được phát ở hai nơi. Lượt được tính và lượt kia đều đã trừ hàng.",
                "One voucher was handed out at two places. Both took goods from the stock.",
            ),
            "handed_out_against_rule" => self.0.t(
                "Hàng đã trao khi mất mạng hoặc theo danh sách giấy, dù lẽ ra phải từ chối.",
                "The goods left without a network or by the paper list, though it should have been refused.",
            ),
            "stock_short" => self.0.t(
                "Điểm đã trao nhiều hơn số hàng ghi trong kho. Hãy kiểm kê điểm này.",
                "The point handed out more than its stock held. Count it.",
            ),
            _ => self.0.t(
                "Điện thoại có thể đã mất hoặc khôi phục bộ nhớ. Hãy đối chiếu với danh sách giấy và người phát.",
                "The phone's storage may have been lost or rolled back. Compare with the paper list and the volunteer.",
            ),
        }
    }

    fn against(&self, case: &Case) -> String {
        let words = case.conflict.against().into_iter().map(|outcome| self.0.say(&short(outcome)).to_owned());
        words.collect::<Vec<_>>().join(", ")
    }

    fn resolution(&self, case: &Case) -> String {
        let word = case.conflict.resolution.as_deref().unwrap_or_default();
        let known = RESOLUTIONS.iter().find(|(known, ..)| *known == word);
        known.map_or(word, |(_, vi, en)| self.0.t(vi, en)).to_owned()
    }

    fn source(&self, scan: &ToldScan) -> String {
        self.0.say(&source(&scan.source)).to_owned()
    }

    /// The record's marks, those that say something to a coordinator.
    fn flags(&self, scan: &ToldScan) -> String {
        let word = |flag: &String| match flag.as_str() {
            "amber" => Some(self.0.t("phát linh hoạt khi mất mạng", "handed out flexibly without a network")),
            "not_leased" => {
                Some(self.0.t("phiếu không giao riêng cho điện thoại này", "not given to this phone alone"))
            }
            "clock_skew" => Some(self.0.t("giờ của điện thoại lệch", "the phone's clock was off")),
            "device_revoked" => Some(self.0.t("điện thoại đã bị thu hồi", "the phone was revoked")),
            "not_allowed" => Some(self.0.t("không phụ trách điểm này", "does not serve this point")),
            _ => None,
        };
        scan.flags().iter().filter_map(word).collect::<Vec<_>>().join(", ")
    }
}

#[derive(Template)]
#[template(path = "redemption/conflicts.html")]
struct ConflictsPage {
    frame: Frame,
    rows: Rows<Case>,
    settled: bool,
}

impl ConflictsPage {
    fn words(&self) -> Words<'_> {
        Words(&self.frame)
    }
}

/// Open ones, or those that were settled.
#[derive(Debug, Default, Deserialize)]
struct Filter {
    #[serde(default)]
    show: String,
}

async fn conflicts(
    State(core): State<Core>,
    visitor: Visitor,
    Params(turn): Params<Turn>,
    Params(filter): Params<Filter>,
) -> Result<Response> {
    visitor.require(Right::ReadRedemptions)?;
    let settled = filter.show == "settled";
    let mut conn = core.db.read().await?;
    let found = store::conflicts(&mut conn, &visitor.staff.scope.points, settled, turn.limit(), turn.offset()).await?;
    let rows = Rows::new(cases(&mut conn, found).await?, &turn, None);
    show(StatusCode::OK, &ConflictsPage { frame: visitor.frame, rows, settled })
}

#[derive(Template)]
#[template(path = "redemption/conflict.html")]
struct ConflictPage {
    frame: Frame,
    form: Form,
    case: Case,
    may_settle: bool,
}

impl ConflictPage {
    fn words(&self) -> Words<'_> {
        Words(&self.frame)
    }

    fn resolutions(&self) -> Vec<(&'static str, &'static str)> {
        RESOLUTIONS.iter().map(|(word, vi, en)| (*word, self.frame.t(vi, en))).collect()
    }
}

async fn conflict(State(core): State<Core>, visitor: Visitor, Id(id): Id<ConflictId>) -> Result<Response> {
    visitor.require(Right::ReadRedemptions)?;
    show_conflict(&core, visitor, id, (StatusCode::OK, Form::default())).await
}

async fn show_conflict(
    core: &Core,
    visitor: Visitor,
    id: ConflictId,
    (status, form): (StatusCode, Form),
) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let reaches_all = reached(&mut conn, &visitor.staff, id).await?;
    let found = store::conflict(&mut conn, id).await?.ok_or(Error::NotFound)?;
    let case = cases(&mut conn, vec![found]).await?.pop().ok_or(Error::NotFound)?;
    let may_settle = reaches_all && visitor.may(Right::Override);
    show(status, &ConflictPage { frame: visitor.frame, form, case, may_settle })
}

async fn resolve(State(core): State<Core>, visitor: Visitor, Id(id): Id<ConflictId>, form: Form) -> Result<Response> {
    visitor.require(Right::Override)?;
    let body =
        ResolutionBody { resolution: form.value("resolution").to_owned(), reason: form.value("reason").to_owned() };
    match resolve_conflict(State(core.clone()), visitor.staff.clone(), Id(id), Body(body)).await {
        Ok(Json(_)) => Ok(see_other("/conflicts?done=settled")),
        Err(error) => show_conflict(&core, visitor, id, form.refused(error)?).await,
    }
}
