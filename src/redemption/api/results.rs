//! The answers of an upload or a paper list, record by record.

use serde::Serialize;
use serde_json::{Value, json};

use crate::http::{Error, ProblemField, Result};
use crate::kernel::message::Lang;
use crate::redemption::answer::{Answer, AnswerView};

/// The answers of an upload, in its order.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct UploadResults {
    /// One a record.
    #[schema(value_type = Vec<RecordResult>)]
    pub(crate) results: Vec<Value>,
}

/// The answers of a paper list, in its order.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct RosterResults {
    /// One a line.
    #[schema(value_type = Vec<LineResult>)]
    pub(crate) results: Vec<Value>,
}

/// An answer, or what is wrong with the record.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, clippy::large_enum_variant, reason = "describes what `result_view` writes")]
#[serde(untagged)]
enum RecordResult {
    Answer(AnswerView),
    Refused(RecordRefused),
}

/// The result of a line of a paper list.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes what the line's view holds")]
struct LineResult {
    #[serde(flatten)]
    result: RecordResult,
    /// The line's code, as it was sent.
    code: String,
}

/// A record that has no answer: it was not booked.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes what `result_view` writes")]
struct RecordRefused {
    /// The record's nonce, when it has one.
    #[schema(required = false)]
    nonce: String,
    /// What is wrong with it.
    error: RecordError,
}

/// What is wrong with a record.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes what `result_view` writes")]
struct RecordError {
    /// Stable, machine-readable.
    code: String,
    /// What happened and the way out, in the language of `Accept-Language`.
    message: String,
    /// The fields that were wrong.
    errors: Vec<ProblemField>,
}

/// An answer, or the error of one record.
pub fn result_view(nonce: Option<Value>, result: Result<Answer>, lang: Lang) -> Result<Value> {
    match result {
        Ok(answer) => serde_json::to_value(answer.view(lang)).map_err(|error| Error::Internal(Box::new(error))),
        Err(error) => {
            let fields: Vec<Value> = match &error {
                Error::Invalid(fields) => fields
                    .iter()
                    .map(|f| json!({ "field": f.field, "code": f.code, "message": f.say.in_lang(lang) }))
                    .collect(),
                _ => Vec::new(),
            };
            let mut view = json!({
                "error": { "code": error.code(), "message": error.say().in_lang(lang), "errors": fields }
            });
            if let Some(nonce) = nonce.filter(Value::is_string) {
                view["nonce"] = nonce;
            }
            Ok(view)
        }
    }
}
