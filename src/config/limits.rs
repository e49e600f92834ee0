//! The options that bound what clients may do: how large, how many, how often, how long.
//!
//! The defaults are for a team of a thousand behind one proxy, who should never meet them. What
//! exceeding each leads to is listed in OPERATING.md. Some can be raised only so far: the parser and
//! the executor recurse into what they bound.

use super::number;
use clap::Args;

/// What clients may do.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitOptions {
    /// Bytes of a request's body, and of one message on a WebSocket
    #[arg(long, value_name = "BYTES", env = "UNDERSTORY_BODY_LIMIT", default_value = "1048576",
          value_parser = number(1024..=1_073_741_824), allow_hyphen_values = true)]
    pub body_limit: u64,
    /// Bytes of a request's head
    #[arg(long, value_name = "BYTES", env = "UNDERSTORY_HEAD_LIMIT", default_value = "65536",
          value_parser = number(8192..=1_048_576), allow_hyphen_values = true)]
    pub head_limit: u64,
    /// Operations of one request, in a JSON array; 0: arrays are refused
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_BATCH_LIMIT", default_value = "0",
          value_parser = number(0..=1000), allow_hyphen_values = true)]
    pub batch_limit: u64,
    /// Bytes of a GraphQL document
    #[arg(long, value_name = "BYTES", env = "UNDERSTORY_DOCUMENT_LIMIT", default_value = "100000",
          value_parser = number(100..=67_108_864), allow_hyphen_values = true)]
    pub document_limit: u64,
    /// Lexical tokens of a document
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_DOCUMENT_TOKEN_LIMIT", default_value = "15000",
          value_parser = number(10..=10_000_000), allow_hyphen_values = true)]
    pub document_token_limit: u64,
    /// Brackets of a document that are open at once
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_BRACKET_LIMIT", default_value = "64",
          value_parser = number(4..=128), allow_hyphen_values = true)]
    pub bracket_limit: u64,
    /// Bytes of one string, in a document or in its variables
    #[arg(long, value_name = "BYTES", env = "UNDERSTORY_STRING_LIMIT", default_value = "65536",
          value_parser = number(1000..=67_108_864), allow_hyphen_values = true)]
    pub string_limit: u64,
    /// Uses of variables in a document, fragments expanded
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_VARIABLE_USE_LIMIT", default_value = "2000",
          value_parser = number(1..=1_000_000), allow_hyphen_values = true)]
    pub variable_use_limit: u64,
    /// Uses of variables times the number of values in them
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_VARIABLE_COPY_LIMIT", default_value = "5000000",
          value_parser = number(1000..=1_000_000_000), allow_hyphen_values = true)]
    pub variable_copy_limit: u64,
    /// Fields within fields
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_DEPTH_LIMIT", default_value = "15",
          value_parser = number(1..=32), allow_hyphen_values = true)]
    pub depth_limit: u64,
    /// Selection sets within selection sets, fragments followed
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_NESTING_LIMIT", default_value = "32",
          value_parser = number(1..=32), allow_hyphen_values = true)]
    pub nesting_limit: u64,
    /// Selections of a document, fragments expanded
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_SELECTION_LIMIT", default_value = "10000",
          value_parser = number(1..=1_000_000), allow_hyphen_values = true)]
    pub selection_limit: u64,
    /// Aliases of a document, fragments expanded
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_ALIAS_LIMIT", default_value = "500",
          value_parser = number(0..=100_000), allow_hyphen_values = true)]
    pub alias_limit: u64,
    /// Directives of a document, fragments expanded
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_DIRECTIVE_LIMIT", default_value = "500",
          value_parser = number(0..=100_000), allow_hyphen_values = true)]
    pub directive_limit: u64,
    /// Cost of an operation: about the number of values that its answer can hold
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_COMPLEXITY_LIMIT", default_value = "200000",
          value_parser = number(1..=1_000_000_000), allow_hyphen_values = true)]
    pub complexity_limit: u64,
    /// Items of one page of a list
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_PAGE_LIMIT", default_value = "500",
          value_parser = number(50..=500), allow_hyphen_values = true)]
    pub page_limit: u64,
    /// Time to read a request, and again to execute a query or a mutation
    #[arg(long, value_name = "SECONDS", env = "UNDERSTORY_REQUEST_TIMEOUT", default_value = "30",
          value_parser = number(1..=3600), allow_hyphen_values = true)]
    pub request_timeout: u64,
    /// Queries and mutations that run at a time, of all users
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_OPERATION_LIMIT", default_value = "1000",
          value_parser = number(1..=1_000_000), allow_hyphen_values = true)]
    pub operation_limit: u64,
    /// Connections that are open at a time, WebSockets among them
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_CONNECTION_LIMIT", default_value = "10000",
          value_parser = number(1..=1_000_000), allow_hyphen_values = true)]
    pub connection_limit: u64,
    /// Connections from one address; 0: as many as in all
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_ADDRESS_CONNECTION_LIMIT", default_value = "0",
          value_parser = number(0..=1_000_000), allow_hyphen_values = true)]
    pub address_connection_limit: u64,
    /// Time to send a request's head, and between two requests of a connection
    #[arg(long, value_name = "SECONDS", env = "UNDERSTORY_HEAD_TIMEOUT", default_value = "30",
          value_parser = number(1..=3600), allow_hyphen_values = true)]
    pub head_timeout: u64,
    /// Time for a client to take what is sent to it
    #[arg(long, value_name = "SECONDS", env = "UNDERSTORY_SEND_TIMEOUT", default_value = "10",
          value_parser = number(1..=3600), allow_hyphen_values = true)]
    pub send_timeout: u64,
    /// Time for a WebSocket's `connection_init`
    #[arg(long, value_name = "SECONDS", env = "UNDERSTORY_INIT_TIMEOUT", default_value = "3",
          value_parser = number(1..=3600), allow_hyphen_values = true)]
    pub init_timeout: u64,
    /// Time after which a WebSocket is closed on which nothing runs
    #[arg(long, value_name = "SECONDS", env = "UNDERSTORY_IDLE_TIMEOUT", default_value = "600",
          value_parser = number(1..=86_400), allow_hyphen_values = true)]
    pub idle_timeout: u64,
    /// Operations that run at a time on one WebSocket, subscriptions among them
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_SOCKET_OPERATION_LIMIT", default_value = "100",
          value_parser = number(1..=100_000), allow_hyphen_values = true)]
    pub socket_operation_limit: u64,
    /// Subscriptions of one user, over all connections
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_USER_SUBSCRIPTION_LIMIT", default_value = "1000",
          value_parser = number(0..=1_000_000), allow_hyphen_values = true)]
    pub user_subscription_limit: u64,
    /// Operations that a user may start each second; 0: as many as they like
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_USER_RATE_LIMIT", default_value = "500",
          value_parser = number(0..=1_000_000), allow_hyphen_values = true)]
    pub user_rate_limit: u64,
    /// For how long that rate can be saved up, to be used at once
    #[arg(long, value_name = "SECONDS", env = "UNDERSTORY_USER_BURST", default_value = "10",
          value_parser = number(1..=3600), allow_hyphen_values = true)]
    pub user_burst: u64,
    /// Different wrong tokens from one address within a minute; 0: as many as come
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_WRONG_TOKEN_LIMIT", default_value = "60",
          value_parser = number(0..=1_000_000), allow_hyphen_values = true)]
    pub wrong_token_limit: u64,
    /// Reverse proxies that append to `X-Forwarded-For` before the server
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_TRUSTED_PROXIES", default_value = "0",
          value_parser = number(0..=16), allow_hyphen_values = true)]
    pub trusted_proxies: u64,
    /// Jobs that wait at a time
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_QUEUE_LIMIT", default_value = "1000",
          value_parser = number(1..=100_000), allow_hyphen_values = true)]
    pub queue_limit: u64,
    /// Jobs of one user that wait at a time
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_USER_QUEUE_LIMIT", default_value = "100",
          value_parser = number(1..=100_000), allow_hyphen_values = true)]
    pub user_queue_limit: u64,
}
