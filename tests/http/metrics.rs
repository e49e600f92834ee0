//! Who gets the metrics, and in which format.

use super::support::{ADMIN_TOKEN, TOKEN, client::send, config, start, start_with};
use understory::http::HttpConfig;

#[tokio::test]
async fn metrics_are_for_administrators_unless_they_are_public() {
    let server = start().await;
    for (token, status, code) in [
        (None, 401, Some("UNAUTHENTICATED")),
        (Some("bad"), 401, Some("UNAUTHENTICATED")),
        (Some(TOKEN), 403, Some("FORBIDDEN")),
        (Some(ADMIN_TOKEN), 200, None),
    ] {
        let authorization = token.map(|token| format!("Bearer {token}"));
        let headers = authorization.as_deref().map(|it| ("authorization", it));
        let headers = headers.as_slice();
        let reply = send(server.address, "GET", "/metrics", headers, "").await;
        assert_eq!(reply.status, status, "{token:?}: {}", reply.text());
        assert_eq!(code.map(str::to_owned), code.map(|_| reply.code()));
    }
    let public = HttpConfig {
        metrics_public: true,
        ..config()
    };
    let server = start_with(public).await;
    let reply = send(server.address, "GET", "/metrics", &[], "").await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn the_format_is_what_the_scraper_asks_for() {
    let server = start().await;
    let admin = format!("Bearer {ADMIN_TOKEN}");
    for (accept, format, content_type) in [
        (
            "*/*",
            "Text 1\n",
            "text/plain; version=0.0.4; charset=utf-8",
        ),
        (
            "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3",
            "OpenMetrics 1\n",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        ),
    ] {
        let headers = [("authorization", admin.as_str()), ("accept", accept)];
        let reply = send(server.address, "GET", "/metrics", &headers, "").await;
        assert_eq!(reply.text(), format);
        assert_eq!(reply.header("content-type"), content_type);
        assert_eq!(reply.header("cache-control"), "no-store");
    }
}
