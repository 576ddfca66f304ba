//! What is done with households, called by the API and the pages alike: they are registered, corrected, told apart,
//! merged, erased, and taken out as a workbook.

pub mod correction;
pub mod duplicates;
pub mod erasure;
pub mod export;
pub mod merge;
pub mod registration;
