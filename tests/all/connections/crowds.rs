//! Very many connections at once.

use std::process::{Command, Stdio};

use lalanh::http::Proxies;
use serde_json::json;
use tokio::task::JoinSet;

use super::*;
use crate::backup::Program;
use crate::redemption::market::Plan;
use crate::support::text;

/// Half-open connections of a flood: more than the 1,133 that once hung the service.
const FLOOD: usize = 1200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_flood_of_half_open_requests_an_address_keeps_256_and_others_are_answered_meanwhile() {
    let app = on_sqlite().await;
    for service in Service::both(&app, patient()).await {
        let mut flood = Vec::with_capacity(FLOOD);
        for n in 0..FLOOD {
            flood.push(service.half_open_from("127.0.0.1").await);
            if n % 300 == 0 {
                service.answers().await;
            }
        }
        service.answers().await;
        let open = settle_at(&flood, 256).await;
        assert!((200..=256).contains(&open), "{open} of them are open");
        assert_eq!(open_of(&flood[..FLOOD - 256]), 0, "the oldest had to leave");
        let other = service.half_open_from("127.0.0.2").await;
        service.answers().await;
        assert!(!is_closed(&other), "another address has its own");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_stops_after_a_first_request_counts_too() {
    let app = on_sqlite().await;
    for service in Service::both(&app, Limits { heads_per_address: 5, ..patient() }).await {
        let mut kept = Vec::new();
        for _ in 0..8 {
            let mut stream = service.connect().await;
            say(&mut stream, KEPT).await;
            read_kept(&mut stream).await;
            say(&mut stream, "GET /hea").await;
            kept.push(stream);
        }
        // A newcomer sends the oldest away.
        tokio::time::sleep(Duration::from_millis(100)).await;
        service.answers().await;
        ends(&mut kept[0], "the oldest").await;
        ends(&mut kept[2], "the third").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_named_proxy_may_have_more_unfinished_heads_than_an_address() {
    let app = on_sqlite().await;
    let limits = Limits { heads_per_address: 10, ..patient() };
    let proxies = Proxies::from(vec!["127.0.0.2".parse().unwrap()]);
    for https in [false, true] {
        let service =
            Service::start(&app, Config { limits, proxies: proxies.clone(), ..Config::default() }, https).await;
        let (mut proxy, mut stranger) = (Vec::new(), Vec::new());
        for _ in 0..50 {
            proxy.push(service.half_open_from("127.0.0.2").await);
            stranger.push(service.half_open_from("127.0.0.3").await);
        }
        service.answers().await;
        assert!(settle_at(&stranger, 10).await <= 10);
        assert_eq!(open_of(&proxy), 50);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_the_limit_the_unfinished_leave_first_then_those_at_rest_and_never_those_at_work() {
    let app = on_sqlite().await;
    for service in Service::both(&app, Limits { connections: 12, ..patient() }).await {
        let mut live = Vec::new();
        for _ in 0..6 {
            live.push(live_stream(&app, &service).await);
        }
        let mut resting = Vec::new();
        for _ in 0..3 {
            let mut stream = service.connect().await;
            say(&mut stream, KEPT).await;
            read_kept(&mut stream).await;
            resting.push(stream);
        }
        let mut flood = Vec::new();
        for _ in 0..60 {
            flood.push(service.half_open_from("127.0.0.1").await);
        }
        service.answers().await;
        assert!(settle_at(&flood, 3).await <= 3);
        say(&mut resting[0], KEPT).await;
        read_kept(&mut resting[0]).await;
        drop(flood);
        // Connections that work fill the house: those at rest leave, and then nobody else is let in.
        for _ in 0..6 {
            live.push(live_stream(&app, &service).await);
        }
        for stream in &mut resting {
            ends(stream, "one at rest").await;
        }
        let mut refused = service.socket_from("127.0.0.4").await;
        let _ = refused.write_all(b"GET /healthz HTTP/1.1\r\n\r\n").await;
        ends(&mut refused, "one too many").await;
        live.pop();
        let mut let_in = false;
        for _ in 0..100 {
            let stream = service.half_open_from("127.0.0.4").await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            let_in = !is_closed(&stream);
            if let_in {
                break;
            }
        }
        assert!(let_in, "when one has left there is room again");
        service.answers().await;
        for stream in &mut live {
            let more = tokio::time::timeout(Duration::from_millis(20), stream.read(&mut [0; 1])).await;
            assert!(more.is_err() || more.unwrap().unwrap() > 0, "a live stream goes on");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_lets_the_service_wait_for_a_body_or_with_an_answer_leaves_for_newcomers() {
    let app = on_sqlite().await;
    for service in Service::both(&app, Limits { connections: 12, ..patient() }).await {
        let mut live = live_stream(&app, &service).await;
        let mut bodies = Vec::new();
        for _ in 0..30 {
            let mut stream = service.connect().await;
            let head = "POST /api/v1/login HTTP/1.1\r\nhost: ward\r\ncontent-type: application/json\r\n\
                        content-length: 100\r\n\r\n{";
            say(&mut stream, head).await;
            bodies.push(stream);
            // Long enough for the head to be read.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        service.answers().await;
        ends(&mut bodies[0], "the longest awaited body").await;
        let more = tokio::time::timeout(Duration::from_millis(20), live.read(&mut [0; 1])).await;
        assert!(more.is_err() || more.unwrap().unwrap() > 0, "a live stream goes on");
    }
}

/// A live stream that has begun.
async fn live_stream(app: &TestApp, service: &Service) -> Box<dyn Io> {
    let mut stream = service.connect().await;
    let ask = format!("GET /api/v1/stock/live HTTP/1.1\r\nhost: ward\r\nauthorization: Bearer {}\r\n\r\n", app.admin);
    say(&mut stream, &ask).await;
    let (mut head, mut piece) = (String::new(), [0; 4096]);
    while !head.contains("event:") {
        let bytes = tokio::time::timeout(PROMPT, stream.read(&mut piece)).await.expect("it begins").unwrap();
        assert!(bytes > 0, "the stream ended: {head}");
        head.push_str(&String::from_utf8_lossy(&piece[..bytes]));
    }
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    stream
}

/// The service as it runs, with the limits as they are, but little time for heads and rest.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_phones_behind_one_address_keep_their_live_streams_through_a_flood_from_it() {
    let app = on_sqlite().await;
    let market = app.open_market(Plan { households: 3, ..Plan::default() }).await;
    let short = Duration::from_secs(2);
    let limits = Limits { head: short, idle: short, ping: short, ..Limits::default() };
    for service in Service::both(&app, limits).await {
        let (mut waiting, mut live) = (JoinSet::new(), Vec::new());
        for n in 0..30 {
            let (phone, _) = app.phone(&format!("Máy {n}"), &[&market.point]).await;
            let lease = text(&app.take_lease(&phone, json!({ "point_id": market.point })).await, "id");
            let mut stream = service.connect().await;
            say(
                &mut stream,
                &format!(
                    "GET /api/v1/leases/{lease}/recalls?wait=6 HTTP/1.1\r\nhost: ward\r\nconnection: close\r\n\
                     authorization: Bearer {phone}\r\n\r\n"
                ),
            )
            .await;
            waiting.spawn(async move { read_all(&mut stream).await });
            live.push(live_stream(&app, &service).await);
        }
        let mut flood = Vec::with_capacity(FLOOD);
        for _ in 0..FLOOD {
            flood.push(service.half_open_from("127.0.0.1").await);
        }
        let mut answered = 0;
        while let Some(answer) = waiting.join_next().await {
            let answer = answer.unwrap();
            assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with('}'), "{answer}");
            answered += 1;
        }
        assert_eq!(answered, 30);
        service.answers().await;
        // What happens is told to all of them.
        service.core.changed();
        for stream in &mut live {
            let told = tokio::time::timeout(PROMPT * 3, stream.read(&mut [0; 4096])).await;
            assert!(told.expect("the stream lives").unwrap() > 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_system_that_grants_few_descriptors_gets_fewer_connections_and_no_standstill() {
    let dir = std::env::temp_dir().join(format!("lalanh-descriptors-{}", std::process::id()));
    let program = Program { data_dir: dir.join("data"), database: None };
    let serve = program.command(&["serve", "--listen", "127.0.0.1:0"]);
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 100 && exec \"$0\" \"$@\""]).arg(serve.get_program()).args(serve.get_args());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut ready = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut ready).unwrap();
    let address = ready.trim().strip_prefix("listening on http://").unwrap_or_else(|| panic!("{ready}")).to_owned();
    let mut flood = Vec::new();
    for _ in 0..150 {
        let mut socket = TcpStream::connect(&address).await.unwrap();
        let _ = socket.write_all(b"GET /readyz HTTP/1.1\r\nho").await;
        flood.push(socket);
    }
    // The database still opens its files.
    let ready = tokio::time::timeout(PROMPT, reqwest::get(format!("http://{address}/readyz"))).await;
    let status = ready.expect("answered promptly").unwrap().status();
    let open = settle_at(&flood, 50).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let _ = std::fs::remove_dir_all(&dir);
    assert!(status.is_success());
    assert!((1..=50).contains(&open), "{open} of them are open");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_closed_is_counted_without_saying_whose_it_was() {
    let app = on_sqlite().await;
    let service = Service::start(
        &app,
        Config { limits: Limits { heads_per_address: 2, ..patient() }, ..Config::default() },
        false,
    )
    .await;
    let mut flood = Vec::new();
    for _ in 0..10 {
        flood.push(service.half_open_from("127.0.0.5").await);
    }
    settle_at(&flood, 2).await;
    let metrics =
        app.client.get(format!("http://{}/metrics", service.address)).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("lalanh_connections_closed_total{why=\"address\"} 8"), "{metrics}");
    assert!(metrics.contains("lalanh_connections 3") && !metrics.contains("127.0.0"), "{metrics}");
}

#[test]
fn a_proxy_that_is_no_address_is_refused_with_the_way_out() {
    let program = Program { data_dir: std::env::temp_dir().join("lalanh-never-made"), database: None };
    for wrong in ["proxy.example", "0.0.0.0/0"] {
        let output = program.run(&["serve", "--trusted-proxy", wrong]);
        let said = crate::backup::said(&output);
        assert!(!output.status.success() && said.contains("172.16.0.0/12"), "{said}");
    }
}
