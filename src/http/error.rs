//! What can go wrong in a handler, and what the visitor sees of it.
//!
//! The API answers `application/problem+json` (RFC 9457), pages get a page; see [`super::render`]. Internal errors
//! are logged once, here, and never shown.

use std::collections::BTreeMap;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::openapi::{Ref, RefOr};

use crate::db::{ErrorKind, classify};
use crate::kernel::{FieldError, Message};

/// A handler's result.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a request was not carried out.
#[derive(Debug)]
pub enum Error {
    /// 422: fields that cannot be what they say; each is named with the way out.
    Invalid(Vec<FieldError>),
    /// 401: no login, or one that is over.
    Unauthenticated,
    /// 401: a login that is refused, for a reason its bearer may know.
    LoginRefused {
        /// Stable, machine-readable.
        code: &'static str,
        /// Why, and the way out.
        say: Message,
    },
    /// 403: a valid login that may not do this.
    Forbidden,
    /// 403: may not, for a reason that its bearer may know.
    Refused {
        /// Stable, machine-readable.
        code: &'static str,
        /// Why, and the way out.
        say: Message,
    },
    /// 404: there is no such record, or not for this visitor.
    NotFound,
    /// 405: the address exists, the method does not.
    MethodNotAllowed,
    /// 408: the body came too slowly and was not waited for any longer; nothing was done.
    TooSlow,
    /// 409: the request contradicts what is stored.
    Conflict {
        /// Stable, machine-readable.
        code: &'static str,
        /// What stands in the way, and the way out.
        say: Message,
    },
    /// 409, with each of the things that stand in the way.
    ConflictIn {
        /// Stable, machine-readable.
        code: &'static str,
        /// What stands in the way, and the way out.
        say: Message,
        /// Each of them.
        fields: Vec<FieldError>,
    },
    /// 413: more than the limit that the message names.
    TooLarge(Message),
    /// 415: a body of another kind than the route takes.
    Unsupported(Message),
    /// 429: too many tries; when to come back, in seconds.
    TooMany(u64),
    /// 429: too many typed codes that are no voucher's; when to come back, in seconds.
    TooManyCodes(u64),
    /// 503: the database can't be reached, or too much is going on; trying again helps.
    Busy,
    /// 507: the disk is full; nothing was stored.
    StorageFull,
    /// 500: a defect. Logged, never shown.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// One wrong field.
    pub fn field(field: impl Into<String>, code: &'static str, say: Message) -> Self {
        Self::Invalid(vec![FieldError::new(field, code, say)])
    }

    /// A contradiction with what is stored.
    pub fn conflict(code: &'static str, vi: &'static str, en: &'static str) -> Self {
        Self::Conflict { code, say: Message::fixed(vi, en) }
    }

    /// A refusal that says why.
    pub fn refused(code: &'static str, vi: &'static str, en: &'static str) -> Self {
        Self::Refused { code, say: Message::fixed(vi, en) }
    }

    /// A defect, said in the log's words.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::Internal(message.into().into())
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unauthenticated | Self::LoginRefused { .. } => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::Refused { .. } => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict { .. } | Self::ConflictIn { .. } => StatusCode::CONFLICT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unsupported(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooMany(_) | Self::TooManyCodes(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Stable, machine-readable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::LoginRefused { code, .. }
            | Self::Refused { code, .. }
            | Self::Conflict { code, .. }
            | Self::ConflictIn { code, .. } => code,
            Self::TooSlow => "too_slow",
            Self::TooLarge(_) => "too_large",
            Self::Unsupported(_) => "unsupported_media_type",
            Self::TooMany(_) | Self::TooManyCodes(_) => "too_many_requests",
            Self::Busy => "busy",
            Self::StorageFull => "storage_full",
            Self::Internal(_) => "internal",
        }
    }

