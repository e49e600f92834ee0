//! Rules of structures: what they give, to whom, who may change them, and when they count.

use super::world::{World, error_code, id};
use crate::domain::{StructureId, Viewer};
use futures_util::StreamExt;
use futures_util::future::join_all;
use serde_json::{Value, json};

impl World {
    /// Sets or, with no level, removes a rule; the payload.
    async fn rule(
        &self,
        by: &Viewer,
        structure: StructureId,
        subject: &str,
        level: Option<&str>,
    ) -> Value {
        let structure = id(structure);
        let (name, level) = match level {
            Some(level) => ("setStructurePermission", format!(", level: {level}")),
            None => ("removeStructurePermission", String::new()),
        };
        let request = format!(
            "mutation {{ it: {name}(input: {{ structureId: {structure:?}, subject: {subject}{level} }})
               {{ structure {{ viewerAccess permissions {{ level subject {{ kind role user {{ name }} }} }} }}
                  userErrors {{ code field message }} }} }}"
        );
        self.data(by, request).await["it"].clone()
    }

    async fn access(&self, viewer: &Viewer, structure: StructureId) -> Value {
        let structure = id(structure);
        let query = format!("{{ structure(id: {structure:?}) {{ viewerAccess }} }}");
        self.data(viewer, query).await["structure"]["viewerAccess"].clone()
    }
}

fn user(viewer: &Viewer) -> String {
    format!("{{ userId: {:?} }}", id(viewer.user_id))
}

#[tokio::test]
async fn the_highest_rule_that_matches_counts_and_none_takes_away() {
    let world = World::new().await;
    let plan = world.structure(&world.olga, "Plan").await;
    let sam = user(&world.sam);
    for (subject, level, access) in [
        ("{ everyone: true }", Some("VIEW"), json!("VIEW")),
        ("{ role: MEMBER }", Some("AUTOMATE"), json!("AUTOMATE")),
        (&sam, Some("EDIT"), json!("AUTOMATE")),
        ("{ role: MEMBER }", None, json!("EDIT")),
        (&sam, Some("CONTROL"), json!("CONTROL")),
        (&sam, None, json!("VIEW")),
        ("{ role: ADMIN }", Some("CONTROL"), json!("VIEW")),
        ("{ everyone: true }", None, Value::Null),
    ] {
        let done = world.rule(&world.olga, plan, subject, level).await;
        assert_eq!(done["userErrors"], json!([]), "{subject} {level:?}");
        assert_eq!(
            world.access(&world.sam, plan).await,
            access,
            "{subject} {level:?}"
        );
    }
    assert_eq!(world.access(&world.olga, plan).await, "CONTROL");
    assert_eq!(world.access(&world.ada, plan).await, "CONTROL");
}

#[tokio::test]
async fn rules_are_for_those_who_control_the_structure() {
    let world = World::new().await;
    let plan = world.structure(&world.olga, "Plan").await;
    let sam = user(&world.sam);
    world.rule(&world.olga, plan, &sam, Some("AUTOMATE")).await;
    let refused = world.rule(&world.sam, plan, &sam, Some("CONTROL")).await;
    assert_eq!(refused["userErrors"][0]["code"], "FORBIDDEN");
    let told = refused["userErrors"][0]["message"].as_str().unwrap();
    assert!(
        told.contains("CONTROL") && told.contains("AUTOMATE"),
        "{told}"
    );
    let structure = id(plan);
    let query = format!("{{ structure(id: {structure:?}) {{ permissions {{ level }} }} }}");
    let seen = world.data(&world.sam, query.as_str()).await;
    assert_eq!(seen["structure"]["permissions"], Value::Null);
    let seen = world.data(&world.ada, query.as_str()).await;
    assert_eq!(
        seen["structure"]["permissions"],
        json!([{ "level": "AUTOMATE" }])
    );
    // Who controls it by a rule may give that away, and then sees neither rules nor structure.
    world.rule(&world.olga, plan, &sam, Some("CONTROL")).await;
    let own = world
        .rule(&world.sam, plan, "{ role: ADMIN }", Some("VIEW"))
        .await;
    assert_eq!(
        own["structure"]["permissions"],
        json!([
            { "level": "VIEW", "subject": { "kind": "ROLE", "role": "ADMIN", "user": null } },
            { "level": "CONTROL", "subject": { "kind": "USER", "role": null, "user": { "name": "sam" } } },
        ])
    );
    let gone = world.rule(&world.sam, plan, &sam, None).await;
    assert_eq!(gone, json!({ "structure": null, "userErrors": [] }));
}

