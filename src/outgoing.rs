//! What the server asks of others over HTTP: the keys of an issuer, the collector of traces.
//!
//! One client for both, with what is to hold for each: it trusts what the operating system trusts, so
//! that a service inside a company is reached as well; it follows no redirections, since the address is
//! configured and another is not what was meant; time and answers are bounded. It blocks its thread.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, AsSendBody, Proxy};

pub use ureq::http::{Request, Response, Uri};

/// Names of this machine.
const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Asks one service.
#[derive(Clone, Debug)]
pub struct Client {
    agent: Agent,
    limit: u64,
}

impl Client {
    /// A client for an address, where an answer may take so long, from its name to its last byte, and
    /// have so many bytes.
    #[must_use]
    pub fn new(address: &Uri, patience: Duration, limit: u64) -> Self {
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(roots())))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let proxy = match is_local(address) {
            true => None,
            false => Proxy::try_from_env(),
        };
        let agent = Agent::config_builder()
            .timeout_global(Some(patience))
            .max_redirects(0)
            .http_status_as_error(false)
            .proxy(proxy)
            .tls_config(tls)
            .build();
        Self {
            agent: agent.into(),
            limit,
        }
    }

    /// Sends a request and takes the answer, whatever its status.
    pub fn send(&self, request: Request<impl AsSendBody>) -> Result<Response<Vec<u8>>, String> {
        let answer = self.agent.run(request).map_err(|error| error.to_string())?;
        let (head, body) = answer.into_parts();
        let body = bounded(body.into_reader(), self.limit)?;
        Ok(Response::from_parts(head, body))
    }
}

/// Reads to the end, unless that is too far away.
pub fn bounded(from: impl Read, limit: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = from.take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|error| error.to_string())?;
    if bytes.len() as u64 > limit {
        return Err(format!("it has more than {limit} bytes"));
    }
    Ok(bytes)
}

/// Whether an address is on this machine.
pub fn is_local(address: &Uri) -> bool {
    address.host().is_some_and(|host| LOCAL.contains(&host))
}

fn roots() -> Vec<Certificate<'static>> {
    let found = rustls_native_certs::load_native_certs();
    found
        .certs
        .iter()
        .map(|it| Certificate::from_der(it).to_owned())
        .collect()
}
