//! A look at a plan before it is applied: is it the one that was previewed, and does it remove
//! more than it may?

use super::Halt;
use crate::domain::Plan;
use crate::store::jobs::ChangeLine;

/// Lines of a difference that a message shows.
const SHOWN: usize = 5;

/// Refuses a plan that removes more than `percent` of what it could.
pub(super) fn check_removals(plan: &Plan, percent: Option<u32>) -> Result<(), Halt> {
    let Some(percent) = percent else {
        return Ok(());
    };
    match plan.excess_removals(percent) {
        None => Ok(()),
        Some((removed, scope, what)) => Err(Halt::RemovalLimitExceeded(format!(
            "it would remove {removed} of {scope} {what} in scope, more than the {percent} % that \
             maxRemovalPercent allows"
        ))),
    }
}

/// Refuses a plan whose changes are not those of a dry run, with the difference.
pub(super) fn check_preview(previewed: &[ChangeLine], planned: &[ChangeLine]) -> Result<(), Halt> {
    if same(previewed, planned) {
        return Ok(());
    }
    Err(Halt::PreviewStale(describe_difference(previewed, planned)))
}

fn key(line: &ChangeLine) -> (&'static str, Option<i64>, Option<i64>, Option<i64>, &str) {
    let (row, issue, link) = (
        line.row.map(|it| it.0),
        line.issue.map(|it| it.0),
        line.link.map(|it| it.0),
    );
    (line.kind.name(), row, issue, link, &line.summary)
}

fn same(previewed: &[ChangeLine], planned: &[ChangeLine]) -> bool {
    previewed.len() == planned.len()
        && previewed
            .iter()
            .zip(planned)
            .all(|(a, b)| key(a) == key(b) && a.after == b.after)
}

fn describe_difference(previewed: &[ChangeLine], planned: &[ChangeLine]) -> String {
    let only = |these: &[ChangeLine], those: &[ChangeLine]| -> Vec<String> {
        let known: std::collections::HashSet<_> = those.iter().map(key).collect();
        these
            .iter()
            .filter(|line| !known.contains(&key(line)))
            .map(|it| it.summary.clone())
            .collect()
    };
    let (new, gone) = (only(planned, previewed), only(previewed, planned));
    let list = |lines: &[String]| {
        let more = lines.len().saturating_sub(SHOWN);
        let shown = lines[..lines.len() - more].join("; ");
        if more > 0 {
            format!("{shown}; and {more} more")
        } else {
            shown
        }
    };
    let mut message = "the plan is no longer that of the dry run: run a new one.".to_owned();
    if !new.is_empty() {
        message += &format!(" Now it would also do: {}.", list(&new));
    }
    if !gone.is_empty() {
        message += &format!(" It would no longer do: {}.", list(&gone));
    }
    if new.is_empty() && gone.is_empty() {
        message += " The same rows would go to other places.";
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{IssueId, RowEdit, RowId, job::ChangeKind};

    fn removing(rows: i64, scope: usize) -> Plan {
        let rows = (1..=rows)
            .map(|id| RowEdit::Remove { id: RowId(id) })
            .collect();
        Plan {
            rows,
            rows_in_scope: scope,
            ..Plan::default()
        }
    }

    #[test]
    fn the_removal_guard_counts_shares_of_the_scope() {
        assert!(check_removals(&removing(5, 10), Some(50)).is_ok());
        let refused = check_removals(&removing(6, 10), Some(50)).unwrap_err();
        assert!(refused.to_string().contains("6 of 10 rows"), "{refused}");
        assert!(check_removals(&removing(1, 1), Some(0)).is_err());
        assert!(check_removals(&removing(1, 1), Some(100)).is_ok());
        assert!(check_removals(&removing(6, 10), None).is_ok());
    }

    #[test]
    fn a_stale_preview_says_what_is_different() {
        let line = |issue: i64| ChangeLine {
            kind: ChangeKind::RowAdded,
            issue_key: Some(format!("A-{issue}")),
            row: None,
            issue: Some(IssueId(issue)),
            link: None,
            before: None,
            after: None,
            summary: format!("A-{issue} is added"),
        };
        assert!(check_preview(&[line(1)], &[line(1)]).is_ok());
        let stale = check_preview(&[line(1), line(2)], &[line(1), line(3)]).unwrap_err();
        let text = stale.to_string();
        assert!(text.contains("also do: A-3 is added"), "{text}");
        assert!(text.contains("no longer do: A-2 is added"), "{text}");
    }
}