    /// What the visitor reads.
    pub fn say(&self) -> Message {
        match self {
            Self::Invalid(errors) if errors.len() == 1 => errors[0].say.clone(),
            Self::Invalid(_) => Message::fixed(
                "Có ô chưa đúng. Xem từng ô và sửa lại.",
                "Some fields are wrong. See each and correct it.",
            ),
            Self::Unauthenticated => {
                Message::fixed("Cần đăng nhập (hoặc phiên đã hết hạn).", "Please log in (or your login is over).")
            }
            Self::Forbidden => Message::fixed(
                "Tài khoản này không có quyền làm việc đó. Hãy nhờ cán bộ phụ trách.",
                "This login may not do that. Ask the coordinator.",
            ),
            Self::NotFound => Message::fixed("Không tìm thấy.", "Not found."),
            Self::MethodNotAllowed => {
                Message::fixed("Địa chỉ này không nhận kiểu yêu cầu đó.", "This address does not take that method.")
            }
            Self::TooSlow => Message::fixed(
                "Nội dung gửi lên đến quá chậm nên đã bị ngắt, chưa lưu gì cả. Kiểm tra mạng rồi gửi lại.",
                "The body came too slowly and was cut off; nothing was stored. Check the network and send it again.",
            ),
            Self::LoginRefused { say, .. }
            | Self::Refused { say, .. }
            | Self::Conflict { say, .. }
            | Self::ConflictIn { say, .. }
            | Self::TooLarge(say)
            | Self::Unsupported(say) => say.clone(),
            Self::TooManyCodes(secs) => Message::new(
                format!(
                    "Đã nhập quá nhiều mã không phải mã phiếu. Xem lại từng mã trên giấy; nhập mã được tiếp sau {} phút. Mã QR \
                     trên phiếu vẫn quét được.",
                    secs.div_ceil(60)
                ),
                format!(
                    "Too many codes were typed that are no voucher's. Check each on its paper; typing goes on in {} min. The \
                     QR codes of vouchers can still be scanned.",
                    secs.div_ceil(60)
                ),
            ),
            Self::TooMany(secs) => Message::new(
                format!("Thử quá nhiều lần. Hãy đợi {secs} giây rồi thử lại."),
                format!("Too many tries. Wait {secs} seconds and try again."),
            ),
            Self::Busy => Message::fixed(
                "Hệ thống đang bận hoặc chưa nối được cơ sở dữ liệu. Hãy thử lại sau giây lát.",
                "The system is busy or its database can't be reached. Try again in a moment.",
            ),
            Self::StorageFull => Message::fixed(
                "Đĩa đã đầy, chưa lưu gì cả. Hãy giải phóng chỗ trống rồi thử lại.",
                "The disk is full; nothing was stored. Free some space and try again.",
            ),
            Self::Internal(_) => Message::fixed(
                "Có lỗi trong hệ thống, chưa lưu gì cả. Hãy thử lại; nếu vẫn lỗi, báo mã yêu cầu cho người quản trị.",
                "Something went wrong inside; nothing was stored. Try again, or give the request id to the administrator.",
            ),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match classify(&error) {
            ErrorKind::DiskFull => Self::StorageFull,
            ErrorKind::Unreachable | ErrorKind::Contention => {
                tracing::warn!(error = %error, "the database did not take the request");
                Self::Busy
            }
            _ => Self::Internal(Box::new(error)),
        }
    }
}

impl From<Vec<FieldError>> for Error {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::Invalid(errors)
    }
}

impl From<FieldError> for Error {
    fn from(error: FieldError) -> Self {
        Self::Invalid(vec![error])
    }
}

impl From<crate::vault::NotOpened> for Error {
    fn from(error: crate::vault::NotOpened) -> Self {
        Self::Internal(Box::new(error))
    }
}

/// The error of a response, waiting for the edge to say it in the visitor's language.
#[derive(Clone, Debug)]
pub struct ErrorView {
    pub(super) code: &'static str,
    pub(super) say: Message,
    pub(super) fields: Vec<FieldError>,
}

