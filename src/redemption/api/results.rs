//! The answers of an upload or a paper list, record by record.

use serde::Serialize;
use serde_json::{Value, json};

use crate::http::{Error, Result};
use crate::kernel::message::Lang;
use crate::redemption::answer::{Answer, AnswerView};

/// The answers of an upload, in its order.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct UploadResults {
    /// One a record.
    #[schema(value_type = Vec<AnswerView>)]
    pub(crate) results: Vec<Value>,
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
