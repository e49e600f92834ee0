//! What users do to the tracker as a whole: order, boards and workflows; and who did what to an issue.

use super::world::{World, id};
use crate::domain::{JobId, LinkTypeId, StructureId, Viewer};
use crate::store::forest::Author;
use crate::store::issues::{IssueChangeKind, LinkRole, LinkSeen, NewChange};
use crate::store::{Failure, Tx, issues, jobs};
use crate::tracker::embedded::{self, IssueUpdate, NewIssue};
use async_graphql::{Request, Variables};
use serde_json::{Value, json};

impl World {
    /// Runs an edit of the tracker.
    async fn edit_issues<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> T {
        self.api.store.write(work).await.unwrap()
    }

    async fn change(&self, viewer: &Viewer, field: &str, shown: &str) -> Value {
        let text =
            format!("mutation {{ it: {field} {{ {shown} userErrors {{ code field message }} }} }}");
        self.data(viewer, text).await["it"].clone()
    }
}

#[tokio::test]
async fn issues_are_ranked_beside_another() {
    let world = World::new().await;
    world.issues(4).await;
    let shown = "issues { key rank }";
    let rank = "rankIssues(input: { keys: [\"P-4\", \"P-2\"], after: \"P-1\" })";
    let ranked = world.change(&world.sam, rank, shown).await;
    assert_eq!(
        ranked["issues"],
        json!([{ "key": "P-4", "rank": "a1" }, { "key": "P-2", "rank": "a2" }])
    );
    let order = "{ issues(jql: \"\") { nodes { key } } issue(key: \"P-1\") { rank } }";
    assert_eq!(world.data(&world.sam, order).await["issue"]["rank"], "a0");
    let wrong = "rankIssues(input: { keys: [\"P-4\", \"P-9\"], before: \"P-1\" })";
    let refused = world.change(&world.sam, wrong, shown).await;
    assert_eq!(refused["issues"], json!([]));
    assert_eq!(refused["userErrors"][0]["code"], "NOT_FOUND");
    assert_eq!(
        refused["userErrors"][0]["field"],
        json!(["input", "keys", "1"])
    );
}

#[tokio::test]
async fn a_board_is_made_listed_and_found() {
    let world = World::new().await;
    let shown = "board { id name jql ranked }";
    let made = world
        .change(
            &world.sam,
            "createBoard(input: { name: \" Team \", jql: \"project = P\" })",
            shown,
        )
        .await["board"]
        .clone();
    assert_eq!(
        (&made["name"], &made["ranked"]),
        (&json!("Team"), &json!(true))
    );
    let text = format!(
        "{{ boards {{ name jql }} node(id: {}) {{ ... on Board {{ name }} }} }}",
        made["id"]
    );
    let found = world.data(&world.ada, text).await;
    assert_eq!(
        found["boards"],
        json!([{ "name": "Team", "jql": "project = P" }])
    );
    assert_eq!(found["node"]["name"], "Team");
    for (input, field, says) in [
        ("name: \" \", jql: \"\"", "name", "empty"),
        ("name: \"a\\nb\", jql: \"\"", "name", "line break"),
        ("name: \"a\", jql: \"project ~~ P\"", "jql", "column 9"),
    ] {
        let mutation = format!("createBoard(input: {{ {input} }})");
        let error = world.change(&world.sam, &mutation, shown).await["userErrors"][0].clone();
        assert_eq!(error["code"], "INVALID");
        assert_eq!(error["field"], json!(["input", field]));
        assert!(error["message"].as_str().unwrap().contains(says), "{error}");
    }
    let fill = |tx: &Tx<'_>| {
        let owner = crate::domain::UserId(1);
        for _ in 1..1_000 {
            crate::store::boards::create(tx, "Another", "", false, owner)?;
        }
        Ok(())
    };
    world.write(fill).await;
    let one_more = "createBoard(input: { name: \"a\", jql: \"\" })";
    let error = world.change(&world.sam, one_more, shown).await["userErrors"][0].clone();
    assert_eq!(error["code"], "CONFLICT");
}

