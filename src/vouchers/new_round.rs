//! What makes a round: its body, and everything that can be said of it without looking anything up.

use std::collections::HashSet;

use serde::Deserialize;

use crate::http::Result;
use crate::http::schemas::Name;
use crate::kernel::ids::{CampaignId, PackageId, PointId};
use crate::kernel::message::Invalid;
use crate::kernel::{Day, Message, Moment, Validation};
use crate::places;
use crate::vouchers::round::{AmberCaps, MAX_DAYS, Offline};
use crate::vouchers::slots;

/// Points that a round has at most.
const MAX_POINTS: usize = 500;

/// A round to make.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"campaign_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "name": "Đợt 3",
    "package_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a91", "point_ids": ["0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a92"],
    "starts_at": "2021-08-05T07:00:00+07:00", "ends_at": "2021-08-06T17:00:00+07:00",
    "slot_minutes": 20, "slot_capacity": 15, "offline": "strict"}))]
pub(super) struct NewRoundBody {
    /// The campaign it belongs to; the round's days lie within the campaign's.
    pub(super) campaign_id: CampaignId,
    /// 1 to 200 characters.
    #[schema(value_type = Name)]
    pub(super) name: String,
    /// What a unit of a voucher is.
    pub(super) package_id: PackageId,
    /// Distribution points, 1 to 500.
    #[schema(min_items = 1, max_items = 500)]
    pub(super) point_ids: Vec<PointId>,
    /// When it begins.
    pub(super) starts_at: Moment,
    /// The first moment after it, at most 366 days later.
    pub(super) ends_at: Moment,
    /// Length of a time slot, 5 to 1440 minutes; given together with `slot_capacity`.
    #[schema(minimum = 5, maximum = 1440)]
    pub(super) slot_minutes: Option<i64>,
    /// Vouchers of a slot and point at most, 1 to 100,000.
    #[schema(minimum = 1, maximum = 100_000)]
    pub(super) slot_capacity: Option<i64>,
    /// What a phone without a network may hand out; `strict` when left out.
    #[serde(default)]
    pub(super) offline: Offline,
    /// `amber`: how many such handovers a phone makes before it has heard from the server again, 1 to 1,000; 20 when
    /// left out.
    #[schema(minimum = 1, maximum = 1000)]
    pub(super) amber_in_a_row: Option<i64>,
    /// `amber`: how many hours after it last heard from the server a phone may do so, 1 to 72; 4 when left out.
    #[schema(minimum = 1, maximum = 72)]
    pub(super) amber_hours: Option<i64>,
    /// Whether a voucher counts only in its slot.
    #[serde(default)]
    pub(super) enforce_slots: bool,
    /// Whether a voucher counts at each of the points; otherwise it belongs to one.
    #[serde(default)]
    pub(super) any_point: bool,
    /// Whether the name of who collects is always asked.
    #[serde(default)]
    pub(super) collector_required: bool,
}

/// A round to be made; everything was checked.
#[derive(Clone, Debug)]
pub struct NewRound {
    /// The campaign it belongs to.
    pub campaign_id: CampaignId,
    /// What a unit of a voucher is.
    pub package_id: PackageId,
    /// Its name.
    pub name: String,
    /// Where it gives out; no point twice.
    pub point_ids: Vec<PointId>,
    /// When it begins.
    pub starts_at: Moment,
    /// The first moment after it.
    pub ends_at: Moment,
    /// Minutes of a slot, and vouchers of a slot and point at most.
    pub slots: Option<(i64, i64)>,
    /// Whether a voucher counts only in its slot.
    pub enforce_slots: bool,
    /// Whether a voucher counts at each of the points.
    pub any_point: bool,
    /// Whether the name of who collects is always asked.
    pub collector_required: bool,
    /// What a phone without a network may hand out.
    pub offline: Offline,
    /// How far `amber` goes.
    pub amber: AmberCaps,
}

impl NewRound {
    /// All fields, or all that is wrong with them.
    pub(super) fn parse(body: NewRoundBody) -> Result<Self> {
        let mut fields = Validation::new();
        let name = fields.take("name", places::parse_name(&body.name));
        check_times(&mut fields, body.starts_at, body.ends_at);
        check_slots(&mut fields, &body);
        fields.check("point_ids", (1..=MAX_POINTS).contains(&body.point_ids.len()), || {
            Invalid::fixed("required", "Chọn từ 1 đến 500 điểm phát.", "Choose 1 to 500 distribution points.")
        });
        let amber = check_amber(&mut fields, &body);
        let (name,) = fields.all((name,))?;
        let mut seen = HashSet::new();
        Ok(Self {
            campaign_id: body.campaign_id,
            package_id: body.package_id,
            name,
            point_ids: body.point_ids.into_iter().filter(|id| seen.insert(*id)).collect(),
            starts_at: body.starts_at,
            ends_at: body.ends_at,
            slots: body.slot_minutes.zip(body.slot_capacity),
            enforce_slots: body.enforce_slots,
            any_point: body.any_point,
            collector_required: body.collector_required,
            offline: body.offline,
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
