//! What a reduction may say, and how much it is worth. Pure decisions.

use std::collections::HashSet;

use serde::Deserialize;

use super::CutKind;
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::{address_key, clean, fold};
use crate::kernel::{Day, Dong, Message, Month, PhoneNumber, Validation};

/// Room-months that one reduction holds at most.
pub const LINES_MAX: usize = 500;
/// The highest monthly rent of one room that is believed, in đồng.
const RENT_MAX: i64 = 1_000_000_000;
/// Characters of a room's label or a tenant's name.
const LABEL_MAX: usize = 100;
/// Characters of a note or reason.
const NOTE_MAX: usize = 2_000;
/// Months ahead for which rent may be cut today.
const MONTHS_AHEAD: i32 = 24;

/// Who cuts the rent, as given.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct LandlordBody {
    /// 2 to 100 characters.
    #[schema(example = "Mai Mỹ Trâm")]
    pub name: String,
    /// A Vietnamese number; may be left out where the address tells the landlord apart.
    #[schema(example = "0905 420 430")]
    pub phone: Option<String>,
    /// Where the rooms are.
    #[schema(example = "K101/41 Phù Đổng")]
    pub address: Option<String>,
}

/// One room's one month, as given.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct RoomBody {
    /// The room's label, unique with the landlord; `Phòng 1`, `P.01` and `1` are the same.
    #[schema(example = "Phòng 1")]
    pub room: String,
    /// Who lives there.
    pub tenant: Option<String>,
    /// The month, `YYYY-MM`.
    #[schema(example = "2021-07")]
    pub month: String,
    /// The month's rent in đồng.
    #[schema(example = 1_400_000)]
    pub rent: i64,
    /// How it is cut.
    pub kind: CutKind,
    /// For `amount`: đồng forgone.
    pub amount: Option<i64>,
    /// For `percent`: above 0 to 100, with at most two decimals.
    #[schema(value_type = Option<f64>)]
    pub percent: Option<serde_json::Number>,
}

/// A checked landlord.
#[derive(Clone, Debug)]
pub struct NewLandlord {
    /// Full name.
    pub name: String,
    /// Its folded form.
    pub name_key: String,
    /// The phone, if there is one.
    pub phone: Option<PhoneNumber>,
    /// Where the rooms are; empty when unknown.
    pub address: String,
    /// The key under which spellings of the address meet.
    pub address_key: String,
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

/// A cut whose number fits its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// So many đồng.
    Amount(Dong),
    /// Hundredths of a percent, 1–10000.
    Percent(i64),
    /// The whole rent.
    Waiver,
}

impl Cut {
    /// What it takes off one month's rent; a share is rounded to the đồng, half up. Refuses nothing and more than
    /// the rent.
    pub fn of(self, rent: Dong) -> Result<Dong, Invalid> {
        let reduced = match self {
            Self::Amount(amount) => amount.0,
            Self::Percent(hundredths) => {
                let exact = i128::from(rent.0) * i128::from(hundredths);
                i64::try_from((exact + 5_000).div_euclid(10_000)).unwrap_or(i64::MAX)
            }
            Self::Waiver => rent.0,
        };
        if (1..=rent.0).contains(&reduced) {
            Ok(Dong(reduced))
        } else {
            Err(Invalid::fixed(
                "out_of_range",
                "Số tiền giảm phải trên 0 và không quá tiền thuê của tháng.",
                "The reduction is above 0 and at most the month's rent.",
            ))
        }
    }
}

/// Reads a share of the rent such as `30` or `33.33` into hundredths of a percent.
pub fn parse_percent(text: &str) -> Result<i64, Invalid> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let parsed = (!whole.is_empty() && whole.len() <= 3 && fraction.len() <= 2 && digits(whole) && digits(fraction))
        .then(|| format!("{whole}{fraction:0<2}").parse::<i64>().ok())
        .flatten()
        .filter(|hundredths| (1..=10_000).contains(hundredths));
    parsed.ok_or(Invalid::fixed(
        "out_of_range",
        "Tỷ lệ giảm phải trên 0 và không quá 100 phần trăm, tối đa hai chữ số thập phân.",
        "The share is above 0 and at most 100 percent, with at most two decimals.",
    ))
}

/// The key of a room's label: `Phòng 1`, `P.01` and `1` meet, `Phòng 1A` is another.
pub fn room_key(label: &str) -> String {
    let folded = fold(label);
    let mut words = folded.split(' ').map(str::to_owned).collect::<Vec<_>>();
    if words.len() > 1 && matches!(words[0].as_str(), "phong" | "p" | "room") {
        words.remove(0);
    } else if let Some(rest) = words[0].strip_prefix("phong").or_else(|| words[0].strip_prefix('p'))
        && rest.starts_with(|c: char| c.is_ascii_digit())
    {
        words[0] = rest.to_owned();
    }
    let first = words[0].trim_start_matches('0');
    if !first.is_empty() {
        words[0] = first.to_owned();
    }
    words.join(" ")
}

/// Checks who cuts the rent. `path` is the field's name.
pub fn check_landlord(fields: &mut Validation, path: &str, body: &LandlordBody) -> Option<NewLandlord> {
    let name = clean(&body.name);
    let count = name.chars().count();
    let good_name = (2..=100).contains(&count) && !fold(&name).is_empty();
    fields.check(&format!("{path}.name"), good_name, || {
        Invalid::fixed("out_of_range", "Họ tên chủ nhà trọ dài từ 2 đến 100 ký tự.", "A name has 2 to 100 characters.")
    });
    let phone_text = body.phone.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let phone = fields.take_optional(&format!("{path}.phone"), phone_text, PhoneNumber::parse);
    let address = clean(body.address.as_deref().unwrap_or(""));
    fields.check(&format!("{path}.address"), address.chars().count() <= 300, || {
        Invalid::fixed("too_long", "Địa chỉ dài tối đa 300 ký tự.", "An address has at most 300 characters.")
    });
    let address_key = address_key(&address);
    fields.check(&format!("{path}.phone"), phone_text.is_some() || !address_key.is_empty(), || {
        Invalid::fixed(
            "required",
            "Cần số điện thoại hoặc địa chỉ để liên hệ với chủ nhà trọ.",
            "A phone or an address is needed to reach the landlord.",
        )
    });
    good_name.then(|| NewLandlord { name_key: fold(&name), name, phone, address, address_key })
}

