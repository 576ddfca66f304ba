//! What is done with rent reductions, called by the API and the pages alike: a reduction is pledged, corrected, looked
//! at, taken from step to step, and kept by its landlord through the private link.

pub mod correction;
pub mod erasure;
pub mod pledge;
pub mod private_link;
pub mod reading;
pub mod verification;
