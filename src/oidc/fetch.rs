//! Where the issuer's keys come from: an address, or a file that something else keeps up to date.

use crate::outgoing::{self, Client, Request, Uri};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

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
        match (uri.scheme_str(), uri.host()) {
            (Some("https"), Some(_)) => Ok(Self::Url(text.to_owned())),
            (Some("http"), Some(_)) if outgoing::is_local(&uri) => Ok(Self::Url(text.to_owned())),
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
            Self::File(path) => {
                let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
                outgoing::bounded(file, LIMIT)
            }
        });
        read.await.map_err(|error| error.to_string())?
    }
}

fn download(url: &str) -> Result<Vec<u8>, String> {
    let address = Uri::try_from(url).map_err(|error| error.to_string())?;
    let request = Request::get(&address).header("accept", "application/json");
    let request = request.body(()).map_err(|error| error.to_string())?;
    let answer = Client::new(&address, PATIENCE, LIMIT).send(request)?;
    if answer.status() != 200 {
        return Err(format!("it answered with status {}", answer.status()));
    }
    Ok(answer.into_body())
}
