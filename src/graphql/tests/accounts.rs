//! Users, tokens and permissions everywhere: who may change what, and what is never told.

use super::world::{World, id};
use crate::domain::{Millis, Viewer};
use serde_json::{Value, json};

impl World {
    /// A mutation with an input; its payload.
    async fn submit(&self, by: &Viewer, name: &str, input: &str, shown: &str) -> Value {
        let request = format!(
            "mutation {{ it: {name}(input: {input}) {{ {shown} userErrors {{ code message }} }} }}"
        );
        self.data(by, request).await["it"].clone()
    }

    /// Whose secret this is by now.
    async fn bearer(&self, secret: &str) -> Option<String> {
        let found = self.api.store.admission(secret).await.unwrap();
        found.ok().map(|admission| admission.viewer.name)
    }
}

fn code(payload: &Value) -> &Value {
    &payload["userErrors"][0]["code"]
}

#[tokio::test]
async fn administrators_make_users_and_others_do_not() {
    let world = World::new().await;
    let user = "user { name role active globalPermissions tokens { totalCount } }";
    let made = world
        .submit(&world.ada, "createUser", "{ name: \" kim \" }", user)
        .await;
    assert_eq!(
        made["user"],
        json!({ "name": "kim", "role": "MEMBER", "active": true, "globalPermissions": [],
                "tokens": { "totalCount": 0 } })
    );
    for (by, input, refusal) in [
        (&world.ada, "{ name: \"kim\" }", "CONFLICT"),
        (&world.ada, "{ name: \"Kim\" }", "CONFLICT"),
        (&world.ada, "{ name: \"ｋｉｍ\" }", "CONFLICT"),
        (&world.ada, "{ name: \"a\\u202eb\" }", "INVALID"),
        (&world.ada, "{ name: \"a\\u200bda\" }", "INVALID"),
        (&world.ada, "{ name: \"\" }", "INVALID"),
        (&world.olga, "{ name: \"lee\" }", "FORBIDDEN"),
        (&world.olga, "{ name: \"kim\" }", "FORBIDDEN"),
        (&world.olga, "{ name: \"\" }", "FORBIDDEN"),
    ] {
        let done = world.submit(by, "createUser", input, user).await;
        assert_eq!(code(&done), refusal, "{input}: {done}");
    }
    let listed = "{ users(first: 2) { totalCount pageInfo { hasNextPage endCursor } nodes { name } }
                    some: users(nameContains: \"A\") { totalCount nodes { name tokens { totalCount } globalPermissions } } }";
    let seen = world.data(&world.olga, listed).await;
    assert_eq!(seen["users"]["totalCount"], 4);
    assert_eq!(
        seen["users"]["nodes"],
        json!([{ "name": "ada" }, { "name": "kim" }])
    );
    assert_eq!(
        seen["some"]["nodes"],
        json!([
            { "name": "ada", "tokens": null, "globalPermissions": null },
            { "name": "olga", "tokens": { "totalCount": 0 }, "globalPermissions": [] },
            { "name": "sam", "tokens": null, "globalPermissions": null },
        ])
    );
    let after = &seen["users"]["pageInfo"]["endCursor"];
    let rest = world.data(
        &world.olga,
        format!("{{ users(after: {after}) {{ nodes {{ name }} }} }}"),
    );
    assert_eq!(
        rest.await["users"]["nodes"],
        json!([{ "name": "olga" }, { "name": "sam" }])
    );
}

#[tokio::test]
async fn the_last_active_administrator_stays_one() {
    let world = World::new().await;
    let (ada, olga) = (id(world.ada.user_id), id(world.olga.user_id));
    for change in ["role: MEMBER", "active: false"] {
        let input = format!("{{ id: {ada:?}, {change} }}");
        let refused = world
            .submit(&world.ada, "updateUser", &input, "user { name }")
            .await;
        assert_eq!(code(&refused), "CONFLICT", "{refused}");
    }
    let input = format!("{{ id: {olga:?}, role: ADMIN }}");
    let raised = world
        .submit(&world.ada, "updateUser", &input, "user { role }")
        .await;
    assert_eq!(raised["user"]["role"], "ADMIN");
    // What counts is what the database says, not what the viewer came with.
    let input = format!("{{ id: {ada:?}, role: MEMBER }}");
    let lowered = world
        .submit(&world.olga, "updateUser", &input, "user { role }")
        .await;
    assert_eq!(lowered["user"]["role"], "MEMBER");
    let refused = world
        .submit(
            &world.ada,
            "createUser",
            "{ name: \"kim\" }",
            "user { name }",
        )
        .await;
    assert_eq!(code(&refused), "FORBIDDEN");
    assert_eq!(
        world
            .data(&world.ada, "{ structures { totalCount } }")
            .await["structures"]["totalCount"],
        0
    );
}

#[tokio::test]
async fn a_token_is_shown_once_and_ends_with_its_revocation_or_its_user() {
    let world = World::new().await;
    let shown = "secret token { id name expiresAt revokedAt user { name } }";
    let made = world
        .submit(&world.sam, "createToken", "{ name: \"laptop\" }", shown)
        .await;
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert_eq!(made["token"]["user"]["name"], "sam");
    assert_eq!(world.bearer(&secret).await.as_deref(), Some("sam"));
    let listed = "{ viewer { tokens { totalCount nodes { id name revokedAt } } } }";
    let listed = world.data(&world.sam, listed).await;
    assert!(!listed.to_string().contains(&secret));
    assert_eq!(listed["viewer"]["tokens"]["nodes"][0]["name"], "laptop");

    let token = made["token"]["id"].as_str().unwrap();
    let revoke = format!(
        "mutation {{ revokeToken(id: {token:?}) {{ token {{ revokedAt }} userErrors {{ code }} }} }}"
    );
    // A token of somebody else is one that does not exist.
    let refused = world.data(&world.olga, revoke.as_str()).await;
    assert_eq!(refused["revokeToken"]["userErrors"][0]["code"], "NOT_FOUND");
    let node = format!("{{ node(id: {token:?}) {{ __typename }} }}");
    assert_eq!(
        world.data(&world.olga, node.as_str()).await["node"],
        Value::Null
    );
    assert_eq!(
        world.data(&world.ada, node.as_str()).await["node"]["__typename"],
        "Token"
    );
    let revoked = world.data(&world.ada, revoke.as_str()).await;
    let at = revoked["revokeToken"]["token"]["revokedAt"].clone();
    assert!(at.is_string());
    assert_eq!(world.bearer(&secret).await, None);
    let again = world.data(&world.sam, revoke.as_str()).await;
    assert_eq!(
        again["revokeToken"],
        json!({ "token": { "revokedAt": at }, "userErrors": [] })
    );

    let made = world
        .submit(&world.sam, "createToken", "{ name: \"phone\" }", shown)
        .await;
    let secret = made["secret"].as_str().unwrap().to_owned();
    let sam = id(world.sam.user_id);
    for (active, bearer) in [(false, None), (true, Some("sam"))] {
        let input = format!("{{ id: {sam:?}, active: {active} }}");
        world
            .submit(&world.ada, "updateUser", &input, "user { name }")
            .await;
        assert_eq!(world.bearer(&secret).await.as_deref(), bearer);
    }
}

#[tokio::test]
async fn tokens_are_made_for_oneself_or_by_administrators_and_end_in_the_future() {
    let world = World::new().await;
    let sam = id(world.sam.user_id);
    let off = format!("{{ id: {:?}, active: false }}", id(world.olga.user_id));
    world
        .submit(&world.ada, "updateUser", &off, "user { name }")
        .await;
    let for_sam = format!("{{ name: \"a\", userId: {sam:?} }}");
    let for_olga = format!("{{ name: \"a\", userId: {:?} }}", id(world.olga.user_id));
    let past = "{ name: \"a\", expiresAt: \"2001-01-01T00:00:00Z\" }";
    // A token that ends makes none that outlives it, nor does an administrator's.
    let until_2100 = Viewer {
        token_ends: Some(Millis(4_102_444_800_000)),
        ..world.ada.clone()
    };
    let until = "{ name: \"a\", expiresAt: \"2100-01-01T00:00:00Z\" }";
    let later = "{ name: \"a\", expiresAt: \"2100-01-01T00:00:01Z\" }";
    let unknown = format!(
        "{{ name: \"a\", userId: {:?} }}",
        id(crate::domain::UserId(99))
    );
    for (by, input, expected) in [
        (&world.ada, for_sam.as_str(), Value::Null),
        (&world.olga, &for_sam, json!("FORBIDDEN")),
        (&world.sam, &unknown, json!("FORBIDDEN")),
        (&world.ada, &unknown, json!("NOT_FOUND")),
        (&world.ada, &for_olga, json!("CONFLICT")),
        (&world.sam, past, json!("INVALID")),
        (&world.sam, "{ name: \" \" }", json!("INVALID")),
        (&until_2100, "{ name: \"a\" }", json!("INVALID")),
        (&until_2100, later, json!("INVALID")),
        (&until_2100, until, Value::Null),
    ] {
        let made = world.submit(by, "createToken", input, "secret").await;
        assert_eq!(code(&made), &expected, "{input}: {made}");
        assert_eq!(made["secret"].is_null(), !expected.is_null());
    }
}

#[tokio::test]
async fn permissions_everywhere_are_granted_by_administrators() {
    let world = World::new().await;
    let granted = "globalPermissions { permission subject { kind user { name } role } }";
    let sam = format!("{{ userId: {:?} }}", id(world.sam.user_id));
    let input =
        |subject: &str| format!("{{ permission: CONTROL_SYNCHRONIZERS, subject: {subject} }}");
    let held = async |who: &Viewer| {
        let query = "{ viewer { globalPermissions } }";
        world.data(who, query).await["viewer"]["globalPermissions"].clone()
    };
    let all = json!(["CONTROL_SYNCHRONIZERS"]);
    assert_eq!(held(&world.ada).await, all);
    assert_eq!(held(&world.sam).await, json!([]));
    let refused = world
        .submit(&world.olga, "grantGlobalPermission", &input(&sam), granted)
        .await;
    assert_eq!(code(&refused), "FORBIDDEN");
    assert_eq!(
        world
            .code(&world.olga, "{ globalPermissions { permission } }")
            .await,
        "FORBIDDEN"
    );
    for _ in 0..2 {
        let done = world
            .submit(&world.ada, "grantGlobalPermission", &input(&sam), granted)
            .await;
        assert_eq!(
            done["globalPermissions"].as_array().unwrap().len(),
            1,
            "{done}"
        );
    }
    assert_eq!(held(&world.sam).await, all);
    assert_eq!(held(&world.olga).await, json!([]));
    let role = input("{ role: MEMBER }");
    world
        .submit(&world.ada, "grantGlobalPermission", &role, granted)
        .await;
    assert_eq!(held(&world.olga).await, all);
    for (subject, expected) in [
        ("{ role: MEMBER }", Value::Null),
        ("{ role: MEMBER }", json!("NOT_FOUND")),
    ] {
        let done = world
            .submit(
                &world.ada,
                "revokeGlobalPermission",
                &input(subject),
                granted,
            )
            .await;
        assert_eq!(code(&done), &expected);
    }
    assert_eq!(held(&world.olga).await, json!([]));
    assert_eq!(held(&world.sam).await, all);
}
