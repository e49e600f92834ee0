//! The lines of a job, replayed over the state before it, give the state after it; and each says
//! truly what was there before.

use super::{Checked, Ran};
use crate::simulation::state::{Link, State};
use crate::simulation::tree::{Item, Tree};
use serde_json::Value;
use understory::domain::{ChangeCounts, ChangeKind, IssueId, RowId, Settings};
use understory::store::jobs::ChangeLine;

/// The state that the lines of a job say it left.
pub(crate) fn replay(ran: &Ran<'_>) -> Checked<State> {
    let mut state = ran.before.clone();
    if ran.job.dry_run {
        return Ok(state);
    }
    let mut counts = ChangeCounts {
        issues_scanned: ran.job.counts.issues_scanned,
        ..ChangeCounts::default()
    };
    for line in &ran.lines {
        counts.count(line.kind);
        replay_line(ran, &mut state, line)
            .map_err(|wrong| format!("the line “{}” cannot be replayed: {wrong}", line.summary))?;
    }
    if counts != ran.job.counts {
        return Err(format!(
            "its lines count {counts:?}, the job {:?}",
            ran.job.counts
        ));
    }
    Ok(state)
}

fn replay_line(ran: &Ran<'_>, state: &mut State, line: &ChangeLine) -> Checked {
    match line.kind {
        ChangeKind::RowAdded | ChangeKind::RowMoved | ChangeKind::RowRemoved => {
            let row = line.row.ok_or("it names no row")?;
            check_row_before(ran.before.trees.get(&ran.job.structure), row, line)?;
            let tree = state.trees.entry(ran.job.structure).or_default();
            let after = parsed(&line.after)?;
            let (parent, behind) = (row_id(&after["parent"]), row_id(&after["after"]));
            match line.kind {
                ChangeKind::RowAdded => {
                    let issue = line.issue.ok_or("it adds no issue")?;
                    tree.add(row, Item::Issue(issue), parent, behind)
                }
                ChangeKind::RowMoved => tree.put(row, parent, behind),
                _ => tree.remove(row),
            }
        }
        ChangeKind::LinkAdded => {
            let Some(Settings::Links(settings)) = ran.rule.map(|rule| &rule.settings) else {
                return Err("only a links rule makes links".to_owned());
            };
            let ends = parsed(&line.after)?;
            let link = Link {
                link_type: settings.link_type,
                source: issue_id(&ends["source"]).ok_or("no source")?,
                target: issue_id(&ends["target"]).ok_or("no target")?,
            };
            match state
                .links
                .insert(line.link.ok_or("it names no link")?, link)
            {
                None => Ok(()),
                Some(_) => Err("the link was there already".to_owned()),
            }
        }
        ChangeKind::LinkRemoved => {
            let gone = state.links.remove(&line.link.ok_or("it names no link")?);
            let (gone, ends) = (gone.ok_or("there was no such link")?, parsed(&line.before)?);
            let same = issue_id(&ends["source"]) == Some(gone.source)
                && issue_id(&ends["target"]) == Some(gone.target);
            same.then_some(())
                .ok_or_else(|| "it had other ends".to_owned())
        }
        ChangeKind::RankChanged | ChangeKind::EpicChanged | ChangeKind::StatusChanged => {
            replay_field(state, line)
        }
        ChangeKind::Conflict | ChangeKind::Skipped | ChangeKind::Failed => Ok(()),
    }
}

fn replay_field(state: &mut State, line: &ChangeLine) -> Checked {
    let id = line.issue.ok_or("it names no issue")?;
    let issue = state.issues.get_mut(&id).ok_or("there is no such issue")?;
    let (before, after) = (parsed(&line.before)?, parsed(&line.after)?);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let was_so = match line.kind {
        ChangeKind::RankChanged => {
            let was = std::mem::replace(&mut issue.rank, text(&after["rank"]));
            was == text(&before["rank"])
        }
        ChangeKind::EpicChanged => {
            let was = std::mem::replace(&mut issue.epic, issue_id(&after["epic"]));
            was == issue_id(&before["epic"])
        }
        _ => {
            let status = text(&after["status"]).ok_or("no status")?;
            let (was_done, done) = (issue.done, status == "Done");
            issue.done = done;
            if was_done && !done {
                issue.resolution = None;
            }
            if let Some(resolution) = text(&after["resolution"]) {
                issue.resolution = Some(resolution);
            }
            Some(std::mem::replace(&mut issue.status, status)) == text(&before["status"])
        }
    };
    was_so
        .then_some(())
        .ok_or_else(|| "its value before was another".to_owned())
}

/// What a line says of a row before is where it stood when the plan was made.
fn check_row_before(tree: Option<&Tree>, row: RowId, line: &ChangeLine) -> Checked {
    let tree = tree.ok_or("there is no such structure")?;
    if line.kind == ChangeKind::RowAdded {
        return match line.before {
            None => Ok(()),
            Some(_) => Err("a new row stood nowhere before".to_owned()),
        };
    }
    let before = parsed(&line.before)?;
    let same = tree.has(row)
        && row_id(&before["parent"]) == tree.parent(row)
        && row_id(&before["after"]) == tree.previous(row);
    same.then_some(())
        .ok_or_else(|| format!("it stood elsewhere before: {before}"))
}

fn parsed(text: &Option<String>) -> Checked<Value> {
    let text = text.as_deref().unwrap_or("null");
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn row_id(value: &Value) -> Option<RowId> {
    value.as_i64().map(RowId)
}

fn issue_id(value: &Value) -> Option<IssueId> {
    value.as_i64().map(IssueId)
}
