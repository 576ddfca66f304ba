//! Vouchers (phiếu nhận hàng): what a household holds in its hand, and the papers of a distribution point.
//!
//! Promises: no personal data is in a code; a code that was changed by one bit is not ours; what is printed is
//! read by any QR reader, and can be typed when no reader works.

pub mod code;
pub mod keys;
pub mod qr;
pub mod sheet;
pub mod typed_code;
