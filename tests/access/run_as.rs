//! Jobs act with the rights of their users, as these are when the job runs.

use super::world::{World, codes};
use crate::support::client::Client;
use crate::support::server::{tree, watch};
use serde_json::{Value, json};
use understory::domain::{AccessLevel, GlobalPermission, Subject, UserId};
use understory::store::permissions::{self, Grant};
use understory::store::{StoreError, users};

const OLGA: usize = 0;
const VERA: usize = 2;

impl World {
    async fn activate(&self, user: usize, active: bool) {
        let id = self.users[user];
        let done = self.server.store().write(move |tx| {
            let user = users::find(tx, id)?.expect("a user");
            users::update(tx, &users::User { active, ..user })
        });
        done.await.unwrap();
    }

    async fn revoke_grant(&self, user: usize) {
        let grant = grant_of(self.users[user]);
        let done = self
            .server
            .store()
            .write(move |tx| permissions::revoke(tx, grant));
        assert!(done.await.unwrap());
    }
}

fn grant_of(user: UserId) -> Grant {
    Grant {
        permission: GlobalPermission::ControlSynchronizers,
        subject: Subject::User(user),
    }
}

async fn change(client: &mut Client, field: &str, arguments: &str, shown: &str) -> Value {
    let query = format!(
        "mutation {{ it: {field}({arguments}) {{ {shown} userErrors {{ code message }} }} }}"
    );
    client.ask(&query, json!({})).await["it"].clone()
}

