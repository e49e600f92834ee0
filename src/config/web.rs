//! Options of what browsers may do.

use clap::Args;
use std::net::Ipv6Addr;

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
        let expected = "expected the host as browsers send it, such as xn--bcher-kva.example";
        return Err(expected.to_owned());
    }
    let (name, port) = match rest.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (rest, None),
    };
    let name = host(name).map_err(|_| expected)?;
    let name = match ipv6(&name) {
        Some(ip) => format!("[{ip}]"),
        None => name.to_ascii_lowercase(),
    };
    let number = |text: &str| text.parse::<u16>();
    let port = port.map(number).transpose();
    let port = port.map_err(|_| "expected a port from 0 to 65535 behind the host")?;
    Ok(match port.filter(|port| *port != standard) {
        Some(port) => format!("{scheme}://{name}:{port}"),
        None => format!("{scheme}://{name}"),
    })
}

fn ipv6(host: &str) -> Option<Ipv6Addr> {
    host.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

fn host(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let named = !text.is_empty() && text.chars().all(plain);
    if named || ipv6(text).is_some() {
        return Ok(text.to_owned());
    }
    Err(
        "expected the name of a host without scheme and port, such as issues.example.com"
            .to_owned(),
    )
}
