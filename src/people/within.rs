//! Refusing what lies outside of a caller's reach.

use crate::http::{Error, Result};
use crate::kernel::Within;

impl<T: Ord + Copy> Within<T> {
    /// Refuses what lies outside.
    pub fn require(&self, id: T) -> Result<()> {
        if self.holds(id) { Ok(()) } else { Err(Error::Forbidden) }
    }
}
