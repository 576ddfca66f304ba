//! What a donor is.

use serde::{Deserialize, Serialize};

use crate::kernel::ids::DonorId;

/// How an anonymous donor is shown to those who need not know.
pub const ANONYMOUS: &str = "Nhà hảo tâm ẩn danh";

/// A donor (nhà hảo tâm).
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Donor {
    /// Its id.
    pub id: DonorId,
    /// The name; of an anonymous donor only for those who register donations.
    #[schema(example = "Chùa Quang Minh")]
    pub name: String,
    /// `person` or `organisation`.
    #[schema(value_type = DonorKind)]
    pub kind: String,
    /// Whether the donor does not want to be named.
    pub anonymous: bool,
}

impl Donor {
    /// The donor as those see it who need not know an anonymous donor's name.
    #[must_use]
    pub fn masked(mut self) -> Self {
        if self.anonymous {
            ANONYMOUS.clone_into(&mut self.name);
        }
        self
    }
}

/// Whether a donor is one person or many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DonorKind {
    /// A person.
    Person,
    /// An organisation, a company, a parish, a club.
    Organisation,
}

impl std::str::FromStr for DonorKind {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        match name {
            "person" => Ok(Self::Person),
            "organisation" => Ok(Self::Organisation),
            _ => Err(()),
        }
    }
}

/// Who gave, checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NewDonor {
    /// The name, cleaned.
    pub name: String,
    /// A person or an organisation.
    pub kind: DonorKind,
    /// Whether the donor does not want to be named.
    pub anonymous: bool,
}
