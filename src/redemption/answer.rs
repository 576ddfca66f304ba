//! The answer to a scan: what is stored of it, and what the volunteer sees.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::leases::rules::Recall;
use super::outcome::Outcome;
use super::rules::First;
use crate::kernel::ids::{ConflictId, ItemId};
use crate::kernel::message::Lang;
use crate::kernel::{Day, Message, Moment, Quantity};

/// A place to send people to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub address: String,
}

/// What explains an outcome; kept with the scan, without personal data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Detail {
    /// The handover that used the voucher.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<First>,
    /// `wrong_point`: the right one. `out_of_stock`: one that still has packages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub go_to: Option<Place>,
    /// The first and last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid: Option<(Day, Day)>,
    /// The slot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slot: Option<(Moment, Moment)>,
    /// `too_soon`: the day from which the household may receive again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_on: Option<Day>,
    /// `superseded`: when the paper was replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced_at: Option<Moment>,
    /// `void`: why. `round_closed`: whether it is only paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// `leased_elsewhere`: at which desk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_at: Option<String>,
    /// `leased_elsewhere`: the phone's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_by: Option<String>,
    /// `leased_elsewhere`: when that phone was last heard in any way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_heard_at: Option<Moment>,
    /// `leased_elsewhere`: whether that phone was revoked, so that only a coordinator can free the voucher.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held_revoked: bool,
    /// `needs_input`: the fields to ask for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Units still to be handed out after this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units_left: Option<i64>,
    /// A contradiction that was noted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflict_id: Option<ConflictId>,
    /// The rules that a handover went against, by the outcome each would have had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub against: Vec<Outcome>,
    /// How far the phone's clock was ahead of the server's, in seconds, when that is worth telling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_skew_secs: Option<i64>,
}

/// The voucher in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = RedeemedVoucher)]
pub struct VoucherView {
    /// Its id.
    pub id: Uuid,
    /// Its serial in the round.
    pub serial: i64,
    /// The round's name.
    pub round: String,
    /// Units it is good for.
    pub units: i64,
}

/// The household in an answer: what the volunteer needs at the table, no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct HouseholdView {
    /// Its id.
    pub id: Uuid,
    /// The head's name.
    #[schema(example = "Thái Hữu Sơn")]
    pub head_name: String,
    /// How many members.
    pub members: i64,
}

/// One line of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentLine {
    pub item_id: ItemId,
    pub name: String,
    pub unit: String,
    /// Decimals of its unit.
    pub decimals: u8,
    /// How much one package holds, in the item's smallest unit.
    pub quantity: i64,
}

/// One line of a package in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ContentView {
    /// The item's name.
    #[schema(example = "Gạo")]
    pub name: String,
    /// How much, in the item's smallest unit.
    #[schema(example = 10_000)]
    pub quantity: i64,
    /// How much, as people write it.
    #[schema(example = "10 kg")]
    pub text: String,
}

/// The package in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PackageView {
    /// Its name.
    pub name: String,
    /// What is inside.
    pub contents: Vec<ContentView>,
}

impl PackageView {
    /// A package with its lines.
    pub fn new(name: String, lines: &[ContentLine]) -> Self {
        let contents = lines
            .iter()
            .map(|line| ContentView {
                name: line.name.clone(),
                quantity: line.quantity,
                text: format!("{} {}", Quantity(line.quantity).in_unit(line.decimals), line.unit),
            })
            .collect();
        Self { name, contents }
    }
}

/// An answer before a language is chosen.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The scan's nonce.
    pub nonce: Uuid,
    /// What was decided.
    pub outcome: Outcome,
    /// Whether this scan had been answered before.
    pub replayed: bool,
    /// What explains it.
    pub detail: Detail,
    /// The rules' and the record's marks.
    pub flags: Vec<String>,
    /// When it was received the first time.
    pub received_at: Moment,
    /// When the handover was undone since.
    pub reversed_at: Option<Moment>,
    /// The voucher, when there is one.
    pub voucher: Option<VoucherView>,
    pub household: Option<HouseholdView>,
    pub package: Option<PackageView>,
}

/// The answer to a scan.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct AnswerView {
    /// The scan's nonce.
    pub nonce: Uuid,
    /// What was decided.
    pub outcome: Outcome,
    /// Whether this scan had been answered before: nothing was done again.
    pub replayed: bool,
    /// One sentence for the volunteer, in the language of `Accept-Language`.
    #[schema(example = "HỢP LỆ. Phát 1 suất cho hộ này.")]
    pub message: String,
    /// The voucher, once it is proved to be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voucher: Option<VoucherView>,
    /// The household.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub household: Option<HouseholdView>,
    /// The package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<PackageView>,
    /// When it was handed out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redeemed_at: Option<Moment>,
    /// When the handover was undone since: the goods must not leave on this answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reversed_at: Option<Moment>,
    /// What explains the outcome.
    #[serde(flatten)]
    pub detail: Detail,
    /// The rules' and the record's marks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// `leased_elsewhere`: whether the phone that holds it was asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall: Option<Recall>,
}

