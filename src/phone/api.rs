//! `POST /stills`: a still frame is read by the server, for phones that can't read codes themselves.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::{Extension, Json};
use serde::Serialize;
use tokio::sync::Semaphore;

use super::still::{self, BYTES_MAX, NoPicture};
use crate::kernel::Say;
use crate::people::{Caller, Right};
use crate::web::{Api, Error, Problems, Result, routes};

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
    /// The text of its QR code, to be sent on like a scanned one; null when none can be seen.
    code: Option<String>,
}

/// Read the code in a still frame
///
/// For phones without a code reader. JPEG or PNG, at most 1 MB and 2,048 pixels a side. The picture is not kept.
#[utoipa::path(post, path = "/stills", tag = "redemption",
    request_body(content = Vec<u8>, content_type = "image/jpeg", description = "The picture",
        example = json!("the bytes of a JPEG")),
    responses((status = 200, description = "What it shows", body = StillView), Problems))]
async fn read_still(
    caller: Caller,
    Extension(turns): Extension<Arc<Semaphore>>,
    bytes: Bytes,
) -> Result<Json<StillView>> {
    caller.require(Right::Redeem)?;
    let _turn = turns.acquire().await.map_err(|_| Error::Busy)?;
    let read = tokio::task::spawn_blocking(move || still::read(&bytes));
    match read.await.map_err(|error| Error::Internal(Box::new(error)))? {
        Ok(code) => Ok(Json(StillView { code })),
        Err(NoPicture::Unreadable) => Err(Error::field(
            "",
            "unreadable",
            Say::fixed(
                "Không đọc được ảnh. Gửi ảnh JPEG hoặc PNG, mỗi cạnh tối đa 2.048 điểm ảnh.",
                "The picture can't be read. Send JPEG or PNG of at most 2,048 pixels a side.",
            ),
        )),
    }
}
