//! Every test of the service as a whole, in one binary; each runs on SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop")]

mod administration;
mod authorisation;
mod bad_input;
mod backup;
mod connections;
mod dashboard;
mod demo;
mod document;
mod goods;
mod house;
mod household_pages;
mod households;
mod https;
mod import_pages;
mod imports;
mod landlords;
mod licences;
mod market_day;
mod operations;
mod pages;
mod people;
mod phone;
mod places;
mod redemption;
mod rent_import_pages;
mod rent_pages;
mod report_pages;
mod reports;
mod rooms;
mod secrets;
mod simulation;
mod sql_texts;
mod support;
mod vouchers;
