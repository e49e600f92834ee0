//! Options of what browsers may do.

use axum::http::uri::Authority;
use clap::Args;

/// Whose pages may call, and under which names the server answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct WebOptions {
    /// Web origins whose pages may call the API, such as `https://example.com`, beside the server's own
    #[arg(
        long = "cors-origin",
        value_name = "ORIGIN",
        env = "UNDERSTORY_CORS_ORIGIN",
        value_delimiter = ',',
        value_parser = origin
    )]
    pub cors_origins: Vec<String>,
    /// Names under which the server answers, such as `issues.example.com`; without any, a server on
    /// a loopback address answers to localhost alone, another to whatever it is called
    #[arg(
        long = "allowed-host",
        value_name = "NAME",
        env = "UNDERSTORY_ALLOWED_HOST",
        value_delimiter = ',',
        value_parser = host
    )]
    pub allowed_hosts: Vec<String>,
}

/// An origin as browsers send it, whose spelling is compared: in lower case, without the port that
/// its scheme has anyway.
fn origin(text: &str) -> Result<String, String> {
    let expected = "expected a scheme and a host, such as https://example.com";
    let (scheme, rest) = text.split_once("://").ok_or(expected)?;
    let scheme = scheme.to_ascii_lowercase();
    let standard = match scheme.as_str() {
        "https" => 443,
        "http" => 80,
        _ => return Err(expected.to_owned()),
    };
    if !rest.is_ascii() {
        return Err(
            "expected the host as browsers send it, such as xn--bcher-kva.example".to_owned(),
        );
    }
    let authority: Authority = rest.parse().map_err(|_| expected)?;
    let host = authority.host().to_ascii_lowercase();
    if host.is_empty() || rest.contains(['@', '*']) {
        return Err(expected.to_owned());
    }
    let port = match rest.get(host.len()..) {
        Some("") => return Ok(format!("{scheme}://{host}")),
        _ => authority.port_u16(),
    };
    match port.ok_or("expected a port from 0 to 65535 behind the host")? {
        port if port == standard => Ok(format!("{scheme}://{host}")),
        port => Ok(format!("{scheme}://{host}:{port}")),
    }
}

fn host(text: &str) -> Result<String, String> {
    let ipv6 = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let good = match ipv6 {
        Some(ip) => ip.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !text.is_empty() && text.chars().all(plain),
    };
    if good {
        return Ok(text.to_owned());
    }
    Err(
        "expected the name of a host without scheme and port, such as issues.example.com"
            .to_owned(),
    )
}
