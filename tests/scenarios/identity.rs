//! Users of an identity provider, on a real server whose issuer's keys stand in a file.

use crate::support::client::Client;
use crate::support::server::{World, client};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

const ISSUER: &str = "https://id.example.com";

struct Issuer {
    pair: Ed25519KeyPair,
    keys: String,
}

impl Issuer {
    fn new(world: &World) -> Self {
        let der = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(der.as_ref()).unwrap();
        let x = URL_SAFE_NO_PAD.encode(pair.public_key());
        let key = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "1", "x": x });
        let path = world.folder.path().join("keys.json");
        std::fs::write(&path, json!({ "keys": [key] }).to_string()).unwrap();
        let keys = path.to_str().unwrap().to_owned();
        Self { pair, keys }
    }

    fn flags<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let issuer = ["--jwt-issuer", ISSUER, "--jwt-audience", "here"];
        [&issuer[..], &["--jwt-keys", &self.keys], more].concat()
    }

    fn token(&self, claims: Value) -> String {
        let mut all = json!({ "iss": ISSUER, "aud": "here", "exp": now() + 60 });
        for (name, value) in claims.as_object().unwrap() {
            all[name] = value.clone();
        }
        let encode = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let header = json!({ "alg": "EdDSA", "kid": "1" });
        let message = format!("{}.{}", encode(&header), encode(&all));
        let signature = self.pair.sign(message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    now.as_secs()
}

async fn viewer(address: std::net::SocketAddr, token: &str) -> Value {
    let mut asker = Client::connect(address, token).await;
    let found = asker.ask("{ viewer { id name role } }", json!({})).await;
    found["viewer"].clone()
}

#[tokio::test]
async fn users_appear_at_first_sight_and_keep_their_role() {
    let world = World::new(&[]).await;
    let issuer = Issuer::new(&world);
    let server = world.serve_with(&issuer.flags(&[])).await;
    let address = server.address();
    let token = issuer.token(json!({ "sub": "grace", "roles": ["admin"] }));
    let grace = viewer(address, &token).await;
    assert_eq!(
        (&grace["name"], &grace["role"]),
        (&json!("grace"), &json!("MEMBER"))
    );
    let again = issuer.token(json!({ "sub": "grace" }));
    assert_eq!(viewer(address, &again).await, grace);
    // The administrator of the test's database has that name, and stays one.
    let admin = issuer.token(json!({ "sub": "admin" }));
    assert_eq!(viewer(address, &admin).await["role"], "ADMIN");
    // Tokens of the server's own go on.
    let mut own = client(address).await;
    let found = own.ask("{ viewer { name } }", json!({})).await;
    assert_eq!(found["viewer"]["name"], "admin");
    server.stop().await;
}

#[tokio::test]
async fn the_issuer_makes_administrators_if_it_is_asked() {
    let world = World::new(&[]).await;
    let issuer = Issuer::new(&world);
    let flags = ["--jwt-user-claim", "email", "--jwt-role-claim", "roles"];
    let server = world.serve_with(&issuer.flags(&flags)).await;
    for (roles, role) in [
        (json!(["admin"]), "ADMIN"),
        (json!(["staff"]), "MEMBER"),
        (json!("admin"), "ADMIN"),
        (Value::Null, "MEMBER"),
    ] {
        let token = issuer.token(json!({ "email": "grace@example.com", "roles": roles }));
        let grace = viewer(server.address(), &token).await;
        assert_eq!(grace["role"], role, "{roles}");
        assert_eq!(grace["name"], "grace@example.com");
    }
    server.stop().await;
}

#[tokio::test]
async fn an_older_token_does_not_bring_back_a_role() {
    let world = World::new(&[]).await;
    let issuer = Issuer::new(&world);
    let server = world
        .serve_with(&issuer.flags(&["--jwt-role-claim", "roles"]))
        .await;
    let token = |made: u64, role: &str| {
        issuer.token(json!({ "sub": "grace", "roles": [role], "iat": now() - made }))
    };
    let without_time = issuer.token(json!({ "sub": "grace", "roles": ["admin"] }));
    for (token, role) in [
        (&token(500, "admin"), "ADMIN"),
        (&token(400, "staff"), "MEMBER"),
        (&token(500, "admin"), "MEMBER"),
        (&without_time, "MEMBER"),
        // A newer one that says the same counts from then on.
        (&token(200, "staff"), "MEMBER"),
        (&token(300, "admin"), "MEMBER"),
        (&token(100, "admin"), "ADMIN"),
        (&token(200, "staff"), "ADMIN"),
    ] {
        assert_eq!(viewer(server.address(), token).await["role"], role);
    }
    server.stop().await;
}

#[tokio::test]
async fn the_last_administrator_stays_one_and_changes_of_roles_are_logged() {
    let world = World::new(&[]).await;
    let issuer = Issuer::new(&world);
    let flags = [
        &issuer.flags(&["--jwt-role-claim", "roles"])[..],
        &["--log-format", "json"],
    ];
    let server = world.spawn_with(&flags.concat(), &[("RUST_LOG", "info")]);
    let member = |name: &str| issuer.token(json!({ "sub": name, "roles": ["staff"] }));
    for _ in 0..2 {
        assert_eq!(
            viewer(server.address, &member("admin")).await["role"],
            "ADMIN"
        );
    }
    let grace = issuer.token(json!({ "sub": "grace", "roles": ["admin"] }));
    assert_eq!(viewer(server.address, &grace).await["role"], "ADMIN");
    assert_eq!(
        viewer(server.address, &member("admin")).await["role"],
        "MEMBER"
    );
    assert_eq!(
        viewer(server.address, &member("grace")).await["role"],
        "ADMIN"
    );
    assert_eq!(server.terminate(), Some(0));

    let log = world.log();
    let lines = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let told: Vec<_> = lines
        .filter(|line| line["fields"]["issuer"] == ISSUER)
        .map(|line| {
            let field = |name: &str| line["fields"][name].clone();
            let role = [field("role"), field("from"), field("to")];
            json!([line["level"], field("user"), role])
        })
        .collect();
    // The first administrator stays one, then is none; the second one then stays one.
    let wanted = [
        json!(["WARN", 1, [null, "ADMIN", "MEMBER"]]),
        json!(["INFO", 2, ["ADMIN", null, null]]),
        json!(["INFO", 1, [null, "ADMIN", "MEMBER"]]),
        json!(["WARN", 2, [null, "ADMIN", "MEMBER"]]),
    ];
    assert_eq!(told, wanted, "{log}");
    assert!(!log.contains("grace"), "{log}");
}

#[tokio::test]
async fn nobody_comes_in_by_a_name_that_could_be_taken_for_another_one() {
    let world = World::new(&[]).await;
    let issuer = Issuer::new(&world);
    let server = world.serve_with(&issuer.flags(&[])).await;
    for name in [
        "admin ",
        "\u{a0}admin",
        "Admin",
        "ad\u{200b}min",
        "ａｄｍｉｎ",
        "gr\u{200d}ace",
    ] {
        let token = issuer.token(json!({ "sub": name }));
        assert!(
            Client::is_refused(server.address(), &token).await,
            "{name:?}"
        );
    }
    let token = issuer.token(json!({ "sub": "admin" }));
    assert!(!Client::is_refused(server.address(), &token).await);
    server.stop().await;
}

#[tokio::test]
async fn without_an_issuer_a_jwt_opens_nothing() {
    let world = World::new(&[]).await;
    let issuer = Issuer::new(&world);
    let server = world.serve_with(&[]).await;
    let token = issuer.token(json!({ "sub": "admin" }));
    assert!(Client::is_refused(server.address(), &token).await);
    server.stop().await;
    let server = world.serve_with(&issuer.flags(&[])).await;
    let old = issuer.token(json!({ "sub": "admin", "exp": now() - 60 }));
    assert!(Client::is_refused(server.address(), &old).await);
    assert!(!Client::is_refused(server.address(), &token).await);
    server.stop().await;
}

#[tokio::test]
async fn a_user_who_is_switched_off_stays_out() {
    let world = World::new(&[]).await;
    let issuer = Issuer::new(&world);
    let flags = ["--jwt-role-claim", "roles"];
    let server = world.serve_with(&issuer.flags(&flags)).await;
    let grace = issuer.token(json!({ "sub": "grace" }));
    let id = viewer(server.address(), &grace).await["id"].clone();
    let mut admin = client(server.address()).await;
    let query = "mutation($id: ID!) { updateUser(input: { id: $id, active: false }) {
                   userErrors { message } } }";
    let done = admin.ask(query, json!({ "id": id })).await;
    assert_eq!(done["updateUser"]["userErrors"], json!([]), "{done}");
    let promoted = issuer.token(json!({ "sub": "grace", "roles": ["admin"] }));
    for token in [&grace, &promoted] {
        assert!(Client::is_refused(server.address(), token).await);
    }
    server.stop().await;
}
