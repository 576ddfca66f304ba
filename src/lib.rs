//! Lá Lành: relief work of a Vietnamese ward, from the neighbourhood's list to the public report.
//!
//! The modules, lowest first; imports only point down this list.

pub mod kernel;
pub mod vault;
pub mod db;
pub mod http;
pub mod people;
pub mod jobs;
pub mod spreadsheet;
pub mod imports;
pub mod duties;
pub mod paper;
pub mod places;
pub mod consents;
pub mod households;
pub mod landlords;
pub mod campaigns;
pub mod inventory;
pub mod donations;
pub mod vouchers;
pub mod redemption;
pub mod pwa;
pub mod dashboard;
pub mod privacy;
pub mod reports;
pub mod retention;
pub mod backup;
pub mod doctor;
pub mod app;
pub mod demo;
pub mod cli;
