//! The inventory: items and packages, and the stock of every point and warehouse with its ledger.
//!
//! One stock dimension, items: everything on a shelf is an item in its smallest unit. A donation of ready-made packages
//! whose contents are known (`package_id`) enters stock as those items; packages of unknown contents count in the
//! donations' totals and never in stock. So for each item received = handed out + spoiled (and other adjustments) + on
//! hand, to the gram, at every moment.
//!
//! The ledger is append-only, and the level of each lot at each point always is the ledger's sum. Every change goes
//! through a [`LockedStock`]: it locks the levels it is about to change, decides in memory, and writes entries and levels
//! in the caller's transaction. Goods are handed out and transferred first-expired-first and never after their expiry;
//! adjustments may also take what has expired. Levels never fall below zero, except that of the *overdraft* lot, on which
//! facts from offline phones beyond the stock are booked; it counts in every total, so what was overdrawn is not handed
//! out twice.
//!
//! An entry's `at` is when the goods moved: a donation typed in later than it was received stands on its day.

mod adjustment;
pub mod api;
pub mod choices;
mod count;
mod item;
pub mod level;
pub mod lines;
mod locked_stock;
mod lot;
mod package;
pub mod pages;
pub mod quantities;
mod reason;
pub mod routes;
mod service;
mod shortage;
pub mod store;
pub mod suggest;
mod transfer;

pub use item::{Item, NewItem, parse_unit, unknown_item};
pub use level::{Enough, StockFilter, StockLevel, levels};
pub use lines::{Line, MAX_LINES, MovedLine};
pub use locked_stock::{Freshness, LockedStock, Picked, PostingCause};
pub use lot::LotKey;
pub use package::{Package, PackageItem};
pub use reason::{AdjustmentReason, Reason};
pub use shortage::{Shortage, shortage};
