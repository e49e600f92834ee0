//! Options of what browsers may do.

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

fn origin(text: &str) -> Result<String, String> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    match rest {
        Some(host) if !host.is_empty() && !host.contains(['/', ' ', '*', '?', '#', '@']) => {
            Ok(text.to_owned())
        }
        _ => Err("expected a scheme and a host, such as https://example.com".to_owned()),
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