fn message(payload: &Value) -> &str {
    payload["userErrors"][0]["message"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn synchronizers_take_control_and_the_permission_for_them_and_the_refusal_says_which_lacks() {
    let world = World::new().await;
    let mut vera = world.client("vera").await;
    let input = format!(
        "input: {{ structureId: {:?}, settings: {{ subTasks: {{}} }} }}",
        world.hidden.structure
    );
    world.rule(VERA, AccessLevel::Automate).await;
    let refused = change(&mut vera, "installSynchronizer", &input, "").await;
    assert_eq!(codes(&refused), ["FORBIDDEN"]);
    assert!(
        message(&refused).contains("CONTROL on the structure; yours is AUTOMATE"),
        "{refused}"
    );

    world.rule(VERA, AccessLevel::Control).await;
    world.revoke_grant(VERA).await;
    let synchronizer = &world.hidden.synchronizer;
    let dry = format!(
        "input: {{ synchronizerId: {synchronizer:?}, direction: INTO_STRUCTURE, dryRun: true }}"
    );
    for (field, arguments) in [
        ("installSynchronizer", input.clone()),
        (
            "updateSynchronizer",
            format!("input: {{ id: {synchronizer:?}, name: \"x\" }}"),
        ),
        (
            "setSynchronizerEnabled",
            format!("id: {synchronizer:?}, enabled: false"),
        ),
        ("uninstallSynchronizer", format!("id: {synchronizer:?}")),
        ("startResync", dry),
        (
            "revertJob",
            format!("id: {:?}, dryRun: true", world.hidden.job),
        ),
    ] {
        let refused = change(&mut vera, field, &arguments, "").await;
        assert_eq!(codes(&refused), ["FORBIDDEN"], "{field}");
        assert!(
            message(&refused).contains("CONTROL_SYNCHRONIZERS"),
            "{field}: {refused}"
        );
    }
    let grant = grant_of(world.users[VERA]);
    let granted = world
        .server
        .store()
        .write(move |tx| permissions::grant(tx, grant));
    granted.await.map_err(|error: StoreError| error).unwrap();
    let done = change(
        &mut vera,
        "installSynchronizer",
        &input,
        "synchronizer { runAs { name } }",
    );
    assert_eq!(done.await["synchronizer"]["runAs"]["name"], "vera");
    world.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_rewrites_a_rule_is_the_one_as_whom_it_runs() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    let id = &world.hidden.synchronizer;
    let shown = "synchronizer { runAs { name } }";
    let renamed = format!("input: {{ id: {id:?}, name: \"other\" }}");
    let renamed = change(&mut admin, "updateSynchronizer", &renamed, shown).await;
    assert_eq!(
        renamed["synchronizer"]["runAs"]["name"], "olga",
        "{renamed}"
    );
    let input = format!(
        "input: {{ structureId: {:?}, settings: {{ subTasks: {{}} }} }}",
        world.hidden.structure
    );
    let installed = change(
        &mut admin,
        "installSynchronizer",
        &input,
        "synchronizer { id }",
    )
    .await;
    let installed = installed["synchronizer"]["id"].as_str().unwrap();
    let mut olga = world.client("olga").await;
    let rewritten = format!(
        "input: {{ id: {installed:?}, settings: {{ subTasks: {{ issueTypes: [\"Sub-task\"] }} }} }}"
    );
    let rewritten = change(&mut olga, "updateSynchronizer", &rewritten, shown).await;
    assert_eq!(rewritten["synchronizer"]["runAs"]["name"], "olga");
    world.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_synchronizer_whose_user_lost_the_rights_is_not_available_and_its_queued_job_fails() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    let id = &world.hidden.synchronizer;
    let structure = &world.hidden.structure;
    let state = format!("{{ synchronizer(id: {id:?}) {{ state unavailableReason }} }}");
    let start =
        format!("input: {{ synchronizerId: {id:?}, direction: INTO_STRUCTURE, dryRun: true }}");
    // It waits for the job that holds the queue.
    let queued = change(&mut admin, "startResync", &start, "job { id state }").await;
    assert_eq!(queued["job"]["state"], "QUEUED", "{queued}");
    let rows = tree(&mut admin, structure).await;
    world.activate(OLGA, false).await;
    let shown = admin.ask(&state, json!({})).await["synchronizer"].clone();
    assert_eq!(shown["state"], "NOT_AVAILABLE");
    let reason = shown["unavailableReason"].as_str().unwrap();
    assert!(
        reason.contains("“olga”") && reason.contains("deactivated"),
        "{reason}"
    );
    let cancelled = format!("id: {:?}", queued["job"]["id"].as_str().unwrap());
    change(&mut admin, "cancelJob", &cancelled, "").await;
    let refused = change(&mut admin, "startResync", &start, "").await;
    assert_eq!(codes(&refused), ["NOT_AVAILABLE"]);

    world.activate(OLGA, true).await;
    let queued = change(&mut admin, "startResync", &start, "job { id state }").await;
    let to_vera = format!(
        "input: {{ id: {structure:?}, ownerId: {:?} }}",
        super::world::global("User", world.users[VERA].0)
    );
    let given = change(&mut admin, "transferStructure", &to_vera, "").await;
    assert_eq!(given["userErrors"], json!([]));
    world.rule(OLGA, AccessLevel::View).await;
    let shown = admin.ask(&state, json!({})).await["synchronizer"].clone();
    let reason = shown["unavailableReason"].as_str().unwrap();
    assert!(
        reason.contains("VIEW") && reason.contains("EDIT"),
        "{reason}"
    );
    world.release_the_queue().await;
    let ended = watch(&mut admin, queued["job"]["id"].as_str().unwrap()).await;
    assert_eq!(ended["state"], "FAILED", "{ended}");
    assert_eq!(ended["error"]["code"], "NOT_AVAILABLE");
    assert!(
        ended["error"]["message"]
            .as_str()
            .unwrap()
            .contains("“olga”"),
        "{ended}"
    );
    assert_eq!(tree(&mut admin, structure).await, rows);
    world.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_and_exports_take_automate_and_run_with_the_rights_of_who_asked() {
    let world = World::new().await;
    world.release_the_queue().await;
    let mut vera = world.client("vera").await;
    let mut admin = world.admin().await;
    let input = format!(
        "input: {{ structureId: {:?}, confirm: true, settings: {{ savedFilter: {{ jql: \"\" }} }} }}",
        world.hidden.structure
    );
    world.rule(VERA, AccessLevel::Edit).await;
    let refused = change(&mut vera, "runImport", &input, "").await;
    assert_eq!(codes(&refused), ["FORBIDDEN"], "{refused}");
    world.rule(VERA, AccessLevel::Automate).await;
    let begun = change(&mut vera, "runImport", &input, "job { id }").await;
    let first = watch(&mut vera, begun["job"]["id"].as_str().unwrap()).await;
    assert_eq!(first["state"], "SUCCEEDED", "{first}");

    // One's own runs can be cancelled and undone by whoever may begin them; others' cannot.
    let job = format!("id: {:?}, confirm: true", first["id"].as_str().unwrap());
    let undone = change(&mut vera, "revertJob", &job, "job { id }").await;
    let undone = watch(&mut vera, undone["job"]["id"].as_str().unwrap()).await;
    assert_eq!(undone["state"], "SUCCEEDED", "{undone}");
    world.occupy_the_queue().await;
    let mine = change(&mut vera, "runImport", &input, "job { id }").await;
    let theirs = change(&mut admin, "runImport", &input, "job { id }").await;
    let cancel = |payload: &Value| format!("id: {:?}", payload["job"]["id"].as_str().unwrap());
    let refused = change(&mut vera, "cancelJob", &cancel(&theirs), "").await;
    assert_eq!(codes(&refused), ["FORBIDDEN"]);
    let done = change(&mut vera, "cancelJob", &cancel(&mine), "job { state }").await;
    assert_eq!(done["job"]["state"], "CANCELLED");

    // The rights that count are those at its start.
    let late = change(&mut vera, "runImport", &input, "job { id }").await;
    let rows = tree(&mut admin, &world.hidden.structure).await;
    change(&mut admin, "cancelJob", &cancel(&theirs), "").await;
    world.rule(VERA, AccessLevel::View).await;
    world.release_the_queue().await;
    let ended = watch(&mut admin, late["job"]["id"].as_str().unwrap()).await;
    assert_eq!(ended["error"]["code"], "NOT_AVAILABLE", "{ended}");
    assert_eq!(tree(&mut admin, &world.hidden.structure).await, rows);
    world.server.stop().await;
}
