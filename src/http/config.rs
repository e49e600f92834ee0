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
    /// Whether `/metrics` is served to everybody and not only to administrators.
    pub metrics_public: bool,
    /// The names under which the server answers.
    pub hosts: Hosts,
    /// How often a WebSocket is pinged and an event stream gets a comment. After two intervals
    /// without a sign of life a WebSocket is dropped. The token is checked again each time.
    pub ping_interval: Duration,
    /// Time for a WebSocket's `connection_init`.
    pub init_timeout: Duration,
    /// Bytes of one message on a WebSocket.
    pub message_limit: usize,
    /// Operations of one request, in a JSON array; 0: only single ones are accepted.
    pub batch: usize,
    /// Connections that are open at the same time, sockets among them.
    pub connections: usize,
    /// Connections from one address; 0: as many as there are in all. Behind a proxy, all come from
    /// its address.
    pub connections_per_address: usize,
    /// Time to send a request's head, from when the connection is free for it; so also how long a
    /// connection may stay open between two requests.
    pub head_timeout: Duration,
    /// Bytes of a request's head; at least 8,192.
    pub head_limit: usize,
    /// Queries and mutations that run at the same time, of all users.
    pub operations: usize,
    /// Operations that a user may start each second, in the long run; 0: as many as they like.
    pub user_rate: u32,
    /// For how many seconds that rate can be saved up, to be used at once.
    pub user_burst_seconds: u32,
    /// Subscriptions of one user, over all connections.
    pub subscriptions_per_user: usize,
    /// Different wrong tokens from one address within a minute; 0: as many as come.
    pub wrong_tokens_per_minute: u32,
    /// Reverse proxies before the server, each of which appends to `X-Forwarded-For`.
    pub trusted_proxies: usize,
    /// Time after which a WebSocket is closed on which no operation runs.
    pub idle_timeout: Duration,
    /// Operations that run at the same time on one WebSocket.
    pub operations_per_socket: usize,
    /// Answers that wait to be written to one WebSocket; beyond them, its operations wait.
    pub socket_queue: usize,
    /// Time for a connection to take what is written to it before it is given up.
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
            metrics_public: false,
            hosts: Hosts::Any,
            ping_interval: Duration::from_secs(15),
            init_timeout: Duration::from_secs(3),
            message_limit: 1 << 20,
            batch: 0,
            connections: 10_000,
            connections_per_address: 0,
            head_timeout: Duration::from_secs(30),
            head_limit: 64 << 10,
            operations: 1_000,
            user_rate: 500,
            user_burst_seconds: 10,
            subscriptions_per_user: 1_000,
            wrong_tokens_per_minute: 60,
            trusted_proxies: 0,
            idle_timeout: Duration::from_secs(600),
            operations_per_socket: 100,
            socket_queue: 16,
            send_timeout: Duration::from_secs(10),
            drain_timeout: Duration::from_secs(10),
        }
    }
}
