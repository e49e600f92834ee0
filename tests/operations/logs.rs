//! Logs: one JSON object a line, joined by the id of the request, without what users wrote.

use crate::http::support::client::send;
use crate::support::server::{TOKEN, World, create_structure, install, resync};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_and_a_job_can_be_followed_and_nothing_that_users_wrote_is_told() {
    let world = World::new(&[]).await;
    let everything = ("RUST_LOG", "info,understory=debug");
    let server = world.spawn_with(&["--log-format", "json"], &[everything]);
    let authorization = format!("Bearer {TOKEN}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
        ("x-request-id", "from-the-proxy"),
    ];
    let query = "query Follow($jql: String!) { issues(jql: $jql) { totalCount } }";
    let body = json!({ "query": query, "variables": { "jql": "summary ~ hidden-words" } });
    let reply = send(
        server.address,
        "POST",
        "/graphql",
        &headers,
        &body.to_string(),
    )
    .await;
    assert_eq!(reply.json()["data"]["issues"]["totalCount"], 0);
    let unnamed = "{ ...Roots first: structures(nameContains: \"hidden-words\") { totalCount } }
                   fragment Roots on Query { ... { viewer { id } } again: viewer { name } }";
    let body = json!({ "query": unnamed }).to_string();
    send(server.address, "POST", "/graphql", &headers, &body).await;
    let mut client = crate::support::server::client(server.address).await;
    let structure = create_structure(&mut client, "hidden-name").await;
    let settings = json!({ "savedFilter": { "jql": "summary ~ hidden-words" } });
    let all = install(&mut client, &structure, settings).await;
    let job = resync(&mut client, &all, json!({ "direction": "INTO_STRUCTURE" })).await;
    assert_eq!(job["state"], "SUCCEEDED");
    drop(client);
    assert_eq!(server.terminate(), Some(0));

    let log = world.log();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")))
        .collect();
    let in_operation = |line: &Value, field: &str| {
        let spans = line["spans"].as_array().cloned().unwrap_or_default();
        let operation = spans.into_iter().find(|span| span["name"] == "operation");
        operation
            .map(|span| span[field].clone())
            .unwrap_or_default()
    };
    let access = lines.iter().find(|line| {
        line["target"] == "understory::access" && in_operation(line, "operation") == "Follow"
    });
    let access = access.unwrap_or_else(|| panic!("no line of the operation: {log}"));
    assert_eq!(in_operation(access, "request"), "from-the-proxy");
    assert_eq!(access["fields"]["outcome"], "ok");
    assert_eq!(access["level"], "DEBUG");
    let known_by = |fields: &str| {
        let mut lines = lines.iter();
        lines.any(|line| {
            line["target"] == "understory::access" && in_operation(line, "fields") == fields
        })
    };
    assert!(
        known_by("viewer, structures"),
        "no line of the unnamed operation: {log}"
    );
    let ended = lines
        .iter()
        .find(|line| line["fields"]["message"] == "job ended");
    let ended = ended.unwrap_or_else(|| panic!("no line of the job: {log}"));
    assert_eq!(ended["fields"]["state"], "SUCCEEDED");
    assert_eq!(ended["span"]["kind"], "RESYNC");
    assert_eq!(ended["span"]["dry_run"], false);
    for secret in [TOKEN, "hidden-words", "hidden-name", "totalCount"] {
        assert!(!log.contains(secret), "{secret} is in {log}");
    }
}
