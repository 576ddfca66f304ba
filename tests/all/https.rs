//! https by the service itself.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use lalanh::app::connections::{self, Door, Register};
use lalanh::app::{redirect, router, tls};
use lalanh::http::Core;
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tower::ServiceExt as _;

use crate::support::{On, TestApp};

pub fn certificate() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap()
}

/// Puts a certificate and its key where the service reads them.
pub fn write(app: &TestApp, made: &CertifiedKey<KeyPair>) -> tls::Source {
    let (cert, key): (PathBuf, PathBuf) = (app.dir.join("cert.pem"), app.dir.join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    tls::Source::Files { cert, key }
}

/// The service over TLS, which looks at its files all the time.
async fn serve(app: &TestApp, source: &tls::Source) -> SocketAddr {
    serve_core(&app.core, Some(source)).await.0
}

/// A service over http or https, on its own loop.
pub async fn serve_core(core: &Core, source: Option<&tls::Source>) -> (SocketAddr, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let routes = router(core.clone());
    let (routes, tls) = match source {
        Some(source) => {
            let answering = tls::answering(core, source, Duration::from_millis(50)).unwrap();
            (tls::routes(routes), Some(answering))
        }
        None => (routes, None),
    };
    let door = Door { listener, routes, tls };
    (address, tokio::spawn(connections::serve(core.clone(), Register::new(core), door)))
}

/// Speaks TLS on a socket, trusting one certificate and no other.
pub async fn shake(socket: TcpStream, trusted: &CertifiedKey<KeyPair>) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.cert.der().clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, socket).await
}

/// What a request is answered over a connection that trusts one certificate.
async fn ask(address: SocketAddr, trusted: &CertifiedKey<KeyPair>, request: &str) -> std::io::Result<String> {
    let mut stream = shake(TcpStream::connect(address).await?, trusted).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

const LANG: &str = "POST /lang HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
    content-type: application/x-www-form-urlencoded\r\ncontent-length: 5\r\n\r\nto=en";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificate_files_serve_https_with_secure_cookies_and_are_exchanged_without_a_restart() {
    let app = TestApp::start(On::Sqlite).await.unwrap();
    let (first, second) = (certificate(), certificate());
    let source = write(&app, &first);
    let address = serve(&app, &source).await;
    let answer = ask(address, &first, LANG).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 303") && answer.contains("; Secure"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age=31536000; includeSubDomains"), "{answer}");
    assert!(ask(address, &second, LANG).await.is_err(), "an unknown certificate is not trusted");
    write(&app, &second);
    let mut exchanged = false;
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        exchanged |= ask(address, &second, LANG).await.is_ok();
        if exchanged {
            break;
        }
    }
    assert!(exchanged, "the new certificate is in force");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_never_finishes_a_handshake_holds_up_nobody() {
    let app = TestApp::start(On::Sqlite).await.unwrap();
    let made = certificate();
    let source = write(&app, &made);
    let address = serve(&app, &source).await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(TcpStream::connect(address).await.unwrap());
    }
    let answer = tokio::time::timeout(Duration::from_secs(5), ask(address, &made, LANG)).await;
    assert!(answer.expect("others are served meanwhile").is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_of_another_certificate_is_refused_at_the_start_with_the_files_names() {
    let app = TestApp::start(On::Sqlite).await.unwrap();
    let source = write(&app, &certificate());
    std::fs::write(app.dir.join("key.pem"), certificate().signing_key.serialize_pem()).unwrap();
    let refused = tls::answering(&app.core, &source, Duration::from_secs(60)).expect_err("they do not fit");
    assert!(refused.say.vi.contains("cert.pem") && refused.say.en.contains("key.pem"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_http_is_sent_on_to_the_same_page_over_https() {
    let app = TestApp::start(On::Sqlite).await.unwrap();
    let ask = async |path: &str, host: &str, port: u16| {
        let request = Request::get(path).header("host", host).body(Body::empty()).unwrap();
        let response = redirect::router(app.core.clone(), port).oneshot(request).await.unwrap();
        let to = response.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        (response.status(), to.unwrap_or_default())
    };
    let to = async |host: &str, port: u16| ask("/rent?q=x", host, port).await;
    let moved = StatusCode::PERMANENT_REDIRECT;
    assert_eq!(to("phat-qua.example:80", 443).await, (moved, "https://phat-qua.example/rent?q=x".to_owned()));
    assert_eq!(to("192.168.1.10:8080", 8443).await, (moved, "https://192.168.1.10:8443/rent?q=x".to_owned()));
    assert_eq!(to("[::1]:8080", 443).await, (moved, "https://[::1]/rent?q=x".to_owned()));
    assert_eq!(to("evil.example/@", 443).await.0, StatusCode::NOT_FOUND);
    let call = ask("/api/v1/me", "phat-qua.example", 443).await;
    assert_eq!(call, (StatusCode::NOT_FOUND, String::new()), "a token sent in the clear is not helped on");
    let ready = Request::get("/readyz").body(Body::empty()).unwrap();
    let response = redirect::router(app.core.clone(), 443).oneshot(ready).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "containers ask here");
}
