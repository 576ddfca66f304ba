//! `/conflicts`: contradictions, both handovers side by side, settled one by one with a reason.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use serde::Deserialize;
use uuid::Uuid;

use super::store::{self, ToldConflict};
use super::words::{short, source};
use crate::db::Conn;
use crate::http::{Core, Error, Form, Frame, Id, Params, Result, Rows, Turn, see_other, show};
use crate::kernel::ids::ConflictId;
use crate::people::rights::{Override, ReadRedemptions};
use crate::people::{Right, Visitor};
use crate::redemption::admission::rules::Doubt;
use crate::redemption::conflicts::service::{self, reached};
use crate::redemption::conflicts::{Resolution, ResolutionBody};
use crate::redemption::history::view::ScanView;
use crate::redemption::intake::ScanIntake;
use crate::redemption::quarantine;
use crate::redemption::quarantine::record::QuarantinedView;
use crate::redemption::rules::ConflictKind;

pub fn router() -> Router<Core> {
    Router::new().route("/conflicts", get(conflicts)).route("/conflicts/{id}", get(conflict).post(resolve))
}

/// What becomes of the records of a revoked phone: word, Vietnamese, English.
const QUARANTINE: [(&str, &str, &str); 2] = [
    ("accepted", "Đã phát thật các lượt được chọn: trừ kho", "The chosen ones took place: book them"),
    ("rejected", "Không lượt nào có thật: không trừ kho", "None took place: book nothing"),
];

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
    winner: Option<ScanView>,
    other: Option<ScanView>,
}

impl Case {
    fn is_quarantine(&self) -> bool {
        self.conflict.kind == ConflictKind::Quarantined
    }
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
        match case.conflict.kind {
            ConflictKind::HandedOutTwice => self.0.t("Phát hai lần", "Handed out twice"),
            ConflictKind::HandedOutAgainstRule => self.0.t("Phát trái quy định", "Handed out against a rule"),
            ConflictKind::HandedOutAfterUndo => {
                self.0.t("Đã hoàn tác nhưng máy báo đã phát", "Undone, but the phone says handed out")
            }
            ConflictKind::UnitsExceeded => self.0.t("Phát quá số suất của phiếu", "More units than the voucher had"),
            ConflictKind::Quarantined => self.0.t("Máy đã thu hồi gửi lượt phát", "A revoked phone tells of handovers"),
            ConflictKind::StockShort => self.0.t("Phát quá số hàng có", "More handed out than there was"),
            ConflictKind::ChainBroken => self.0.t("Sổ ghi của điện thoại không liền", "A phone's records do not join"),
        }
    }

    fn why(&self, case: &Case) -> &'static str {
        match case.conflict.kind {
            ConflictKind::HandedOutTwice => self.0.t(
                "Một phiếu được phát ở hai nơi. Lượt được tính và lượt kia đều đã trừ hàng.",
                "One voucher was handed out at two places. Both took goods from the stock.",
            ),
            ConflictKind::HandedOutAgainstRule => self.0.t(
                "Hàng đã trao khi mất mạng hoặc theo danh sách giấy, dù lẽ ra phải từ chối.",
                "The goods left without a network or by the paper list, though it should have been refused.",
            ),
            ConflictKind::HandedOutAfterUndo => self.0.t(
                "Lượt này đã được hoàn tác trên hệ thống, nhưng điện thoại chưa nhận được tin và đã trao hàng. Hàng đã \
                 trừ kho.",
                "This handover was undone here, but its phone had not heard so and handed out. The goods were booked.",
            ),
            ConflictKind::UnitsExceeded => self.0.t(
                "Điện thoại báo đã trao nhiều suất hơn số phiếu còn lại. Tất cả đã trừ kho.",
                "The phone says it handed out more units than the voucher had left. All of them were booked.",
            ),
            ConflictKind::Quarantined => self.0.t(
                "Các lượt dưới đây do một máy đã thu hồi gửi lên, không chắc là máy đã phát thật. Chưa trừ kho. Hãy hỏi \
                 người cầm máy và xem danh sách giấy, rồi chọn những lượt có thật.",
                "A revoked phone sent these, and it is not sure that it made them. No goods are booked. Ask who carried \
                 the phone, look at the paper list, and choose those that took place.",
            ),
            ConflictKind::StockShort => self.0.t(
                "Điểm đã trao nhiều hơn số hàng ghi trong kho. Hãy kiểm kê điểm này.",
                "The point handed out more than its stock held. Count it.",
            ),
            ConflictKind::ChainBroken => self.0.t(
                "Điện thoại có thể đã mất hoặc khôi phục bộ nhớ. Hãy đối chiếu với danh sách giấy và người phát.",
                "The phone's storage may have been lost or rolled back. Compare with the paper list and the volunteer.",
            ),
        }
    }

    fn against(&self, case: &Case) -> String {
        let words = case.conflict.detail.0.against().iter().map(|outcome| self.0.say(&short(*outcome)).to_owned());
        words.collect::<Vec<_>>().join(", ")
    }

    fn resolution(&self, case: &Case) -> String {
        let word = case.conflict.resolution.as_deref().unwrap_or_default();
        let of_kind = if case.is_quarantine() { &QUARANTINE[..] } else { &RESOLUTIONS[..] };
        let known = of_kind.iter().find(|(known, ..)| *known == word);
        known.map_or(word, |(_, vi, en)| self.0.t(vi, en)).to_owned()
    }

    fn source(&self, scan: &ScanView) -> String {
        self.0.say(&source(scan.source)).to_owned()
    }

    /// The record's marks, those that say something to a coordinator.
    fn flags(&self, scan: &ScanView) -> String {
        let word = |flag: &String| match flag.as_str() {
            "amber" => Some(self.0.t("phát linh hoạt khi mất mạng", "handed out flexibly without a network")),
            "not_leased" => {
                Some(self.0.t("phiếu không giao riêng cho điện thoại này", "not given to this phone alone"))
            }
            "clock_skew" => Some(self.0.t("giờ của điện thoại lệch", "the phone's clock was off")),
            "device_revoked" => Some(self.0.t("điện thoại đã bị thu hồi", "the phone was revoked")),
            "units_exceeded" => Some(self.0.t("quá số suất phiếu còn lại", "more units than were left")),
            "not_allowed" => Some(self.0.t("không phụ trách điểm này", "does not serve this point")),
            _ => None,
        };
        scan.flags.0.iter().filter_map(word).collect::<Vec<_>>().join(", ")
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
    visitor: Visitor<ReadRedemptions>,
    Params(turn): Params<Turn>,
    Params(filter): Params<Filter>,
) -> Result<Response> {
    let settled = filter.show == "settled";
    let mut conn = core.db.read().await?;
    let found = store::conflicts(&mut conn, &visitor.permit.scope.points, settled, turn.limit(), turn.offset()).await?;
    let rows = Rows::new(cases(&mut conn, found).await?, &turn, None);
    show(StatusCode::OK, &ConflictsPage { frame: visitor.frame, rows, settled })
}

