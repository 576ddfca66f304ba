//! The pages of rent reductions: the public form and the landlord's private link; the head's queue, the table and one
//! reduction with its steps for staff.

pub mod correction;
pub mod imports;
pub mod letter;
mod onward;
pub mod pledge_form;
pub mod private_link;
pub mod rent_reduction;
pub mod rent_reductions;
mod rent_table_form;
mod shown;
pub mod verification;
pub mod verification_queue;
pub(super) mod words;
