//! Those who take their time: with a head, with a body, with an answer, and between two requests.

use axum::routing::get;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;

use super::*;

const SHORT: Duration = Duration::from_millis(400);
/// Bytes of an answer that no buffer on the way holds.
const LONG: usize = 48 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_does_not_come_in_time_is_not_waited_for() {
    let app = on_sqlite().await;
    for service in Service::both(&app, Limits { head: SHORT, ..patient() }).await {
        ends(&mut service.socket_from("127.0.0.1").await, "silence").await;
        ends(&mut service.half_open_from("127.0.0.1").await, "half a head or handshake").await;
        ends(&mut service.connect().await, "silence after the handshake").await;
        let mut trickling = service.connect().await;
        let trickle = async {
            for byte in WHOLE.bytes().cycle() {
                tokio::time::sleep(Duration::from_millis(50)).await;
                if byte != b'\r' && byte != b'\n' && trickling.write_all(&[byte]).await.is_err() {
                    return;
                }
            }
        };
        tokio::time::timeout(PROMPT, trickle).await.expect("a head that trickles is cut");
        let mut again = service.connect().await;
        say(&mut again, KEPT).await;
        read_kept(&mut again).await;
        say(&mut again, "GET /healthz HT").await;
        ends(&mut again, "half a second head").await;
        ends(&mut preface(&service).await, "HTTP/2 without a request").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_two_requests_a_connection_may_rest_longer_than_a_head_takes_but_not_for_ever() {
    let app = on_sqlite().await;
    for service in Service::both(&app, Limits { head: SHORT, idle: SHORT * 6, ..patient() }).await {
        let mut stream = service.connect().await;
        for _ in 0..2 {
            say(&mut stream, KEPT).await;
            assert!(read_kept(&mut stream).await.starts_with("HTTP/1.1 200"));
            tokio::time::sleep(SHORT * 2).await;
        }
        ends(&mut stream, "a long rest").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_2_connections_at_rest_are_told_goodbye_and_live_streams_on_them_go_on() {
    let app = on_sqlite().await;
    // An answer to a ping has as long as the next ping takes: busy machines need more than `SHORT`.
    let ping = SHORT * 5;
    let limits = Limits { head: SHORT, idle: SHORT, ping, ..patient() };
    for service in Service::both(&app, limits).await {
        let (mut resting, conversation) = two(&service).await;
        let conversation = tokio::spawn(conversation);
        let request = axum::http::Request::get("http://ward/healthz").body(axum::body::Body::empty()).unwrap();
        assert_eq!(resting.send_request(request).await.unwrap().status().as_u16(), 200);
        let ended = tokio::time::timeout(PROMPT, conversation).await.expect("it ends").unwrap();
        assert!(ended.is_ok(), "with a goodbye: {ended:?}");
        let (mut live, conversation) = two(&service).await;
        let conversation = tokio::spawn(conversation);
        let request = axum::http::Request::get("http://ward/api/v1/stock/live")
            .header("authorization", format!("Bearer {}", app.admin))
            .body(axum::body::Body::empty())
            .unwrap();
        let response = live.send_request(request).await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        tokio::time::sleep(ping * 3).await;
        assert!(!conversation.is_finished(), "it answers when it is asked whether it lives");
        drop(response);
    }
}

type Body = axum::body::Body;
type Two = hyper::client::conn::http2::SendRequest<Body>;

/// A conversation in HTTP/2.
async fn two(service: &Service) -> (Two, impl Future<Output = hyper::Result<()>> + Send + 'static) {
    let io = TokioIo::new(service.connect().await);
    hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap()
}

/// HTTP/2 written by hand: nothing is answered that the service asks.
async fn preface(service: &Service) -> Box<dyn Io> {
    let mut stream = service.connect().await;
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    stream.flush().await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_that_left_its_live_stream_without_a_word_is_found_out() {
    let app = on_sqlite().await;
    for service in Service::both(&app, Limits { ping: SHORT, ..patient() }).await {
        let mut gone = preface(&service).await;
        let bearer = format!("Bearer {}", app.admin);
        // GET, http, :path and :authority as literals, authorization by its number.
        let path = b"/api/v1/stock/live";
        let mut head = vec![0x82, 0x86, 0x04, u8::try_from(path.len()).unwrap()];
        head.extend_from_slice(path);
        head.extend_from_slice(&[0x01, 4]);
        head.extend_from_slice(b"ward");
        head.extend_from_slice(&[0x0f, 0x08, u8::try_from(bearer.len()).unwrap()]);
        head.extend_from_slice(bearer.as_bytes());
        let mut frame = vec![0, 0, u8::try_from(head.len()).unwrap(), 0x01, 0x05, 0, 0, 0, 1];
        frame.append(&mut head);
        gone.write_all(&frame).await.unwrap();
        gone.flush().await.unwrap();
        let heard = tokio::time::timeout(PROMPT, read_all(&mut gone)).await.expect("the connection is closed");
        assert!(heard.contains("event: stock"), "the stream had begun");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_sent_down_a_slow_line_to_its_end_and_not_kept_for_those_who_never_read() {
    let app = on_sqlite().await;
    let routes = axum::Router::new().route("/long", get(async || vec![b'x'; LONG]));
    let limits = Limits { head: SHORT, idle: SHORT, stall: SHORT * 10, ..patient() };
    let (_core, address) = serve_routes(&app, limits, routes).await;
    let ask = async || {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(64 * 1024).unwrap();
        let mut stream = socket.connect(address).await.unwrap();
        say(&mut stream, "GET /long HTTP/1.1\r\nhost: ward\r\n\r\n").await;
        stream
    };
    let mut never = ask().await;
    tokio::time::sleep(SHORT * 14).await;
    let got = tokio::time::timeout(PROMPT, read_all(&mut never)).await.expect("the connection is closed").len();
    assert!(got < LONG, "{got} bytes were kept for somebody who did not read");
    let (mut slow, mut got, mut piece) = (ask().await, 0, vec![0; 1 << 20]);
    while got < LONG {
        tokio::time::sleep(Duration::from_millis(1)).await;
        let bytes = slow.read(&mut piece).await.unwrap();
        assert!(bytes > 0, "cut after {got} bytes");
        got += bytes;
        if got < 4 << 20 {
            tokio::time::sleep(SHORT / 4).await;
        }
    }
}

/// A post whose body comes in pieces; the whole answer.
async fn post(service: &Service, path: &str, head: &str, length: usize, piece: &str, every: Duration) -> String {
    let mut stream = service.connect().await;
    let head =
        format!("POST {path} HTTP/1.1\r\nhost: ward\r\nconnection: close\r\n{head}content-length: {length}\r\n\r\n");
    say(&mut stream, &head).await;
    let (mut reading, mut writing) = tokio::io::split(stream);
    let answer = read_all(&mut reading);
    let sending = async {
        for _ in 0..length / piece.len() {
            if writing.write_all(piece.as_bytes()).await.is_err() || writing.flush().await.is_err() {
                break;
            }
            tokio::time::sleep(every).await;
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        answer = tokio::time::timeout(PROMPT * 3, answer) => answer.expect("an answer, or an end"),
        () = sending => unreachable!("it waits for the answer"),
    }
}

const JSON: &str = "content-type: application/json\r\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_trickles_is_cut_with_its_reason_and_one_that_keeps_coming_is_not() {
    let app = on_sqlite().await;
    let limits = Limits { body_pause: SHORT * 2, body_rate: 4096, request: SHORT * 2, ..patient() };
    for service in Service::both(&app, limits).await {
        let (little, pause) = (" ", Duration::from_millis(100));
        let answer = post(&service, "/api/v1/login", JSON, 1000, little, pause).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
        assert!(head.starts_with("HTTP/1.1 408") && head.contains("application/problem+json"), "{answer}");
        let problem: Value = serde_json::from_str(body).unwrap();
        assert_eq!(problem["code"], "too_slow");
        assert!(problem["detail"].as_str().unwrap().contains("quá chậm"), "{problem}");
        let form = "content-type: application/x-www-form-urlencoded\r\nsec-fetch-site: same-origin\r\n\
                    accept: text/html\r\naccept-language: en\r\n";
        let page = post(&service, "/login", form, 1000, "a", pause).await;
        assert!(page.starts_with("HTTP/1.1 408") && page.contains("too slowly"), "{page}");
        let file = format!("authorization: Bearer {}\r\ncontent-type: multipart/form-data; boundary=x\r\n", app.admin);
        let upload = post(&service, "/api/v1/households/imports", &file, 1000, "a", pause).await;
        assert!(upload.starts_with("HTTP/1.1 408"), "{upload}");
        // Slow, but not that slow: it takes several times as long as a pause, or a request, may last.
        let slow = post(&service, "/api/v1/login", JSON, 40 * 1024, &" ".repeat(1024), pause).await;
        assert!(slow.starts_with("HTTP/1.1 422"), "it was read to its end: {slow}");
        service.answers().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_takes_too_long_is_told_so_however_its_body_came() {
    let app = on_sqlite().await;
    let config = Config { limits: Limits { request: SHORT, ..patient() }, ..Config::default() };
    let options = Options { data_dir: app.dir.clone(), database: None, config };
    let core = open(&options, app.clock.clone()).await.unwrap();
    let routes = axum::Router::new().route("/api/never", get(async || std::future::pending::<&'static str>().await));
    let routes = lalanh::app::router::surround(routes, core.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api/never", listener.local_addr().unwrap());
    tokio::spawn(connections::serve(core.clone(), Register::new(&core), Door { listener, routes, tls: None }));
    let answer = tokio::time::timeout(PROMPT, app.client.get(url).send()).await.expect("answered").unwrap();
    assert_eq!(answer.status().as_u16(), 503);
    assert_eq!(answer.json::<Value>().await.unwrap()["code"], "busy");
}
