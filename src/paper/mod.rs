//! Papers as PDF files: a page's canvas, fonts, the official letterhead, ruled tables, and QR codes drawn as they print
//! well.
//!
//! Promises: pages leave for the writer as they fill, so ten thousand pages need no more memory than ten; the same input
//! gives the same bytes; text can be searched and copied, and no text ever runs into another; a module of a QR code is a
//! whole number of dots on printers of 300 dpi and its multiples.
//!
//! Our own, by decision: a list of ten thousand vouchers is half as large as the crates for whole documents make it, and
//! leaves while it is made; QR masks are found eighty times faster.
//!
//! | file | purpose |
//! |---|---|
//! | `document.rs`, `objects.rs` | objects, offsets, the page tree, the end of the file |
//! | `canvas.rs` | what is put on one page: text, lines, codes |
//! | `fonts.rs` | the faces, the glyphs that were used, and their subsets |
//! | `fit.rs` | cleaning a text, and making it fit |
//! | `letterhead.rs`, `table.rs` | the parts of official papers: heading, place and date, ruled tables |
//! | `qr/` | QR codes (ISO/IEC 18004) |

pub mod canvas;
pub mod document;
pub mod fit;
pub mod fonts;
pub mod letterhead;
mod objects;
pub mod qr;
pub mod table;

/// Points (1/72 inch) in a millimetre.
pub const MM: f32 = 72.0 / 25.4;

/// Points in a dot at 300 dpi. Whatever must be sharp lies on whole dots.
pub const DOT: f32 = 0.24;

/// A4 upright in points, as 2480 × 3508 whole dots at 300 dpi.
pub const A4: (f32, f32) = (2480.0 * DOT, 3508.0 * DOT);