/// Checks all room-months of one reduction; a room's month may be named once.
pub fn check_rooms(fields: &mut Validation, rooms: &[RoomBody], today: Day) -> Vec<NewLine> {
    fields.check("rooms", (1..=LINES_MAX).contains(&rooms.len()), || {
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
    lines
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

/// A rent of one room and month: above 0, up to a billion đồng.
pub fn parse_rent(rent: i64) -> Result<Dong, Invalid> {
    if (1..=RENT_MAX).contains(&rent) {
        Ok(Dong(rent))
    } else {
        Err(Invalid::fixed(
            "out_of_range",
            "Tiền thuê một phòng một tháng phải trên 0 và không quá 1.000.000.000 đồng.",
            "A room's rent for a month is above 0 and at most 1,000,000,000 đồng.",
        ))
    }
}

/// A month from 2015 to two years ahead.
pub fn parse_month(text: &str, today: Day) -> Result<Month, Invalid> {
    let month = Month::parse(text)?;
    let latest = Month::of(today).and_then(|now| now.plus(MONTHS_AHEAD));
    if month.year() >= 2015 && latest.is_none_or(|latest| month <= latest) {
        Ok(month)
    } else {
        Err(Invalid::fixed(
            "out_of_range",
            "Tháng phải từ 2015-01 đến hai năm tới. Kiểm tra lại năm.",
            "A month is from 2015-01 to two years ahead. Check the year.",
        ))
    }
}

/// A note of up to 2000 characters.
pub fn parse_note(text: &str) -> Result<String, Invalid> {
    let note = clean(text);
    if note.chars().count() <= NOTE_MAX {
        Ok(note)
    } else {
        Err(Invalid::fixed("too_long", "Ghi chú dài tối đa 2.000 ký tự.", "A note has at most 2,000 characters."))
    }
}

/// What a landlord is given to ask about a reduction: eight symbols of Crockford's alphabet, which has no I, L, O, U.
pub fn reference(bytes: [u8; 8]) -> String {
    const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut out = String::with_capacity(9);
    for (at, byte) in bytes.into_iter().enumerate() {
        if at == 4 {
            out.push('-');
        }
        out.push(char::from(SYMBOLS[usize::from(byte % 32)]));
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_room_meet() {
        for label in ["Phòng 1", "P.01", "p1", "PHÒNG 01", "1", "Phong1"] {
            assert_eq!(room_key(label), "1", "{label}");
        }
        assert_eq!(room_key("Phòng 1A"), "1a");
        assert_eq!(room_key("Phòng"), "phong");
        assert_eq!(room_key("Phòng trệt"), "tret");
        assert_eq!(room_key("0"), "0");
        assert_eq!(room_key("🏠"), "");
    }

    #[test]
    fn shares_have_two_decimals_at_most() {
        for (text, hundredths) in [("30", 3_000), ("33.33", 3_333), ("0.01", 1), ("100.00", 10_000), ("12.5", 1_250)] {
            assert_eq!(parse_percent(text).unwrap(), hundredths, "{text}");
        }
        for text in ["0", "0.0", "100.01", "-5", "12.345", "1e2", "", ".", "٣"] {
            assert!(parse_percent(text).is_err(), "{text}");
        }
    }

    #[test]
    fn half_a_dong_is_rounded_up() {
        assert_eq!(Cut::Percent(5_000).of(Dong(3)).unwrap(), Dong(2));
        assert_eq!(Cut::Percent(3_000).of(Dong(900_000)).unwrap(), Dong(270_000));
        assert_eq!(Cut::Percent(3_333).of(Dong(1_000_000)).unwrap(), Dong(333_300));
        assert!(Cut::Percent(1).of(Dong(100)).is_err());
        assert!(Cut::Amount(Dong(101)).of(Dong(100)).is_err());
        assert_eq!(Cut::Waiver.of(Dong(100)).unwrap(), Dong(100));
    }

    #[test]
    fn references_are_easy_to_read_out() {
        assert_eq!(reference([0, 31, 32, 18, 255, 10, 20, 30]), "0Z0J-ZAMY");
    }

    proptest! {
        #[test]
        fn a_share_is_the_nearest_dong_and_never_more_than_the_rent(rent in 1..=RENT_MAX, hundredths in 1..=10_000_i64) {
            match Cut::Percent(hundredths).of(Dong(rent)) {
                Ok(reduced) => {
                    let exact = i128::from(rent) * i128::from(hundredths);
                    let twice_off = 2 * (i128::from(reduced.0) * 10_000 - exact);
                    // At most half a đồng from the exact share; exactly half only upward.
                    prop_assert!(-10_000 < twice_off && twice_off <= 10_000);
                    prop_assert!(reduced.0 <= rent);
                }
                Err(_) => prop_assert!(i128::from(rent) * i128::from(hundredths) < 5_000),
            }
        }

        #[test]
        fn a_room_key_is_its_own_key(label in "[Pp]?(hòng)? ?[0-9]{0,3}[a-c]?") {
            let key = room_key(&label);
            prop_assert!(!key.starts_with(' ') && !key.ends_with(' '));
        }
    }
}