#[tokio::test]
async fn a_workflow_is_shown_and_changed_by_administrators() {
    let world = World::new().await;
    world.issues(1).await;
    let done = "INSERT INTO status (name, category) VALUES ('Closed', 'DONE')";
    world.write(|tx| tx.execute(done, &[])).await;
    let shown = "{ projectKey restricted transitions { from to } }";
    let query = format!(
        "{{ P: workflow(projectKey: \"P\") {shown} Q: workflow(projectKey: \"Q\") {shown} }}"
    );
    let free = json!({ "projectKey": "P", "restricted": false, "transitions": [] });
    assert_eq!(
        world.data(&world.sam, query.as_str()).await,
        json!({ "P": free, "Q": null })
    );
    let set = "setWorkflow(input: { projectKey: \"P\", transitions: [
        { from: \"Open\", to: \"Closed\" }, { from: \"Open\", to: \"Closed\" }, { from: \"Open\", to: \"Open\" }] })";
    let of_workflow = format!("workflow {shown}");
    let forbidden = world.change(&world.olga, set, &of_workflow).await;
    assert_eq!(forbidden["userErrors"][0]["code"], "FORBIDDEN");
    assert_eq!(forbidden["workflow"], Value::Null);
    let made = world.change(&world.ada, set, &of_workflow).await;
    let expected = json!({ "projectKey": "P", "restricted": true,
        "transitions": [{ "from": "Open", "to": "Closed" }] });
    assert_eq!(made["workflow"], expected);
    assert_eq!(world.data(&world.sam, query.as_str()).await["P"], expected);
    for (input, restricted) in [("transitions: []", true), ("transitions: null", false)] {
        let set = format!("setWorkflow(input: {{ projectKey: \"P\", {input} }})");
        let made = world.change(&world.ada, &set, &of_workflow).await["workflow"].clone();
        assert_eq!(
            (&made["restricted"], &made["transitions"]),
            (&json!(restricted), &json!([]))
        );
    }
}

const HISTORY: &str = "query($after: String, $first: Int) { issue(key: \"P-3\") {
    history(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes {
      kind field before after linkType { name } other { key } user { name } job { id } at } } } }";

async fn history(world: &World, viewer: &Viewer, variables: Value) -> Value {
    let request = Request::new(HISTORY).variables(Variables::from_json(variables));
    world.data(viewer, request).await["issue"]["history"].clone()
}

/// An epic and a sub-task's new parent, of which the epic is deleted; a link; an edit by a job.
async fn edited(world: &World) -> (StructureId, JobId) {
    world.issues(3).await;
    let structure = world.structure(&world.olga, "Plan").await;
    let synchronizer = world.synchronizer(structure).await;
    let job = world.job(structure, synchronizer).await;
    let (store, olga, sam) = (
        world.api.store.clone(),
        world.olga.user_id,
        world.sam.user_id,
    );
    world
        .edit_issues(move |tx| {
            tx.execute(
                "INSERT INTO issue_type (name, sub_task, epic) VALUES ('Epic', 0, 1)",
                &[],
            )?;
            let epic = NewIssue {
                project_key: "P".to_owned(),
                type_name: "Epic".to_owned(),
                summary: "Epic".to_owned(),
                ..NewIssue::default()
            };
            tx.execute("UPDATE project SET last_number = 3", &[])?;
            tx.execute("UPDATE counter SET value = 3 WHERE name = 'issue'", &[])?;
            for _ in ["P-4", "P-5"] {
                embedded::create_issue(tx, &epic, Author::User(sam))?;
            }
            let update = |epic: &str| IssueUpdate {
                key: "P-3".to_owned(),
                epic_key: Some(Some(epic.to_owned())),
                ..IssueUpdate::default()
            };
            embedded::update_issue(tx, &update("P-4"), Author::User(sam))?;
            embedded::update_issue(tx, &update("P-5"), Author::Job(job, olga))?;
            embedded::delete_issue(&store, tx, "P-4", Author::User(sam))?;
            let issue = issues::find_id(tx, "P-3")?.unwrap();
            let seen = LinkSeen {
                role: LinkRole::Target,
                link: crate::domain::LinkId(2),
                link_type: LinkTypeId(1),
                other: crate::domain::IssueId(2),
            };
            let imported = NewChange {
                issue,
                kind: IssueChangeKind::LinkAdded,
                field: None,
                link: Some(seen),
            };
            Ok(issues::record(tx, imported, None)?)
        })
        .await;
    (structure, job)
}

