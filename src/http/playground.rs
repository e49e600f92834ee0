//! Serves the web playground: the files of `playground/dist`, which the binary embeds.
//!
//! The files are stored gzipped and go out as they are; for the rare client that does not take
//! gzip they are inflated. Names below `assets/` carry a hash of their content, so browsers keep
//! these for good and ask again only for the few others, which an entity tag answers.
//!
//! The content security policy lets the page load from and talk to this server alone: what it
//! shows (and the token it holds) goes nowhere else. Other headers stand on every answer. It needs no rights, so no token is asked for.

use std::io::Read;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::read::GzDecoder;
use rust_embed::RustEmbed;

/// Each kind of thing is named, so that what is not named is refused. Monaco sets styles from
/// scripts, hence `unsafe-inline` for styles; scripts need no exception.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; \
     style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const IMMUTABLE: &str = "public, max-age=31536000, immutable";

#[derive(RustEmbed)]
#[folder = "playground/dist"]
struct Bundle;

/// One file of the bundle, ready to be sent.
struct Asset {
    gzipped: Bytes,
    content_type: &'static str,
    cache_control: &'static str,
    etag: String,
}

/// The playground's routes: `/` and one for each file of the bundle.
pub fn router<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    Bundle::iter().fold(Router::new(), |router, stored| {
        let Some((name, asset)) = load(&stored) else {
            return router;
        };
        let path = if name == "index.html" {
            "/".to_owned()
        } else {
            format!("/{name}")
        };
        let asset = Arc::new(asset);
        router.route(
            &path,
            get(async move |headers: HeaderMap| respond(&asset, &headers)),
        )
    })
}

/// Reads an embedded file; the result names it without the ending of its compression.
fn load(stored: &str) -> Option<(&str, Asset)> {
    let name = stored.strip_suffix(".gz")?;
    let file = Bundle::get(stored)?;
    let hash: String = file.metadata.sha256_hash()[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let asset = Asset {
        gzipped: Bytes::from_owner(file.data),
        content_type: content_type(name),
        cache_control: if name.starts_with("assets/") {
            IMMUTABLE
        } else {
            "no-cache"
        },
        // Weak: the gzipped and the inflated form share it.
        etag: format!("W/\"{hash}\""),
    };
    Some((name, asset))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "md" => "text/markdown; charset=utf-8",
        "svg" => "image/svg+xml",
        "ttf" => "font/ttf",
        _ => "application/octet-stream",
    }
}

