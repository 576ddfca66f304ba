//! Calls of the service's own router, as a coordinator would make them.

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, header};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::app::StartError;

/// Bytes of an answer that the demo reads at most: the sheets of vouchers are the largest.
const ANSWER_MAX: usize = 32 * 1024 * 1024;

/// What parts a body of several parts.
const BOUNDARY: &str = "la-lanh-demo";

/// Makes calls of the API, inside this process.
pub struct Calls {
    pub router: Router,
    pub token: String,
}

impl Calls {
    /// POSTs a body that must be accepted; the answer.
    pub async fn post(&self, path: &str, body: Value) -> Result<Value, StartError> {
        let bytes = self.call(Method::POST, path, body.to_string().into()).await?;
        serde_json::from_slice(&bytes).map_err(|error| broken(&format!("POST {path}: {error}")))
    }

    /// POSTs a body that must be accepted; the id of what was made.
    pub async fn make(&self, path: &str, body: Value) -> Result<String, StartError> {
        Ok(text(&self.post(path, body).await?, "id"))
    }

    /// Uploads a list that must be read: its name, its text, the fields beside it; the preview.
    pub async fn upload(
        &self,
        path: &str,
        (file_name, list): (&str, &str),
        fields: &[(&str, &str)],
    ) -> Result<Value, StartError> {
        let part = |head: &str, body: &str| {
            format!("--{BOUNDARY}\r\ncontent-disposition: form-data; {head}\r\n\r\n{body}\r\n")
        };
        let mut body: String = fields.iter().map(|(name, value)| part(&format!("name=\"{name}\""), value)).collect();
        body += &part(&format!("name=\"file\"; filename=\"{file_name}\""), list);
        body += &format!("--{BOUNDARY}--\r\n");
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let bytes = self.send(Method::POST, path, body.into(), &kind).await?;
        serde_json::from_slice(&bytes).map_err(|error| broken(&format!("POST {path}: {error}")))
    }

    /// GETs what must be there.
    pub async fn get(&self, path: &str) -> Result<Bytes, StartError> {
        self.call(Method::GET, path, Body::empty()).await
    }

    pub async fn call(&self, method: Method, path: &str, body: Body) -> Result<Bytes, StartError> {
        self.send(method, path, body, "application/json").await
    }

    pub async fn send(&self, method: Method, path: &str, body: Body, kind: &str) -> Result<Bytes, StartError> {
        let named = format!("{method} {path}");
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = format!("/api/v1{path}").parse().map_err(|_| broken(&named))?;
        request.extensions_mut().insert(ConnectInfo(std::net::SocketAddr::from(([127, 0, 0, 1], 0))));
        let bearer = format!("Bearer {}", self.token).parse().map_err(|_| broken(&named))?;
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        request.headers_mut().insert(header::CONTENT_TYPE, kind.parse().map_err(|_| broken(&named))?);
        let Ok(response) = self.router.clone().oneshot(request).await;
        let status = response.status();
        let bytes = to_bytes(response.into_body(), ANSWER_MAX).await.map_err(|_| broken(&named))?;
        if status.is_success() {
            Ok(bytes)
        } else {
            // Nobody in the demo is real: the answer may be shown.
            Err(broken(&format!("{named}: {status} {}", String::from_utf8_lossy(&bytes))))
        }
    }
}

/// A text of an answer; empty where there is none, which the next call refuses.
pub fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

/// The demo's own calls were refused: a defect of ours.
pub fn broken(what: &str) -> StartError {
    StartError::new(format!("Không dựng được dữ liệu mẫu: {what}"), format!("The demo can't be made: {what}"))
}
