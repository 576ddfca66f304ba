//! What a donor is.

use serde::Serialize;

use crate::kernel::ids::DonorId;
use crate::kernel::text_enum::text_enum;

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
    pub kind: DonorKind,
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

text_enum! {
    /// Whether a donor is one person or many.
    pub enum DonorKind {
        /// A person.
        Person = "person",
        /// An organisation, a company, a parish, a club.
        Organisation = "organisation",
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