fn respond(asset: &Asset, request: &HeaderMap) -> Response {
    let mut response = if is_current(request, &asset.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        body(asset, request)
    };
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(CONTENT_SECURITY_POLICY),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(asset.cache_control),
    );
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(etag) = HeaderValue::from_str(&asset.etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

fn body(asset: &Asset, request: &HeaderMap) -> Response {
    let content_type = (header::CONTENT_TYPE, asset.content_type);
    if accepts_gzip(request) {
        let encoding = (header::CONTENT_ENCODING, "gzip");
        return ([content_type, encoding], asset.gzipped.clone()).into_response();
    }
    let mut plain = Vec::new();
    match GzDecoder::new(&asset.gzipped[..]).read_to_end(&mut plain) {
        Ok(_) => ([content_type], plain).into_response(),
        Err(error) => {
            tracing::error!(%error, "a file of the embedded playground is damaged");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Whether the client holds this version already.
fn is_current(request: &HeaderMap, etag: &str) -> bool {
    let opaque = etag.trim_start_matches("W/");
    list(request, header::IF_NONE_MATCH)
        .any(|held| held == "*" || held.trim_start_matches("W/") == opaque)
}

/// Whether `Accept-Encoding` names gzip, or everything, with a weight other than zero.
fn accepts_gzip(request: &HeaderMap) -> bool {
    let weight_of = |wanted: &str| {
        list(request, header::ACCEPT_ENCODING).find_map(|coding| {
            let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
            let weight = parameters.trim().strip_prefix("q=").unwrap_or("1");
            name.trim()
                .eq_ignore_ascii_case(wanted)
                .then(|| weight.parse::<f32>().unwrap_or(0.0))
        })
    };
    weight_of("gzip")
        .or_else(|| weight_of("*"))
        .is_some_and(|weight| weight > 0.0)
}

/// The members of a comma-separated header, which may come in several lines.
fn list(request: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    request
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::{Method, Request};
    use tower::ServiceExt;

    use super::*;

    async fn send(method: Method, path: &str, headers: &[(HeaderName, &str)]) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        router()
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap()
    }

    async fn fetch(path: &str, headers: &[(HeaderName, &str)]) -> Response {
        send(Method::GET, path, headers).await
    }

    fn value<'a>(response: &'a Response, name: &str) -> &'a str {
        response
            .headers()
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    async fn bytes(response: Response) -> Bytes {
        to_bytes(response.into_body(), usize::MAX).await.unwrap()
    }

    fn asset_path(ending: &str) -> String {
        let stored = Bundle::iter()
            .find(|path| path.ends_with(&format!("{ending}.gz")))
            .unwrap();
        format!("/{}", stored.strip_suffix(".gz").unwrap())
    }

    const GZIP: (HeaderName, &str) = (header::ACCEPT_ENCODING, "br;q=1.0, gzip;q=0.8");

    #[tokio::test]
    async fn the_page_is_html_that_is_asked_for_again() {
        let response = fetch("/", &[]).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(value(&response, "content-type"), "text/html; charset=utf-8");
        assert_eq!(value(&response, "cache-control"), "no-cache");
        assert_eq!(value(&response, "content-encoding"), "");
        let page = String::from_utf8(bytes(response).await.to_vec()).unwrap();
        assert!(
            page.contains("<title>Understory playground</title>"),
            "{page}"
        );
    }

    #[tokio::test]
    async fn everything_the_page_names_is_served() {
        let page = String::from_utf8(bytes(fetch("/", &[]).await).await.to_vec()).unwrap();
        let named: Vec<_> = page
            .split("=\"./")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .map(|path| format!("/{path}"))
            .collect();
        assert!(named.len() >= 3, "{named:?}");
        for path in named {
            assert_eq!(
                fetch(&path, &[GZIP]).await.status(),
                StatusCode::OK,
                "{path}"
            );
        }
    }

    #[tokio::test]
    async fn hashed_files_are_kept_for_good() {
        for (ending, content_type) in [
            (".js", "text/javascript; charset=utf-8"),
            (".css", "text/css; charset=utf-8"),
        ] {
            let response = fetch(&asset_path(ending), &[GZIP]).await;
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(value(&response, "content-type"), content_type);
            assert_eq!(value(&response, "cache-control"), IMMUTABLE);
        }
    }

    #[tokio::test]
    async fn gzip_goes_out_as_stored_and_is_inflated_for_others() {
        let path = asset_path(".css");
        let gzipped = fetch(&path, &[GZIP]).await;
        assert_eq!(value(&gzipped, "content-encoding"), "gzip");
        assert_eq!(value(&gzipped, "vary"), "accept-encoding");
        let mut inflated = Vec::new();
        GzDecoder::new(&bytes(gzipped).await[..])
            .read_to_end(&mut inflated)
            .unwrap();

        let plain = fetch(&path, &[(header::ACCEPT_ENCODING, "gzip;q=0, *")]).await;
        assert_eq!(value(&plain, "content-encoding"), "");
        assert_eq!(bytes(plain).await, inflated);
    }

    #[tokio::test]
    async fn a_version_that_is_held_already_is_not_sent_again() {
        let etag = value(&fetch("/", &[]).await, "etag").to_owned();
        for held in [etag.clone(), format!("\"other\", {etag}"), "*".to_owned()] {
            let response = fetch("/", &[(header::IF_NONE_MATCH, &held)]).await;
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{held}");
            assert_eq!(value(&response, "etag"), etag);
            assert!(bytes(response).await.is_empty());
        }
        let response = fetch("/", &[(header::IF_NONE_MATCH, "\"other\"")]).await;
        assert_eq!(response.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn head_tells_the_length_and_sends_nothing() {
        let response = send(Method::HEAD, "/", &[GZIP]).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert!(value(&response, "content-length").parse::<u64>().unwrap() > 0);
        assert!(bytes(response).await.is_empty());
    }

    #[tokio::test]
    async fn other_paths_and_methods_are_refused() {
        for path in [
            "/nothing",
            "/index.html.gz",
            "/assets",
            "/assets/../Cargo.toml",
            "/graphql",
        ] {
            assert_eq!(
                fetch(path, &[]).await.status(),
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
        let response = send(Method::POST, "/", &[]).await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    }

    #[tokio::test]
    async fn the_policy_names_no_other_place() {
        let response = fetch("/", &[]).await;
        let policy = value(&response, "content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';"),
            "{policy}"
        );
        for loophole in ["http", "ws:", "wss:", "blob:", "*", "unsafe-eval"] {
            assert!(!policy.contains(loophole), "{loophole} in {policy}");
        }
        let inline: Vec<_> = policy
            .split(';')
            .filter(|it| it.contains("unsafe-inline"))
            .collect();
        assert_eq!(inline, [" style-src 'self' 'unsafe-inline'"]);
    }

    #[test]
    fn gzip_is_sent_only_to_those_who_ask_for_it() {
        for (header, expected) in [
            ("gzip", true),
            ("GZIP", true),
            ("deflate, gzip ; q=0.5", true),
            ("*", true),
            ("gzip;q=0", false),
            ("*, gzip;q=0.0", false),
            ("identity", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(header));
            assert_eq!(accepts_gzip(&headers), expected, "{header}");
        }
    }
}
