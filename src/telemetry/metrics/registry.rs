//! The names and meanings of all metrics, and how they are written down.

use super::{JobMetrics, Levels, OperationMetrics, StoreMetrics, TransportMetrics};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry;

/// How metrics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// OpenMetrics 1.0, which Prometheus asks for.
    OpenMetrics,
    /// Prometheus' own text format 0.0.4, for whoever asks for nothing.
    Text,
}

impl Format {
    /// The content type of the format.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

/// All metrics of one server.
#[derive(Debug)]
pub struct Registry(registry::Registry);

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Build {
    version: &'static str,
}

impl Registry {
    /// Names and explains what the parts count; of jobs, if there are any to tell of.
    pub fn new(
        operations: &OperationMetrics,
        transports: &TransportMetrics,
        jobs: Option<&JobMetrics>,
        store: &StoreMetrics,
        levels: &Levels,
    ) -> Self {
        let mut all = registry::Registry::default();
        let own = all.sub_registry_with_prefix("understory");
        register_operations(own, operations);
        register_transports(own, transports);
        if let Some(jobs) = jobs {
            register_jobs(own, jobs, levels);
        }
        register_store(own, store, levels);
        register_build(own, levels);
        #[cfg(target_os = "linux")]
        all.register_collector(Box::new(super::process::ProcessCollector));
        Self(all)
    }

    /// Writes all metrics down.
    pub fn write(&self, format: Format) -> Result<String, std::fmt::Error> {
        let mut written = String::new();
        text::encode(&mut written, &self.0)?;
        Ok(match format {
            Format::OpenMetrics => written,
            Format::Text => as_prometheus_text(&written),
        })
    }
}

fn register_operations(own: &mut registry::Registry, operations: &OperationMetrics) {
    own.register(
        "operations",
        "GraphQL operations that ran and ended, by kind, name and outcome; the first 200 names are told apart",
        operations.ended.clone(),
    );
    own.register(
        "operation_duration_seconds",
        "How long queries and mutations took",
        operations.seconds.clone(),
    );
    own.register(
        "operations_refused",
        "GraphQL operations that were refused before they ran, by the code of the first error",
        operations.refused.clone(),
    );
    own.register(
        "subscribers",
        "Subscriptions that run, by field",
        operations.subscribers.clone(),
    );
}

fn register_transports(own: &mut registry::Registry, transports: &TransportMetrics) {
    own.register(
        "http_requests",
        "HTTP requests by route and status",
        transports.answered.clone(),
    );
    own.register(
        "sockets",
        "WebSockets that are open",
        transports.sockets.clone(),
    );
    own.register(
        "event_streams",
        "Streams of server-sent events that are open",
        transports.streams.clone(),
    );
}

fn register_jobs(own: &mut registry::Registry, jobs: &JobMetrics, levels: &Levels) {
    own.register(
        "job_duration_seconds",
        "How long jobs took from their start to their end, by kind and outcome",
        jobs.seconds.clone(),
    );
    own.register(
        "changes_applied",
        "Changes that jobs made, by kind of change",
        jobs.changes.clone(),
    );
    own.register(
        "removals_stopped",
        "Jobs that failed because they would have removed more than they may",
        jobs.removals_stopped.clone(),
    );
    own.register(
        "previews_refused",
        "Runs that were refused because they would no longer do what their dry run showed",
        jobs.previews_refused.clone(),
    );
    own.register(
        "jobs",
        "Jobs that have not ended, by kind and state",
        levels.jobs.clone(),
    );
    own.register(
        "jobs_oldest_waiting_seconds",
        "For how long the oldest queued job waits, by kind; 0 if none does",
        levels.oldest_waiting.clone(),
    );
    own.register(
        "synchronizers_enabled",
        "Synchronizers that are enabled",
        levels.synchronizers_enabled.clone(),
    );
    own.register(
        "synchronizers_stopped",
        "Synchronizers that the server switched off, after a failure or because of a loop",
        levels.synchronizers_stopped.clone(),
    );
}

fn register_store(own: &mut registry::Registry, store: &StoreMetrics, levels: &Levels) {
    own.register(
        "store_wait_seconds",
        "How long work waited for a connection to the database",
        store.wait_seconds.clone(),
    );
    own.register(
        "store_work_seconds",
        "How long work held a connection to the database",
        store.work_seconds.clone(),
    );
    own.register(
        "store_refused",
        "Work that found too much ahead of it in the database's queue",
        store.refused.clone(),
    );
    own.register(
        "store_queue",
        "Pieces of work that have a connection to the database or wait for one",
        levels.store_queue.clone(),
    );
    own.register(
        "database_bytes",
        "Sizes of the database: its file, its write-ahead log, and what of the file is free",
        levels.database_bytes.clone(),
    );
    own.register(
        "forests",
        "Hierarchies held in memory",
        levels.forests.clone(),
    );
    own.register(
        "forest_rows",
        "Rows held in memory",
        levels.forest_rows.clone(),
    );
    own.register(
        "forest_bytes",
        "Memory that rows take, about",
        levels.forest_bytes.clone(),
    );
}

fn register_build(own: &mut registry::Registry, levels: &Levels) {
    let build = Family::<Build, Gauge>::default();
    build
        .get_or_create(&Build {
            version: env!("CARGO_PKG_VERSION"),
        })
        .set(1);
    own.register("build_info", "The version that runs; always 1", build);
    own.register(
        "uptime_seconds",
        "For how long the server runs",
        levels.uptime.clone(),
    );
}

/// The older format names a counter in its comments as in its samples, and knows neither units nor
/// a mark at the end.
fn as_prometheus_text(open_metrics: &str) -> String {
    let mut written = String::with_capacity(open_metrics.len());
    let mut help = None;
    for line in open_metrics.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            help = rest.split_once(' ');
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let name = match rest.strip_suffix(" counter") {
                Some(name) => format!("{name}_total"),
                None => rest.split(' ').next().unwrap_or_default().to_owned(),
            };
            let of_type = rest.rsplit(' ').next().unwrap_or_default();
            let meaning = help.take().map_or("", |(_, meaning)| meaning);
            written += &format!("# HELP {name} {meaning}\n# TYPE {name} {of_type}\n");
        } else if !line.starts_with("# ") {
            written += line;
            written.push('\n');
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_older_format_names_counters_as_their_samples() {
        let written = as_prometheus_text(
            "# HELP a_jobs Jobs.\n# TYPE a_jobs counter\na_jobs_total{kind=\"x\"} 1\n\
             # HELP b Seconds.\n# TYPE b histogram\n# UNIT b seconds\nb_sum 0.5\n# EOF\n",
        );
        assert_eq!(
            written,
            "# HELP a_jobs_total Jobs.\n# TYPE a_jobs_total counter\na_jobs_total{kind=\"x\"} 1\n\
             # HELP b Seconds.\n# TYPE b histogram\nb_sum 0.5\n"
        );
    }
}
