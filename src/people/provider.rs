//! The provider of identities: where a browser is sent, and what the provider says of who came back. Authorisation code with
//! PKCE, state and nonce (OpenID Connect Core 1.0 §3.1). Believed is an ID token alone that is signed with one of the provider's
//! published keys, asymmetrically, for us, for this very browser, and not over.
//!
//! The crate `openidconnect` brings `rsa`, whose private operations leak by their time (RUSTSEC-2023-0071). Nothing here
//! has a private RSA key: signatures are verified, with public ones.

use std::time::Duration;

use chrono::DateTime;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreUserInfoClaims,
};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, DiscoveryError, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError, SubjectIdentifier,
    TokenResponse,
};
use thiserror::Error;
use tokio::sync::Mutex;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::http::{Core, SignOn};
use crate::kernel::Moment;
use crate::vault::new_token;

/// How long the provider may take for one answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer at most.
const ANSWER_MAX: usize = 1 << 20;
/// How long is believed what it says of itself, its keys among it, in seconds. A key that is not among them is looked for anew.
const KNOWN_SECS: i64 = 3600;
/// Between two looks for a new key, in seconds: whoever shows invented ones does not make us ask each time.
const ANEW_SECS: i64 = 60;
/// How much our clocks may differ, in seconds.
const LEEWAY_SECS: i64 = 60;
/// How an ID token may be signed: never with what both sides know, and never not at all.
const SIGNED: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// Why signing on did not work. Its name goes into the log; what the provider sent never does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::people) enum Trouble {
    /// It does not answer, or not in time.
    Down,
    /// What it says of itself is not what was configured.
    Metadata,
    /// It does not take the code.
    CodeRefused,
    /// It gave no ID token.
    NoToken,
    Issuer,
    Audience,
    Nonce,
    Expired,
    /// The ID token is signed by nobody we know, or not signed.
    Signature,
    /// It says nothing of who it is, or what can't be read.
    Claims,
}

impl Trouble {
    /// For the log.
    pub(in crate::people) const fn name(self) -> &'static str {
        match self {
            Self::Down => "provider_down",
            Self::Metadata => "wrong_metadata",
            Self::CodeRefused => "code_refused",
            Self::NoToken => "no_id_token",
            Self::Issuer => "wrong_issuer",
            Self::Audience => "wrong_audience",
            Self::Nonce => "wrong_nonce",
            Self::Expired => "expired",
            Self::Signature => "wrong_signature",
            Self::Claims => "wrong_claims",
        }
    }

    fn of_claims(error: &ClaimsVerificationError) -> Self {
        match error {
            ClaimsVerificationError::Expired(_) => Self::Expired,
            ClaimsVerificationError::InvalidAudience(_) => Self::Audience,
            ClaimsVerificationError::InvalidIssuer(_) => Self::Issuer,
            ClaimsVerificationError::InvalidNonce(_) => Self::Nonce,
            ClaimsVerificationError::SignatureVerification(_) => Self::Signature,
            _ => Self::Claims,
        }
    }
}

/// Where a browser is sent, and what is kept to know it by when it comes back.
pub(in crate::people) struct Departure {
    pub(in crate::people) url: String,
    pub(in crate::people) state: String,
    pub(in crate::people) nonce: String,
    pub(in crate::people) verifier: String,
}

/// Who the provider says came.
#[derive(Debug)]
pub(in crate::people) struct Person {
    /// What it calls them, for good.
    pub(in crate::people) subject: String,
    /// An e-mail address that it says it verified.
    pub(in crate::people) email: Option<String>,
}

/// What it said of itself, and when.
#[derive(Default)]
struct Known(Mutex<Option<(Moment, CoreProviderMetadata)>>);

/// Where to send a browser that is to come back to `back`.
pub(in crate::people) async fn depart(core: &Core, options: &SignOn, back: &str) -> Result<Departure, Trouble> {
    let (_, metadata) = known(core, options, None).await?;
    let client = client(metadata, options, back)?;
    let [state, nonce, verifier] = std::array::from_fn(|_| new_token(&core.clock));
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.clone()));
    let (by_state, by_nonce) = (CsrfToken::new(state.clone()), Nonce::new(nonce.clone()));
    let (url, ..) = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || by_state, move || by_nonce)
        .add_scope(Scope::new("email".to_owned()))
        .set_pkce_challenge(challenge)
        .url();
    Ok(Departure { url: url.into(), state, nonce, verifier })
}