#[tokio::test]
async fn rules_that_make_no_sense_are_refused_in_words() {
    let world = World::new().await;
    let plan = world.structure(&world.olga, "Plan").await;
    let nobody = id(crate::domain::UserId(999));
    let nobody = format!("{{ userId: {nobody:?} }}");
    let cases = [
        (
            "{ everyone: true }",
            Some("NONE"),
            "INVALID",
            "remove the rule",
        ),
        (
            "{ everyone: false }",
            Some("VIEW"),
            "INVALID",
            "expected true",
        ),
        (&nobody, Some("VIEW"), "NOT_FOUND", "no such user"),
        ("{ everyone: true }", None, "NOT_FOUND", "no rule"),
        ("{ userId: \"x\" }", Some("VIEW"), "INVALID", "no id"),
    ];
    for (subject, level, code, says) in cases {
        let done = world.rule(&world.olga, plan, subject, level).await;
        let error = &done["userErrors"][0];
        assert_eq!(error["code"], code, "{done}");
        assert!(error["message"].as_str().unwrap().contains(says), "{done}");
    }
}

#[tokio::test]
async fn a_structure_has_at_most_200_rules() {
    let world = World::new().await;
    let plan = world.structure(&world.olga, "Plan").await;
    let users = world
        .write(|tx| {
            (0..200)
                .map(|at| {
                    crate::store::users::create(tx, &format!("u{at}"), crate::domain::Role::Member)
                })
                .collect::<Result<Vec<_>, _>>()
        })
        .await;
    for user in &users {
        let subject = format!("{{ userId: {:?} }}", id(*user));
        let done = world.rule(&world.olga, plan, &subject, Some("VIEW")).await;
        assert_eq!(done["userErrors"], json!([]));
    }
    let more = world
        .rule(&world.olga, plan, "{ everyone: true }", Some("VIEW"))
        .await;
    assert_eq!(more["userErrors"][0]["code"], "CONFLICT");
    let subject = format!("{{ userId: {:?} }}", id(users[0]));
    let changed = world.rule(&world.olga, plan, &subject, Some("EDIT")).await;
    assert_eq!(changed["userErrors"], json!([]));
}

#[tokio::test]
async fn a_structure_changes_hands_by_its_owner_and_administrators_only() {
    let world = World::new().await;
    let plan = world.structure(&world.olga, "Plan").await;
    world
        .rule(&world.olga, plan, &user(&world.sam), Some("CONTROL"))
        .await;
    let transfer = async |by: &Viewer, to: &Viewer| {
        let (plan, to) = (id(plan), id(to.user_id));
        let request = format!(
            "mutation {{ transferStructure(input: {{ id: {plan:?}, ownerId: {to:?} }})
               {{ structure {{ owner {{ name }} }} userErrors {{ code }} }} }}"
        );
        world.data(by, request).await["transferStructure"].clone()
    };
    let refused = transfer(&world.sam, &world.sam).await;
    assert_eq!(refused["userErrors"], json!([{ "code": "FORBIDDEN" }]));
    // The owner who gives it away no longer sees it, for no rule says otherwise.
    let given = transfer(&world.olga, &world.sam).await;
    assert_eq!(given, json!({ "structure": null, "userErrors": [] }));
    assert_eq!(world.access(&world.olga, plan).await, Value::Null);
    let given = transfer(&world.ada, &world.olga).await;
    assert_eq!(given["structure"]["owner"]["name"], "olga");
    assert_eq!(world.access(&world.sam, plan).await, "CONTROL");
}

