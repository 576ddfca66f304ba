//! The name of a person, beside their login: what papers and the audit log call them.

use serde::Deserialize;

use crate::http::Result;
use crate::http::schemas::FullName;
use crate::kernel::Validation;
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::clean;

/// Reads a name: 2 to 100 characters, a letter among them.
pub fn parse_full_name(text: &str) -> std::result::Result<String, Invalid> {
    let name = clean(text);
    if (2..=100).contains(&name.chars().count()) && name.chars().any(char::is_alphabetic) {
        return Ok(name);
    }
    Err(Invalid::fixed(
        "out_of_range",
        "Ghi họ và tên, từ 2 đến 100 ký tự.",
        "Give the full name, 2 to 100 characters.",
    ))
}

/// The own name.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = OwnFullName, example = json!({"full_name": "Trần Thị Lan"}))]
pub(super) struct FullNameBody {
    /// 2 to 100 characters; null: none, the login stands in its place.
    #[serde(default)]
    #[schema(value_type = Option<FullName>)]
    pub(super) full_name: Option<String>,
}

impl FullNameBody {
    /// The name, or that there is none.
    pub(super) fn parse(self) -> Result<Option<String>> {
        let mut fields = Validation::new();
        let name = fields.take_optional("full_name", self.full_name, |text| parse_full_name(&text));
        fields.finish()?;
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cleaned_and_has_letters() {
        assert_eq!(parse_full_name("  Trần  Thị\u{200B} Lan ").unwrap(), "Trần Thị Lan");
        for wrong in ["", "L", "12", "\u{200B}\u{200B}", &"a".repeat(101)] {
            assert!(parse_full_name(wrong).is_err(), "{wrong:?}");
        }
    }
}
