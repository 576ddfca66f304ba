//! A page's form: what was typed, what is wrong with it, and sending it only once.
//!
//! A handler reads the fields by the names that the API's body has, calls what the API calls, and shows the form again
//! when that refuses it: values as typed, each error beside its field.

use std::str::FromStr;

use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;

use super::body::too_large;
use super::core::Core;
use super::create::Idempotency;
use super::error::{Error, Result};
use crate::kernel::message::Invalid;
use crate::kernel::{Day, Dong, FieldError, Message, Month, Quantity};

/// The hidden field that makes a form count once, however often it is sent.
const ONCE: &str = "once";
/// Fields that a form has at most.
const FIELDS_MAX: usize = 5_000;

/// The fields of a form with what is wrong with them.
#[derive(Clone, Debug, Default)]
pub struct Form {
    pub(super) fields: Vec<(String, String)>,
    errors: Vec<FieldError>,
    path: String,
}

impl Form {
    /// A form to be filled in, sent once.
    pub fn fresh(core: &Core) -> Self {
        Self::default().with(ONCE, core.clock.uuid())
    }

    /// The form with a value in one more field.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.fields.push((name.to_owned(), value.to_string()));
        self
    }

    /// The form with a value in one more field, when there is one.
    #[must_use]
    pub fn with_some(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// What was typed into a field; empty when nothing was.
    pub fn value(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim())
    }

    /// What was typed into a field, with the spaces around it: for texts whose indents say something.
    pub fn raw(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// Every value of a field that may be chosen several times.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.trim())
    }

    /// The fields whose names start so: the rest of each name, and its value.
    pub fn starting<'a>(&'a self, start: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.fields.iter().filter_map(move |(name, value)| Some((name.strip_prefix(start)?, value.trim())))
    }

    /// Whether a box or an option is chosen.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|chosen| chosen == value)
    }

    /// Whether the form has a field at all.
    pub fn is_sent(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field == name)
    }

    /// Whether a single box is ticked.
    pub fn ticked(&self, name: &str) -> bool {
        self.is_sent(name)
    }

    /// The text of a field, or nothing when it is empty.
    pub fn text(&self, name: &str) -> Option<String> {
        Some(self.value(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// How many rows the fields `name[0].…`, `name[1].…` fill, at most [`FIELDS_MAX`].
    pub fn rows(&self, name: &str) -> usize {
        let index = |field: &str| {
            let (digits, _) = field.strip_prefix(name)?.strip_prefix('[')?.split_once(']')?;
            digits.parse::<usize>().ok()
        };
        self.fields.iter().filter_map(|(field, _)| index(field)).max().map_or(0, |last| (last + 1).min(FIELDS_MAX))
    }

    /// A whole number; dots between groups of digits are read over.
    pub fn int(&self, name: &str) -> std::result::Result<i64, Invalid> {
        let text = self.value(name);
        if text.is_empty() {
            return Err(required());
        }
        let digits: String = text.chars().filter(|c| !matches!(c, '.' | ' ' | '\u{a0}')).collect();
        digits.parse().map_err(|_| {
            Invalid::fixed(
                "wrong_type",
                "Ghi số nguyên bằng chữ số, ví dụ 12.",
                "Write a whole number in digits, such as 12.",
            )
        })
    }

    /// An amount of money in đồng: `1.286.010` or `1286010`, with or without `đ`.
    pub fn dong(&self, name: &str) -> std::result::Result<Dong, Invalid> {
        let text = self.value(name).trim_end_matches(['đ', 'Đ', '₫']).trim_end().to_owned();
        if text.is_empty() {
            return Err(required());
        }
        let digits: String = text.chars().filter(|c| !matches!(c, '.' | ',' | ' ' | '\u{a0}')).collect();
        let amount = digits.parse().map_err(|_| {
            Invalid::fixed(
                "wrong_type",
                "Ghi số tiền bằng đồng, ví dụ 500.000.",
                "Write the amount in đồng, such as 500.000.",
            )
        })?;
        Dong::parse(amount)
    }

    /// A quantity in an item's unit, in its smallest unit: `4.000,5` of a kg item with 3 decimals is 4,000,500.
    pub fn quantity(&self, name: &str, decimals: u8) -> std::result::Result<Quantity, Invalid> {
        let text = self.value(name);
        if text.is_empty() {
            return Err(required());
        }
        quantity(text, decimals)
    }

    /// A day as a date field sends it (`2021-08-05`), or as people write it (`05/08/2021`).
    pub fn day(&self, name: &str) -> std::result::Result<Day, Invalid> {
        let text = self.value(name);
        if text.is_empty() {
            return Err(required());
        }
        match text.split('/').collect::<Vec<_>>()[..] {
            [day, month, year] => Day::parse(&format!("{year:0>4}-{month:0>2}-{day:0>2}")),
            _ => Day::parse(text),
        }
    }

    /// A time of day in seconds since midnight: `07:30` as a time field sends it, `7h30` or `7 giờ 30` as people write.
    pub fn time_of_day(&self, name: &str) -> std::result::Result<i64, Invalid> {
        let text = self.value(name);
        if text.is_empty() { Err(required()) } else { time_of_day(text) }
    }

    /// An id or another value that is chosen, not typed.
    pub fn chosen<T: FromStr>(&self, name: &str) -> std::result::Result<T, Invalid> {
        let text = self.value(name);
        text.parse()
            .map_err(|_| Invalid::fixed("required", "Hãy chọn một mục trong danh sách.", "Choose one of the list."))
    }

    /// All chosen values of a field; what is no value of it is left out.
    pub fn all_chosen<T: FromStr>(&self, name: &str) -> Vec<T> {
        self.all(name).filter_map(|text| text.parse().ok()).collect()
    }

    /// The form without the fields whose name begins with this.
    #[must_use]
    pub fn without(mut self, prefix: &str) -> Self {
        self.fields.retain(|(name, _)| !name.starts_with(prefix));
        self
    }

    /// Every field but those whose name begins with one of the words of `shown`: what a page of several steps carries on.
    pub fn carried<'a>(&'a self, shown: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let hidden = move |name: &str| !shown.split(' ').any(|prefix| name.starts_with(prefix));
        self.fields.iter().filter(move |(name, _)| hidden(name)).map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A calendar month as a month field sends it (`2021-07`), or as people write it (`7/2021`).
    pub fn month(&self, name: &str) -> std::result::Result<Month, Invalid> {
        let text = self.value(name);
        if text.is_empty() {
            return Err(required());
        }
        match text.split('/').collect::<Vec<_>>()[..] {
            [month, year] => Month::parse(&format!("{:0>4}-{:0>2}", year.trim(), month.trim())),
            _ => Month::parse(text),
        }
    }

    /// What makes this form count once.
    pub fn once(&self) -> Idempotency {
        Idempotency::of_form(self.value(ONCE), &self.path, &self.fields)
    }

    /// The value of the hidden field.
    pub fn once_value(&self) -> &str {
        self.value(ONCE)
    }

    /// Takes a refusal into the form, to be shown again. What is no refusal of the form is given back.
    pub fn refused(mut self, error: Error) -> Result<(StatusCode, Self)> {
        let status = error.status();
        self.errors = match error {
            Error::Invalid(errors) => errors,
            Error::Conflict { code, say } => vec![FieldError::new("", code, say)],
            error @ (Error::LoginRefused { .. }
            | Error::TooMany(_)
            | Error::TooManyCodes(_)
            | Error::TooLarge(_)
            | Error::Unsupported(_)) => {
                vec![FieldError::new("", error.code(), error.say())]
            }
            other => return Err(other),
        };
        Ok((status, self))
    }

    /// What is wrong, in the order of the fields.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// What is wrong with one field.
    pub fn error(&self, name: &str) -> Option<&Message> {
        self.errors.iter().find(|error| error.field == name).map(|error| &error.say)
    }

    /// Whether something is wrong with a field whose name begins with this.
    pub fn is_wrong(&self, prefix: &str) -> bool {
        self.errors.iter().any(|error| error.field.starts_with(prefix))
    }

    /// Whether the form was refused because of this.
    pub fn has_error(&self, code: &str) -> bool {
        self.errors.iter().any(|error| error.code == code)
    }
}

/// A quantity as people write it, in an item's smallest unit.
pub fn quantity(text: &str, decimals: u8) -> std::result::Result<Quantity, Invalid> {
    let wrong = || {
        Invalid::new(
            "wrong_type",
            Message::new(
                format!("Ghi số lượng bằng chữ số, dấu phẩy cho phần lẻ, tối đa {decimals} chữ số lẻ. Ví dụ: 12,5."),
                format!("Write a quantity in digits, a comma before at most {decimals} decimals. For example: 12,5."),
            ),
        )
    };
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, part) = text.split_once(',').unwrap_or((text, ""));
    let whole: String = whole.chars().filter(|c| !matches!(c, '.' | ' ' | '\u{a0}')).collect();
    let places = usize::from(decimals);
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(&whole) || !all_digits(part) || part.len() > places {
        return Err(wrong());
    }
    let smallest: i64 = format!("{whole}{part:0<places$}").parse().map_err(|_| wrong())?;
    Ok(Quantity(if negative { -smallest } else { smallest }))
}

/// Seconds since midnight of `07:00`, as a time field sends it, or `7 giờ 30`, `7h30`, as people write it.
fn time_of_day(text: &str) -> std::result::Result<i64, Invalid> {
    let wrong =
        || Invalid::fixed("not_a_time", "Ghi giờ và phút, ví dụ 07:30.", "Write hours and minutes, such as 07:30.");
    let text = text.replace("giờ", ":").replace(['h', 'H', 'g'], ":").replace(' ', "");
    let (hours, minutes) = text.split_once(':').unwrap_or((&text, ""));
    let read = |part: &str, most: i64| part.parse::<i64>().ok().filter(|n| (0..=most).contains(n));
    let minutes = if minutes.is_empty() { Some(0) } else { read(minutes.get(..2).unwrap_or(minutes), 59) };
    match (read(hours, 24), minutes) {
        (Some(hours), Some(minutes)) if hours < 24 || minutes == 0 => Ok(hours * 3600 + minutes * 60),
        _ => Err(wrong()),
    }
}

fn required() -> Invalid {
    Invalid::fixed("required", "Hãy điền ô này.", "Fill in this field.")
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let path = request.uri().path().to_owned();
        let fields =
            axum::Form::<Vec<(String, String)>>::from_request(request, state).await.map_err(
                |rejection| match rejection.into_response().status() {
                    StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge(too_large()),
                    StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                        Error::Unsupported(Message::fixed("Gửi nội dung dạng biểu mẫu.", "Send a form."))
                    }
                    _ => Error::field(
                        "",
                        "unreadable",
                        Message::fixed(
                            "Không đọc được biểu mẫu. Hãy tải lại trang.",
                            "The form can't be read. Load the page again.",
                        ),
                    ),
                },
            )?;
        let axum::Form(fields) = fields;
        if fields.len() > FIELDS_MAX {
            return Err(Error::TooLarge(too_large()));
        }
        Ok(Self { fields, errors: Vec::new(), path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_as_people_write_them() {
        let form =
            Form::default().with("a", "1.286.010 đ").with("b", "4.000,5").with("c", "5/8/2021").with("d", " 12 ");
        assert_eq!(form.dong("a"), Ok(Dong(1_286_010)));
        assert_eq!(form.quantity("b", 3), Ok(Quantity(4_000_500)));
        assert_eq!(form.day("c").unwrap().to_string(), "2021-08-05");
        assert_eq!(form.int("d"), Ok(12));
        assert_eq!(Form::default().with("m", "7/2021").month("m").unwrap().to_string(), "2021-07");
        assert_eq!(form.int("e").unwrap_err().code, "required");
    }

    #[test]
    fn a_time_of_day_is_read_as_people_write_it() {
        for text in ["07:30", "7:30", "7h30", "7 giờ 30", "07:30:00"] {
            assert_eq!(time_of_day(text), Ok(27_000), "{text}");
        }
        assert_eq!(time_of_day("17h"), Ok(61_200));
        assert_eq!(time_of_day("24:00"), Ok(86_400));
        for text in ["25:00", "7:75", "sáng", "24:01", "-1:00"] {
            assert!(time_of_day(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_quantity_finer_than_its_unit_is_refused() {
        assert!(quantity("1,5", 0).is_err());
        assert!(quantity("1,2345", 3).is_err());
        assert!(quantity("99999999999999999999", 0).is_err());
        assert!(quantity("một", 0).is_err());
        assert_eq!(quantity("-0,5", 3), Ok(Quantity(-500)));
    }

    #[test]
    fn rows_of_a_form_are_counted_by_their_names() {
        let form = Form::default().with("lines[0].item_id", "x").with("lines[2].item_id", "y").with("note", "");
        assert_eq!(form.rows("lines"), 3);
        assert_eq!(form.rows("rooms"), 0);
        assert_eq!(Form::default().with("lines[99999999].x", "").rows("lines"), FIELDS_MAX);
    }

    #[test]
    fn a_refused_form_keeps_what_was_typed() {
        let error = Error::field("members", "out_of_range", Message::fixed("Từ 1 đến 30.", "1 to 30."));
        let (status, form) = Form::default().with("members", "99").refused(error).unwrap();
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(form.value("members"), "99");
        assert!(form.error("members").is_some());
        assert!(Form::default().refused(Error::Forbidden).is_err());
    }
}
