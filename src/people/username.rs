//! A login's name.

use crate::kernel::message::Invalid;

/// A login's name: 2 to 60 of letters, digits, `.`, `-`, `_`; kept in lower case.
pub fn parse_username(text: &str) -> Result<String, Invalid> {
    let name = text.trim().to_lowercase();
    let fine = (2..=60).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if fine {
        Ok(name)
    } else {
        Err(Invalid::fixed(
            "out_of_range",
            "Tên đăng nhập gồm 2 đến 60 chữ cái không dấu, chữ số, dấu chấm, gạch nối hoặc gạch dưới.",
            "A username has 2 to 60 letters without marks, digits, dots, hyphens or underscores.",
        ))
    }
}
