//! The process as the operating system sees it, read from `/proc` at each look, under the names
//! that every Prometheus client uses.

use procfs::process::{LimitValue, Process};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// Reads `/proc/self`.
#[derive(Debug)]
pub(super) struct ProcessCollector;

impl Collector for ProcessCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> std::fmt::Result {
        // Where /proc is hidden from the process there is nothing to tell.
        let Ok(process) = Process::myself() else {
            return Ok(());
        };
        let mut gauge = |name: &str, help: &str, value: u64| {
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
        };
        if let Ok(open) = process.fd_count() {
            gauge("process_open_fds", "Open file descriptors", open as u64)?;
        }
        if let Ok(limits) = process.limits()
            && let LimitValue::Value(most) = limits.max_open_files.soft_limit
        {
            gauge("process_max_fds", "File descriptors that may be open", most)?;
        }
        let Ok(stat) = process.stat() else {
            return Ok(());
        };
        gauge(
            "process_resident_memory_bytes",
            "Memory that is in use",
            stat.rss.saturating_mul(procfs::page_size()),
        )?;
        gauge(
            "process_virtual_memory_bytes",
            "Memory that is mapped",
            stat.vsize,
        )?;
        let threads = u64::try_from(stat.num_threads).unwrap_or_default();
        gauge("process_threads", "Threads", threads)?;
        let seconds = (stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64;
        let cpu = ConstCounter::new(seconds);
        let help = "Processor time, in user mode and in the system";
        cpu.encode(encoder.encode_descriptor(
            "process_cpu_seconds",
            help,
            None,
            cpu.metric_type(),
        )?)
    }
}
