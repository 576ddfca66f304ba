//! Request bodies, path ids and query parameters, refused with the field's name and the way out.

use std::borrow::Cow;
use std::str::FromStr;

use axum::body::HttpBody as _;
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Path, Request};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::drain::drain;
use super::error::{Error, Result};
use crate::kernel::{FieldError, Message};

/// Bytes that a body has at most, where a route does not say otherwise.
pub const BODY_LIMIT: usize = 2 * 1024 * 1024;

/// For a field of a change that null empties: tells a null from a field left out.
pub fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// For a field that may be left out of a body that a create takes too: null is one left out, as it is there.
pub fn or_left_out<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> std::result::Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A JSON body.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let changes = matches!(*request.method(), Method::PATCH | Method::PUT);
        let bytes = read(request, state).await?;
        if changes && bytes.is_empty() {
            let say = Message::fixed(
                "Thiếu nội dung: gửi kèm những gì cần đổi, dạng JSON.",
                "There is no body: send what is to change, as JSON.",
            );
            return Err(Error::field("", "required", say));
        }
        parse_json(&bytes).map(Self)
    }
}

/// A body that may be left out, or be `null`.
impl<S: Send + Sync, T: DeserializeOwned> OptionalFromRequest<S> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>> {
        let bytes = read(request, state).await?;
        if bytes.is_empty() { Ok(None) } else { Ok(parse_json::<Option<T>>(&bytes)?.map(Self)) }
    }
}

/// Reads a JSON request's bytes, within the route's limit.
pub(super) async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<axum::body::Bytes> {
    let is_json = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/json") || kind.contains("+json"));
    if !is_json && request.headers().contains_key(header::CONTENT_TYPE) {
        return Err(Error::Unsupported(Message::fixed(
            "Gửi nội dung dạng JSON (Content-Type: application/json).",
            "Send JSON (Content-Type: application/json).",
        )));
    }
    if request.body().size_hint().lower() > BODY_LIMIT as u64 {
        drain(request.into_body().into_data_stream(), 0).await;
        return Err(Error::TooLarge(too_large()));
    }
    axum::body::Bytes::from_request(request, state).await.map_err(|rejection| {
        if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
            Error::TooLarge(too_large())
        } else {
            Error::field(
                "",
                "unreadable",
                Message::fixed("Không đọc được nội dung gửi lên.", "The body could not be read."),
            )
        }
    })
}

/// What is said of a body over the limit.
pub(super) fn too_large() -> Message {
    Message::fixed(
        "Nội dung gửi lên quá lớn. Hãy chia nhỏ rồi gửi từng phần.",
        "The body is too large. Split it and send the parts.",
    )
}

/// Parses JSON; an error names the field. The value itself is never repeated: it may be personal data.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    // A body of nothing is an empty object: a POST whose fields may all be left out needs no body.
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let syntax = !error.inner().is_data();
        field_error(path, &error.inner().to_string(), syntax)
    })?;
    deserializer.end().map_err(|_| field_error(String::new(), "", true))?;
    Ok(value)
}

/// The body of a create without the fields that are null: many clients write null for what they leave out. What is
/// no JSON stays as it is and is refused by [`parse_json`].
pub(super) fn without_nulls(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.windows(4).any(|four| four == b"null") {
        return Cow::Borrowed(bytes);
    }
    let stripped = serde_json::from_slice::<Value>(bytes).ok().and_then(|mut value| {
        strip(&mut value);
        serde_json::to_vec(&value).ok()
    });
    stripped.map_or(Cow::Borrowed(bytes), Cow::Owned)
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

fn field_error(path: String, message: &str, syntax: bool) -> Error {
    if syntax {
        return Error::field(
            "",
            "not_json",
            Message::fixed("Nội dung không phải JSON hợp lệ.", "The body is not valid JSON."),
        );
    }
    let path = if path == "." { String::new() } else { path };
    if let Some(name) = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        let field = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let say = Message::new(format!("Thiếu «{field}»."), format!("“{field}” is missing."));
        return Error::field(field, "required", say);
    }
    let expected = message.split("expected ").nth(1).and_then(|rest| rest.split(" at line").next()).unwrap_or("");
    let code = if message.starts_with("unknown variant") { "unknown_value" } else { "wrong_type" };
    let say = if expected.is_empty() {
        Message::new(format!("«{path}» chưa đúng."), format!("“{path}” is not right."))
    } else {
        Message::new(
            format!("«{path}» chưa đúng, cần: {expected}."),
            format!("“{path}” is not right; expected: {expected}."),
        )
    };
    Error::Invalid(vec![FieldError::new(path, code, say)])
}

