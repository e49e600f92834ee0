//! What an edit by a user must make of both sides, worked out by the test itself.

use super::state::{Link, State};
use super::steps::{Edit, Made, item};
use std::collections::BTreeSet;
use understory::domain::{IssueId, RankPlace, RowId};
use understory::tracker::embedded::IssueUpdate;

/// The state after an edit that was accepted. `after` is what is there now: only what an edit made
/// anew is taken from it.
pub(super) fn after(
    edit: &Edit,
    made: &Made,
    before: &State,
    after: &State,
) -> Result<State, String> {
    let mut state = before.clone();
    match edit {
        Edit::Add(request) => {
            let tree = state.trees.entry(request.structure).or_default();
            let mut behind = request.position.after;
            for (row, new) in made.rows.iter().zip(&request.rows) {
                let item = item(before, new).ok_or("an unknown issue got a row")?;
                tree.add(*row, item, request.position.under, behind)?;
                behind = Some(*row);
            }
        }
        Edit::Move(request) => {
            let tree = state.trees.entry(request.structure).or_default();
            let mut behind = request.position.after;
            for row in &request.rows {
                tree.put(*row, request.position.under, behind)?;
                behind = Some(*row);
            }
        }
        Edit::Remove(request) => {
            let tree = state.trees.entry(request.structure).or_default();
            for row in &request.rows {
                for below in tree.subtree(*row).iter().rev() {
                    tree.remove(*below)?;
                }
            }
        }
        Edit::Create(new) => {
            let id = made.issue.ok_or("no issue was made")?;
            let issue = after.issues.get(&id).ok_or("the new issue is not there")?;
            let key_of =
                |id: Option<IssueId>| id.and_then(|id| Some(before.issues.get(&id)?.key.clone()));
            let as_asked = issue.type_name == new.type_name
                && issue.project == new.project_key
                && issue.labels
                    == new
                        .labels
                        .iter()
                        .cloned()
                        .collect::<BTreeSet<_>>()
                        .into_iter()
                        .collect::<Vec<_>>()
                && key_of(issue.parent) == new.parent_key
                && key_of(issue.epic) == new.epic_key
                && before.issues.values().all(|it| it.rank < issue.rank);
            if !as_asked {
                return Err(format!("{new:?} became {issue:?}"));
            }
            state.issues.insert(id, issue.clone());
        }
        Edit::Update(change) => update(&mut state, change)?,
        Edit::Rank(issue, place) => {
            let rank = after.issues.get(issue).and_then(|it| it.rank.clone());
            if let Some(issue) = state.issues.get_mut(issue) {
                issue.rank = rank;
            }
            check_rank(before, &state, *issue, place)?;
        }
        Edit::Delete(_) => delete(&mut state, made.issue.ok_or("nothing was deleted")?)?,
        Edit::Link(new) => {
            let id = |key: &str| {
                let mut issues = before.issues.iter();
                issues
                    .find(|(_, issue)| issue.key == key)
                    .map(|(id, _)| *id)
            };
            let link = Link {
                link_type: new.link_type,
                source: id(&new.source_key).ok_or("an unknown issue was linked")?,
                target: id(&new.target_key).ok_or("an unknown issue was linked")?,
            };
            state
                .links
                .insert(made.link.ok_or("no link was made")?, link);
        }
        Edit::Unlink(link) => {
            state.links.remove(link);
        }
    }
    Ok(state)
}

fn update(state: &mut State, change: &IssueUpdate) -> Result<(), String> {
    let ids: Vec<(IssueId, String)> = state
        .issues
        .iter()
        .map(|(id, it)| (*id, it.key.clone()))
        .collect();
    let id = |key: &String| ids.iter().find(|(_, it)| it == key).map(|(id, _)| *id);
    let issue = id(&change.key).ok_or("an unknown issue was changed")?;
    let issue = state.issues.get_mut(&issue).ok_or("no such issue")?;
    if let Some(Some(status)) = &change.status {
        let done = status == "Done";
        if issue.done && !done {
            issue.resolution = None;
        }
        (issue.status, issue.done) = (status.clone(), done);
    }
    if let Some(parent) = &change.parent_key {
        issue.parent = parent.as_ref().and_then(id);
    }
    if let Some(epic) = &change.epic_key {
        issue.epic = epic.as_ref().and_then(id);
    }
    if let Some(Some(labels)) = &change.labels {
        issue.labels = labels.clone();
        issue.labels.sort();
    }
    Ok(())
}

/// Links go, issues of an epic lose it, rows go and leave their children in their place.
fn delete(state: &mut State, issue: IssueId) -> Result<(), String> {
    state.issues.remove(&issue);
    state
        .links
        .retain(|_, link| link.source != issue && link.target != issue);
    for other in state.issues.values_mut() {
        other.epic = other.epic.filter(|epic| *epic != issue);
    }
    for tree in state.trees.values_mut() {
        // From the last row on, so that a row below another of the same issue goes before it.
        for row in tree.rows_of(issue).into_iter().rev() {
            let (parent, mut behind) = (tree.parent(row), row);
            let below: Vec<RowId> = tree.children(Some(row)).to_vec();
            for child in below {
                tree.put(child, parent, Some(behind))?;
                behind = child;
            }
            tree.remove(row)?;
        }
    }
    Ok(())
}

/// The issue stands directly beside the other, all others in their old order.
pub(super) fn check_rank(
    before: &State,
    after: &State,
    issue: IssueId,
    place: &RankPlace,
) -> Result<(), String> {
    let order = |state: &State| {
        let mut ranked: Vec<(String, IssueId)> = state
            .issues
            .iter()
            .filter_map(|(id, it)| Some((it.rank.clone()?, *id)))
            .collect();
        ranked.sort_unstable();
        ranked.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
    };
    let mut wanted = order(before);
    wanted.retain(|it| *it != issue);
    let other = match place {
        RankPlace::Before(other) | RankPlace::After(other) => *other,
        _ => return Ok(()),
    };
    let at = wanted
        .iter()
        .position(|it| *it == other)
        .ok_or("the neighbour has no rank")?;
    wanted.insert(
        at + usize::from(matches!(place, RankPlace::After(_))),
        issue,
    );
    match wanted == order(after) {
        true => Ok(()),
        false => Err(format!(
            "{issue} was to be ranked {place:?}: {:?}",
            order(after)
        )),
    }
}