#[tokio::test]
async fn lists_and_counts_hold_what_a_viewer_may_see() {
    let world = World::new().await;
    let mut seen = Vec::new();
    for at in 0..6 {
        let structure = world.structure(&world.olga, &format!("S{at}")).await;
        let synchronizer = world.synchronizer(structure).await;
        world.job(structure, synchronizer).await;
        if at % 2 == 0 {
            world
                .rule(&world.olga, structure, "{ everyone: true }", Some("VIEW"))
                .await;
            seen.push(json!({ "name": format!("S{at}"), "viewerAccess": "VIEW" }));
        }
    }
    let query = "{ structures { totalCount nodes { name viewerAccess } } jobs { totalCount } }";
    let found = world.data(&world.sam, query).await;
    assert_eq!(found["structures"]["nodes"], json!(seen));
    assert_eq!(found["structures"]["totalCount"], 3);
    assert_eq!(found["jobs"]["totalCount"], 3);
    assert_eq!(
        world.data(&world.olga, query).await["jobs"]["totalCount"],
        6
    );
    assert_eq!(
        world.data(&world.ada, query).await["structures"]["totalCount"],
        6
    );
    let before = world.api.store.statements();
    world
        .data(&world.sam, "{ structures { nodes { name viewerAccess } } }")
        .await;
    assert_eq!(
        world.api.store.statements() - before,
        2,
        "one for the page, one for the levels"
    );
}

#[tokio::test]
async fn taking_access_away_ends_what_is_open_with_not_found() {
    let world = World::new().await;
    let plan = world.structure(&world.olga, "Plan").await;
    let synchronizer = world.synchronizer(plan).await;
    let job = id(world.job(plan, synchronizer).await);
    world
        .rule(&world.olga, plan, &user(&world.sam), Some("VIEW"))
        .await;
    let (structure, synchronizer) = (id(plan), id(synchronizer));
    let mut streams = Vec::new();
    for (first, subscription) in [
        (
            0,
            format!("structureChanges(id: {structure:?}) {{ version }}"),
        ),
        (1, format!("jobStatus(id: {job:?}) {{ state }}")),
        (1, format!("jobs(structureId: {structure:?}) {{ state }}")),
        (
            1,
            format!("jobs(synchronizerId: {synchronizer:?}) {{ state }}"),
        ),
    ] {
        let mut stream = world.watch(&world.sam, format!("subscription {{ {subscription} }}"));
        for _ in 0..first {
            assert!(stream.next().await.unwrap().errors.is_empty());
        }
        streams.push(stream);
    }
    // What listens begins with its first poll, so all have to be polled when access goes.
    let ends = streams.into_iter().map(|mut stream| async move {
        let last = stream.next().await.expect("an end with a reason");
        assert_eq!(error_code(&last), "NOT_FOUND");
        assert!(stream.next().await.is_none());
    });
    let taken = async {
        tokio::task::yield_now().await;
        world.rule(&world.olga, plan, &user(&world.sam), None).await
    };
    let ((), _) = tokio::join!(
        async {
            join_all(ends).await;
        },
        taken
    );
}

#[tokio::test]
async fn changes_that_were_read_before_access_went_are_not_told_after() {
    let world = World::new().await;
    let plan = world.structure(&world.olga, "Plan").await;
    world
        .rule(&world.olga, plan, &user(&world.sam), Some("VIEW"))
        .await;
    for _ in 0..3 {
        world.folders(plan, 1).await;
    }
    let structure = id(plan);
    let mut stream = world.watch(
        &world.sam,
        format!(
            "subscription {{ structureChanges(id: {structure:?}, sinceVersion: 0) {{ version }} }}"
        ),
    );
    let first = stream.next().await.unwrap().data.into_json().unwrap();
    assert_eq!(first["structureChanges"]["version"], 1);
    world.rule(&world.olga, plan, &user(&world.sam), None).await;
    assert_eq!(error_code(&stream.next().await.unwrap()), "NOT_FOUND");
}