impl AnswerView {
    /// The answer to a desk whose voucher another phone was asked for.
    #[must_use]
    pub fn with_recall(self, recall: Recall, lang: Lang) -> Self {
        let holder = holder(&self.detail);
        let asked = Message::new(
            format!("Phiếu này do {holder} giữ. Đang xin lại: quét lại sau vài giây."),
            format!("This voucher is held by {holder}. It is being asked back: scan again in a few seconds."),
        );
        let message = if recall == Recall::Asked { asked.in_lang(lang).to_owned() } else { self.message };
        Self { message, recall: Some(recall), ..self }
    }
}

impl Answer {
    /// The answer in one language.
    pub fn view(self, lang: Lang) -> AnswerView {
        let message = match self.reversed_at {
            Some(at) => undone(at),
            None => say(self.outcome, &self.detail),
        };
        let message = message.in_lang(lang).to_owned();
        let shown = self.outcome.shows_household();
        AnswerView {
            nonce: self.nonce,
            outcome: self.outcome,
            replayed: self.replayed,
            message,
            voucher: self.voucher.filter(|_| shown),
            household: self.household.filter(|_| shown),
            package: self.package.filter(|_| shown),
            redeemed_at: (self.outcome == Outcome::Redeemed).then_some(self.received_at),
            reversed_at: self.reversed_at,
            detail: self.detail,
            flags: self.flags,
            recall: None,
        }
    }
}

fn undone(at: Moment) -> Message {
    let at = at.for_people();
    Message::new(
        format!("Lượt này đã được hoàn tác lúc {at}. Không phát theo lượt này; hãy quét lại phiếu."),
        format!("This handover was undone at {at}. Hand out nothing on it; scan the voucher again."),
    )
}

/// What the volunteer reads.
fn say(outcome: Outcome, detail: &Detail) -> Message {
    match outcome {
        Outcome::Redeemed => Message::fixed("Hợp lệ. Phát quà cho hộ này.", "Valid. Hand over the package."),
        Outcome::AlreadyRedeemed => already(detail),
        Outcome::Void => {
            let why = detail.reason.as_deref().unwrap_or("");
            Message::new(
                format!("Phiếu đã hủy. {why}").trim().to_owned(),
                format!("This voucher was voided. {why}").trim().to_owned(),
            )
        }
        Outcome::Superseded => superseded(detail),
        Outcome::Expired | Outcome::NotYetValid => dates(outcome, detail),
        Outcome::WrongSlot => match detail.slot {
            Some((from, until)) => Message::new(
                format!("Sai khung giờ. Phiếu này nhận lúc {}–{}.", from.for_people(), until.clock_time()),
                format!("Wrong slot. This voucher is for {}–{}.", from.for_people(), until.clock_time()),
            ),
            None => Message::fixed("Sai khung giờ.", "Wrong slot."),
        },
        Outcome::WrongPoint => {
            go_to(detail, ("Sai điểm phát.", "Phiếu này nhận tại"), ("Wrong point.", "This voucher is for"))
        }
        Outcome::RoundClosed => {
            if detail.reason.as_deref() == Some("paused") {
                Message::fixed(
                    "Đợt phát đang tạm dừng. Hãy đợi cán bộ phụ trách.",
                    "The round is paused. Wait for the coordinator.",
                )
            } else {
                Message::fixed("Đợt phát đã kết thúc.", "The round is closed.")
            }
        }
        Outcome::OutOfStock => go_to(
            detail,
            ("Điểm này đã hết suất quà.", "Còn quà tại"),
            ("This point has no package left.", "There are packages at"),
        ),
        Outcome::LeasedElsewhere => leased_elsewhere(detail),
        Outcome::Unknown => Message::fixed(
            "Không có phiếu nào mang mã này. Xem lại mã, hoặc tìm theo tên hộ.",
            "No voucher has this code. Check it, or look the household up by name.",
        ),
        Outcome::BadSignature => Message::fixed(
            "Phiếu không hợp lệ: không phải phiếu do phường phát.",
            "Not valid: this voucher was not issued by the ward.",
        ),
        Outcome::RevokedKey => Message::fixed(
            "Loạt phiếu này đã bị thu hồi. Người dân cần phiếu mới: báo cán bộ phụ trách.",
            "This series of vouchers was withdrawn. The household needs a new one: tell the coordinator.",
        ),
        Outcome::TooSoon => match detail.next_on {
            Some(day) => Message::new(
                format!("Hộ này đã nhận gần đây, được nhận lại từ ngày {}.", day.for_people()),
                format!("This household received recently and may again from {}.", day.for_people()),
            ),
            None => Message::fixed("Hộ này đã nhận gần đây.", "This household received recently."),
        },
        Outcome::NeedsInput => {
            let fields = detail.fields.join(", ");
            Message::new(format!("Cần bổ sung: {fields}."), format!("Needed: {fields}."))
        }
        Outcome::NotAllowed => Message::fixed(
            "Máy hoặc tài khoản này không phục vụ điểm phát đó.",
            "This phone or login does not serve that point.",
        ),
    }
}

