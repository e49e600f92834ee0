//! Workflows: what they keep from changing, and what not.

use super::*;
use crate::domain::Viewer;
use crate::store::catalog;
use crate::store::workflows::{Transition, Workflows};
use crate::tracker::workflows::{self, NewWorkflow};

fn way(from: &str, to: &str) -> Transition {
    Transition {
        from: from.to_owned(),
        to: to.to_owned(),
    }
}

fn to(status: &str) -> IssueUpdate {
    IssueUpdate {
        status: some(status),
        ..of("MOD-2929")
    }
}

impl World {
    /// The user, who from now on is an administrator or not.
    async fn viewer(&self, admin: bool) -> Viewer {
        let role = match admin {
            true => Role::Admin,
            false => Role::Member,
        };
        let made = self.store.write(move |tx| users::ensure(tx, "ada", role));
        let user_id = made.await.map_err(|error: StoreError| error).unwrap();
        Viewer {
            user_id,
            name: "ada".to_owned(),
            admin,
            token_ends: None,
        }
    }

    /// Restricts the project MOD, as an administrator or not.
    async fn restrict(
        &self,
        admin: bool,
        transitions: Option<Vec<Transition>>,
    ) -> Result<(), Refusal> {
        let viewer = self.viewer(admin).await;
        let workflow = NewWorkflow {
            project_key: "MOD".to_owned(),
            transitions,
        };
        self.edit(move |_, tx, _| workflows::set(tx, &viewer, &workflow))
            .await
    }
}

#[tokio::test]
async fn a_status_that_the_workflow_does_not_lead_to_is_refused() {
    let world = World::new().await;
    world.create(new("Bug")).await.unwrap();
    let ways = vec![
        way("Open", "In Progress"),
        way("Open", "Closed"),
        way("Open", "Closed"),
        way("Open", "Open"),
        way("Closed", "Reopened"),
    ];
    world.restrict(true, Some(ways)).await.unwrap();
    let head = world.head().await;
    let refusal = world.update(to("Resolved")).await.unwrap_err();
    assert_eq!(
        (refusal.code, path(&refusal)),
        (RefusalCode::Invalid, "input.status".to_owned())
    );
    for says in ["from Open to Resolved", "In Progress", "Closed"] {
        assert!(refusal.message.contains(says), "{refusal}");
    }
    let id = world.issue("MOD-2929").await.id;
    let refused = world
        .edit(move |_, tx, author| set_status(tx, id, "Reopened", None, author))
        .await;
    assert!(
        refused
            .unwrap_err()
            .message
            .contains("from Open to Reopened")
    );
    world.update(to("Open")).await.unwrap();
    assert_eq!(world.head().await, head, "staying is no transition");

    world.update(to("In Progress")).await.unwrap();
    let refusal = world.update(to("Open")).await.unwrap_err();
    assert!(
        refusal.message.contains("no status can be reached"),
        "{refusal}"
    );
    world.restrict(true, None).await.unwrap();
    world.update(to("Open")).await.unwrap();
    world
        .edit(move |_, tx, author| set_status(tx, id, "Closed", None, author))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_import_is_not_bound_by_a_workflow() {
    let world = World::new().await;
    world.restrict(true, Some(vec![])).await.unwrap();
    let file = world._dir.path().join("one.jsonl");
    let issue = r#"{"key":"MOD-2450","fields":{"status":{"name":"Waiting","statusCategory":{"key":"new"}}}}"#;
    std::fs::write(&file, issue).unwrap();
    import_file(&world.store, &file, |_| {}).await.unwrap();
    assert_eq!(world.issue("MOD-2450").await.status.name, "Waiting");
}

#[tokio::test]
async fn all_workflows_are_read_at_once() {
    let world = World::new().await;
    let ways = vec![way("Open", "In Progress"), way("In Progress", "Closed")];
    world.restrict(true, Some(ways)).await.unwrap();
    let all = world
        .edit(|_, tx, _| {
            let other = catalog::ensure_project(tx, "SHUT", None)?;
            crate::store::workflows::replace(tx, other, Some(&[]))?;
            Ok(Workflows::read(tx)?)
        })
        .await
        .unwrap();
    for (project, from, to, allowed) in [
        ("MOD", "Open", "In Progress", true),
        ("MOD", "In Progress", "Open", false),
        ("MOD", "Open", "Closed", false),
        ("MOD", "Open", "Open", true),
        ("MOD", "Closed", "Open", false),
        ("SHUT", "Open", "Closed", false),
        ("SHUT", "Open", "Open", true),
        ("FREE", "Open", "Closed", true),
    ] {
        assert_eq!(
            all.allows(project, from, to),
            allowed,
            "{project} {from} {to}"
        );
    }
    assert!(Workflows::default().allows("MOD", "Open", "Closed"));
}

#[tokio::test]
async fn a_workflow_is_for_administrators_and_of_what_exists() {
    let world = World::new().await;
    let refusal = world.restrict(false, None).await.unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Forbidden);
    for (ways, code, at) in [
        (
            vec![way("Open", "Closed"), way("Open", "Gone")],
            RefusalCode::NotFound,
            "input.transitions.1.to",
        ),
        (
            vec![way("Gone", "Open")],
            RefusalCode::NotFound,
            "input.transitions.0.from",
        ),
        (
            vec![way("Open", "Closed"); 1_001],
            RefusalCode::Invalid,
            "input.transitions",
        ),
    ] {
        let refusal = world.restrict(true, Some(ways)).await.unwrap_err();
        assert_eq!((refusal.code, path(&refusal).as_str()), (code, at));
    }
    let viewer = world.viewer(true).await;
    let elsewhere = NewWorkflow {
        project_key: "NO".to_owned(),
        transitions: None,
    };
    let refusal = world
        .edit(move |_, tx, _| workflows::set(tx, &viewer, &elsewhere))
        .await
        .unwrap_err();
    assert_eq!(path(&refusal), "input.projectKey");
}
