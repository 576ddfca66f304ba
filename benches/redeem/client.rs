//! The load: phones that each keep one connection open and send the next scan when the last is answered.
//!
//! Requests are made before the clock starts and answers are barely read, so that the processor goes to the service:
//! load and service share one machine.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What a load measured.
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// Answers of the expected kind.
    pub answered: usize,
    /// Any other answer.
    pub refused: usize,
    /// Answers a second.
    pub rate: f64,
    /// Half of the answers came within so many seconds.
    pub p50: f64,
    /// 99 of 100 answers came within so many seconds.
    pub p99: f64,
    /// How many of the requests were sent.
    pub sent: usize,
}

/// Sends requests from so many clients for a while, each request once; stops early when they run out.
pub async fn load(address: SocketAddr, clients: usize, requests: Arc<Vec<Vec<u8>>>, lasting: Duration) -> Load {
    let next = Arc::new(AtomicUsize::new(0));
    let mut streams = Vec::with_capacity(clients);
    for _ in 0..clients {
        let stream = TcpStream::connect(address).await.expect("the service listens");
        stream.set_nodelay(true).expect("a fresh connection takes options");
        streams.push(stream);
    }
    let begun = Instant::now();
    let phones: Vec<_> = streams
        .into_iter()
        .map(|stream| tokio::spawn(phone(stream, Arc::clone(&requests), Arc::clone(&next), begun + lasting)))
        .collect();
    let (mut times, mut refused) = (Vec::new(), 0);
    for phone in phones {
        let (own, others) = phone.await.expect("a phone does not panic");
        times.extend(own);
        refused += others;
    }
    let took = begun.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times.get((times.len() as f64 * part) as usize).copied().unwrap_or(f64::NAN);
    Load {
        answered: times.len(),
        refused,
        rate: times.len() as f64 / took,
        p50: at(0.5),
        p99: at(0.99),
        sent: next.load(Ordering::Relaxed).min(requests.len()),
    }
}

async fn phone(
    mut stream: TcpStream,
    requests: Arc<Vec<Vec<u8>>>,
    next: Arc<AtomicUsize>,
    until: Instant,
) -> (Vec<f64>, usize) {
    let (mut times, mut refused, mut buffer) = (Vec::new(), 0, Vec::with_capacity(8192));
    while Instant::now() < until {
        let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
        let sent = Instant::now();
        stream.write_all(request).await.expect("the service keeps the connection");
        if answer_is_redeemed(&mut stream, &mut buffer).await {
            times.push(sent.elapsed().as_secs_f64());
        } else {
            refused += 1;
        }
    }
    (times, refused)
}

/// Reads one answer with its `content-length`; whether it is 200 and says `redeemed`.
async fn answer_is_redeemed(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> bool {
    buffer.clear();
    let find = |haystack: &[u8], needle: &[u8]| haystack.windows(needle.len()).position(|part| part == needle);
    loop {
        let read = stream.read_buf(buffer).await.expect("the service answers");
        assert!(read > 0, "the service closed a connection");
        let Some(head) = find(buffer, b"\r\n\r\n") else { continue };
        let headers = std::str::from_utf8(&buffer[..head]).expect("headers are ASCII");
        let length = headers
            .lines()
            .find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            })
            .expect("a small answer has a length");
        if buffer.len() >= head + 4 + length {
            return buffer.starts_with(b"HTTP/1.1 200") && find(buffer, b"\"outcome\":\"redeemed\"").is_some();
        }
    }
}
