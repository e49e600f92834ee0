//! Statuses that roll up.

use super::{
    FROM, INTO, assert_same, assert_tree, dry_then_run, issues, key, nothing_left, real_files,
    structure_of, text,
};
use crate::support::oracle::{self, LinkEnd, LinksRule, RollupRule, Scope, Unlinked};
use crate::support::server::{World, client, install, resync, small_files, tree};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

fn statuses(issues: &[Value]) -> BTreeMap<String, String> {
    let status = |issue: &Value| (key(issue), text(&issue["status"]["name"]).unwrap());
    issues.iter().map(status).collect()
}

/// Rolls statuses up by several rules, one after the other, over a hierarchy of sub-tasks and links.
async fn check_rollup(files: &[PathBuf], projects: &[&str], link_types: &[&str]) {
    let world = World::new(files).await;
    let server = world.serve().await;
    let mut client = client(server.address()).await;
    let client = &mut client;
    let mut opinion = oracle::World::load(files);
    let (structure, expected) = structure_of(client, &opinion, projects).await;
    let sub_tasks = install(client, &structure, json!({ "subTasks": {} })).await;
    resync(client, &sub_tasks, json!({ "direction": INTO })).await;
    let mut expected = opinion.sub_tasks(&expected);
    let types = client.ask("{ linkTypes { id name } }", json!({})).await["linkTypes"].clone();
    for name in link_types {
        let link_type = types.as_array().unwrap().iter();
        let id = &link_type.clone().find(|it| it["name"] == *name).unwrap()["id"];
        let settings = json!({ "links": { "linkTypeId": id, "parentEnd": "SOURCE" } });
        let links = install(client, &structure, settings).await;
        resync(client, &links, json!({ "direction": INTO })).await;
        let rule = LinksRule {
            link_type: (*name).to_owned(),
            parent_end: LinkEnd::Source,
            scope: Scope::InStructure,
            unlinked: Unlinked::Keep,
        };
        expected = opinion.links_into(&expected, &rule).0;
    }
    assert_tree(&tree(client, &structure).await, &expected);

    let upward = [
        "Open",
        "reopened",
        "In Progress",
        "In Review",
        "Resolved",
        "Closed",
    ];
    let downward = ["Closed", "RESOLVED", "In Progress", "Open"];
    let some_types = ["epic", "Story", "new feature"];
    let last = projects.len() - 1;
    let rules: [(&[&str], &[&str], &[&str]); 4] = [
        (&projects[last..], &[], &["Closed", "Resolved"]),
        (&[], &some_types, &upward),
        (&[], &[], &upward),
        (&[], &[], &downward),
    ];
    let mut changed_in_all = 0;
    for (projects, types, listed) in rules {
        let words = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect();
        let rule = RollupRule {
            projects: words(projects),
            types: words(types),
            statuses: words(listed),
        };
        let settings = json!({
            "projectKeys": projects, "issueTypes": types, "statuses": listed,
            "resolution": "Rolled up",
        });
        let rollup = install(client, &structure, json!({ "statusRollup": settings })).await;
        let run = dry_then_run(client, &structure, &rollup, FROM).await;
        let made = issues(client).await;
        let (before, wanted) = (opinion.statuses(), opinion.rollup(&expected, &rule));
        assert_same(&statuses(&made), &wanted);
        let changed: Vec<&String> = wanted
            .iter()
            .filter(|(key, status)| before[*key] != **status)
            .map(|(key, _)| key)
            .collect();
        assert_eq!(run["counts"]["statusesChanged"], changed.len());
        for issue in made.iter().filter(|issue| changed.contains(&&key(issue))) {
            let resolution = &issue["resolution"];
            let done = opinion.is_done(&wanted[&key(issue)]);
            assert_eq!(resolution == "Rolled up", done, "{issue}");
            assert!(done || resolution.is_null(), "{issue}");
        }
        nothing_left(client, &rollup, FROM).await;
        changed_in_all += changed.len();
        opinion.set_statuses(&wanted);
    }
    assert!(changed_in_all > 0, "the rules had nothing to do");
    assert_tree(&tree(client, &structure).await, &expected);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_of_small_real_projects_roll_up_as_computed_independently() {
    check_rollup(&small_files(), &["DAEMON", "MOD"], &["Relates"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_of_all_real_projects_roll_up_as_computed_independently() {
    if let Some(files) = real_files() {
        check_rollup(&files, &["MOD", "TIMOB"], &["Depends", "Includes"]).await;
    }
}
