//! What areas, points and other things with a name of their own are called.

use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::clean;

/// A name of 1 to 200 characters, spaces trimmed.
pub fn parse_name(text: &str) -> Result<String, Invalid> {
    let name = clean(text);
    if (1..=200).contains(&name.chars().count()) {
        Ok(name)
    } else {
        Err(Invalid::fixed("out_of_range", "Tên dài từ 1 đến 200 ký tự.", "A name has 1 to 200 characters."))
    }
}