/// A page's form.
#[derive(Debug)]
pub struct Posted<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Posted<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        axum::Form::<T>::from_request(request, state).await.map(|form| Self(form.0)).map_err(
            |rejection| match rejection.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge(too_large()),
                StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                    Error::Unsupported(Message::fixed("Gửi nội dung dạng biểu mẫu.", "Send a form."))
                }
                _ => Error::field(
                    "",
                    "unreadable",
                    Message::fixed(
                        "Biểu mẫu thiếu ô. Hãy tải lại trang.",
                        "The form lacks a field. Load the page again.",
                    ),
                ),
            },
        )
    }
}

/// An id in the path. Anything that is no id is not found.
#[derive(Debug)]
pub struct Id<T>(pub T);

impl<S: Send + Sync, T: FromStr + Send> FromRequestParts<S> for Id<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| Error::NotFound)?;
        text.parse().map(Self).map_err(|_| Error::NotFound)
    }
}

/// Query parameters.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        axum::extract::Query::<T>::from_request_parts(parts, state)
            .await
            .map(|query| Self(query.0))
            .map_err(|rejection| wrong_parameter(parts.uri.query().unwrap_or(""), &rejection.body_text()))
    }
}

/// Names the parameter that a refusal is about, when it tells; else all that were sent.
fn wrong_parameter(query: &str, told: &str) -> Error {
    let names: Vec<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    let mut parts = told.split(": ").skip(1);
    let named = parts.next().filter(|name| names.contains(name));
    let Some(name) = named else {
        let names = names.join(", ");
        let say = Message::new(
            format!("Tham số trên địa chỉ chưa đúng ({names})."),
            format!("A query parameter is not right ({names})."),
        );
        return Error::field("query", "wrong_parameter", say);
    };
    let expected = told.split("expected ").nth(1);
    let say = match expected {
        Some(expected) => Message::new(
            format!("Tham số «{name}» chưa đúng, cần: {expected}."),
            format!("The parameter “{name}” is not right; expected: {expected}."),
        ),
        None => Message::new(
            format!("Tham số «{name}» chưa đúng. Ngày viết dạng 2021-08-05; số viết bằng chữ số."),
            format!("The parameter “{name}” is not right. Write a day as 2021-08-05 and a number in digits."),
        ),
    };
    Error::field(name.to_owned(), "wrong_parameter", say)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Line {
        #[expect(dead_code, reason = "only parsed")]
        quantity: i64,
    }

    #[derive(Debug, serde::Deserialize)]
    struct Sheet {
        #[expect(dead_code, reason = "only parsed")]
        lines: Vec<Line>,
    }

    fn fields(body: &str) -> Vec<(String, &'static str)> {
        match parse_json::<Sheet>(body.as_bytes()) {
            Err(Error::Invalid(errors)) => errors.into_iter().map(|e| (e.field, e.code)).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_wrong_body_names_its_field() {
        assert_eq!(fields("{}"), [("lines".to_owned(), "required")]);
        assert_eq!(fields(r#"{"lines":[{}]}"#), [("lines[0].quantity".to_owned(), "required")]);
        assert_eq!(
            fields(r#"{"lines":[{"quantity":"0905123456"}]}"#),
            [("lines[0].quantity".to_owned(), "wrong_type")]
        );
        assert_eq!(
            fields(r#"{"lines":[{"quantity":99999999999999999999}]}"#),
            [("lines[0].quantity".to_owned(), "wrong_type")]
        );
        assert_eq!(fields("nope"), [(String::new(), "not_json")]);
    }

    #[test]
    fn null_in_a_create_is_a_field_left_out() {
        assert_eq!(&*without_nulls(br#"{"a":null,"b":[{"c":null,"d":1}]}"#), br#"{"b":[{"d":1}]}"#);
        assert_eq!(&*without_nulls(b"{null"), b"{null");
    }

    #[test]
    fn a_wrong_parameter_is_named() {
        let named = |query, told| match wrong_parameter(query, told) {
            Error::Invalid(errors) => errors[0].field.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(named("from=x&to=y", "Failed to deserialize query string: to: input is too short"), "to");
        assert_eq!(named("from=x", "Failed to deserialize query string"), "query");
    }

    #[test]
    fn a_wrong_value_is_never_repeated() {
        let Err(error) = parse_json::<Sheet>(br#"{"lines":[{"quantity":"0905123456"}]}"#) else { panic!() };
        assert!(!format!("{:?}", error.say()).contains("0905"));
    }
}
