//! What the options allow, in the terms of the parts that see to it.

use crate::config::Config;
use crate::graphql::service::Limits;
use crate::http::HttpConfig;
use crate::jobs::QueueLimits;
use crate::store::Patience;
use std::time::Duration;

/// What one operation may cost.
pub(super) fn of_operations(config: &Config) -> Limits {
    let limits = &config.limits;
    Limits {
        document_bytes: limits.document_limit as usize,
        tokens: limits.document_token_limit as usize,
        brackets: limits.bracket_limit as usize,
        nesting: limits.nesting_limit as usize,
        depth: limits.depth_limit as usize,
        selections: limits.selection_limit,
        aliases: limits.alias_limit,
        directives: limits.directive_limit,
        variable_uses: limits.variable_use_limit,
        variable_copies: limits.variable_copy_limit,
        complexity: limits.complexity_limit,
        page: limits.page_limit,
        string_bytes: limits.string_limit as usize,
        ..Limits::default()
    }
}

/// What may come over the network.
pub(super) fn of_transports(config: &Config) -> HttpConfig {
    let limits = &config.limits;
    HttpConfig {
        body_limit: limits.body_limit as usize,
        message_limit: limits.body_limit as usize,
        head_limit: limits.head_limit as usize,
        batch: limits.batch_limit as usize,
        connections: limits.connection_limit as usize,
        connections_per_address: limits.address_connection_limit as usize,
        operations: limits.operation_limit as usize,
        operations_per_socket: limits.socket_operation_limit as usize,
        subscriptions_per_user: limits.user_subscription_limit as usize,
        user_rate: limits.user_rate_limit as u32,
        user_burst_seconds: limits.user_burst as u32,
        wrong_tokens_per_minute: limits.wrong_token_limit as u32,
        trusted_proxies: limits.trusted_proxies as usize,
        request_timeout: Duration::from_secs(limits.request_timeout),
        head_timeout: Duration::from_secs(limits.head_timeout),
        send_timeout: Duration::from_secs(limits.send_timeout),
        init_timeout: Duration::from_secs(limits.init_timeout),
        idle_timeout: Duration::from_secs(limits.idle_timeout),
        cors_origins: config.web.cors_origins.clone(),
        metrics_public: config.operations.metrics_public,
        ..HttpConfig::default()
    }
}

/// How long work waits for the database: in all less than an operation may take, so that its user
/// hears what it waited for and not only that time is up.
pub(super) fn of_the_store(config: &Config) -> Patience {
    let whole = Duration::from_secs(config.limits.request_timeout);
    let most = Patience::default();
    Patience {
        queue: most.queue.min(whole * 2 / 3),
        lock: most.lock.min(whole / 4),
    }
}

/// How many jobs may wait.
pub(super) fn of_the_queue(config: &Config) -> QueueLimits {
    QueueLimits {
        all: config.limits.queue_limit,
        of_one_user: config.limits.user_queue_limit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_options_fall_back_to_is_what_the_parts_do() {
        let config = Config::from_flags(&[]).unwrap();
        assert_eq!(
            format!("{:?}", of_operations(&config)),
            format!("{:?}", Limits::default())
        );
        assert_eq!(
            format!("{:?}", of_transports(&config)),
            format!("{:?}", HttpConfig::default())
        );
        assert_eq!(of_the_queue(&config), QueueLimits::default());
    }

    #[test]
    fn nothing_waits_for_the_database_longer_than_an_operation_may_take() {
        for seconds in ["1", "2", "30", "3600"] {
            let config = Config::from_flags(&["--request-timeout", seconds]).unwrap();
            let patience = of_the_store(&config);
            let whole = Duration::from_secs(config.limits.request_timeout);
            assert!(patience.queue + patience.lock < whole, "{patience:?}");
            let most = Patience::default();
            assert!(patience.queue <= most.queue && patience.lock <= most.lock);
        }
    }
}
