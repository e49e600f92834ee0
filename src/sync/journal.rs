//! What a run says of its plan in the log of its job, in whole sentences.

use crate::domain::{ChangeCounts, LogLevel, Plan};
use crate::store::synchronizers::Cursor;

/// One line of a log, before it has a time.
pub(super) type Line = (LogLevel, String);

/// On what a plan was made, and what is in it.
pub(super) fn planned(heads: Cursor, counts: &ChangeCounts) -> Line {
    let message = format!(
        "Planned on version {} of the structure and change {} of the tracker, looking at {}: {}.",
        heads.structure,
        heads.issues,
        count(counts.issues_scanned, "issue", "issues"),
        edits(counts),
    );
    (LogLevel::Info, message)
}

/// What the plan lists that wants attention.
pub(super) fn warnings(counts: &ChangeCounts) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut warn = |number: usize, one: &str, many: &str, says: &str| {
        if number > 0 {
            let message = format!("{} {says}", count(number, one, many));
            lines.push((LogLevel::Warning, message));
        }
    };
    let see = |kind: &str| format!("the changes of kind {kind} say which and why.");
    warn(
        counts.failed,
        "edit is refused by the tracker:",
        "edits are refused by the tracker:",
        &see("FAILED"),
    );
    warn(
        counts.conflicts,
        "edit on the losing side is overwritten:",
        "edits on the losing side are overwritten:",
        &see("CONFLICT"),
    );
    warn(
        counts.skipped,
        "edit that the rule asks for cannot be made:",
        "edits that the rule asks for cannot be made:",
        &see("SKIPPED"),
    );
    lines
}

/// What the removal guard compared; nothing where nothing would be removed.
pub(super) fn guarded(plan: &Plan, percent: u32) -> Option<Line> {
    let compared: Vec<String> = plan
        .removals()
        .into_iter()
        .filter(|(removed, ..)| *removed > 0)
        .map(|(removed, scope, what)| {
            let share = (removed * 100).checked_div(scope).unwrap_or(100);
            format!("{removed} of {scope} {what} in scope ({share} %)")
        })
        .collect();
    if compared.is_empty() {
        return None;
    }
    let message = format!(
        "The plan removes {}; the limit is {percent} %.",
        compared.join(" and ")
    );
    Some((LogLevel::Info, message))
}

/// What an incremental run carries over.
pub(super) fn carries(tracker: usize, rows: usize) -> Line {
    let message = format!(
        "Since the last synchronization, others made {} in the tracker and {} in the structure.",
        count(tracker, "change", "changes"),
        count(rows, "change", "changes"),
    );
    (LogLevel::Info, message)
}

/// Up to where both sides are synchronized now.
pub(super) fn advanced(cursor: Cursor, enabled: bool) -> Line {
    let enabled = match enabled {
        true => " The synchronizer is enabled from there on.",
        false => "",
    };
    let message = format!(
        "Both sides are synchronized up to version {} of the structure and change {} of the tracker.{enabled}",
        cursor.structure, cursor.issues,
    );
    (LogLevel::Info, message)
}

/// The edits in numbers.
fn edits(counts: &ChangeCounts) -> String {
    let parts = [
        (counts.rows_added, "row to add", "rows to add"),
        (counts.rows_moved, "row to move", "rows to move"),
        (counts.rows_removed, "row to remove", "rows to remove"),
        (counts.links_added, "link to add", "links to add"),
        (counts.links_removed, "link to delete", "links to delete"),
        (counts.ranks_changed, "rank to change", "ranks to change"),
        (counts.epics_changed, "epic to change", "epics to change"),
        (
            counts.statuses_changed,
            "status to change",
            "statuses to change",
        ),
        (counts.conflicts, "conflict", "conflicts"),
        (counts.skipped, "skipped", "skipped"),
        (counts.failed, "refused", "refused"),
    ];
    let said: Vec<String> = parts
        .into_iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, one, many)| count(number, one, many))
        .collect();
    if said.is_empty() {
        return "nothing is to do".to_owned();
    }
    said.join(", ")
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{RowEdit, RowId};

    #[test]
    fn a_plan_is_told_in_numbers_and_an_empty_one_in_words() {
        let heads = Cursor {
            issues: 120,
            structure: 7,
        };
        let mut counts = ChangeCounts {
            issues_scanned: 34,
            ..ChangeCounts::default()
        };
        assert_eq!(
            planned(heads, &counts).1,
            "Planned on version 7 of the structure and change 120 of the tracker, looking at 34 \
             issues: nothing is to do."
        );
        counts.rows_moved = 12;
        counts.links_added = 1;
        counts.conflicts = 1;
        counts.skipped = 2;
        let said = planned(heads, &counts).1;
        assert!(
            said.ends_with("12 rows to move, 1 link to add, 1 conflict, 2 skipped."),
            "{said}"
        );
        let warned = warnings(&counts);
        assert_eq!(warned.len(), 2);
        assert!(warned.iter().all(|(level, _)| *level == LogLevel::Warning));
        assert!(warned[1].1.starts_with("2 edits"), "{}", warned[1].1);
    }

    #[test]
    fn the_guard_tells_what_it_compared() {
        let mut plan = Plan {
            rows: (1..=3)
                .map(|id| RowEdit::Remove { id: RowId(id) })
                .collect(),
            rows_in_scope: 40,
            ..Plan::default()
        };
        assert_eq!(
            guarded(&plan, 50).unwrap().1,
            "The plan removes 3 of 40 rows in scope (7 %); the limit is 50 %."
        );
        plan.rows.clear();
        assert_eq!(guarded(&plan, 50), None);
    }
}
