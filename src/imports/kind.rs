//! A kind of list that is imported: what it is stored as, and who may work on it.
//!
//! What else a kind says of itself, it says in the files of its feature's `import/`, each of which implements the trait
//! of the file of the same name here. What is done with a list is written once, in [`super::service`].

use crate::http::Error;
use crate::kernel::Message;
use crate::people::{Grant, Permit};

/// Who works on a list: a member of staff who may import such, or nobody at the command line.
pub type By<'a, K> = Option<&'a Permit<<K as ListKind>::Right>>;

/// What a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Households,
    Donations,
    RentReductions,
}

impl Kind {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Households => "households",
            Self::Donations => "donations",
            Self::RentReductions => "rent_reductions",
        }
    }

    /// When a file of this kind holds no row of data.
    pub(super) fn no_rows(self) -> Error {
        let (vi, en) = match self {
            Self::Households => ("hộ nào", "household"),
            Self::Donations => ("khoản ủng hộ nào", "donation"),
            Self::RentReductions => ("chủ trọ nào", "landlord"),
        };
        let say = Message::new(
            format!("Tệp không có {vi} dưới dòng tiêu đề. Kiểm tra lại có đúng tệp danh sách không."),
            format!("The file has no {en} below its header. Check that it is the right list."),
        );
        Error::field("file", "no_rows", say)
    }
}

/// A kind of list.
pub trait ListKind: Sized + Send + Sync + 'static {
    /// What it is stored as.
    const KIND: Kind;
    /// Who may import it.
    type Right: Grant;
    /// What the audit log calls an import of it.
    const RECORD: &'static str;
    /// Whether it tells of people: every look is logged, and a login confined to an area sees its own lists only.
    const PERSONAL: bool;
}