/// A paper that a new one replaced.
fn superseded(detail: &Detail) -> Message {
    match detail.replaced_at {
        Some(at) => Message::new(
            format!("Phiếu này đã được thay bằng phiếu mới lúc {}. Hãy hỏi phiếu mới.", at.for_people()),
            format!("This paper was replaced at {}. Ask for the new one.", at.for_people()),
        ),
        None => Message::fixed(
            "Phiếu này đã được thay bằng phiếu mới. Hãy hỏi phiếu mới.",
            "This paper was replaced. Ask for the new one.",
        ),
    }
}

/// A voucher that another phone alone may hand out.
fn leased_elsewhere(detail: &Detail) -> Message {
    let holder = holder(detail);
    if detail.held_revoked {
        return Message::new(
            format!(
                "Phiếu này còn do {holder} giữ, máy đã bị thu hồi. Gọi cán bộ phụ trách giải phóng phiếu của máy đó."
            ),
            format!(
                "This voucher is still held by {holder}, which was revoked. Call the coordinator to release its vouchers."
            ),
        );
    }
    Message::new(
        format!(
            "Phiếu này do {holder} giữ để phát khi mất mạng. Mời người dân sang máy đó, hoặc gọi cán bộ phụ trách nếu \
             máy đó không còn phát."
        ),
        format!(
            "This voucher is held by {holder} for offline work. Send the person to that phone, or call the coordinator \
             if it is no longer in use."
        ),
    )
}

/// The phone that holds a voucher, and where it works: "Máy 3 (Bàn 2)". Its desk alone would send people in a circle when
/// that phone is lost and another works there.
fn holder(detail: &Detail) -> String {
    match (detail.held_by.as_deref(), detail.held_at.as_deref()) {
        (Some(phone), Some(desk)) if !desk.is_empty() && desk != phone => format!("{phone} ({desk})"),
        (Some(phone), _) => phone.to_owned(),
        (None, desk) => desk.unwrap_or_default().to_owned(),
    }
}

fn already(detail: &Detail) -> Message {
    match &detail.first {
        Some(first) => {
            let at = first.at.for_people();
            let (desk_vi, desk_en) = match first.desk.as_str() {
                "" => (String::new(), String::new()),
                desk if desk.bytes().all(|b| b.is_ascii_digit()) => (format!(", bàn {desk}"), format!(", desk {desk}")),
                // Named already: "Bàn 1", "Giao tận nhà".
                desk => (format!(", {desk}"), format!(", {desk}")),
            };
            let (proxy_vi, proxy_en) = if first.proxy { (" (nhận thay)", " (by proxy)") } else { ("", "") };
            Message::new(
                format!("Phiếu đã sử dụng lúc {at} tại {}{desk_vi}{proxy_vi}.", first.point),
                format!("Already used at {at}, {}{desk_en}{proxy_en}.", first.point),
            )
        }
        None => Message::fixed("Phiếu đã sử dụng.", "Already used."),
    }
}

fn dates(outcome: Outcome, detail: &Detail) -> Message {
    let Some((from, until)) = detail.valid else {
        return Message::fixed("Phiếu không đúng ngày.", "Not valid today.");
    };
    let (from, until) = (from.for_people(), until.for_people());
    let days = if from == until { format!("ngày {from}") } else { format!("từ {from} đến {until}") };
    if outcome == Outcome::Expired {
        Message::new(format!("Phiếu hết hạn: chỉ nhận {days}."), format!("Expired: valid {from} to {until}."))
    } else {
        Message::new(format!("Chưa đến ngày: phiếu nhận {days}."), format!("Not yet: valid {from} to {until}."))
    }
}

fn go_to(detail: &Detail, vi: (&str, &str), en: (&str, &str)) -> Message {
    match &detail.go_to {
        Some(place) if place.address.is_empty() => {
            Message::new(format!("{} {} {}.", vi.0, vi.1, place.name), format!("{} {} {}.", en.0, en.1, place.name))
        }
        Some(place) => Message::new(
            format!("{} {} {}, {}.", vi.0, vi.1, place.name, place.address),
            format!("{} {} {}, {}.", en.0, en.1, place.name, place.address),
        ),
        None => Message::new(vi.0.to_owned(), en.0.to_owned()),
    }
}
