//! The limits and times of the transports.

use super::Hosts;
use std::time::Duration;

/// How the transports behave; the defaults suit production.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// Bytes of a request's body.
    pub body_limit: usize,
    /// Time to read a request's body, and again to execute a query or a mutation.
    pub request_timeout: Duration,
    /// Origins (`https://example.org`) whose pages may call the API, beside the server's own.
    pub cors_origins: Vec<String>,
    /// The names under which the server answers.
    pub hosts: Hosts,
    /// How often a WebSocket is pinged and an event stream gets a comment. After two intervals
    /// without a sign of life a WebSocket is dropped. The token is checked again each time.
    pub ping_interval: Duration,
    /// Time for a WebSocket's `connection_init`.
    pub init_timeout: Duration,
    /// Bytes of one message on a WebSocket.
    pub message_limit: usize,
    /// Operations that run at the same time on one WebSocket.
    pub operations_per_socket: usize,
    /// Answers that wait to be written to one WebSocket; beyond them, its operations wait.
    pub socket_queue: usize,
    /// Time for a WebSocket to take a batch of messages before it is given up.
    pub send_timeout: Duration,
    /// Time for requests, streams and sockets to end once shutdown has begun.
    pub drain_timeout: Duration,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            body_limit: 1 << 20,
            request_timeout: Duration::from_secs(30),
            cors_origins: Vec::new(),
            hosts: Hosts::Any,
            ping_interval: Duration::from_secs(15),
            init_timeout: Duration::from_secs(3),
            message_limit: 1 << 20,
            operations_per_socket: 100,
            socket_queue: 16,
            send_timeout: Duration::from_secs(10),
            drain_timeout: Duration::from_secs(10),
        }
    }
}