impl ErrorView {
    /// Stable, machine-readable.
    pub const fn code(&self) -> &'static str {
        self.code
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Self::Internal(error) = &self {
            tracing::error!(error = %error, "internal error");
        }
        let view = ErrorView {
            code: self.code(),
            say: self.say(),
            fields: match &self {
                Self::Invalid(errors) | Self::ConflictIn { fields: errors, .. } => errors.clone(),
                _ => Vec::new(),
            },
        };
        let mut response = self.status().into_response();
        if let Self::TooMany(secs) | Self::TooManyCodes(secs) = self {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        response.extensions_mut().insert(view);
        response
    }
}

/// The body of every error (RFC 9457).
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "type": "about:blank", "title": "Unprocessable Entity", "status": 422, "code": "invalid",
    "detail": "Số tiền phải từ 0 đến 9.000.000.000.000 đồng. Kiểm tra lại đơn vị tính (đồng hay nghìn đồng).",
    "errors": [{"field": "value", "code": "out_of_range",
                "message": "Số tiền phải từ 0 đến 9.000.000.000.000 đồng. Kiểm tra lại đơn vị tính (đồng hay nghìn đồng)."}],
    "request_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90"
}))]
pub struct Problem {
    /// Always `about:blank`: `code` tells problems apart.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// Stable, machine-readable.
    pub code: &'static str,
    /// What happened and the way out, in the language of `Accept-Language`.
    pub detail: String,
    /// The fields that were wrong; empty when the trouble is not a field's.
    pub errors: Vec<ProblemField>,
    /// The id under which the log has this request.
    pub request_id: Option<String>,
}

/// One wrong field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemField {
    /// Path of the field, such as `lines[2].quantity`.
    pub field: String,
    /// Stable, machine-readable.
    pub code: &'static str,
    /// What is wrong and the way out.
    pub message: String,
}

/// The error answers that a call may give, for the OpenAPI document: status, name, description. Which of them a call does
/// give follows from its form, see `app::document`.
pub const PROBLEMS: [(&str, &str, &str); 12] = [
    ("401", "Unauthenticated", "No login, or one that is over"),
    ("403", "Forbidden", "A valid login that may not do this"),
    ("404", "NotFound", "No such record, or not for this login"),
    ("408", "TooSlow", "The body came too slowly; nothing was stored, send it again"),
    ("409", "Conflict", "Contradicts what is stored; `code` says how"),
    ("413", "TooLarge", "Larger than the limit that the message names"),
    ("415", "UnsupportedMediaType", "A body of another kind than the call takes"),
    ("422", "Invalid", "Fields that cannot be what they say; each is named with the way out"),
    ("429", "TooManyRequests", "Too many tries; see Retry-After"),
    ("500", "Internal", "A defect; nothing was stored"),
    ("503", "Busy", "The database can't be reached, or too much is going on; try again"),
    ("507", "StorageFull", "The disk is full; nothing was stored"),
];

/// In a call's `responses`: [`PROBLEMS`] without 429, as references to where each is described.
#[derive(Debug)]
pub struct Problems;

impl utoipa::IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::response::Response>> {
        references(|status| status != "429")
    }
}

/// In the `responses` of a call that takes only so many tries.
#[derive(Debug)]
pub struct Throttled;

impl utoipa::IntoResponses for Throttled {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::response::Response>> {
        references(|status| status == "429")
    }
}

fn references(which: impl Fn(&str) -> bool) -> BTreeMap<String, RefOr<utoipa::openapi::response::Response>> {
    let reference = |(status, name, _): (&str, &str, &str)| {
        (status.to_owned(), RefOr::Ref(Ref::new(format!("#/components/responses/{name}"))))
    };
    PROBLEMS.into_iter().filter(|(status, ..)| which(status)).map(reference).collect()
}
