//! Uploaded files: a multipart body with one file and a few short fields, within a limit that is told early.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{FromRef, FromRequest, Multipart, Request};
use axum::http::{HeaderMap, header};
use data_encoding::HEXLOWER;
use futures_util::StreamExt as _;

use super::core::Core;
use super::create::Idempotency;
use super::drain::drain;
use super::error::{Error, Result};
use super::import_memory::Arriving;
use crate::kernel::Message;
use crate::kernel::vietnamese::clean;
use crate::vault::sha256;

/// Bytes that an upload has at most.
pub const UPLOAD_LIMIT: usize = 25 * 1024 * 1024;
/// Copies of a body that there are while its parts are taken out of it.
const COPIES: usize = 3;

/// A file with the fields sent beside it. Its route needs `DefaultBodyLimit::disable()`: the limit is kept here.
pub struct Upload {
    /// The file's name as its sender calls it, without folders, 200 characters at most.
    pub file_name: String,
    /// The file.
    pub bytes: Bytes,
    /// The other fields.
    pub fields: BTreeMap<String, String>,
    /// Does it once: the same key with the same file and fields.
    pub once: Idempotency,
    /// Its part of the memory that imports share.
    #[expect(dead_code, reason = "held, not looked at")]
    room: Arriving,
}

impl Upload {
    /// The upload of a page's form: the same form with the same file counts once.
    pub fn of_form(mut self, path: &str) -> Self {
        let mut said: Vec<(String, String)> = self.fields.clone().into_iter().collect();
        said.push(("file".to_owned(), HEXLOWER.encode(&sha256(&self.bytes))));
        self.once = Idempotency::of_form(self.field("once"), path, &said);
        self
    }

    /// A field that was sent beside the file; empty when there was none.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

impl<S> FromRequest<S> for Upload
where
    S: Send + Sync,
    Core: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let (parts, body) = request.into_parts();
        let (headers, path) = (parts.headers.clone(), parts.uri.path().to_owned());
        let (mut room, body) = room_for(&Core::from_ref(state), &headers, body).await?;
        let whole = read_all(body).await?;
        let request = Request::from_parts(parts, Body::from(whole));
        let mut multipart = Multipart::from_request(request, state).await.map_err(|_| not_multipart())?;
        let (mut file, mut fields) = (None, BTreeMap::new());
        while let Some(field) = multipart.next_field().await.map_err(|_| not_multipart())? {
            let name = field.name().unwrap_or("").to_owned();
            if name == "file" {
                let file_name = field.file_name().unwrap_or("").to_owned();
                file = Some((file_name, field.bytes().await.map_err(|_| not_multipart())?));
            } else if fields.len() < 20 {
                fields.insert(name, field.text().await.map_err(|_| not_multipart())?.trim().to_owned());
            }
        }
        drop(multipart);
        let (file_name, bytes) = file.ok_or_else(|| {
            Error::field(
                "file",
                "required",
                Message::fixed(
                    "Chọn tệp danh sách để gửi lên (mục «file»).",
                    "Choose the file to upload (field “file”).",
                ),
            )
        })?;
        let file_name = file_name.rsplit(['/', '\\']).next().unwrap_or("");
        let file_name = clean(file_name).chars().take(200).collect();
        let mut identity = serde_json::to_vec(&fields).map_err(|error| Error::Internal(Box::new(error)))?;
        identity.extend_from_slice(&sha256(&bytes));
        room.shrink(bytes.len() + identity.len());
        Ok(Self { file_name, once: Idempotency::of(&headers, &path, &identity)?, bytes, fields, room })
    }
}

/// Room for a body within the limit, or a clear refusal.
async fn room_for(core: &Core, headers: &HeaderMap, body: Body) -> Result<(Arriving, Body)> {
    let announced = body.size_hint().lower();
    let room = if announced > UPLOAD_LIMIT as u64 {
        Err(too_large())
    } else {
        // One that does not say how long it is may be as long as any.
        let bytes = body.size_hint().exact().and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(UPLOAD_LIMIT);
        core.imports.arriving(bytes * COPIES).await
    };
    match room {
        Ok(room) => Ok((room, body)),
        Err(error) => {
            let waits = headers.get(header::EXPECT).is_some_and(|expect| expect.as_bytes() == b"100-continue");
            if !waits {
                drain(body.into_data_stream(), 0).await;
            }
            Err(error)
        }
    }
}

/// The whole body, or a clear refusal once the limit is passed.
async fn read_all(body: Body) -> Result<Bytes> {
    let announced = body.size_hint().lower();
    let mut stream = body.into_data_stream();
    let mut whole = Vec::with_capacity(usize::try_from(announced).unwrap_or(0));
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|_| not_multipart())?;
        if whole.len() + piece.len() > UPLOAD_LIMIT {
            drain(stream, whole.len()).await;
            return Err(too_large());
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.into())
}

fn too_large() -> Error {
    Error::TooLarge(Message::fixed(
        "Tệp lớn quá 25 MB. Xóa hình ảnh và trang tính không cần, hoặc chia danh sách thành nhiều tệp.",
        "The file is larger than 25 MB. Remove pictures and sheets that are not needed, or split the list.",
    ))
}

fn not_multipart() -> Error {
    Error::Unsupported(Message::fixed(
        "Gửi tệp dạng multipart/form-data, mục «file».",
        "Send the file as multipart/form-data, field “file”.",
    ))
}
