//! What a donor is.

use serde::{Deserialize, Serialize};

use crate::kernel::Validation;
use crate::kernel::ids::DonorId;
use crate::kernel::text_enum::text_enum;
use crate::kernel::vietnamese::clean;
use crate::places::parse_name;

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

    /// The donor as somebody sees it who may, or need not, know an anonymous donor's name.
    #[must_use]
    pub fn for_reader(self, knows_names: bool) -> Self {
        if knows_names { self } else { self.masked() }
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

/// Who gave.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(super) struct DonorBody {
    /// 1 to 200 characters; may be empty when anonymous.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub(super) name: String,
    /// A person or an organisation.
    pub(super) kind: DonorKind,
    /// Whether the donor does not want to be named.
    #[serde(default)]
    pub(super) anonymous: bool,
}

impl DonorBody {
    /// Who gave; nothing when something is wrong with it, which is noted.
    pub(super) fn parse(self, fields: &mut Validation) -> Option<NewDonor> {
        let name = clean(&self.name);
        let name = if self.anonymous && name.is_empty() { ANONYMOUS.to_owned() } else { name };
        let name = fields.take("donor.name", parse_name(&name))?;
        Some(NewDonor { name, kind: self.kind, anonymous: self.anonymous })
    }
}
