//! What phones handed out while they had no network.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::results::{UploadResults, result_view};
use crate::http::{Api, Body, Core, Error, Problems, Result, Throttled, language_of, routes};
use crate::kernel::Message;
use crate::kernel::message::Lang;
use crate::people::rights::Redeem;
use crate::people::{Permit, Uploader};
use crate::redemption::intake::ScanIntake;
use crate::redemption::outcome::Outcome;
use crate::redemption::quarantine;
use crate::redemption::rules::ConflictKind;
use crate::redemption::service::uploads::{self, RecordAnswer};
use crate::redemption::upload::{ITEMS_MAX, UploadBody};

pub(crate) fn router<A: Api>() -> A {
    A::new().routes(routes!(upload))
}

/// Upload what was handed out offline
///
/// Each record gets its own answer, or its own error; the phone deletes a record only after that record's answer.
/// Records of handovers come from phones, and from staff who may override. Typed codes that don't exist count as tries,
/// and over the limit the whole upload is refused. Of a revoked phone at most 200 records are booked, made before it was
/// revoked, of vouchers that it held; others are kept until a coordinator accepts them, and an upload without any such
/// record is refused.
#[utoipa::path(post, path = "/redemptions/batch", tag = "redemption", request_body = UploadBody,
    responses((status = 200, description = "An answer or an error for each record", body = UploadResults), Problems, Throttled))]
async fn upload(
    State(core): State<Core>,
    Extension(redemption): Extension<ScanIntake>,
    headers: HeaderMap,
    permit: Permit<Redeem, Uploader>,
    Body(body): Body<UploadBody>,
) -> Result<Json<UploadResults>> {
    if body.items.len() > ITEMS_MAX {
        return Err(Error::field(
            "items",
            "too_many",
            Message::fixed("Mỗi lần gửi tối đa 1.000 lượt.", "Send at most 1,000 records at a time."),
        ));
    }
    let lang = language_of(&headers);
    let records = uploads::read(&core, &redemption, &permit.0, body.items).await?;
    let answers = uploads::take(&core, &redemption, &permit, records).await?;
    let results = answers.into_iter().map(|RecordAnswer { nonce, answer }| match answer {
        Some(answer) => result_view(nonce, answer, lang),
        None => Ok(waiting_view(nonce, lang)),
    });
    Ok(Json(UploadResults { results: results.collect::<Result<_>>()? }))
}

/// The answer for a record that waits for a coordinator.
fn waiting_view(nonce: Option<Value>, lang: Lang) -> Value {
    json!({
        "nonce": nonce, "outcome": Outcome::NotAllowed, "replayed": false,
        "message": quarantine::service::message().in_lang(lang),
        "flags": [ConflictKind::Quarantined.name(), "device_revoked"],
    })
}
