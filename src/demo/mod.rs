//! The demo: a throwaway ward with a market in progress, to look around in.
//!
//! Promises: every record is made by the calls that a coordinator would make, through the same router with the same
//! checks, so what the demo shows is what the program does. Nobody in it is real. The calls are made with a clock that
//! is set to each record's moment; the service then runs on the system's clock.

pub mod desk;
mod lists;
pub mod people;
pub mod ward;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, header};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::app::{StartError, router};
use crate::http::Core;
use crate::kernel::Moment;
use crate::people::Role;
use crate::people::store::{NewUser, TokenKind, insert_token, insert_user};
use crate::vault::{new_token, token_hash};

/// Bytes of an answer that the demo reads at most: the sheets of vouchers are the largest.
const ANSWER_MAX: usize = 32 * 1024 * 1024;
/// What parts a body of several parts.
const BOUNDARY: &str = "la-lanh-demo";
/// The password of every login of the demo, which is no secret: the data are made up and go away.
pub const PASSWORD: &str = "la-lanh-dum-la-rach";

/// What the demo prints when the ward is there.
#[derive(Clone, Debug)]
pub struct Ward {
    /// Logins: role and username, all with [`PASSWORD`].
    pub logins: Vec<(Role, String)>,
    /// A coordinator's API token.
    pub token: String,
    /// The code that enrols a phone.
    pub enrol_code: String,
    /// The point of the first desk.
    pub point_id: String,
    /// Typed codes of vouchers that nobody redeemed yet, at that point.
    pub codes: Vec<String>,
    /// A typed code that was redeemed.
    pub used_code: String,
    /// The round's sheets of vouchers, PDF.
    pub sheets: Bytes,
}

/// Fills an empty database. `core` must have a clock that can be set; `now` is what the clock on the wall says.
pub async fn fill(core: &Core, now: Moment) -> Result<Ward, StartError> {
    core.clock.set(now.plus_secs(-4 * 86_400));
    let admin = administrator(core).await.map_err(|error| broken(&error.to_string()))?;
    let calls = Calls { router: router(core.clone()), token: admin };
    let ward = ward::plan(core, &calls, now).await?;
    desk::hand_out(core, &calls, &ward, now).await
}

/// The first administrator, made as `lalanh user add` and `lalanh token add` would.
async fn administrator(core: &Core) -> Result<String, sqlx::Error> {
    let token = new_token(&core.clock);
    let mut tx = core.db.begin().await?;
    let user = NewUser {
        username: "demo".to_owned(),
        role: Role::Admin,
        area_id: None,
        point_ids: Vec::new(),
        password_hash: None,
    };
    let id = insert_user(&mut tx, &core.clock, user).await?;
    let ends = core.clock.now().plus_secs(5 * 86_400);
    insert_token(&mut tx, &core.clock, TokenKind::Api, id, token_hash(&token), ends).await?;
    tx.commit().await?;
    Ok(token)
}

/// Makes calls of the API, inside this process.
struct Calls {
    router: Router,
    token: String,
}

impl Calls {
    /// POSTs a body that must be accepted; the answer.
    async fn post(&self, path: &str, body: Value) -> Result<Value, StartError> {
        let bytes = self.call(Method::POST, path, body.to_string().into()).await?;
        serde_json::from_slice(&bytes).map_err(|error| broken(&format!("POST {path}: {error}")))
    }

    /// POSTs a body that must be accepted; the id of what was made.
    async fn make(&self, path: &str, body: Value) -> Result<String, StartError> {
        Ok(text(&self.post(path, body).await?, "id"))
    }

    /// Uploads a list that must be read: its name, its text, the fields beside it; the preview.
    async fn upload(
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
    async fn get(&self, path: &str) -> Result<Bytes, StartError> {
        self.call(Method::GET, path, Body::empty()).await
    }

    async fn call(&self, method: Method, path: &str, body: Body) -> Result<Bytes, StartError> {
        self.send(method, path, body, "application/json").await
    }

    async fn send(&self, method: Method, path: &str, body: Body, kind: &str) -> Result<Bytes, StartError> {
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
fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

/// The demo's own calls were refused: a defect of ours.
fn broken(what: &str) -> StartError {
    StartError::new(format!("Không dựng được dữ liệu mẫu: {what}"), format!("The demo can't be made: {what}"))
}
