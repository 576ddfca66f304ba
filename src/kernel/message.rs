//! Messages in both languages of the product, and the errors of one submitted form or body.

use std::borrow::Cow;

/// The language a reader asked for. Vietnamese unless they clearly prefer English.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// Vietnamese, the first language of every screen.
    #[default]
    Vi,
    /// English.
    En,
}

impl Lang {
    /// Reads an `Accept-Language` header (RFC 9110 §12.5.4): the best weighted of `vi` and `en` wins, a tie or
    /// anything else is Vietnamese.
    pub fn from_accept_language(header: &str) -> Self {
        let weight = |want: &str| -> f32 {
            header
                .split(',')
                .filter_map(|part| {
                    let mut pieces = part.trim().split(';');
                    let tag = pieces.next()?.trim().to_ascii_lowercase();
                    let q = pieces
                        .find_map(|p| p.trim().strip_prefix("q=").map(|q| q.parse::<f32>().unwrap_or(0.0)))
                        .unwrap_or(1.0);
                    (tag == want || tag.starts_with(&format!("{want}-"))).then_some(q)
                })
                .fold(0.0, f32::max)
        };
        if weight("en") > weight("vi") { Self::En } else { Self::Vi }
    }

    /// The BCP 47 tag, for `Content-Language` and `<html lang>`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }
}

/// One message, said in both languages; the edge picks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Vietnamese.
    pub vi: Cow<'static, str>,
    /// English.
    pub en: Cow<'static, str>,
}

impl Message {
    /// A fixed message.
    pub const fn fixed(vi: &'static str, en: &'static str) -> Self {
        Self { vi: Cow::Borrowed(vi), en: Cow::Borrowed(en) }
    }

    /// A message with values in it.
    pub fn new(vi: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Self { vi: vi.into(), en: en.into() }
    }

    /// The message in one language.
    pub fn in_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::Vi => &self.vi,
            Lang::En => &self.en,
        }
    }
}

/// What is wrong with one field: which, a machine-readable code, and the way out in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Path of the field in the body, such as `lines[2].quantity`.
    pub field: String,
    /// Stable, machine-readable: `required`, `out_of_range`, `unknown`, …
    pub code: &'static str,
    /// The message for people. Never repeats personal data.
    pub say: Message,
}

impl FieldError {
    /// An error on one field.
    pub fn new(field: impl Into<String>, code: &'static str, say: Message) -> Self {
        Self { field: field.into(), code, say }
    }

    /// Which of several lines the field is on, counted from 1.
    pub fn line(&self) -> Option<u32> {
        let (_, rest) = self.field.split_once('[')?;
        let (number, _) = rest.split_once(']')?;
        number.parse::<u32>().ok().map(|number| number + 1)
    }
}

/// A reason why a text or number cannot be what its field says, before the field's name is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Stable, machine-readable.
    pub code: &'static str,
    /// The message for people.
    pub say: Message,
}

impl Invalid {
    /// A reason with a fixed message.
    pub const fn fixed(code: &'static str, vi: &'static str, en: &'static str) -> Self {
        Self { code, say: Message::fixed(vi, en) }
    }

    /// A reason with values in its message.
    pub fn new(code: &'static str, say: Message) -> Self {
        Self { code, say }
    }

    /// The reason, tied to its field.
    pub fn at(self, field: impl Into<String>) -> FieldError {
        FieldError { field: field.into(), code: self.code, say: self.say }
    }
}

/// Collects every error of a body before refusing it, so that a person mends all of them at once.
#[derive(Debug, Default)]
pub struct Validation {
    errors: Vec<FieldError>,
}

impl Validation {
    /// Nothing wrong yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps the value, or notes the reason under `field`.
    pub fn take<T>(&mut self, field: &str, parsed: Result<T, Invalid>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.errors.push(wrong.at(field));
                None
            }
        }
    }

    /// Like [`Validation::take`] for a value that may be left out.
    pub fn take_optional<T, U>(
        &mut self,
        field: &str,
        value: Option<U>,
        parse: impl FnOnce(U) -> Result<T, Invalid>,
    ) -> Option<T> {
        value.and_then(|v| self.take(field, parse(v)))
    }

    /// Notes a reason under `field` when `fine` is false.
    pub fn check(&mut self, field: &str, fine: bool, wrong: impl FnOnce() -> Invalid) {
        if !fine {
            self.errors.push(wrong().at(field));
        }
    }

    /// Notes an error made elsewhere.
    pub fn push(&mut self, error: FieldError) {
        self.errors.push(error);
    }

    /// All the values that were taken, or all that is wrong: with them, with others, or with what was checked.
    pub fn all<T: Taken>(self, taken: T) -> Result<T::Values, Vec<FieldError>> {
        match taken.values() {
            Some(values) if self.errors.is_empty() => Ok(values),
            _ => Err(self.errors),
        }
    }

    /// The collected errors, or nothing when all is well.
    pub fn finish(self) -> Result<(), Vec<FieldError>> {
        if self.errors.is_empty() { Ok(()) } else { Err(self.errors) }
    }
}

/// What [`Validation::take`] gave, several at once.
pub trait Taken {
    /// The values.
    type Values;
    /// The values, when each was taken.
    fn values(self) -> Option<Self::Values>;
}

/// One implementation for each number of values.
macro_rules! taken {
    ($(($($value:ident)+))*) => {
        $(impl<$($value),+> Taken for ($(Option<$value>,)+) {
            type Values = ($($value,)+);
            #[allow(non_snake_case, reason = "a type's name names its value")]
            fn values(self) -> Option<Self::Values> {
                let ($($value,)+) = self;
                Some(($($value?,)+))
            }
        })*
    };
}

taken! {
    (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_gives_all_its_values_or_all_that_is_wrong_with_it() {
        let wrong = || Invalid::fixed("required", "Bắt buộc.", "Required.");
        let mut fields = Validation::new();
        let (name, desks) = (fields.take("name", Ok("Kho")), fields.take("desks", Ok(2)));
        assert_eq!(fields.all((name, desks)), Ok(("Kho", 2)));
        let mut fields = Validation::new();
        let (name, desks) = (fields.take("name", Ok("Kho")), fields.take::<i64>("desks", Err(wrong())));
        fields.check("area", false, wrong);
        let errors = fields.all((name, desks)).unwrap_err();
        assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), ["desks", "area"]);
    }

    #[test]
    fn english_is_chosen_only_when_it_weighs_more() {
        assert_eq!(Lang::from_accept_language("en-GB,en;q=0.9"), Lang::En);
        assert_eq!(Lang::from_accept_language("vi-VN,vi;q=0.9,en;q=0.8"), Lang::Vi);
        assert_eq!(Lang::from_accept_language("fr"), Lang::Vi);
        assert_eq!(Lang::from_accept_language("en;q=0.4, vi;q=0.4"), Lang::Vi);
    }
}