#[tokio::test]
async fn the_history_of_an_issue_tells_who_did_what() {
    let world = World::new().await;
    let (_, job) = edited(&world).await;
    let page = history(&world, &world.olga, json!({})).await;
    assert_eq!(page["totalCount"], 3);
    let mut nodes = page["nodes"].clone();
    for node in nodes.as_array_mut().unwrap() {
        let at = node.as_object_mut().unwrap().remove("at").unwrap();
        assert!(at.as_str().unwrap().ends_with('Z'));
    }
    let line = |kind: &str, field: &str, before: Value, after: Value, user: &str, job: Value| {
        json!({ "kind": kind, "field": field, "before": before, "after": after,
            "linkType": null, "other": null, "user": { "name": user }, "job": job })
    };
    assert_eq!(
        nodes,
        json!([
            { "kind": "LINK_ADDED", "field": "target", "before": null, "after": null,
              "linkType": { "name": "Blocks" }, "other": { "key": "P-2" }, "user": null, "job": null },
            line("UPDATED", "epic", json!("P-4"), json!("P-5"), "olga", json!({ "id": id(job) })),
            line("UPDATED", "epic", Value::Null, json!("P-4"), "sam", Value::Null),
        ])
    );
    // The structure of the job is not one that this viewer may view.
    let page = history(&world, &world.sam, json!({})).await;
    assert_eq!(page["nodes"][1]["job"], Value::Null);
    assert_eq!(page["nodes"][1]["user"]["name"], "olga");
}

#[tokio::test]
async fn a_history_comes_in_pages() {
    let world = World::new().await;
    edited(&world).await;
    let first = history(&world, &world.olga, json!({ "first": 2 })).await;
    assert_eq!(first["nodes"].as_array().unwrap().len(), 2);
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let after = json!({ "first": 2, "after": first["pageInfo"]["endCursor"] });
    let second = history(&world, &world.olga, after).await;
    assert_eq!(second["nodes"][0]["after"], "P-4");
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
    let wrong = Request::new(HISTORY).variables(Variables::from_json(json!({ "first": 501 })));
    assert_eq!(world.code(&world.olga, wrong).await, "BAD_USER_INPUT");
    // A job that is no longer kept is no longer named.
    let gone = |tx: &Tx<'_>| tx.execute("DELETE FROM job", &[]);
    world.write(gone).await;
    assert!(world.write(jobs::active).await.is_empty());
    let page = history(&world, &world.olga, json!({})).await;
    assert_eq!(page["nodes"][1]["job"], Value::Null);
}

#[tokio::test]
async fn instants_are_written_as_such() {
    let world = World::new().await;
    world.issues(3).await;
    let done = "INSERT INTO status (name, category) VALUES ('Closed', 'DONE')";
    world.write(|tx| tx.execute(done, &[])).await;
    let author = Author::User(world.sam.user_id);
    let close = IssueUpdate {
        key: "P-3".to_owned(),
        status: Some(Some("Closed".to_owned())),
        ..IssueUpdate::default()
    };
    world
        .edit_issues(move |tx| embedded::update_issue(tx, &close, author))
        .await;
    let page = history(&world, &world.sam, json!({})).await;
    let resolved = &page["nodes"][0];
    assert_eq!(resolved["field"], "resolved");
    assert_eq!(resolved["after"], resolved["at"]);
    assert_eq!(page["nodes"][1]["after"], "Closed");
}
