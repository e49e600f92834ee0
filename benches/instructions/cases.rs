//! What is counted.

use crate::place::Shape;
use crate::planners::{self, Differ};
use crate::{page, stored};
use std::path::Path;

/// One thing to count, in a process of its own.
pub(crate) struct Case {
    /// What it is called on the command line and among the values.
    pub(crate) name: &'static str,
    /// The structure that it works on.
    pub(crate) shape: Shape,
    pub(crate) run: fn(&Path) -> anyhow::Result<()>,
}

/// All cases; those that take longest come first, so that no processor waits for one in the end.
pub(crate) const CASES: &[Case] = &[
    Case {
        name: "resync-filter-empty",
        shape: Shape::Board,
        run: stored::filter_into_empty,
    },
    Case {
        name: "page",
        shape: Shape::Board,
        run: page::reads,
    },
    Case {
        name: "edit-row",
        shape: Shape::Board,
        run: stored::edits_of_one_row,
    },
    Case {
        name: "resync-sub-tasks-percent",
        shape: Shape::Board,
        run: stored::sub_tasks_of_one_percent,
    },
    Case {
        name: "plan-filter-empty",
        shape: Shape::Board,
        run: planners::filter_into_empty,
    },
    Case {
        name: "plan-sub-tasks-nothing",
        shape: Shape::Board,
        run: |database| planners::sub_tasks(database, Differ::Nothing),
    },
    Case {
        name: "plan-sub-tasks-percent",
        shape: Shape::Board,
        run: |database| planners::sub_tasks(database, Differ::OnePercent),
    },
    Case {
        name: "plan-agile-nothing",
        shape: Shape::Board,
        run: |database| planners::agile(database, Differ::Nothing),
    },
    Case {
        name: "plan-agile-percent",
        shape: Shape::Board,
        run: |database| planners::agile(database, Differ::OnePercent),
    },
    Case {
        name: "plan-links-nothing",
        shape: Shape::Links,
        run: |database| planners::links(database, Differ::Nothing),
    },
    Case {
        name: "plan-links-percent",
        shape: Shape::Links,
        run: |database| planners::links(database, Differ::OnePercent),
    },
];
