//! Whose pages may call, and under which names the server answers.
//!
//! A browser tells in `Origin` which page makes a request, and nothing else sends it by itself. So a
//! request without it passes, and one with it must come from this server's own page or from an origin
//! of the CORS list: on every transport, WebSockets among them, which CORS does not cover. A page of
//! another site that had its name point here (DNS rebinding) would count as the server's own; so
//! `Host` must be a name that the server goes by, as far as these are known.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{HttpConfig, refusal::Refusal};
use crate::graphql::service::code;

/// The names under which a server answers.
#[derive(Clone, Debug, Default)]
pub enum Hosts {
    /// Whatever a client calls it.
    #[default]
    Any,
    /// These alone, without ports, in lower case.
    Only(Vec<String>),
}

impl Hosts {
    /// What a listener answers to: the names given and those of the machine itself. Without any, a
    /// listener that others can reach answers to every name, since its own are not known.
    pub fn of_listener(listen: IpAddr, allowed: &[String]) -> Self {
        if allowed.is_empty() && !listen.is_loopback() {
            return Self::Any;
        }
        let own = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned);
        let listening = match listen {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        let allowed = allowed.iter().map(|name| name.to_ascii_lowercase());
        Self::Only(own.into_iter().chain([listening]).chain(allowed).collect())
    }

    fn allows(&self, headers: &HeaderMap) -> bool {
        let Self::Only(names) = self else { return true };
        let allowed = |value: &HeaderValue| {
            authority(value).is_some_and(|it| {
                let host = it.host().to_ascii_lowercase();
                let host = host.strip_suffix('.').unwrap_or(&host);
                names.iter().any(|name| name == host)
            })
        };
        headers.get_all(header::HOST).iter().all(allowed)
    }
}

/// Refuses a request that calls the server by a name it does not go by. Health is told under every
/// name: probes go by addresses.
pub(super) fn check_host(config: &HttpConfig, request: &Request) -> Result<(), Refusal> {
    let of_health = matches!(request.uri().path(), "/healthz" | "/readyz");
    if of_health || config.hosts.allows(request.headers()) {
        return Ok(());
    }
    Err(Refusal::new(
        StatusCode::MISDIRECTED_REQUEST,
        code::HOST_NOT_ALLOWED,
        "The server does not answer under the name in \"Host\"; an administrator can add it with \
         --allowed-host.",
    ))
}

/// Refuses a request of a page that is neither the server's own nor one of the CORS list.
pub(super) async fn check_origin(
    State(config): State<Arc<HttpConfig>>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let known = |origin: &HeaderValue| {
        let listed = config
            .cors_origins
            .iter()
            .any(|it| it.as_bytes() == origin.as_bytes());
        listed || is_own(origin, headers)
    };
    if headers.get_all(header::ORIGIN).iter().all(known) {
        return next.run(request).await;
    }
    Refusal::new(
        StatusCode::FORBIDDEN,
        code::ORIGIN_NOT_ALLOWED,
        "Pages of another origin may not call this server; an administrator can allow theirs with \
         --cors-origin.",
    )
    .into_response()
}

/// Whether an origin is the host that the request is sent to. The scheme does not count: TLS ends at
/// a reverse proxy, which passes on the `Host` that the browser sent.
fn is_own(origin: &HeaderValue, headers: &HeaderMap) -> bool {
    let own = || {
        let origin = Uri::try_from(origin.as_bytes()).ok()?;
        let standard = match origin.scheme_str()? {
            "http" => 80,
            "https" => 443,
            _ => return None,
        };
        let host = authority(headers.get(header::HOST)?)?;
        let place = |it: &Authority| {
            (
                it.host().to_ascii_lowercase(),
                it.port_u16().unwrap_or(standard),
            )
        };
        Some(place(origin.authority()?) == place(&host))
    };
    own().unwrap_or(false)
}

/// A host with or without a port, and nothing before it.
fn authority(host: &HeaderValue) -> Option<Authority> {
    let authority = Authority::try_from(host.as_bytes()).ok()?;
    (!authority.as_str().contains('@')).then_some(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(host: &str) -> HeaderMap {
        let host = HeaderValue::from_str(host).unwrap();
        HeaderMap::from_iter([(header::HOST, host)])
    }

    #[test]
    fn a_listener_on_loopback_answers_to_its_own_names() {
        let local = Hosts::of_listener("127.0.0.1".parse().unwrap(), &[]);
        let named = Hosts::of_listener("::1".parse().unwrap(), &["Issues.example.com".to_owned()]);
        let public = Hosts::of_listener("0.0.0.0".parse().unwrap(), &[]);
        let listed = Hosts::of_listener("10.1.2.3".parse().unwrap(), &["issues".to_owned()]);
        for (host, answers) in [
            ("localhost", [true, true, true, true]),
            ("LocalHost.:8000", [true, true, true, true]),
            ("127.0.0.1:8000", [true, true, true, true]),
            ("[::1]:8000", [true, true, true, true]),
            ("issues.example.com:8000", [false, true, true, false]),
            ("10.1.2.3", [false, false, true, true]),
            ("evil.example", [false, false, true, false]),
            ("localhost.evil.example", [false, false, true, false]),
            ("evil.example@localhost", [false, false, true, false]),
            ("", [false, false, true, false]),
        ] {
            let headers = headers(host);
            let found = [&local, &named, &public, &listed].map(|it| it.allows(&headers));
            assert_eq!(found, answers, "{host}");
        }
        assert!(local.allows(&HeaderMap::new()));
    }

    #[test]
    fn a_page_is_the_servers_own_by_host_and_port() {
        for (host, origin, own) in [
            ("localhost:8000", "http://localhost:8000", true),
            ("LOCALHOST:8000", "http://localhost:8000", true),
            ("example.com", "https://example.com", true),
            ("example.com:443", "https://example.com", true),
            ("example.com", "http://example.com:80", true),
            ("[::1]:8000", "http://[::1]:8000", true),
            ("localhost:8000", "http://localhost:8001", false),
            ("localhost:8000", "http://127.0.0.1:8000", false),
            ("example.com", "https://evil.example", false),
            ("example.com", "https://example.com.evil.example", false),
            ("example.com", "https://example.com:444", false),
            ("example.com", "chrome-extension://example.com", false),
            ("example.com", "null", false),
            ("example.com", "", false),
        ] {
            let origin = HeaderValue::from_str(origin).unwrap();
            assert_eq!(is_own(&origin, &headers(host)), own, "{host} {origin:?}");
        }
        let origin = HeaderValue::from_static("http://localhost");
        assert!(!is_own(&origin, &HeaderMap::new()));
    }
}
