//! Epics as the rows say: each issue has the epic that stands nearest above its primary row.

use super::known::Known;
use crate::domain::{FieldEdit, Forest, IssueId};
use crate::sync::Halt;

/// The edits that give issues, whose primary rows are at these places, the epics above them.
pub(super) fn from_rows(
    forest: &Forest,
    rows: &[usize],
    known: &mut Known<'_>,
) -> Result<Vec<FieldEdit>, Halt> {
    known.look(rows.iter().filter_map(|row| forest.row(*row).issue))?;
    let mut members: Vec<(usize, IssueId)> = Vec::new();
    for &row in rows {
        if let Some(issue) = forest.row(row).issue.filter(|it| known.is_member(*it)) {
            members.push((row, issue));
        }
    }
    let above = |row: usize| forest.ancestors(row).filter_map(|up| up.issue);
    known.look(members.iter().flat_map(|(row, _)| above(*row)))?;
    let edit = |(row, issue): (usize, IssueId)| {
        let to = above(row).find(|up| known.is_epic(*up));
        (to != known.epic(issue)).then(|| FieldEdit::Epic {
            issue,
            from: known.of(issue).epic,
            to,
        })
    };
    Ok(members.into_iter().filter_map(edit).collect())
}
