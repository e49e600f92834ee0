//! The metrics of a real server: well-formed, and they move when something happens.

use super::exposition::{Samples, read, sum};
use crate::http::support::client::{Reply, send};
use crate::scenarios::generated::write_issues;
use crate::support::server::{TOKEN, World, client, create_structure, install, resync};
use serde_json::json;
use std::net::SocketAddr;
use std::time::Duration;

async fn get(address: SocketAddr, headers: &[(&str, &str)]) -> Reply {
    send(address, "GET", "/metrics", headers, "").await
}

async fn scrape(address: SocketAddr) -> Samples {
    let admin = format!("Bearer {TOKEN}");
    let reply = get(address, &[("authorization", &admin)]).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    read(&reply.text())
}

/// Scrapes until something is so: what ended is counted a moment after its client heard of it.
async fn scrape_until(address: SocketAddr, so: impl Fn(&Samples) -> bool) -> Samples {
    for _ in 0..500 {
        let samples = scrape(address).await;
        if so(&samples) {
            return samples;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never came: {:#?}", scrape(address).await);
}

/// The metrics that the alerts of the repository are about.
fn asked_for_by_alerts() -> Vec<&'static str> {
    let alerts = include_str!("../../packaging/prometheus/alerts.yml");
    let ours = |name: &&str| name.starts_with("understory_") || name.starts_with("process_");
    let names = alerts.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let asked: Vec<_> = names.filter(ours).collect();
    assert!(asked.len() > 10, "{asked:?}");
    asked
}

#[tokio::test(flavor = "multi_thread")]
async fn what_jobs_and_operations_do_is_counted() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 30)]).await;
    let server = world.serve().await;
    let address = server.address();
    let before = scrape(address).await;
    assert_eq!(sum(&before, "understory_changes_applied_total", &[]), 0.0);
    assert_eq!(sum(&before, "understory_build_info", &[]), 1.0);
    for measured in ["database_bytes", "uptime_seconds"] {
        let name = format!("understory_{measured}");
        assert!(sum(&before, &name, &[]) > 0.0, "{name}");
    }
    #[cfg(target_os = "linux")]
    for measured in ["resident_memory_bytes", "open_fds", "max_fds", "threads"] {
        let name = format!("process_{measured}");
        assert!(sum(&before, &name, &[]) > 0.0, "{name}");
    }

    let mut asker = client(address).await;
    let structure = create_structure(&mut asker, "Secret name").await;
    let all = json!({ "savedFilter": { "jql": "" } });
    let all = install(&mut asker, &structure, all).await;
    let into = json!({ "direction": "INTO_STRUCTURE" });
    resync(&mut asker, &all, into).await;
    let few = json!({ "savedFilter": { "jql": "key = GEN-1", "remove": true } });
    let few = install(&mut asker, &structure, few).await;
    let into = json!({ "direction": "INTO_STRUCTURE", "dryRun": true });
    let dry = resync(&mut asker, &few, into).await;
    let into = json!({ "direction": "INTO_STRUCTURE", "maxRemovalPercent": 10 });
    assert_eq!(resync(&mut asker, &few, into).await["state"], "FAILED");
    asker.ask("query Hello { viewer { id } }", json!({})).await;
    asker.execute("query Wrong { nope }", json!({})).await;
    asker.execute("{", json!({})).await;
    assert_eq!(dry["counts"]["rowsRemoved"], 29);

    let failed = ["kind=\"RESYNC\"", "outcome=\"FAILED\""];
    let after = scrape_until(address, |samples| {
        sum(samples, "understory_job_duration_seconds_count", &failed) == 1.0
    })
    .await;
    for (name, labels, value) in [
        ("changes_applied_total", &["change=\"row_added\""][..], 30.0),
        ("changes_applied_total", &["change=\"row_removed\""], 0.0),
        ("removals_stopped_total", &[], 1.0),
        (
            "job_duration_seconds_count",
            &["outcome=\"SUCCEEDED\"", "dry_run=\"false\""],
            1.0,
        ),
        ("job_duration_seconds_count", &["dry_run=\"true\""], 1.0),
        (
            "operations_total",
            &["operation=\"Hello\"", "outcome=\"ok\"", "kind=\"query\""],
            1.0,
        ),
        (
            "operations_total",
            &["operation=\"other\"", "outcome=\"refused\""],
            1.0,
        ),
        (
            "operation_duration_seconds_count",
            &["operation=\"Hello\""],
            1.0,
        ),
        (
            "operations_refused_total",
            &["code=\"GRAPHQL_PARSE_FAILED\""],
            1.0,
        ),
        ("http_requests_total", &["route=\"/graphql\"", "101"], 1.0),
        ("sockets", &[], 1.0),
        ("subscribers", &["field=\"jobStatus\""], 0.0),
        ("forest_rows", &[], 30.0),
    ] {
        let name = format!("understory_{name}");
        assert_eq!(
            sum(&after, &name, labels),
            value,
            "{name} {labels:?}: {after:#?}"
        );
    }
    for name in asked_for_by_alerts() {
        let exposed = after
            .keys()
            .any(|series| series.split('{').next() == Some(name));
        assert!(exposed, "an alert asks for {name}, which is not there");
    }
    let named = after.keys().find(|series| series.contains("Secret"));
    assert_eq!(named, None);

    let subscription = "subscription { jobs { id } }";
    asker.subscribe(subscription, json!({})).await;
    let subscribed = |samples: &Samples| sum(samples, "understory_subscribers", &["\"jobs\""]);
    scrape_until(address, |samples| subscribed(samples) == 1.0).await;
    drop(asker);
    let gone = |samples: &Samples| {
        subscribed(samples) == 0.0 && sum(samples, "understory_sockets", &[]) == 0.0
    };
    scrape_until(address, gone).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_of_their_own_serves_metrics_without_a_token_and_nothing_else() {
    let world = World::new(&[]).await;
    let server = world.serve_with(&["--metrics-listen", "127.0.0.1:0"]).await;
    let address = server.metrics_address().unwrap();
    let open_metrics = [("accept", "application/openmetrics-text")];
    let reply = get(address, &open_metrics).await;
    assert_eq!(reply.status, 200);
    assert!(reply.text().ends_with("# EOF\n"));
    let other = send(address, "GET", "/graphql", &[], "").await;
    assert_eq!(other.status, 404);
    let beside = get(server.address(), &[]).await;
    assert_eq!(beside.status, 401);
    server.stop().await;
}
