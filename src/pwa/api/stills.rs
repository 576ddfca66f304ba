//! `POST /stills`: a still frame is read by the server, for phones that can't read codes themselves.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::{Extension, Json};
use serde::Serialize;
use tokio::sync::Semaphore;

use crate::http::{Api, Error, Problems, Result, routes};
use crate::kernel::Message;
use crate::people::rights::Redeem;
use crate::people::{Caller, Permit};
use crate::pwa::still;
use crate::pwa::still::{BYTES_MAX, NoPicture, Seen};

/// Pictures that are read at the same time; whoever comes meanwhile waits.
const AT_ONCE: usize = 2;

/// The reader of still frames.
pub fn router<A: Api>() -> A {
    A::new()
        .routes(routes!(read_still))
        .limited(DefaultBodyLimit::max(BYTES_MAX))
        .sharing(Arc::new(Semaphore::new(AT_ONCE)))
}

/// What a picture shows.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct StillView {
    /// The text of its QR code, to be sent on like a scanned one; null when none can be seen, and when several are:
    /// `codes` says where each lies.
    code: Option<String>,
    /// All codes in the picture.
    codes: Vec<StillCode>,
}

/// A code in a picture.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct StillCode {
    /// What it says.
    text: String,
    /// Where its centre lies, in pixels from the picture's left edge.
    #[schema(example = 320.5)]
    x: f32,
    /// And from its upper edge.
    #[schema(example = 240.0)]
    y: f32,
}

/// Read the codes in a still frame
///
/// For phones without a code reader. JPEG or PNG, at most 1 MB and 2,048 pixels a side. The picture is not kept. All
/// its codes are told, with their places: a phone takes only the one that lies in the frame on its screen.
#[utoipa::path(post, path = "/stills", tag = "redemption",
    request_body(content = Vec<u8>, content_type = "image/jpeg", description = "The picture",
        example = json!("the bytes of a JPEG")),
    responses((status = 200, description = "What it shows", body = StillView), Problems))]
async fn read_still(
    _permit: Permit<Redeem, Caller>,
    Extension(turns): Extension<Arc<Semaphore>>,
    bytes: Bytes,
) -> Result<Json<StillView>> {
    let _turn = turns.acquire().await.map_err(|_| Error::Busy)?;
    let read = tokio::task::spawn_blocking(move || still::read(&bytes));
    match read.await.map_err(|error| Error::Internal(Box::new(error)))? {
        Ok(seen) => Ok(Json(view(seen))),
        Err(NoPicture::Unreadable) => Err(Error::field(
            "",
            "unreadable",
            Message::fixed(
                "Không đọc được ảnh. Gửi ảnh JPEG hoặc PNG, mỗi cạnh tối đa 2.048 điểm ảnh.",
                "The picture can't be read. Send JPEG or PNG of at most 2,048 pixels a side.",
            ),
        )),
    }
}

fn view(seen: Vec<Seen>) -> StillView {
    let code = match seen.as_slice() {
        [first, others @ ..] if others.iter().all(|other| other.text == first.text) => Some(first.text.clone()),
        _ => None,
    };
    StillView { code, codes: seen.into_iter().map(|Seen { text, x, y }| StillCode { text, x, y }).collect() }
}
