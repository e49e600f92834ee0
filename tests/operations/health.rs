//! Health, as supervisors ask for it.

use crate::http::support::client::send;
use crate::support::server::World;
use std::process::{Command, Output};

fn healthcheck(listen: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_understory"))
        .args(["healthcheck", "--listen", listen])
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_healthcheck_succeeds_only_while_the_server_is_ready() {
    let world = World::new(&[]).await;
    let server = world.spawn();
    let address = server.address.to_string();
    assert_eq!(healthcheck(&address).status.code(), Some(0));
    let everywhere = format!("0.0.0.0:{}", server.address.port());
    assert_eq!(healthcheck(&everywhere).status.code(), Some(0));
    assert_eq!(server.terminate(), Some(0));
    let gone = healthcheck(&address);
    assert_eq!(gone.status.code(), Some(1));
    let said = String::from_utf8(gone.stderr).unwrap();
    assert!(said.contains("is not ready"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_told_to_stop_says_that_it_is_not_ready_and_still_answers() {
    let world = World::new(&[]).await;
    let server = world.spawn_with(&["--drain-delay", "3600"], &[]);
    let status = async |path| send(server.address, "GET", path, &[], "").await.status;
    assert_eq!(status("/readyz").await, 200);
    server.tell_to_stop();
    while status("/readyz").await == 200 {}
    assert_eq!(status("/readyz").await, 503);
    assert_eq!(status("/healthz").await, 200);
    // Told again, it does not wait.
    assert_eq!(server.terminate(), Some(0));
}
