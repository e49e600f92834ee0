//! Forests for tests: written as outlines, one space a level, and drawn back as such.

use super::{Forest, SourceRow};
use crate::domain::{IssueId, RowId};
use proptest::prelude::*;

/// A forest from an outline of row ids; row `n` holds issue `n`, and `n!` is a folder.
pub(crate) fn forest(outline: &str) -> Forest {
    let mut path: Vec<RowId> = Vec::new();
    let rows: Vec<SourceRow> = outline
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let depth = line.len() - line.trim_start().len();
            let text = line.trim();
            let id = RowId(text.trim_end_matches('!').parse().unwrap());
            path.truncate(depth);
            let parent = path.last().copied();
            path.push(id);
            SourceRow {
                id,
                parent,
                issue: (!text.ends_with('!')).then_some(IssueId(id.0)),
            }
        })
        .collect();
    Forest::build(1, rows).unwrap()
}

/// The outline of a forest, by row id.
pub(crate) fn outline(forest: &Forest) -> String {
    let line = |row: super::RowView| {
        let folder = if row.issue.is_none() { "!" } else { "" };
        format!("{}{}{folder}", " ".repeat(row.depth as usize), row.id)
    };
    forest.rows().map(line).collect::<Vec<_>>().join("\n")
}

/// The outline of a forest, by issue; folders are `folder`.
pub(crate) fn issue_outline(forest: &Forest) -> String {
    let line = |row: super::RowView| {
        let item = row
            .issue
            .map_or("folder".to_owned(), |issue| issue.to_string());
        format!("{}{item}", " ".repeat(row.depth as usize))
    };
    forest.rows().map(line).collect::<Vec<_>>().join("\n")
}

/// Random forests of up to `rows` rows over issues `1..=issues`; some rows are folders, some
/// issues stand in several rows.
pub(crate) fn any_forest(rows: usize, issues: i64) -> impl Strategy<Value = Forest> {
    let row = (any::<prop::sample::Index>(), 0u8..4, 1..=issues, 0u8..8);
    prop::collection::vec(row, 0..=rows).prop_map(|rows| {
        let source = rows
            .iter()
            .enumerate()
            .map(|(at, (above, top, issue, folder))| SourceRow {
                id: RowId(at as i64 + 1),
                parent: (at > 0 && *top > 0).then(|| RowId(above.index(at) as i64 + 1)),
                issue: (*folder > 0).then_some(IssueId(*issue)),
            });
        Forest::build(1, source).unwrap()
    })
}