#[derive(Template)]
#[template(path = "redemption/conflict.html")]
struct ConflictPage {
    frame: Frame,
    form: Form,
    case: Case,
    records: Vec<QuarantinedView>,
    may_settle: bool,
}

impl ConflictPage {
    fn words(&self) -> Words<'_> {
        Words(&self.frame)
    }

    fn resolutions(&self) -> Vec<(&'static str, &'static str)> {
        let of_kind = if self.case.is_quarantine() { &QUARANTINE[..] } else { &RESOLUTIONS[..] };
        of_kind.iter().map(|(word, vi, en)| (*word, self.frame.t(vi, en))).collect()
    }

    fn place(&self, record: &QuarantinedView) -> String {
        let parts = [record.point.as_str(), record.desk.as_str()].into_iter().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(", ")
    }

    fn doubt(&self, record: &QuarantinedView) -> &'static str {
        match record.why {
            Doubt::MadeAfterRevocation => self.frame.t("ghi sau khi thu hồi máy", "made after the revocation"),
            Doubt::NotHeld => self.frame.t("máy không giữ phiếu này", "the phone did not hold the voucher"),
            Doubt::TooManyUnits => self.frame.t("quá số suất của phiếu", "more units than the voucher is good for"),
            Doubt::TooMany => self.frame.t("quá 200 lượt sau khi thu hồi", "beyond 200 records after the revocation"),
        }
    }

    /// Whether a record's box is ticked: none is, until somebody found that it took place.
    fn ticked(&self, record: &QuarantinedView) -> bool {
        self.form.has("nonces", &record.nonce.to_string())
    }
}

async fn conflict(
    State(core): State<Core>,
    visitor: Visitor<ReadRedemptions>,
    Id(id): Id<ConflictId>,
) -> Result<Response> {
    show_conflict(&core, visitor, id, (StatusCode::OK, Form::default())).await
}

async fn show_conflict<R>(
    core: &Core,
    visitor: Visitor<R>,
    id: ConflictId,
    (status, form): (StatusCode, Form),
) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let reaches_all = reached(&mut conn, &visitor.permit, id).await?;
    let found = store::conflict(&mut conn, &visitor.permit.scope.points, id).await?.ok_or(Error::NotFound)?;
    let case = cases(&mut conn, vec![found]).await?.pop().ok_or(Error::NotFound)?;
    let may_settle = reaches_all && visitor.may(Right::Override);
    let records = quarantine::store::of_conflict(&mut conn, id).await?;
    show(status, &ConflictPage { frame: visitor.frame, form, case, records, may_settle })
}

async fn resolve(
    State(core): State<Core>,
    Extension(redemption): Extension<ScanIntake>,
    visitor: Visitor<Override>,
    Id(id): Id<ConflictId>,
    form: Form,
) -> Result<Response> {
    let body = ResolutionBody {
        resolution: form.value("resolution").to_owned(),
        reason: form.value("reason").to_owned(),
        // Unticked, a record is not accepted: none ticked is none accepted, not all.
        nonces: Some(form.all_chosen("nonces")),
    };
    let settled = async {
        let resolution = Resolution::parse(body)?;
        service::resolve(&core, &redemption, &visitor.permit, id, resolution).await
    };
    match settled.await {
        Ok(_) => Ok(see_other("/conflicts?done=settled")),
        Err(error) => show_conflict(&core, visitor, id, form.refused(error)?).await,
    }
}
