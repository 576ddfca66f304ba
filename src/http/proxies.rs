//! Who may say whom they speak for: this machine, and the proxies that the operator named.

use std::net::IpAddr;
use std::str::FromStr;

use thiserror::Error;

/// A proxy's address, or the network of several: `10.0.0.2`, `172.16.0.0/12`, `fd00::/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proxy {
    address: IpAddr,
    prefix: u8,
}

/// What was written is no address and no network.
#[derive(Clone, Copy, Debug, Error)]
#[error(
    "ghi một địa chỉ như 10.0.0.2, hoặc một mạng như 172.16.0.0/12 / an address such as 10.0.0.2, or a network such as 172.16.0.0/12"
)]
pub struct NoProxy;

impl FromStr for Proxy {
    type Err = NoProxy;

    fn from_str(text: &str) -> Result<Self, NoProxy> {
        let text = text.trim();
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| NoProxy)?;
        let widest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(widest), str::parse).map_err(|_| NoProxy)?;
        // "Everybody" is never meant: whoever comes would choose the address that is counted for them.
        if (1..=widest).contains(&prefix) { Ok(Self { address, prefix }) } else { Err(NoProxy) }
    }
}

impl Proxy {
    fn names(self, ip: IpAddr) -> bool {
        match (self.address, ip) {
            (IpAddr::V4(own), IpAddr::V4(ip)) => {
                (own.to_bits() ^ ip.to_bits()).leading_zeros() >= u32::from(self.prefix)
            }
            (IpAddr::V6(own), IpAddr::V6(ip)) => {
                (own.to_bits() ^ ip.to_bits()).leading_zeros() >= u32::from(self.prefix)
            }
            _ => false,
        }
    }
}

/// The proxies that the operator named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<Proxy>);

impl From<Vec<Proxy>> for Proxies {
    fn from(named: Vec<Proxy>) -> Self {
        Self(named)
    }
}

impl Proxies {
    /// Whether the operator named it.
    pub fn name(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.0.iter().any(|proxy| proxy.names(ip))
    }

    /// Whether it is believed to say whom it speaks for. This machine always is.
    pub fn believe(&self, ip: IpAddr) -> bool {
        ip.to_canonical().is_loopback() || self.name(ip)
    }

    /// Who speaks over a connection from `socket`. Each proxy appends the address it saw: read from the end, past our
    /// own proxies; what stands before the first stranger is the stranger's own word.
    pub fn visitor<'a>(&self, socket: IpAddr, forwarded: impl Iterator<Item = &'a str>) -> IpAddr {
        let mut visitor = socket.to_canonical();
        let said: Vec<&str> = forwarded.flat_map(|line| line.split(',')).collect();
        for hop in said.into_iter().rev() {
            if !self.believe(visitor) {
                break;
            }
            match hop.trim().parse::<IpAddr>() {
                Ok(ip) => visitor = ip.to_canonical(),
                Err(_) => break,
            }
        }
        visitor
    }
}

/// What one customer has: an IPv4 address, or the /64 of an IPv6 address.
pub fn customer(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.into(),
        IpAddr::V6(ip) => std::net::Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(proxies: &[&str]) -> Proxies {
        Proxies(proxies.iter().map(|proxy| proxy.parse().unwrap()).collect())
    }

    #[test]
    fn a_proxy_is_an_address_or_a_network_and_never_everybody() {
        for fine in ["10.0.0.2", " 172.16.0.0/12", "fd00::/8", "::1"] {
            assert!(fine.parse::<Proxy>().is_ok(), "{fine}");
        }
        for wrong in ["", "proxy", "10.0.0.2:80", "0.0.0.0/0", "::/0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x"] {
            assert!(wrong.parse::<Proxy>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_named_network_holds_its_addresses_and_no_others() {
        let proxies = named(&["172.16.0.0/12", "2001:db8::/32", "10.0.0.2"]);
        for inside in ["172.31.255.255", "::ffff:172.16.0.1", "2001:db8:ffff::1", "10.0.0.2"] {
            assert!(proxies.name(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["172.32.0.0", "2001:db9::1", "10.0.0.3", "127.0.0.1"] {
            assert!(!proxies.name(outside.parse().unwrap()), "{outside}");
        }
        assert!(proxies.believe("127.0.0.1".parse().unwrap()) && proxies.believe("::1".parse().unwrap()));
    }

    #[test]
    fn the_visitor_is_the_first_stranger_from_the_end() {
        let proxies = named(&["10.0.0.2", "10.0.0.3"]);
        let visitor =
            |socket: &str, lines: &[&str]| proxies.visitor(socket.parse().unwrap(), lines.iter().copied()).to_string();
        assert_eq!(visitor("10.0.0.2", &["203.0.113.9, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(visitor("10.0.0.2", &["203.0.113.9, 198.51.100.7, 10.0.0.3, 127.0.0.1"]), "198.51.100.7");
        assert_eq!(visitor("10.0.0.2", &["203.0.113.9", "198.51.100.7"]), "198.51.100.7", "a line of its own");
        assert_eq!(visitor("10.0.0.4", &["198.51.100.7"]), "10.0.0.4", "nobody named it");
        assert_eq!(visitor("10.0.0.2", &["198.51.100.7, nonsense"]), "10.0.0.2");
        assert_eq!(visitor("10.0.0.2", &[]), "10.0.0.2");
    }
}
