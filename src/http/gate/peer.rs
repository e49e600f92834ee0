//! Where a connection comes from.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use axum::http::HeaderMap;

use super::connections::Connection;

/// A connection's other end, as an extension of each request on it. Whoever keeps it keeps the
/// connection counted.
#[derive(Clone)]
pub(in crate::http) struct Peer {
    address: IpAddr,
    _connection: Arc<Connection>,
}

impl Peer {
    pub(in crate::http) fn new(address: IpAddr, connection: Connection) -> Self {
        Self {
            address,
            _connection: Arc::new(connection),
        }
    }

    /// The client's address: the peer's, or the one that the outermost of so many trusted proxies
    /// saw. Each proxy appends whom it saw to the list, so what stands further left is hearsay.
    pub(super) fn client(&self, headers: &HeaderMap, trusted_proxies: usize) -> IpAddr {
        let Some(position) = trusted_proxies.checked_sub(1) else {
            return self.address;
        };
        let lists: Vec<_> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|it| it.to_str().ok())
            .collect();
        let seen = lists.iter().rev().flat_map(|list| list.rsplit(','));
        seen.map(str::trim)
            .nth(position)
            .and_then(|it| it.parse().ok())
            .unwrap_or(self.address)
    }
}

/// What counts as one address: of IPv6 the network, in which a client chooses freely.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{HttpConfig, gate::Connections};

    #[test]
    fn only_what_trusted_proxies_saw_counts() {
        let connections = Connections::new(&HttpConfig::default());
        let address: IpAddr = "10.0.0.1".parse().unwrap();
        let peer = Peer::new(address, connections.admit(address).unwrap());
        let mut headers = HeaderMap::new();
        assert_eq!(peer.client(&headers, 1), address, "no proxy said anything");
        headers.append("x-forwarded-for", "6.6.6.6, 1.2.3.4".parse().unwrap());
        headers.append("x-forwarded-for", "10.0.0.2".parse().unwrap());
        for (proxies, expected) in [
            (0, "10.0.0.1"),
            (1, "10.0.0.2"),
            (2, "1.2.3.4"),
            (4, "10.0.0.1"),
        ] {
            let client = peer.client(&headers, proxies);
            assert_eq!(client.to_string(), expected, "{proxies} proxies");
        }
    }

    #[test]
    fn addresses_of_one_network_are_one() {
        for (address, expected) in [
            ("10.0.0.1", "10.0.0.1"),
            ("::ffff:10.0.0.1", "10.0.0.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ] {
            let found = network(address.parse().unwrap());
            assert_eq!(found.to_string(), expected);
        }
    }
}
