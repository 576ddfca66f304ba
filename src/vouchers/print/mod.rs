//! What is printed of a round: sheets of vouchers to cut up, and the list that people sign (danh sách ký nhận). PDF on A4.
//!
//! | file | purpose |
//! |---|---|
//! | `voucher_paper.rs` | what a voucher's paper says |
//! | `sheets.rs`, `card.rs`, `poster.rs` | sheets of vouchers; a voucher drawn as a card or over a whole page |
//! | `roster.rs` | the list to sign |
//! | `stream.rs` | a round's papers as one file that leaves while it is made |

mod card;
mod poster;
mod roster;
mod sheets;
pub mod stream;
#[cfg(test)]
mod tests;
mod voucher_paper;

pub use roster::{Roster, RosterHead, RosterRow};
pub use sheets::{Layout, VoucherSheets, write_vouchers};
pub use voucher_paper::{SheetHead, VoucherPaper};

/// How much was printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// Vouchers, or rows of the list.
    pub papers: u64,
    pub pages: u64,
    /// Bytes of the file.
    pub bytes: u64,
}
