//! What an operator sees of a server that runs: metrics, logs, traces, health.

mod exposition;
mod health;
mod logs;
mod metrics;
mod traces;
