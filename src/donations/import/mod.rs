//! Lists of donors: from the file's rows to donations of goods, ready-made packages and cash.

pub mod commit;
pub mod decisions;
pub mod matching;
pub mod preview;
pub mod rows;
mod store;
pub mod undo;
pub mod vocabulary;

pub use rows::{DonationLine, DonationRow, Donor, Options, ReadOptions, check_typed, read};
pub use vocabulary::VOCABULARY;

use crate::imports;
use crate::imports::kind::{Kind, ListKind};
use crate::people::rights::WriteGoods;

/// Lists of donors.
pub struct Donations;

/// One of them as it stands.
pub type Opened = imports::opened::Opened<Donations>;

impl ListKind for Donations {
    const KIND: Kind = Kind::Donations;
    type Right = WriteGoods;
    const RECORD: &'static str = "donation_import";
    const PERSONAL: bool = false;
}
