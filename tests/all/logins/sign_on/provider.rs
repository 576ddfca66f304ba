//! A provider of identities that says what it is told to, and signs it as it is told to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use lalanh::kernel::Moment;
use serde_json::{Value, json};

pub const CLIENT_ID: &str = "lalanh";
pub const CLIENT_SECRET: &str = "một bí mật giữa hai bên";

/// How an ID token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    Well,
    /// `alg: none`.
    Not,
    /// By HMAC under the client's secret.
    WithTheSecret,
    /// By a key that is not published, under the name of one that is.
    ByAnother,
    /// There is none.
    NoToken,
}

struct Says {
    claims: Value,
    challenge: String,
    signed: Signed,
    key: EcdsaKeyPair,
    kid: u32,
}

/// The provider. It ends with its test.
pub struct Provider {
    pub base: String,
    says: Arc<Mutex<Says>>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn new_key() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()
}

type Shared = (String, Arc<Mutex<Says>>);

impl Provider {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let says = Says { claims: json!({}), challenge: String::new(), signed: Signed::Well, key: new_key(), kid: 1 };
        let says = Arc::new(Mutex::new(says));
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .with_state((base.clone(), Arc::clone(&says)));
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { base, says, server }
    }

    /// What it will say of whoever shows a code, to who asked so.
    pub fn will_say(&self, asked: &BTreeMap<String, String>, now: Moment, claims: Value) {
        let now = now.micros() / 1_000_000;
        let mut all =
            json!({ "iss": self.base, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"] });
        all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        let mut says = self.says.lock().unwrap();
        (says.claims, says.challenge) = (all, asked["code_challenge"].clone());
    }

    pub fn sign(&self, signed: Signed) {
        self.says.lock().unwrap().signed = signed;
    }

    pub fn change_keys(&self) {
        let mut says = self.says.lock().unwrap();
        says.key = new_key();
        says.kid += 1;
    }

    pub fn stop(&self) {
        self.server.abort();
    }
}

async fn configuration(State((base, _)): State<Shared>) -> Json<Value> {
    Json(json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"),
        "jwks_uri": format!("{base}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        // It offers what must not be taken.
        "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
    }))
}

async fn keys(State((_, says)): State<Shared>) -> Json<Value> {
    let says = says.lock().unwrap();
    let point = says.key.public_key().as_ref();
    let part = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    Json(json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": says.kid.to_string(),
        "x": part(&point[1..33]), "y": part(&point[33..]),
    }] }))
}

/// Takes a code of who shows the client's secret and the verifier of the challenge.
async fn token(
    State((_, says)): State<Shared>,
    headers: HeaderMap,
    Form(form): Form<BTreeMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    let says = says.lock().unwrap();
    let escaped: String = form_urlencoded::byte_serialize(CLIENT_SECRET.as_bytes()).collect();
    let basic = format!("Basic {}", BASE64.encode(format!("{CLIENT_ID}:{escaped}").as_bytes()));
    let challenge = BASE64URL_NOPAD.encode(digest(&SHA256, form["code_verifier"].as_bytes()).as_ref());
    if headers["authorization"] != basic.as_str() || challenge != says.challenge {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" })));
    }
    let mut answer = json!({ "access_token": "x", "token_type": "Bearer" });
    if says.signed != Signed::NoToken {
        answer["id_token"] = json!(id_token(&says));
    }
    (StatusCode::OK, Json(answer))
}

fn id_token(says: &Says) -> String {
    let alg = match says.signed {
        Signed::Not => "none",
        Signed::WithTheSecret => "HS256",
        _ => "ES256",
    };
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let head = part(&json!({ "alg": alg, "kid": says.kid.to_string() }));
    let text = format!("{head}.{}", part(&says.claims));
    let by = |key: &EcdsaKeyPair| key.sign(&SystemRandom::new(), text.as_bytes()).unwrap().as_ref().to_vec();
    let signature = match says.signed {
        Signed::Not => Vec::new(),
        Signed::WithTheSecret => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, CLIENT_SECRET.as_bytes());
            hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
        }
        Signed::ByAnother => by(&new_key()),
        Signed::Well | Signed::NoToken => by(&says.key),
    };
    format!("{text}.{}", BASE64URL_NOPAD.encode(&signature))
}
