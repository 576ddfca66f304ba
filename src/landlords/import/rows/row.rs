//! A row of a list of landlords: so many rooms, at one rent, cut alike over some months.

use serde::{Deserialize, Serialize};

use super::reduction::Reduction;
use crate::kernel::{Dong, Month, PhoneNumber};

/// A row of a list of landlords. In a row with errors, what is wrong is left out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReductionRow {
    /// Which landlord of this file, from 1: rows of the same landlord have the same number. 0 until told apart.
    pub landlord: u32,
    /// Landlord's name, written as a name.
    pub landlord_name: String,
    /// Landlord's phone.
    pub phone: Option<PhoneNumber>,
    /// Address of the rooms.
    pub address: Option<String>,
    /// The neighbourhood in the list's words.
    pub area_text: Option<String>,
    /// Rooms, 1–500. Each row's rooms are rooms of their own.
    pub rooms: Option<u16>,
    /// Rent per room and month before the cut.
    pub rent: Option<Dong>,
    /// By how much it is cut.
    pub reduction: Option<Reduction>,
    /// First month.
    pub from: Option<Month>,
    /// Last month, counted.
    pub to: Option<Month>,
    /// Rooms × months × reduction.
    pub total: Option<Dong>,
    /// Remarks.
    pub note: Option<String>,
}
