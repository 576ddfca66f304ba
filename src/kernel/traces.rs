//! What tells of one person in texts and lists that others wrote: names, numbers, addresses. Holds personal data, so it
//! has no `Debug`.

use super::vietnamese::{address_key, fold};
use super::{CitizenId, PhoneNumber};

/// What stands in the place of a text that told of an erased person.
pub const ERASED_TEXT: &str = "(đã xóa theo yêu cầu)";

/// Digits at the end of a phone number that are the same however it is written: `0905…` and `+84 905…`.
const PHONE_DIGITS: usize = 9;

/// The traces of one person, or of several records that were one.
#[derive(Clone, Default)]
pub struct Traces {
    names: Vec<String>,
    phones: Vec<String>,
    citizen_ids: Vec<String>,
    addresses: Vec<String>,
}

impl Traces {
    /// A name; an empty one tells of nobody.
    pub fn add_name(&mut self, name: &str) {
        add(&mut self.names, fold(name));
    }

    /// A phone number, as it is stored.
    pub fn add_phone(&mut self, phone: &str) {
        let digits = PhoneNumber::parse(phone).map_or_else(|_| phone.to_owned(), |phone| phone.as_str().to_owned());
        let from = digits.len().saturating_sub(PHONE_DIGITS);
        add(&mut self.phones, digits.get(from..).unwrap_or("").to_owned());
    }

    /// An id number, as it is stored. Spreadsheets take its leading zeros.
    pub fn add_citizen_id(&mut self, id: &str) {
        let digits = CitizenId::parse(id).map_or_else(|_| id.to_owned(), |id| id.as_str().to_owned());
        add(&mut self.citizen_ids, digits.trim_start_matches('0').to_owned());
    }

    /// An address.
    pub fn add_address(&mut self, address: &str) {
        add(&mut self.addresses, address_key(address));
    }

    /// Whether a text names the person, or one of the person's numbers.
    pub fn are_in(&self, text: &str) -> bool {
        let words = format!(" {} ", fold(text));
        let digits = joined_digits(text);
        self.names.iter().any(|name| words.contains(&format!(" {name} ")))
            || self.phones.iter().chain(&self.citizen_ids).any(|number| digits.contains(number.as_str()))
    }

    /// Whether a row of a list is this person's, by what tells rows of one person apart everywhere: the id number, or the
    /// name with the phone or the address. Of whom no number and no address is known the name has to do.
    pub fn are_of_row(&self, texts: &[&str]) -> bool {
        let digits: Vec<String> = texts.iter().map(|text| joined_digits(text)).collect();
        let has_number =
            |numbers: &[String]| numbers.iter().any(|number| digits.iter().any(|text| text.contains(number.as_str())));
        if has_number(&self.citizen_ids) {
            return true;
        }
        let names = texts.iter().any(|text| {
            let words = format!(" {} ", fold(text));
            self.names.iter().any(|name| words.contains(&format!(" {name} ")))
        });
        names
            && (has_number(&self.phones)
                || texts.iter().any(|text| self.addresses.contains(&address_key(text)))
                || (self.phones.is_empty() && self.addresses.is_empty()))
    }
}

fn add(to: &mut Vec<String>, text: String) {
    if !text.is_empty() && !to.contains(&text) {
        to.push(text);
    }
}

/// The digits of a text; what stands between the digits of one number is dropped, everything else is one space.
fn joined_digits(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_digit() {
            out.push(c);
        } else if !matches!(c, ' ' | '.' | '-' | '\u{a0}') && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hoa() -> Traces {
        let mut traces = Traces::default();
        traces.add_name("Trần Thị Hoa");
        traces.add_phone("0905123456");
        traces.add_citizen_id("048172001234");
        traces.add_address("K197/27 Trần Cao Vân");
        traces
    }

    #[test]
    fn a_text_names_a_person_in_any_spelling_and_nobody_else() {
        for text in ["bà TRẦN THỊ HOA nhờ", "tran thi hoa", "gọi +84 905.123.456", "CCCD 48 172 001 234"] {
            assert!(hoa().are_in(text), "{text}");
        }
        for text in ["Trần Thị Hoàng", "0905 123 457", "", "phiếu bị ướt"] {
            assert!(!hoa().are_in(text), "{text}");
        }
        assert!(!Traces::default().are_in("ai cũng được"), "nobody has no traces");
    }

    #[test]
    fn a_row_is_hers_by_number_or_by_name_with_phone_or_address() {
        for row in [
            vec!["Ai đó", "048172001234"],
            vec!["Trần Thị Hòa", "0905123456"],
            vec!["trần thị hoa", "k.197/27, đường Trần Cao Vân"],
        ] {
            assert!(hoa().are_of_row(&row), "{row:?}");
        }
        for row in [
            vec!["Trần Thị Hoa", "12 Lê Duẩn"],
            vec!["Lê Văn Tám", "0905123456"],
            vec!["Lê Văn Tám", "K197/27 Trần Cao Vân"],
        ] {
            assert!(!hoa().are_of_row(&row), "{row:?}");
        }
        let mut donor = Traces::default();
        donor.add_name("Ông Ba");
        assert!(donor.are_of_row(&["1", "ông BA", "gạo"]));
    }
}
