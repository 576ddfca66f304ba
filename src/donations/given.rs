//! What somebody says was given: checked, but for what must be looked up.

use serde::Deserialize;

use super::donation::NewLine;
use super::donor::{DonorBody, NewDonor};
use crate::http::Result;
use crate::http::schemas::{Amount, SomeQuantity};
use crate::inventory::MAX_LINES;
use crate::kernel::ids::{CampaignId, ItemId, PackageId, PointId};
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::clean;
use crate::kernel::{Day, Dong, Quantity, Validation};

/// Packages that one line has at most.
const MAX_PACKAGES: i64 = 1_000_000;
/// Characters of a donor's condition at most.
const MAX_CONDITION: usize = 1000;

/// A donation to record.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"donor": {"name": "Chùa Quang Minh", "kind": "organisation"}, "received_on": "2021-08-05",
    "point_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "lines": [
        {"kind": "goods", "item_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a92", "quantity": 500_000, "value": 9_000_000},
        {"kind": "packages", "count": 100, "value": 25_000_000}, {"kind": "cash", "amount": 5_000_000}],
    "condition": "Dành cho người thuê trọ"}))]
pub(super) struct NewDonationBody {
    /// For which campaign.
    pub(super) campaign_id: Option<CampaignId>,
    /// Who gave.
    pub(super) donor: DonorBody,
    /// When it was received; not in the future.
    pub(super) received_on: Day,
    /// Where goods, and packages with `package_id`, enter stock. May be left out when there is exactly one warehouse.
    pub(super) point_id: Option<PointId>,
    /// 1 to 500 things given.
    #[schema(min_items = 1, max_items = 500)]
    pub(super) lines: Vec<DonationLineBody>,
    /// A condition the donor made, at most 1000 characters.
    #[schema(max_length = 1000)]
    pub(super) condition: Option<String>,
}

/// One thing given.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum DonationLineBody {
    /// Goods.
    Goods {
        /// The item.
        item_id: ItemId,
        /// How much, in its smallest unit.
        #[schema(value_type = SomeQuantity)]
        quantity: i64,
        /// What all of it is worth, in đồng; 0 when left out.
        #[serde(default)]
        #[schema(value_type = Amount)]
        value: i64,
        /// The last day on which it may be used.
        expires_on: Option<Day>,
    },
    /// Ready-made packages.
    Packages {
        /// How many.
        #[schema(minimum = 1, maximum = 1_000_000)]
        count: i64,
        /// What all of them are worth, in đồng; count × the package's value when left out.
        #[schema(value_type = Option<Amount>)]
        value: Option<i64>,
        /// Their contents: with it they enter stock as their items.
        package_id: Option<PackageId>,
    },
    /// Money.
    Cash {
        /// How much, in đồng.
        #[schema(minimum = 1, maximum = 9_000_000_000_000_i64)]
        amount: i64,
    },
}

/// A donation as it is told: every field is what it may be, and what it names was not looked up yet.
#[derive(Debug)]
pub struct GivenDonation {
    pub campaign_id: Option<CampaignId>,
    pub donor: NewDonor,
    pub received_on: Day,
    pub point_id: Option<PointId>,
    pub condition: String,
    pub lines: Vec<GivenLine>,
}

/// One thing given.
#[derive(Clone, Copy, Debug)]
pub enum GivenLine {
    /// Somebody said what it is worth.
    Priced(NewLine),
    /// Packages that are worth what their kind is.
    Packages { count: i64, package_id: PackageId },
}

impl GivenDonation {
    /// All fields, or all that is wrong with them.
    pub(super) fn parse(body: NewDonationBody, today: Day) -> Result<Self> {
        let NewDonationBody { campaign_id, donor, received_on, point_id, lines, condition } = body;
        let condition = clean(condition.as_deref().unwrap_or(""));
        let mut fields = Validation::new();
        let donor = donor.parse(&mut fields);
        fields.check("received_on", received_on <= today, || {
            Invalid::fixed(
                "out_of_range",
                "Ngày nhận không được ở tương lai.",
                "The day of receipt can't lie in the future.",
            )
        });
        fields.check("condition", condition.chars().count() <= MAX_CONDITION, || {
            Invalid::fixed(
                "out_of_range",
                "Điều kiện dài tối đa 1000 ký tự.",
                "A condition has at most 1000 characters.",
            )
        });
        fields.check("lines", (1..=MAX_LINES).contains(&lines.len()), || {
            Invalid::fixed("out_of_range", "Khoản ủng hộ có từ 1 đến 500 dòng.", "A donation has 1 to 500 lines.")
        });
        let lines = lines.into_iter().enumerate();
        let lines = lines.filter_map(|(i, line)| GivenLine::parse(line, &mut fields, i, received_on)).collect();
        let (donor,) = fields.all((donor,))?;
        Ok(Self { campaign_id, donor, received_on, point_id, condition, lines })
    }
}

impl GivenLine {
    /// The line; nothing when something is wrong with it, which is noted.
    fn parse(line: DonationLineBody, fields: &mut Validation, i: usize, received_on: Day) -> Option<Self> {
        let field = |name: &str| format!("lines[{i}].{name}");
        match line {
            DonationLineBody::Goods { item_id, quantity, value, expires_on } => {
                fields.check(&field("expires_on"), expires_on.is_none_or(|day| day >= received_on), || {
                    Invalid::fixed(
                        "out_of_range",
                        "Hạn sử dụng trước ngày nhận. Kiểm tra lại hạn sử dụng.",
                        "The expiry day comes before the day of receipt. Check it.",
                    )
                });
                let quantity = fields.take(&field("quantity"), Quantity::parse_positive(quantity));
                let value = fields.take(&field("value"), Dong::parse(value));
                Some(Self::Priced(NewLine::Goods { item_id, quantity: quantity?, value: value?, expires_on }))
            }
            DonationLineBody::Packages { count, value, package_id } => {
                fields.check(&field("count"), (1..=MAX_PACKAGES).contains(&count), || {
                    Invalid::fixed("out_of_range", "Số suất từ 1 đến 1.000.000.", "Packages are from 1 to 1,000,000.")
                });
                match (value, package_id) {
                    (Some(value), _) => {
                        let value = fields.take(&field("value"), Dong::parse(value))?;
                        Some(Self::Priced(NewLine::Packages { count, value, package_id }))
                    }
                    (None, Some(package_id)) => Some(Self::Packages { count, package_id }),
                    (None, None) => fields.take(&field("value"), Err(worth_unknown())),
                }
            }
            DonationLineBody::Cash { amount } => {
                fields.check(&field("amount"), amount > 0, || {
                    Invalid::fixed("out_of_range", "Số tiền phải lớn hơn 0.", "The amount must be above 0.")
                });
                Some(Self::Priced(NewLine::Cash { amount: fields.take(&field("amount"), Dong::parse(amount))? }))
            }
        }
    }
}

fn worth_unknown() -> Invalid {
    Invalid::fixed(
        "required",
        "Suất quà không rõ nội dung thì phải ghi tổng trị giá.",
        "Packages of unknown contents need their total value.",
    )
}
