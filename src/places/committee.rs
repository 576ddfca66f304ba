//! Who issues the papers of a ward.

use crate::kernel::vietnamese::uncapitalised;

/// The body that issues a ward's papers: `Ủy ban MTTQ Việt Nam phường Thanh Khê`.
pub fn committee(ward: &str) -> String {
    format!("Ủy ban MTTQ Việt Nam {}", uncapitalised(ward)).trim_end().to_owned()
}
