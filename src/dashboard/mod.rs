//! The live overview: what is in stock, what is being handed out, and whether it suffices. Reads only.
//!
//! Promises: one look at the database serves every viewer, however many there are; a viewer sees the state within a
//! second of a change in this process, and within seconds of one in another process on the same database; a login
//! that is confined to points or to an area sees only its own.

pub mod api;
pub mod figures;
pub mod forecast;
pub mod live;
mod overview;
pub mod pages;
pub mod routes;
pub mod store;

pub use overview::{
    Figures, Fix, MINUTES, PackageRow, PhoneRow, PhonesEvent, RedemptionEvent, RefusalRow, RoundRow, StockChanges,
    StockEvent, StockRow,
};
