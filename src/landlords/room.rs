//! A room's month as somebody gives it, and as it is once it was checked.

use std::collections::HashSet;
use std::ops::Deref;

use serde::Deserialize;

use super::rent_line::{CutKind, RentLine};
use super::rules::{Cut, parse_month, parse_percent, parse_rent, room_key};
use crate::http::schemas::{RentMonth, RoomLabel};
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::clean;
use crate::kernel::{Day, Dong, Message, Month, Validation};

/// Room-months that one reduction holds at most.
pub const LINES_MAX: usize = 500;
/// Characters of a room's label or a tenant's name.
const LABEL_MAX: usize = 100;

/// One room's one month, as given.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct RoomBody {
    /// The room's label, unique with the landlord; `Phòng 1`, `P.01` and `1` are the same.
    #[schema(value_type = RoomLabel, example = "Phòng 1")]
    pub room: String,
    /// Who lives there.
    #[schema(max_length = 100)]
    pub tenant: Option<String>,
    /// The month, `YYYY-MM`.
    #[schema(example = "2021-07", value_type = RentMonth)]
    pub month: String,
    /// The month's rent in đồng.
    #[schema(example = 1_400_000, minimum = 1, maximum = 1_000_000_000)]
    pub rent: i64,
    /// How it is cut.
    pub kind: CutKind,
    /// For `amount`: đồng forgone.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub amount: Option<i64>,
    /// For `percent`: above 0 to 100, with at most two decimals.
    #[schema(value_type = Option<f64>, minimum = 0.01, maximum = 100)]
    pub percent: Option<serde_json::Number>,
}

/// A checked room-month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLine {
    /// The room's label.
    pub room: String,
    /// The key under which spellings of the label meet.
    pub room_key: String,
    /// Who lives there; empty when unknown.
    pub tenant: String,
    pub month: Month,
    /// The month's rent.
    pub rent: Dong,
    /// How it is cut.
    pub kind: CutKind,
    /// The share, for `percent`.
    pub percent_hundredths: Option<i64>,
    /// Đồng forgone.
    pub reduced: Dong,
}

/// The room-months of one reduction, each room's month once. Checked where they come in, and nowhere again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLines(Vec<NewLine>);

impl NewLines {
    /// Checks all room-months of one reduction; a room's month may be named once.
    pub fn check(fields: &mut Validation, rooms: &[RoomBody], today: Day) -> Option<Self> {
        let fits = (1..=LINES_MAX).contains(&rooms.len());
        fields.check("rooms", fits, || {
            Invalid::fixed(
                "out_of_range",
                "Mỗi lần đăng ký từ 1 đến 500 dòng (mỗi dòng một phòng, một tháng).",
                "A reduction has 1 to 500 lines, each one room in one month.",
            )
        });
        let mut seen = HashSet::new();
        let mut lines = Vec::with_capacity(rooms.len().min(LINES_MAX));
        for (at, room) in rooms.iter().take(LINES_MAX).enumerate() {
            let path = format!("rooms[{at}]");
            let Some(line) = check_room(fields, &path, room, today) else { continue };
            let new = seen.insert((line.room_key.clone(), line.month));
            fields.check(&path, new, || {
                Invalid::fixed(
                    "repeated",
                    "Phòng này đã có dòng khác cho cùng tháng. Gộp lại thành một dòng.",
                    "This room has another line for the same month. Keep one of them.",
                )
            });
            lines.push(line);
        }
        (fits && lines.len() == rooms.len()).then_some(Self(lines))
    }
}

impl NewLines {
    /// The same lines, where nobody was named with the tenants that are known.
    #[must_use]
    pub(super) fn with_known_tenants(mut self, known: &[RentLine]) -> Self {
        for line in self.0.iter_mut().filter(|line| line.tenant.is_empty()) {
            let of_room = || known.iter().filter(|known| room_key(&known.room) == line.room_key);
            let same_month = of_room().find(|known| known.month == line.month);
            if let Some(known) = same_month.or_else(|| of_room().next()) {
                line.tenant.clone_from(&known.tenant);
            }
        }
        self
    }
}

impl Deref for NewLines {
    type Target = [NewLine];
    fn deref(&self) -> &[NewLine] {
        &self.0
    }
}

fn check_room(fields: &mut Validation, path: &str, body: &RoomBody, today: Day) -> Option<NewLine> {
    let room = clean(&body.room);
    let room_key = room_key(&room);
    let label_fits = !room_key.is_empty() && room.chars().count() <= LABEL_MAX;
    fields.check(&format!("{path}.room"), label_fits, || {
        Invalid::fixed(
            "out_of_range",
            "Ghi tên hoặc số phòng, tối đa 100 ký tự.",
            "Name the room, up to 100 characters.",
        )
    });
    let tenant = clean(body.tenant.as_deref().unwrap_or(""));
    fields.check(&format!("{path}.tenant"), tenant.chars().count() <= LABEL_MAX, || {
        Invalid::fixed(
            "too_long",
            "Tên người thuê dài tối đa 100 ký tự.",
            "A tenant's name has at most 100 characters.",
        )
    });
    let month = fields.take(&format!("{path}.month"), parse_month(&body.month, today));
    let rent = fields.take(&format!("{path}.rent"), parse_rent(body.rent));
    let cut = check_cut(fields, path, body);
    let (month, rent, cut) = (month?, rent?, cut?);
    let field = match body.kind {
        CutKind::Amount => "amount",
        CutKind::Percent | CutKind::Waiver => "percent",
    };
    let reduced = fields.take(&format!("{path}.{field}"), cut.of(rent))?;
    fields.check(&format!("{path}.amount"), body.amount.is_none_or(|amount| amount == reduced.0), || {
        Invalid::new(
            "contradicts",
            Message::new(
                format!("Số tiền giảm không khớp với cách giảm đã chọn ({reduced}). Bỏ trống ô này hoặc sửa lại."),
                format!("The amount does not agree with the chosen cut ({reduced}). Leave it out or correct it."),
            ),
        )
    });
    let percent_hundredths = match cut {
        Cut::Percent(hundredths) => Some(hundredths),
        Cut::Amount(_) | Cut::Waiver => None,
    };
    label_fits.then_some(NewLine { room, room_key, tenant, month, rent, kind: body.kind, percent_hundredths, reduced })
}

fn check_cut(fields: &mut Validation, path: &str, body: &RoomBody) -> Option<Cut> {
    if body.kind != CutKind::Percent {
        // Of no use here, and still no share that there can't be.
        let share = body.percent.as_ref().map(ToString::to_string);
        fields.take_optional(&format!("{path}.percent"), share, |text| parse_percent(&text));
    }
    match body.kind {
        CutKind::Waiver => Some(Cut::Waiver),
        CutKind::Amount => {
            let amount = body.amount.ok_or(Invalid::fixed(
                "required",
                "Ghi số tiền giảm (đồng).",
                "Say how many đồng are taken off.",
            ));
            fields.take(&format!("{path}.amount"), amount.and_then(Dong::parse)).map(Cut::Amount)
        }
        CutKind::Percent => {
            let percent = body.percent.as_ref().map(ToString::to_string).ok_or(Invalid::fixed(
                "required",
                "Ghi tỷ lệ giảm (phần trăm).",
                "Say how many percent are taken off.",
            ));
            fields.take(&format!("{path}.percent"), percent.and_then(|text| parse_percent(&text))).map(Cut::Percent)
        }
    }
}
