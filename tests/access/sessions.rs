//! Open connections end soon after what let them in: a token revoked here or by another process, a
//! token that expires, a user who is switched off.

use super::world::{World, global};
use crate::support::client::Client;
use crate::support::server::create_structure;
use serde_json::json;
use std::process::Command;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use understory::domain::{Millis, TokenId};
use understory::store::tokens::{self, NewToken};

const SAM: usize = 1;
const LISTEN: &str = "subscription { jobs { id } }";

impl World {
    /// A token for sam; its id.
    async fn token(&self, secret: &'static str, lifetime: Option<i64>) -> TokenId {
        let user = self.users[SAM];
        let made = self.server.store().write(move |tx| {
            let token = NewToken {
                user,
                name: "",
                secret,
                expires_at: lifetime.map(|millis| Millis(tx.now().0 + millis)),
            };
            tokens::add(tx, &token)
        });
        made.await.unwrap()
    }

    /// Listens by server-sent events until the stream ends.
    async fn stream(&self, token: &str, subscription: &str) -> String {
        let mut socket = TcpStream::connect(self.server.address()).await.unwrap();
        let body = json!({ "query": subscription }).to_string();
        let request = format!(
            "POST /graphql/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nAccept: text/event-stream\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        socket.read_to_string(&mut text).await.unwrap();
        text
    }
}

/// Well below the time in which a connection is asked for a sign of life, which would end it too.
const SOON: std::time::Duration = std::time::Duration::from_secs(8);

/// What ends both kinds of connection that a token opened.
async fn ends_both(world: &World, token: &str, why: &str, end: impl Future<Output = ()>) {
    let mut socket = Client::connect(world.server.address(), token).await;
    socket.subscribe(LISTEN, json!({})).await;
    assert!(socket.next().await.unwrap()["data"]["jobs"]["id"].is_string());
    let stream = world.stream(token, LISTEN);
    let both = async {
        let (closed, text, ()) = tokio::join!(socket.closed(), stream, end);
        assert_eq!(closed, (4403, format!("Forbidden: {why}")));
        let said = format!("Expected a valid token: {why}.");
        assert!(
            text.contains(&said) && text.contains("event: complete"),
            "{text}"
        );
    };
    tokio::time::timeout(SOON, both)
        .await
        .expect("an end of both");
}

/// Time for a stream to begin.
async fn begun() {
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_ends_a_token_ends_what_it_opened() {
    let world = World::new().await;
    let mut admin = world.admin().await;

    let token = world.token("us_revoked", None).await;
    ends_both(&world, "us_revoked", "the token was revoked", async {
        begun().await;
        let id = global("Token", token.0);
        let revoke = format!("mutation {{ revokeToken(id: {id:?}) {{ userErrors {{ code }} }} }}");
        admin.ask(&revoke, json!({})).await;
    })
    .await;

    let token = world.token("us_elsewhere", None).await;
    ends_both(&world, "us_elsewhere", "the token was revoked", async {
        begun().await;
        let database = world.database();
        let revoke = move || {
            Command::new(env!("CARGO_BIN_EXE_understory"))
                .args(["token", "revoke", &token.0.to_string(), "--database"])
                .arg(database)
                .status()
                .unwrap()
        };
        assert!(tokio::task::spawn_blocking(revoke).await.unwrap().success());
    })
    .await;

    world.token("us_expiring", Some(2_500)).await;
    ends_both(&world, "us_expiring", "the token has expired", async {}).await;

    world.token("us_inactive", None).await;
    ends_both(&world, "us_inactive", "the user of the token is deactivated", async {
        begun().await;
        let id = global("User", world.users[SAM].0);
        let off = format!(
            "mutation {{ updateUser(input: {{ id: {id:?}, active: false }}) {{ userErrors {{ code }} }} }}"
        );
        admin.ask(&off, json!({})).await;
    })
    .await;
    world.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_is_switched_off_hears_of_that_and_not_of_rights_that_went_with_it() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    world.token("us_owner", None).await;
    let mut owner = Client::connect(world.server.address(), "us_owner").await;
    let structure = create_structure(&mut owner, "Mine").await;
    let listen = format!("subscription {{ structureChanges(id: {structure:?}) {{ version }} }}");
    let user = global("User", world.users[SAM].0);
    let mut switch = async |active: bool| {
        let set = format!(
            "mutation {{ updateUser(input: {{ id: {user:?}, active: {active} }}) {{ userErrors {{ code }} }} }}"
        );
        admin.ask(&set, json!({})).await;
    };
    // It is a matter of who hears first, so once is not enough.
    for _ in 0..5 {
        let mut socket = Client::connect(world.server.address(), "us_owner").await;
        socket.subscribe(&listen, json!({})).await;
        let off = async {
            begun().await;
            switch(false).await;
        };
        let both =
            async { tokio::join!(world.stream("us_owner", &listen), socket.last_words(), off) };
        let (text, (said, code), ()) = tokio::time::timeout(SOON, both).await.unwrap();
        assert!(
            text.contains("the user of the token is deactivated"),
            "{text}"
        );
        assert!(!text.contains("NOT_FOUND"), "{text}");
        assert_eq!((said, code), (Vec::<String>::new(), 4403));
        switch(true).await;
    }
    world.server.stop().await;
}
