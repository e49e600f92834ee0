//! How the server stops: requests may end, subscriptions are completed, and nothing takes for ever.

use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

use super::support::{
    client::post,
    socket::{Seen, Socket},
    start,
};

#[tokio::test]
async fn subscriptions_are_completed_and_sockets_closed() {
    let server = start().await;
    let mut socket = Socket::acknowledged(&server).await;
    socket.subscribe("1", "subscription { endless }").await;
    socket.next().await;
    server.shutdown.begin();
    assert_eq!(
        socket.next().await,
        Seen::Message(json!({"id": "1", "type": "complete"}))
    );
    assert_eq!(socket.closed().await, 1001);
    drop(socket);
    timeout(Duration::from_secs(1), server.running)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn running_requests_may_end() {
    let server = start().await;
    let address = server.address;
    let request = tokio::spawn(async move {
        post(
            address,
            "application/json",
            &json!({"query": "{ wait(ms: 300) }"}),
        )
        .await
    });
    sleep(Duration::from_millis(100)).await;
    server.shutdown.begin();
    assert_eq!(request.await.unwrap().text(), r#"{"data":{"wait":true}}"#);
    timeout(Duration::from_secs(1), server.running)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn a_client_that_does_not_go_is_left_behind() {
    let server = start().await;
    let mut socket = Socket::acknowledged(&server).await;
    socket.subscribe("1", "subscription { flood }").await;
    sleep(Duration::from_millis(100)).await;
    let began = Instant::now();
    server.shutdown.begin();
    timeout(Duration::from_secs(4), server.running)
        .await
        .unwrap()
        .unwrap();
    assert!(began.elapsed() < Duration::from_secs(3));
}
