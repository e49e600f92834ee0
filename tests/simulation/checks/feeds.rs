//! Both change feeds tell each change, in order, with who or what made it.

use super::Checked;
use crate::simulation::lines::{IssueLine, RowLine};
use crate::simulation::state::{Keys, Link, Reading, State};
use understory::domain::{IssueId, JobId, UserId};

/// Who has made all that is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct By {
    pub(crate) user: UserId,
    pub(crate) job: Option<JobId>,
}

/// The new lines of both feeds, replayed over the reading before, give the reading after.
pub(crate) fn check(before: &Reading, after: &Reading, by: By) -> Checked {
    let mut keys = before.keys.clone();
    for line in &after.row_lines {
        if (line.user, line.job) != (Some(by.user), by.job) {
            return Err(format!("expected {by:?} to have made {line:?}"));
        }
        replay_row(&mut keys, line).map_err(|wrong| format!("{line:?}: {wrong}"))?;
    }
    if keys != after.keys {
        let told = after.row_lines.len();
        return Err(format!("the feed of rows does not tell all: {told} lines"));
    }
    let mut state = before.state.clone();
    for line in &after.issue_lines {
        if (line.user, line.job) != (Some(by.user), by.job) {
            return Err(format!("expected {by:?} to have made {line:?}"));
        }
        replay_issue(&mut state, line, &after.state)
            .map_err(|wrong| format!("{line:?}: {wrong}"))?;
    }
    if state.links != after.state.links {
        return Err("the tracker's feed does not tell all links".to_owned());
    }
    for (id, issue) in &after.state.issues {
        if state.issues.get(id) != Some(issue) {
            let told = state.issues.get(id);
            return Err(format!("the feed tells of {told:?}, there is {issue:?}"));
        }
    }
    match state.issues.len() == after.state.issues.len() {
        true => Ok(()),
        false => Err("the tracker's feed does not tell of a deletion".to_owned()),
    }
}

fn replay_row(keys: &mut Keys, line: &RowLine) -> Checked {
    let stood = keys
        .remove(&line.row)
        .map(|(_, parent, key)| (parent, Some(key)));
    let expected = (line.kind != "ADDED").then(|| line.before.clone());
    if stood != expected {
        return Err(format!("it stood at {stood:?}"));
    }
    if line.kind == "ADDED" && line.issue.is_some() == line.folder.is_some() {
        return Err("it holds one of an issue and a folder".to_owned());
    }
    if line.kind != "REMOVED" {
        let (parent, key) = line.after.clone();
        let key = key.ok_or("it has no key")?;
        keys.insert(line.row, (line.structure, parent, key));
    }
    Ok(())
}

fn replay_issue(state: &mut State, line: &IssueLine, after: &State) -> Checked {
    match line.kind.as_str() {
        "CREATED" => {
            let new = after.issues.get(&line.issue).ok_or("it is not there")?;
            state.issues.insert(line.issue, new.clone());
            Ok(())
        }
        "DELETED" => {
            state.issues.remove(&line.issue).ok_or("it was not there")?;
            Ok(())
        }
        "LINK_ADDED" | "LINK_REMOVED" => replay_link(state, line),
        _ => replay_field(state, line),
    }
}

/// A link's change stands once at each end; the source's tells it.
fn replay_link(state: &mut State, line: &IssueLine) -> Checked {
    if line.field.as_deref() != Some("source") {
        return Ok(());
    }
    let id = line.link.ok_or("no link")?;
    let link = Link {
        link_type: line.link_type.ok_or("no type")?,
        source: line.issue,
        target: line.other.ok_or("no other end")?,
    };
    let was = match line.kind.as_str() {
        "LINK_ADDED" => state.links.insert(id, link).is_none(),
        _ => state.links.remove(&id) == Some(link),
    };
    was.then_some(())
        .ok_or_else(|| "it was not so before".to_owned())
}

fn replay_field(state: &mut State, line: &IssueLine) -> Checked {
    let issue = state
        .issues
        .get_mut(&line.issue)
        .ok_or("there is no such issue")?;
    let id = |text: &Option<String>| -> Option<IssueId> {
        text.as_ref()
            .and_then(|text| text.parse().ok())
            .map(IssueId)
    };
    let (before, after) = (&line.before, &line.after);
    let was_so = match line.field.as_deref() {
        Some("status") => {
            let status = after.clone().ok_or("no status")?;
            issue.done = status == "Done";
            Some(std::mem::replace(&mut issue.status, status)) == *before
        }
        Some("resolution") => std::mem::replace(&mut issue.resolution, after.clone()) == *before,
        Some("rank") => std::mem::replace(&mut issue.rank, after.clone()) == *before,
        Some("parent") => std::mem::replace(&mut issue.parent, id(after)) == id(before),
        Some("epic") => std::mem::replace(&mut issue.epic, id(after)) == id(before),
        Some("labels") => {
            let list = |text: &Option<String>| -> Option<Vec<String>> {
                serde_json::from_str(text.as_deref()?).ok()
            };
            let labels = list(after).ok_or("no list of labels")?;
            Some(std::mem::replace(&mut issue.labels, labels)) == list(before)
        }
        // What rules do not look at, such as the instant of a resolution.
        _ => true,
    };
    was_so
        .then_some(())
        .ok_or_else(|| format!("before, there was {issue:?}"))
}
