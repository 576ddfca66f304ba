//! What a donation is: who gave, when, and its lines.

use serde::Serialize;

use super::donor::{Donor, NewDonor};
use crate::kernel::ids::{CampaignId, DonationId, ItemId, PackageId, PointId, UserId};
use crate::kernel::money::group_thousands;
use crate::kernel::text_enum::text_enum;
use crate::kernel::{Day, Dong, Message, Moment, Quantity};

text_enum! {
    /// What kind of thing a line of a donation is.
    pub enum LineKind {
        /// Hiện vật.
        Goods = "goods",
        /// Suất quà.
        Packages = "packages",
        /// Tiền.
        Cash = "cash",
    }
}

/// One thing given, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewLine {
    /// Goods; in stock from now on.
    Goods {
        item_id: ItemId,
        /// How much, in its smallest unit.
        quantity: Quantity,
        /// What all of it is worth.
        value: Dong,
        /// The last day on which it may be used.
        expires_on: Option<Day>,
    },
    /// Ready-made packages; in stock as their items when their contents are known.
    Packages {
        /// How many.
        count: i64,
        /// What all of them are worth.
        value: Dong,
        /// Their contents.
        package_id: Option<PackageId>,
    },
    /// Money, in đồng.
    Cash {
        /// How much.
        amount: Dong,
    },
}

impl NewLine {
    /// Whether it enters stock.
    pub const fn enters_stock(&self) -> bool {
        matches!(self, Self::Goods { .. } | Self::Packages { package_id: Some(_), .. })
    }
}

/// A donation to be recorded, checked.
#[derive(Clone, Debug)]
pub struct NewDonation {
    pub campaign_id: Option<CampaignId>,
    /// Who gave.
    pub donor: NewDonor,
    /// When it was received.
    pub received_on: Day,
    /// Where goods enter stock; nothing: they are counted and enter no stock.
    pub point_id: Option<PointId>,
    /// The donor's condition; empty when there is none.
    pub condition: String,
    /// What was given.
    pub lines: Vec<NewLine>,
    /// The import it came with.
    pub import_id: Option<uuid::Uuid>,
    /// Who recorded it.
    pub created_by: Option<UserId>,
}

/// A donation.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Donation {
    /// Its id.
    pub id: DonationId,
    /// Its number on paper, from 1.
    #[schema(example = 1)]
    pub number: i64,
    /// For which campaign.
    pub campaign_id: Option<CampaignId>,
    /// Who gave.
    pub donor: Donor,
    /// When it was received.
    pub received_on: Day,
    /// Where its goods entered stock.
    pub point_id: Option<PointId>,
    /// The donor's condition; empty when there is none.
    pub condition: String,
    /// What was given.
    pub lines: Vec<DonationLine>,
    /// The import it came with.
    pub import_id: Option<uuid::Uuid>,
    /// When it was recorded.
    pub created_at: Moment,
}

/// One thing given, as it was registered.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DonationLine {
    /// Goods.
    Goods {
        /// The item.
        item_id: ItemId,
        /// Its name.
        name: String,
        /// Its unit.
        unit: String,
        /// Digits after the comma of `quantity`.
        decimals: i64,
        /// How much, in its smallest unit.
        quantity: Quantity,
        /// What all of it is worth.
        value: Dong,
        /// The last day on which it may be used.
        expires_on: Option<Day>,
    },
    /// Ready-made packages.
    Packages {
        /// How many.
        count: i64,
        /// What all of them are worth.
        value: Dong,
        /// Their contents, when known.
        package_id: Option<PackageId>,
        /// The name of packages of known contents.
        name: Option<String>,
    },
    /// Money.
    Cash {
        /// How much, in đồng.
        amount: Dong,
    },
}

impl DonationLine {
    /// What it is worth.
    pub const fn value(&self) -> Dong {
        match self {
            Self::Goods { value, .. } | Self::Packages { value, .. } => *value,
            Self::Cash { amount } => *amount,
        }
    }

    /// Its quantity in its unit, the unit, and what one unit is worth, rounded to the đồng; nothing for money.
    pub fn measure(&self) -> Option<(String, &str, Dong)> {
        match self {
            Self::Goods { unit, decimals, quantity, value, .. } => {
                let decimals = u8::try_from(*decimals).unwrap_or(0);
                let one = 10_i128.pow(u32::from(decimals.min(9)));
                let price = (i128::from(value.0) * one).checked_div(i128::from(quantity.0)).unwrap_or(0);
                Some((quantity.in_unit(decimals), unit, Dong(i64::try_from(price).unwrap_or(0))))
            }
            Self::Packages { count, value, .. } => {
                Some((group_thousands(*count), "suất", Dong(value.0.checked_div(*count).unwrap_or(0))))
            }
            Self::Cash { .. } => None,
        }
    }

    /// Its name alone, as papers list it.
    pub fn name(&self) -> &str {
        match self {
            Self::Goods { name, .. } => name,
            Self::Packages { name, .. } => name.as_deref().unwrap_or("Suất quà"),
            Self::Cash { .. } => "Tiền",
        }
    }

    /// Whether it is money.
    pub const fn is_cash(&self) -> bool {
        matches!(self, Self::Cash { .. })
    }

    /// What it is, in words: `200 kg Gạo`.
    pub fn say(&self) -> Message {
        match self {
            Self::Goods { name, unit, decimals, quantity, .. } => {
                let amount = quantity.in_unit(u8::try_from(*decimals).unwrap_or(0));
                Message::new(format!("{amount} {unit} {name}"), format!("{amount} {unit} {name}"))
            }
            Self::Packages { count, name, .. } => {
                let count = group_thousands(*count);
                let name = name.as_ref().map_or_else(String::new, |name| format!(" ({name})"));
                Message::new(format!("{count} suất quà{name}"), format!("{count} packages{name}"))
            }
            Self::Cash { amount } => Message::new(format!("Tiền {amount}"), format!("Cash {amount}")),
        }
    }
}

impl Donation {
    /// The donation as somebody sees it who may, or need not, know an anonymous donor's name.
    #[must_use]
    pub fn for_reader(self, knows_names: bool) -> Self {
        Self { donor: self.donor.for_reader(knows_names), ..self }
    }

    /// What all of it is worth.
    pub fn value(&self) -> Dong {
        self.lines.iter().map(DonationLine::value).sum()
    }

    /// The money in it.
    pub fn cash(&self) -> Dong {
        self.lines.iter().filter(|line| line.is_cash()).map(DonationLine::value).sum()
    }
}
