//! What is printed: sheets of vouchers to cut up, and the list that people sign (danh sách ký nhận). PDF on A4.
//!
//! Promises: pages leave for the writer as they fill, so ten thousand vouchers need no more memory than ten; the
//! same input gives the same bytes; text can be searched and copied, and no text ever runs into another; a
//! module of a QR code is a whole number of dots on printers of 300 dpi and its multiples.
//!
//! | file | purpose |
//! |---|---|
//! | `fonts.rs` | the faces, the glyphs that were used, and their subsets |
//! | `document.rs` | objects, offsets, the page tree, the end of the file |
//! | `ink.rs` | what is put on one page: text, lines, codes |
//! | `fit.rs` | cleaning a text, and making it fit |
//! | `voucher.rs`, `card.rs`, `poster.rs` | the sheets, and a voucher drawn as a card or over a whole page |
//! | `roster.rs`, `table.rs` | the list to sign |

mod card;
mod document;
mod fit;
mod fonts;
mod ink;
mod poster;
mod roster;
mod table;
#[cfg(test)]
mod tests;
mod voucher;

pub use roster::{Roster, RosterHead, RosterRow};
pub use voucher::{Layout, SheetHead, VoucherPaper, VoucherSheets, write_vouchers};

/// Points (1/72 inch) in a millimetre.
const MM: f32 = 72.0 / 25.4;

/// Points in a dot at 300 dpi. Whatever must be sharp lies on whole dots.
const DOT: f32 = 0.24;

/// A4 upright in points, as 2480 × 3508 whole dots at 300 dpi.
const A4: (f32, f32) = (2480.0 * DOT, 3508.0 * DOT);

/// How much was printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// Vouchers, or rows of the list.
    pub papers: u64,
    /// Pages.
    pub pages: u64,
    /// Bytes of the file.
    pub bytes: u64,
}
