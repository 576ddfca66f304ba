//! What the network may take: heads that never end, connections without number, answers that nobody reads. Everything
//! here is tried over http and over https.

mod crowds;
mod slow;

use std::net::SocketAddr;
use std::time::Duration;

use lalanh::app::connections::{self, Door, Register};
use lalanh::app::{Options, open};
use lalanh::http::{Config, Core, Limits};
use rcgen::{CertifiedKey, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::https::{certificate, serve_core, shake, write};
use crate::support::{On, TestApp};

/// Until an honest visitor is answered at the latest, on a machine that runs every other test meanwhile.
const PROMPT: Duration = Duration::from_secs(10);
/// A time limit that no test waits for.
const FAR: Duration = Duration::from_secs(3600);
/// A whole request.
const WHOLE: &str = "GET /healthz HTTP/1.1\r\nhost: ward\r\nconnection: close\r\n\r\n";
/// A whole request after which the connection stays.
const KEPT: &str = "GET /healthz HTTP/1.1\r\nhost: ward\r\n\r\n";

/// Limits of which a test shortens those that it is about.
fn patient() -> Limits {
    Limits { head: FAR, idle: FAR, stall: FAR, body_pause: FAR, body_whole: FAR, ..Limits::default() }
}

trait Io: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

/// A service on the app's data, with limits of its own.
struct Service {
    core: Core,
    address: SocketAddr,
    certificate: Option<CertifiedKey<KeyPair>>,
}

impl Drop for Service {
    fn drop(&mut self) {
        self.core.stop();
    }
}

impl Service {
    /// The service over http, and over https.
    async fn both(app: &TestApp, limits: Limits) -> [Self; 2] {
        let config = Config { limits, ..Config::default() };
        [Self::start(app, config.clone(), false).await, Self::start(app, config, true).await]
    }

    async fn start(app: &TestApp, config: Config, https: bool) -> Self {
        let options = Options { data_dir: app.dir.clone(), database: app.database.clone(), config };
        let core = open(&options, app.clock.clone()).await.unwrap();
        let certificate = https.then(certificate);
        let source = certificate.as_ref().map(|made| write(app, made));
        let (address, _) = serve_core(&core, source.as_ref()).await;
        Self { core, address, certificate }
    }

    async fn connect(&self) -> Box<dyn Io> {
        self.connect_from("127.0.0.1").await
    }

    /// A connection ready for a request, from one of this machine's own addresses.
    async fn connect_from(&self, address: &str) -> Box<dyn Io> {
        let socket = self.socket_from(address).await;
        match &self.certificate {
            None => Box::new(socket),
            Some(trusted) => Box::new(shake(socket, trusted).await.unwrap()),
        }
    }

    async fn socket_from(&self, address: &str) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::new(address.parse().unwrap(), 0)).unwrap();
        socket.connect(self.address).await.unwrap()
    }

    /// A connection that stops in the middle of its head, or of its handshake.
    async fn half_open_from(&self, address: &str) -> TcpStream {
        let mut socket = self.socket_from(address).await;
        let half: &[u8] =
            if self.certificate.is_some() { b"\x16\x03\x01\x02\x00\x01" } else { b"GET /healthz HTTP/1.1\r\nho" };
        // A connection that is closed already is part of what is tested.
        let _ = socket.write_all(half).await;
        socket
    }

    /// An honest visitor's question; it must be answered promptly.
    async fn answers(&self) {
        let asked = async {
            let mut stream = self.connect().await;
            say(&mut stream, WHOLE).await;
            read_all(&mut stream).await
        };
        let answer = tokio::time::timeout(PROMPT, asked).await.expect("an honest visitor is answered promptly");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

async fn say(stream: &mut (impl AsyncWrite + Unpin + ?Sized), text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
}

/// All that comes until the connection ends, however it does.
async fn read_all(stream: &mut (impl AsyncRead + Unpin + ?Sized)) -> String {
    let mut all = Vec::new();
    let _ = stream.read_to_end(&mut all).await;
    String::from_utf8_lossy(&all).into_owned()
}

/// The answer to [`KEPT`].
async fn read_kept(stream: &mut (impl AsyncRead + Unpin + ?Sized)) -> String {
    let mut all = Vec::new();
    while !all.ends_with(b"ok\n") {
        let mut piece = [0; 1024];
        let bytes = stream.read(&mut piece).await.unwrap();
        assert!(bytes > 0, "the connection ended: {}", String::from_utf8_lossy(&all));
        all.extend_from_slice(&piece[..bytes]);
    }
    String::from_utf8_lossy(&all).into_owned()
}

/// Waits for the end of a connection.
async fn ends(stream: &mut (impl AsyncRead + Unpin + ?Sized), what: &str) {
    let ended = tokio::time::timeout(PROMPT, read_all(stream)).await;
    assert!(ended.is_ok(), "{what}: the connection should be closed");
}

/// Whether the other end has closed the connection.
fn is_closed(socket: &TcpStream) -> bool {
    let mut piece = [0; 1024];
    loop {
        match socket.try_read(&mut piece) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() != std::io::ErrorKind::WouldBlock,
        }
    }
}

fn open_of(sockets: &[TcpStream]) -> usize {
    sockets.iter().filter(|socket| !is_closed(socket)).count()
}

/// Waits until so many are open at most.
async fn settle_at(sockets: &[TcpStream], most: usize) -> usize {
    for _ in 0..200 {
        if open_of(sockets) <= most {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    open_of(sockets)
}

/// Serves other routes than ours, for what ours do not do.
async fn serve_routes(app: &TestApp, limits: Limits, routes: axum::Router) -> (Core, SocketAddr) {
    let config = Config { limits, ..Config::default() };
    let options = Options { data_dir: app.dir.clone(), database: app.database.clone(), config };
    let core = open(&options, app.clock.clone()).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(connections::serve(core.clone(), Register::new(&core), Door { listener, routes, tls: None }));
    (core, address)
}

async fn on_sqlite() -> TestApp {
    TestApp::start(On::Sqlite).await.expect("SQLite is built in")
}
