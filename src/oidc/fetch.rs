//! Where the issuer's keys come from: an address, or a file that something else keeps up to date.

use std::fmt;
use std::io::Read;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use ureq::Agent;
use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// How long an issuer may take to answer, from its name to its last byte.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of a set of keys; real ones have a few thousand.
const LIMIT: u64 = 256 * 1024;

/// Where a set of keys (JWKS) is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An address.
    Url(String),
    /// A file.
    File(PathBuf),
}

impl FromStr for Source {
    type Err = String;

    /// An address must be of HTTPS, or of this machine: whoever can change keys on their way can
    /// sign in as anyone.
    fn from_str(text: &str) -> Result<Self, String> {
        let expected =
            "expected an address such as https://example.com/keys, or the path of a file";
        if text.is_empty() {
            return Err(expected.to_owned());
        }
        if !text.contains("://") {
            return Ok(Self::File(text.into()));
        }
        let uri = Uri::try_from(text).map_err(|_| expected.to_owned())?;
        let local = ["localhost", "127.0.0.1", "[::1]"];
        match (uri.scheme_str(), uri.host()) {
            (Some("https"), Some(_)) => Ok(Self::Url(text.to_owned())),
            (Some("http"), Some(host)) if local.contains(&host) => Ok(Self::Url(text.to_owned())),
            (Some("http"), _) => {
                Err("expected https: keys must not change on their way".to_owned())
            }
            _ => Err(expected.to_owned()),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => write!(to, "{url}"),
            Self::File(path) => write!(to, "{}", path.display()),
        }
    }
}

impl Source {
    /// Reads the set; it works on a thread for what blocks.
    pub(super) async fn read(&self) -> Result<Vec<u8>, String> {
        let source = self.clone();
        let read = tokio::task::spawn_blocking(move || match source {
            Self::Url(url) => download(&url),
            Self::File(path) => std::fs::File::open(path)
                .and_then(bounded)
                .map_err(|error| error.to_string()),
        });
        let bytes = read.await.map_err(|error| error.to_string())??;
        if bytes.len() as u64 > LIMIT {
            return Err(format!("it has more than {LIMIT} bytes"));
        }
        Ok(bytes)
    }
}

fn bounded(from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LIMIT + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Follows no redirections: the address is configured, and another is not what was meant.
fn download(url: &str) -> Result<Vec<u8>, String> {
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(roots())))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .max_redirects(0)
        .tls_config(tls)
        .build()
        .into();
    let response = agent.get(url).header("accept", "application/json").call();
    let response = response.map_err(|error| error.to_string())?;
    if response.status() != 200 {
        return Err(format!("it answered with status {}", response.status()));
    }
    bounded(response.into_body().into_reader()).map_err(|error| error.to_string())
}

/// What the operating system trusts, so that an issuer inside a company is reached as well.
fn roots() -> Vec<Certificate<'static>> {
    let found = rustls_native_certs::load_native_certs();
    found
        .certs
        .iter()
        .map(|it| Certificate::from_der(it).to_owned())
        .collect()
}
