//! The JSON API of redemptions and conflicts.

mod conflicts;
mod history;
mod roster;
mod scans;
mod uploads;

use serde::Serialize;
use serde_json::{Value, json};

pub(super) use conflicts::{ResolutionBody, resolve_conflict};
pub(super) use roster::{RosterBody, key_in_roster};
pub(super) use scans::{ReasonBody, get_answer, redeem, undo};

use super::answer::{Answer, AnswerView};
use super::leases;
use crate::http::{Api, Error, Result};
use crate::kernel::message::Lang;

/// Items that one upload or paper list has at most.
const ITEMS_MAX: usize = 1000;

/// Redemptions and conflicts.
pub fn router<A: Api>() -> A {
    A::new()
        .merge(scans::router())
        .merge(uploads::router())
        .merge(roster::router())
        .merge(history::router())
        .merge(conflicts::router())
        .merge(leases::api::router())
}

/// The answers of an upload, in its order.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct UploadResults {
    /// One a record.
    #[schema(value_type = Vec<AnswerView>)]
    pub(super) results: Vec<Value>,
}

/// An answer, or the error of one record. What is not the record's fault fails the request: the phone keeps all.
fn result_view(nonce: Option<Value>, result: Result<Answer>, lang: Lang) -> Result<Value> {
    match result {
        Ok(answer) => serde_json::to_value(answer.view(lang)).map_err(|error| Error::Internal(Box::new(error))),
        Err(error @ (Error::Busy | Error::StorageFull | Error::Internal(_))) => Err(error),
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
