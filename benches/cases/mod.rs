//! What is measured, and beside what.

mod beside_resync;
mod edits;
mod fan_out;
mod pages;
mod resync;
mod whole;

use crate::measure::{Outcome, Target};

/// One thing to measure.
pub(crate) struct Case {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) what: &'static str,
    /// What is measured in turn with it.
    pub(crate) yardstick: &'static str,
    /// What the ratio is to be at the largest size.
    pub(crate) target: Option<Target>,
    /// Numbers of issues, smallest first.
    pub(crate) sizes: &'static [usize],
    /// How often ours and the yardstick are measured.
    pub(crate) rounds: usize,
    pub(crate) run: fn(usize, usize) -> anyhow::Result<Outcome>,
}

const SIZES: &[usize] = &[10_000, 100_000, 1_000_000];

/// All cases, in the order of the table.
pub(crate) const CASES: &[Case] = &[
    Case {
        name: "resync-filter-empty",
        what: "resync INTO an empty structure, saved filter, with its audit",
        yardstick: "SQLite alone: INSERT … SELECT … ORDER BY of the same rows",
        target: Some(Target::AtMost(2.0)),
        sizes: SIZES,
        rounds: 3,
        run: resync::into_an_empty_structure,
    },
    Case {
        name: "resync-nothing-filter",
        what: "resync INTO that finds nothing to do, saved filter",
        yardstick: "SQLite alone: a scan of the same issues and rows",
        target: Some(Target::AtMost(2.0)),
        sizes: SIZES,
        rounds: 7,
        run: |size, rounds| resync::nothing_to_do("savedFilter", size, rounds),
    },
    Case {
        name: "resync-nothing-sub-tasks",
        what: "resync INTO that finds nothing to do, sub-tasks",
        yardstick: "the same scan",
        target: Some(Target::AtMost(2.0)),
        sizes: SIZES,
        rounds: 7,
        run: |size, rounds| resync::nothing_to_do("subTasks", size, rounds),
    },
    Case {
        name: "resync-nothing-agile",
        what: "resync INTO that finds nothing to do, agile",
        yardstick: "the same scan",
        target: Some(Target::AtMost(2.0)),
        sizes: SIZES,
        rounds: 7,
        run: |size, rounds| resync::nothing_to_do("agile", size, rounds),
    },
    Case {
        name: "resync-nothing-links",
        what: "resync INTO that finds nothing to do, links",
        yardstick: "the same scan",
        target: Some(Target::AtMost(2.0)),
        sizes: SIZES,
        rounds: 7,
        run: |size, rounds| resync::nothing_to_do("links", size, rounds),
    },
    Case {
        name: "resync-percent-sub-tasks",
        what: "resync INTO, 1 % of the rows differ, sub-tasks",
        yardstick: "the same scan",
        target: Some(Target::AtMost(3.0)),
        sizes: SIZES,
        rounds: 3,
        run: |size, rounds| resync::one_percent("subTasks", size, rounds),
    },
    Case {
        name: "resync-percent-agile",
        what: "resync INTO, 1 % of the ranks differ, agile",
        yardstick: "the same scan",
        target: Some(Target::AtMost(3.0)),
        sizes: SIZES,
        rounds: 3,
        run: |size, rounds| resync::one_percent("agile", size, rounds),
    },
    Case {
        name: "resync-percent-links",
        what: "resync INTO, 1 % of the rows differ, links",
        yardstick: "the same scan",
        target: Some(Target::AtMost(3.0)),
        sizes: SIZES,
        rounds: 3,
        run: |size, rounds| resync::one_percent("links", size, rounds),
    },
    Case {
        name: "incremental",
        what: "incremental job, one sub-task has another parent",
        yardstick: "the same in a structure of 10,000 rows",
        target: Some(Target::AtMost(1.2)),
        sizes: &[1_000_000],
        rounds: 30,
        run: edits::incremental,
    },
    Case {
        name: "commit-to-subscriber",
        what: "a row that a user moved, from the answer to the event of a subscriber",
        yardstick: "50 ms",
        target: Some(Target::AtMost(1.0)),
        sizes: &[1_000_000],
        rounds: 100,
        run: edits::commit_to_subscriber,
    },
    Case {
        name: "edit-row",
        what: "a user moves a row",
        yardstick: "the same in a structure of 10,000 rows",
        target: Some(Target::AtMost(3.0)),
        sizes: &[100_000, 1_000_000],
        rounds: 200,
        run: |size, rounds| edits::one_move(false, size, rounds),
    },
    Case {
        name: "edit-subtree",
        what: "a user moves a row with a subtree of 1,000",
        yardstick: "the same in a structure of 10,000 rows",
        target: Some(Target::AtMost(3.0)),
        sizes: &[100_000, 1_000_000],
        rounds: 200,
        run: |size, rounds| edits::one_move(true, size, rounds),
    },
    Case {
        name: "page",
        what: "pages of 50 rows with issue, status and parent, 64 connections, one core",
        yardstick: "axum, rusqlite and serde_json alone",
        target: Some(Target::AtLeast(0.6)),
        sizes: &[100_000, 1_000_000],
        rounds: 5,
        run: pages::beside_plain_handler,
    },
    Case {
        name: "page-beside-mercurius",
        what: "the same pages",
        yardstick: "mercurius with its compiler, better-sqlite3",
        target: Some(Target::AtLeast(1.5)),
        sizes: &[100_000],
        rounds: 5,
        run: pages::beside_mercurius,
    },
    Case {
        name: "deepest-page",
        what: "the last page of a structure",
        yardstick: "its first page",
        target: Some(Target::AtMost(1.1)),
        sizes: &[1_000_000],
        rounds: 9,
        run: pages::deepest,
    },
    Case {
        name: "fan-out",
        what: "jobStatus to so many WebSocket subscribers, deliveries a second",
        yardstick: "the same bytes written raw, ten times a second",
        target: Some(Target::AtLeast(0.5)),
        sizes: &[1_000, 10_000],
        rounds: 3,
        run: fan_out::deliveries,
    },
    Case {
        name: "fan-out-delay",
        what: "jobStatus to so many WebSocket subscribers, median delay behind the first one",
        yardstick: "100 ms",
        target: Some(Target::AtMost(1.0)),
        sizes: &[1_000, 10_000],
        rounds: 1,
        run: fan_out::delay,
    },
    Case {
        name: "reads-beside-resync",
        what: "slowest hundredth of page reads while a resync puts as many rows elsewhere",
        yardstick: "the same while nothing else happens",
        target: Some(Target::AtMost(3.0)),
        sizes: &[100_000, 1_000_000],
        rounds: 1,
        run: beside_resync::reads,
    },
    Case {
        name: "writes-beside-resync",
        what: "slowest edit of an issue while a resync puts as many rows elsewhere",
        yardstick: "100 ms",
        target: Some(Target::AtMost(1.0)),
        sizes: &[100_000, 1_000_000],
        rounds: 1,
        run: beside_resync::writes,
    },
    Case {
        name: "start-ready",
        what: "from the start to being ready",
        yardstick: "reading the file",
        target: None,
        sizes: &[1_000_000],
        rounds: 5,
        run: whole::ready,
    },
    Case {
        name: "start-first-page",
        what: "from the start to the first page",
        yardstick: "reading the file",
        target: None,
        sizes: &[1_000_000],
        rounds: 5,
        run: whole::first_page,
    },
    Case {
        name: "memory-forest",
        what: "memory of a loaded forest",
        yardstick: "16 bytes a row",
        target: Some(Target::AtMost(3.0)),
        sizes: &[1_000_000],
        rounds: 1,
        run: whole::forest,
    },
    Case {
        name: "memory-server",
        what: "memory of the whole server with 1,000 subscribers",
        yardstick: "400 MB",
        target: Some(Target::AtMost(1.0)),
        sizes: &[1_000_000],
        rounds: 1,
        run: whole::server,
    },
    Case {
        name: "import",
        what: "import of real files",
        yardstick: "zcat and serde_json's parse of the same",
        target: Some(Target::AtMost(3.0)),
        sizes: &[23_055],
        rounds: 5,
        run: whole::import,
    },
];
