//! Creates that are done once, however often they are sent: `Idempotency-Key`.
//!
//! The key's row is written in the same transaction as the work, so a key is known exactly when its work is done.
//! The kept answer may hold personal data, a token, a code: it opens with the caller's own key alone, which is not kept
//! ([`crate::vault::ReplayKey`]), and is dropped after two days ([`super::replay`]).

use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::core::Core;
use super::error::{Error, Result};
use super::{body, store};
use crate::db::Tx;
use crate::kernel::Message;
use crate::vault::{AnswerKey, sha256};

/// A create's JSON body with its `Idempotency-Key`.
#[derive(Debug)]
pub struct CreateBody<T> {
    /// The body.
    pub body: T,
    /// Does it once.
    pub once: Idempotency,
}

/// In a create's `params`: what it may say beside its body.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header, which `Idempotency::of` reads")]
pub struct IdempotencyKey {
    /// Chosen by the client. Sent again with the same key and body, the create is not done again: it is answered as before.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 200, pattern = "^[!-~]([ -~]*[!-~])?$")]
    idempotency_key: Option<String>,
}

/// The identity of one create request.
#[derive(Debug)]
pub struct Idempotency {
    key: Option<String>,
    /// Of the path and the body; never stored as it is.
    request: Vec<u8>,
}

impl Idempotency {
    /// The identity of a request whose body was read elsewhere (an upload, say).
    pub fn of(headers: &axum::http::HeaderMap, path: &str, body: &[u8]) -> Result<Self> {
        let key = match headers.get("idempotency-key") {
            None => None,
            Some(value) => match value.to_str() {
                Ok(key) if (1..=200).contains(&key.len()) => Some(key.to_owned()),
                _ => {
                    return Err(Error::field(
                        "Idempotency-Key",
                        "out_of_range",
                        Message::fixed(
                            "Idempotency-Key dài từ 1 đến 200 ký tự ASCII.",
                            "Idempotency-Key has 1 to 200 ASCII characters.",
                        ),
                    ));
                }
            },
        };
        let request = if key.is_some() { sha256(&[path.as_bytes(), &[0], body].concat()) } else { Vec::new() };
        Ok(Self { key, request })
    }

    /// The identity of a page's form: the value of its hidden field, sent to `path` with these fields.
    pub fn of_form(key: &str, path: &str, fields: &[(String, String)]) -> Self {
        let key = (1..=200).contains(&key.len()).then(|| format!("form {key}"));
        let mut said = path.as_bytes().to_vec();
        for (name, value) in fields {
            for part in [name, value] {
                said.push(0);
                said.extend_from_slice(part.as_bytes());
            }
        }
        Self { key, request: sha256(&said) }
    }

    fn answer_key(&self, core: &Core, owner: Uuid) -> Option<AnswerKey> {
        self.key.as_ref().map(|key| core.replay.answer(owner, key))
    }

    /// Claims the key in the transaction of the work, before anything else in it: gives the answer when the work was done
    /// before, and nothing when it is to be done now. Of equal creates at one moment one does the work; the others wait
    /// here, holding nothing, and get its answer.
    pub(super) async fn claim(&self, core: &Core, tx: &mut Tx, owner: Uuid) -> Result<Option<Answer>> {
        let Some(key) = self.answer_key(core, owner) else { return Ok(None) };
        let name = key.name();
        if store::claim(tx, owner, &name, &key.request(&self.request), core.clock.now()).await? {
            return Ok(None);
        }
        let kept = store::answer(tx, owner, &name).await?.ok_or_else(|| Error::internal("a claimed key has no row"))?;
        if !key.is_of(&kept.request_hash, &self.request) {
            return Err(Error::conflict(
                "idempotency_key_reused",
                "Idempotency-Key này đã dùng cho một yêu cầu khác. Hãy dùng khóa mới.",
                "This Idempotency-Key was used for another request. Use a new key.",
            ));
        }
        if kept.sealed.is_empty() {
            return Err(Error::conflict(
                "answer_erased",
                "Việc này đã làm xong trước đó; câu trả lời không còn được giữ vì có người vừa được xóa dữ liệu. Hãy xem lại \
                 danh sách, đừng gửi lại.",
                "This was done before; its answer is not kept any more, since somebody's data was erased. Look it up in the \
                 list instead of sending it again.",
            ));
        }
        let body = key.open(&kept.sealed)?;
        let status = u16::try_from(kept.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        let status =
            status.ok_or_else(|| Error::internal("column status of table idempotency_keys is no HTTP status"))?;
        Ok(Some(Answer { status, body }))
    }

    /// Keeps the answer with the work.
    pub(super) async fn keep(&self, core: &Core, tx: &mut Tx, owner: Uuid, answer: &Answer) -> Result<()> {
        let Some(key) = self.answer_key(core, owner) else { return Ok(()) };
        let sealed = key.seal(&core.clock, &answer.body);
        store::keep_answer(tx, owner, &key.name(), i64::from(answer.status.as_u16()), sealed).await?;
        Ok(())
    }
}

/// The answer of a create: JSON for the API; pages take from it what they go on with.
#[derive(Clone, Debug)]
pub struct Answer {
    status: StatusCode,
    body: Vec<u8>,
}

impl Answer {
    /// An answer that nothing was kept for: a look at what a create would do.
    pub fn new(status: StatusCode, answer: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_vec(answer).map_err(|error| Error::Internal(Box::new(error)))?;
        Ok(Self { status, body })
    }

    /// The new record's `id`.
    pub fn id(&self) -> Result<Uuid> {
        #[derive(serde::Deserialize)]
        struct WithId {
            id: Uuid,
        }
        self.read::<WithId>().map(|with| with.id)
    }

    /// The answer's fields, as a page needs them.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| Error::Internal(Box::new(error)))
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (self.status, [(header::CONTENT_TYPE, "application/json")], self.body).into_response()
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for CreateBody<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let headers = request.headers().clone();
        let path = request.uri().path().to_owned();
        let bytes = body::read(request, state).await?;
        let once = Idempotency::of(&headers, &path, &bytes)?;
        Ok(Self { body: body::parse_json(&body::without_nulls(&bytes))?, once })
    }
}