/// Who came back with a code.
pub(in crate::people) async fn arrive(
    core: &Core,
    options: &SignOn,
    back: &str,
    (code, nonce, verifier): (String, String, String),
) -> Result<Person, Trouble> {
    let http = Http::new(options)?;
    let (at, metadata) = known(core, options, None).await?;
    let first = client(metadata, options, back)?;
    let exchange = first.exchange_code(AuthorizationCode::new(code)).map_err(|_| Trouble::Metadata)?;
    let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(verifier));
    let told = exchange.request_async(&http.sender()).await.map_err(|error| match error {
        RequestTokenError::Request(_) => Trouble::Down,
        _ => Trouble::CodeRefused,
    })?;
    let token = told.id_token().ok_or(Trouble::NoToken)?;
    let nonce = Nonce::new(nonce);
    let read = match read(core, &first, token, &nonce) {
        Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
            // It may have other keys by now.
            let (_, metadata) = known(core, options, Some(at)).await?;
            read(core, &client(metadata, options, back)?, token, &nonce)
        }
        read => read,
    };
    let person = read.map_err(|error| Trouble::of_claims(&error))?;
    if person.email.is_some() {
        return Ok(person);
    }
    // Many tell addresses only when they are asked for them.
    let subject = SubjectIdentifier::new(person.subject.clone());
    let email = match first.user_info(told.access_token().to_owned(), Some(subject)) {
        Err(_) => None,
        Ok(request) => {
            let told: Result<CoreUserInfoClaims, _> = request.request_async(&http.sender()).await;
            let told = told.ok().filter(|told| told.email_verified() == Some(true));
            told.and_then(|told| told.email().map(|email| email.to_string()))
        }
    };
    Ok(Person { email, ..person })
}

/// Who an ID token is about, if it is what it must be.
fn read(core: &Core, client: &Client, token: &CoreIdToken, nonce: &Nonce) -> Result<Person, ClaimsVerificationError> {
    let now = core.clock.now().plus_secs(-LEEWAY_SECS).micros();
    let verifier = client
        .id_token_verifier()
        .set_allowed_algs(SIGNED)
        .set_time_fn(move || DateTime::from_timestamp_micros(now).unwrap_or_default());
    let claims = token.claims(&verifier, nonce)?;
    let verified = claims.email_verified() == Some(true);
    Ok(Person {
        subject: claims.subject().to_string(),
        email: claims.email().filter(|_| verified).map(|email| email.to_string()),
    })
}

fn client(metadata: CoreProviderMetadata, options: &SignOn, back: &str) -> Result<Client, Trouble> {
    let back = RedirectUrl::new(back.to_owned()).map_err(|_| Trouble::Metadata)?;
    let secret = options.client_secret.clone().map(ClientSecret::new);
    Ok(CoreClient::from_provider_metadata(metadata, ClientId::new(options.client_id.clone()), secret)
        .set_redirect_uri(back))
}

/// What the provider says of itself: what is known, unless that is old, or as old as what did not do.
async fn known(
    core: &Core,
    options: &SignOn,
    did_not_do: Option<Moment>,
) -> Result<(Moment, CoreProviderMetadata), Trouble> {
    let memory = core.memory::<Known>();
    // Who comes while somebody asks waits for the answer.
    let mut known = memory.0.lock().await;
    let now = core.clock.now();
    if let Some((at, metadata)) = known.as_ref() {
        let age = now.secs_since(*at);
        let is_anew = did_not_do.is_none_or(|before| *at > before) || age < ANEW_SECS;
        if age < KNOWN_SECS && is_anew {
            return Ok((*at, metadata.clone()));
        }
    }
    let issuer = IssuerUrl::new(options.issuer.clone()).map_err(|_| Trouble::Metadata)?;
    let http = Http::new(options)?;
    let metadata = CoreProviderMetadata::discover_async(issuer, &http.sender()).await.map_err(|error| match error {
        DiscoveryError::Request(_) | DiscoveryError::Response(..) => Trouble::Down,
        _ => Trouble::Metadata,
    })?;
    *known = Some((now, metadata.clone()));
    Ok((now, metadata))
}

/// An answer that did not come, or was too large.
#[derive(Debug, Error)]
#[error("the identity provider gave no usable answer")]
struct NoAnswer;

/// Asks the provider: over TLS, or on this very machine; never where it redirects to.
#[derive(Clone)]
struct Http(reqwest::Client);

impl Http {
    fn new(options: &SignOn) -> Result<Self, Trouble> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(ca) = &options.ca {
            for certificate in CertificateDer::pem_slice_iter(ca) {
                roots.add(certificate.map_err(|_| Trouble::Metadata)?).map_err(|_| Trouble::Metadata)?;
            }
        }
        let tls = ClientConfig::builder_with_provider(aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(|_| Trouble::Metadata)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .https_only(options.issuer.starts_with("https://"))
            .timeout(PATIENCE)
            .build();
        client.map(Self).map_err(|_| Trouble::Metadata)
    }

    fn sender(
        &self,
    ) -> impl Fn(HttpRequest) -> futures_util::future::BoxFuture<'static, Result<HttpResponse, NoAnswer>> {
        let client = self.0.clone();
        move |request| Box::pin(send(client.clone(), request))
    }
}

async fn send(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
    let (parts, body) = request.into_parts();
    let sent = client.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body).send().await;
    let mut response = sent.map_err(|_| NoAnswer)?;
    let mut answer = axum::http::Response::builder().status(response.status());
    if let Some(headers) = answer.headers_mut() {
        headers.clone_from(response.headers());
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| NoAnswer)? {
        if bytes.len() + chunk.len() > ANSWER_MAX {
            return Err(NoAnswer);
        }
        bytes.extend_from_slice(&chunk);
    }
    answer.body(bytes).map_err(|_| NoAnswer)
}
