//! Vouchers (phiếu nhận hàng): rounds of handing out, what a household holds in its hand, and the papers of a
//! distribution point.
//!
//! Promises: a household has at most one voucher a round, however many people issue at once; no slot is ever over its
//! capacity; no personal data is in a code; a code that was changed by one bit is not ours; what is printed is read
//! by any QR reader, and can be typed when no reader works.
//!
//! | file | purpose |
//! |---|---|
//! | `code.rs`, `keys.rs`, `typed_code.rs` | the code and its signature, without I/O |
//! | `keyring.rs`, `ring_cache.rs` | the signing keys that are stored: make, rotate, withdraw; the public halves in memory |
//! | `round.rs`, `voucher.rs` | what a round and a voucher are |
//! | `new_round.rs`, `selection.rs` | what makes a round; who is to get vouchers |
//! | `rules.rs`, `slots.rs` | who goes to which point and when: pure decisions |
//! | `issuing.rs`, `issuing_plan.rs`, `signing.rs` | issuing to many households at once: who gets one; signed and stored |
//! | `service/` | the use cases of all of these |
//! | `reach.rs` | who may see and change a round, and see a voucher |
//! | `find.rs` | one voucher by its code or its household |
//! | `preview.rs` | what an issuing would do, before it does |
//! | `reissue.rs` | voiding and reissuing one; reissuing all that a withdrawn key signed |
//! | `print/` | a round's papers: sheets of vouchers, the list to sign |
//! | `store/`, `api/`, `pages/` | the SQL, the calls, the pages; pages that show handovers are redemption's |

pub mod api;
pub mod code;
pub mod find;
pub mod issuing;
pub mod issuing_plan;
mod key_view;
pub mod keyring;
pub mod keys;
pub mod new_round;
pub mod pages;
pub mod preview;
pub mod print;
pub mod reach;
pub mod reissue;
pub mod ring_cache;
pub mod round;
pub mod routes;
pub mod rules;
mod selection;
pub mod service;
mod signing;
pub mod slots;
pub mod store;
pub mod typed_code;
pub mod voucher;
