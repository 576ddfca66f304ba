//! Creates that are done once, however often they are sent: `Idempotency-Key`.
//!
//! The key's row is written in the same transaction as the work, so a key is known exactly when its work is done.
//! The kept answer is sealed, since it may hold personal data.

use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::core::Core;
use super::error::{Error, Result};
use super::{body, store};
use crate::db::{ErrorKind, Tx, classify};
use crate::kernel::Message;
use crate::vault::{Purpose, sha256};

/// A create's JSON body with its `Idempotency-Key`.
#[derive(Debug)]
pub struct CreateBody<T> {
    /// The body.
    pub body: T,
    /// Does it once.
    pub once: Idempotency,
}

/// The identity of one create request.
#[derive(Debug)]
pub struct Idempotency {
    key: Option<String>,
    request_hash: Vec<u8>,
}

/// Whether this create is new.
#[derive(Debug)]
pub enum Claim {
    /// It was done before: this was the answer.
    Replay(Answer),
    /// Do it in this transaction and give it to [`Idempotency::finish`].
    New(Tx),
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
        let request_hash = if key.is_some() { sha256(&[path.as_bytes(), &[0], body].concat()) } else { Vec::new() };
        Ok(Self { key, request_hash })
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
        Self { key, request_hash: sha256(&said) }
    }

    /// Begins the work, unless it was done before. `actor` is whose key it is.
    pub async fn begin(&self, core: &Core, actor: Uuid) -> Result<Claim> {
        let mut tx = core.db.begin().await?;
        let Some(key) = &self.key else { return Ok(Claim::New(tx)) };
        let known = store::answer(&mut tx, actor, key).await?;
        let Some(store::KeptAnswer { request_hash, status, sealed }) = known else { return Ok(Claim::New(tx)) };
        if request_hash != self.request_hash {
            return Err(Error::conflict(
                "idempotency_key_reused",
                "Idempotency-Key này đã dùng cho một yêu cầu khác. Hãy dùng khóa mới.",
                "This Idempotency-Key was used for another request. Use a new key.",
            ));
        }
        let body = core.vault.open(Purpose::Answer, &sealed)?;
        let status = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        let status =
            status.ok_or_else(|| Error::internal("column status of table idempotency_keys is no HTTP status"))?;
        Ok(Claim::Replay(Answer { status, body }))
    }

    /// Keeps the answer with the work, commits both, and gives the response.
    pub async fn finish<T: Serialize>(
        self,
        core: &Core,
        mut tx: Tx,
        actor: Uuid,
        status: StatusCode,
        answer: &T,
    ) -> Result<Answer> {
        let body = serde_json::to_vec(answer).map_err(|error| Error::Internal(Box::new(error)))?;
        if let Some(key) = self.key {
            let kept = store::KeptAnswer {
                request_hash: self.request_hash,
                status: i64::from(status.as_u16()),
                sealed: core.vault.seal(Purpose::Answer, &body),
            };
            let kept = store::keep_answer(&mut tx, actor, key, kept, core.clock.now()).await;
            if let Err(error) = kept {
                if classify(&error) == ErrorKind::Unique {
                    return Err(Error::conflict(
                        "idempotency_key_in_use",
                        "Yêu cầu cùng khóa đang được xử lý. Hãy gửi lại sau giây lát để nhận kết quả.",
                        "A request with this key is being carried out. Send it again in a moment for its answer.",
                    ));
                }
                return Err(error.into());
            }
        }
        tx.commit().await?;
        Ok(Answer { status, body })
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
