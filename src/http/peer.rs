//! Who is on the other end of the wire: the address that tries are counted for, and how the service was reached.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};

use super::core::Core;
use super::proxies::{Proxies, customer};

/// Marks a request that came over TLS to this very service.
#[derive(Clone, Copy, Debug)]
pub struct OverTls;

/// The other end of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The visitor's network address; for IPv6 the /64 that one customer has.
    pub address: String,
    /// Whether the visitor came by HTTPS, here or at a proxy before us.
    pub https: bool,
    /// The host the visitor asked for.
    pub host: String,
}

impl Peer {
    /// Whoever is connected from `socket` to this service. What a proxy says of the visitor counts only when it is one of
    /// ours; `over_tls`: the connection itself is https.
    fn of(headers: &HeaderMap, socket: Option<SocketAddr>, over_tls: bool, proxies: &Proxies) -> Self {
        let believed = socket.is_some_and(|socket| proxies.believe(socket.ip()));
        let https = over_tls || (believed && forwarded_https(headers));
        let host = headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or("localhost").to_owned();
        let forwarded = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
        let address = socket.map(|socket| network(proxies.visitor(socket.ip(), forwarded)));
        Self { address: address.unwrap_or_default(), https, host }
    }

    /// The other end of a request.
    pub fn of_request(core: &Core, headers: &HeaderMap, extensions: &Extensions) -> Self {
        let socket = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
        Self::of(headers, socket, extensions.get::<OverTls>().is_some(), &core.config.proxies)
    }

    /// Where phones and browsers reach the service: as the operator says, else as this visitor did.
    pub fn base_url(&self, core: &Core) -> String {
        let scheme = if self.https { "https" } else { "http" };
        core.config.public_url.clone().unwrap_or_else(|| format!("{scheme}://{}", self.host))
    }

    /// Whether cookies may be confined to HTTPS.
    pub fn secure(&self, core: &Core) -> bool {
        self.https || core.config.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }
}

/// Whether the proxy in front of us was reached by https. Several in a row each add a word or a line: the last is that of
/// the one that speaks to us.
fn forwarded_https(headers: &HeaderMap) -> bool {
    let last = headers.get_all("x-forwarded-proto").iter().next_back().and_then(|line| line.to_str().ok());
    last.and_then(|line| line.rsplit(',').next()).is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https"))
}

/// How phones and browsers reach the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The address that links and codes name.
    pub url: String,
    /// Whether that is https.
    pub https: bool,
    /// Whether only this very machine can open it.
    pub this_machine: bool,
}

impl Peer {
    /// See [`Reach`]: as the operator says, else as this visitor did.
    pub fn reach(&self, core: &Core) -> Reach {
        let url = self.base_url(core);
        let host = url.split_once("://").map_or(url.as_str(), |(_, host)| host);
        let this_machine = ["localhost", "127.", "[::1]"].iter().any(|own| host.starts_with(own));
        Reach { https: url.starts_with("https://"), this_machine, url }
    }
}

fn network(ip: IpAddr) -> String {
    match customer(ip) {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("{ip}/64"),
    }
}

impl<S> FromRequestParts<S> for Peer
where
    S: Send + Sync,
    Core: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self::of_request(&Core::from_ref(state), &parts.headers, &parts.extensions))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(socket: &str, forwarded: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        Peer::of(&headers, Some(socket.parse().unwrap()), false, &Proxies::default()).address
    }

    #[test]
    fn only_a_believed_proxy_may_say_that_the_visitor_came_by_https() {
        let https = |socket: &str, lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-proto", line.parse().unwrap());
            }
            Peer::of(&headers, Some(socket.parse().unwrap()), false, &Proxies::default()).https
        };
        assert!(https("127.0.0.1:5000", &["https"]) && https("[::1]:5000", &["http", "HTTPS"]));
        assert!(!https("192.0.2.1:5000", &["https"]), "a stranger");
        assert!(!https("127.0.0.1:5000", &["https, http"]), "the stranger's word, then the proxy's");
        assert!(!https("127.0.0.1:5000", &["https", "http"]));
        assert!(!https("127.0.0.1:5000", &[]));
    }

    #[test]
    fn only_a_proxy_on_this_machine_may_say_whom_it_speaks_for() {
        assert_eq!(address("127.0.0.1:5000", "203.0.113.9, 198.51.100.7"), "198.51.100.7");
        assert_eq!(address("192.0.2.1:5000", "198.51.100.7"), "192.0.2.1");
        assert_eq!(address("127.0.0.1:5000", "nonsense"), "127.0.0.1");
    }

    #[test]
    fn one_customers_ipv6_addresses_count_together() {
        assert_eq!(address("[2001:db8:1:2:3:4:5:6]:80", "-"), address("[2001:db8:1:2::9]:80", "-"));
    }
}
