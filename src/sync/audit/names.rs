//! What the lines call things by, read once for a whole plan; and each edit as a line.

use crate::domain::{
    ChangeKind, FieldEdit, Forest, IdMap, IdSet, IssueId, Kept, LinkEdit, RankPlace, RowEdit,
    RowId, StatusState,
};
use crate::store::jobs::ChangeLine;
use crate::store::{StoreError, Tx, forest as rows, issues, links};
use crate::sync::load::Planned;
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A line of a kind that says nothing yet.
pub(super) fn blank(kind: ChangeKind) -> ChangeLine {
    ChangeLine {
        kind,
        issue_key: None,
        row: None,
        issue: None,
        link: None,
        before: None,
        after: None,
        summary: String::new(),
    }
}

/// How a line states a place.
pub(super) fn place_json(parent: Option<RowId>, after: Option<RowId>) -> String {
    let id = |row: Option<RowId>| row.map_or("null".to_owned(), |row| row.to_string());
    format!("{{\"after\":{},\"parent\":{}}}", id(after), id(parent))
}

/// How a line states a rank.
pub(in crate::sync) fn rank_json(rank: Option<&str>) -> String {
    json!({ "rank": rank }).to_string()
}

fn status_json(state: &StatusState) -> String {
    let StatusState {
        status,
        resolution,
        resolved_at,
    } = state;
    json!({ "status": status, "resolution": resolution, "resolvedAt": resolved_at }).to_string()
}

/// The kind of line that tells of an edit of a row.
pub(super) fn row_kind(edit: &RowEdit) -> ChangeKind {
    match edit {
        RowEdit::Add { .. } => ChangeKind::RowAdded,
        RowEdit::Move { .. } => ChangeKind::RowMoved,
        RowEdit::Remove { .. } => ChangeKind::RowRemoved,
    }
}

/// What rows hold that a plan adds.
pub(in crate::sync) enum New {
    /// As its edits say.
    Edits(IdMap<RowId, Option<IssueId>>),
    /// As the forest after it has them.
    Forest(Arc<Forest>),
}

impl New {
    /// What the rows hold that some edits add.
    pub(in crate::sync) fn of(edits: &[RowEdit]) -> Self {
        let added = edits.iter().filter_map(|edit| match *edit {
            RowEdit::Add { id, issue, .. } => Some((id, issue)),
            _ => None,
        });
        Self::Edits(added.collect())
    }

    /// The issue of a row that is added, `None` for a folder.
    fn issue(&self, row: RowId) -> Option<IssueId> {
        match self {
            Self::Edits(added) => added.get(&row).copied().flatten(),
            Self::Forest(forest) => forest.find(row)?.issue,
        }
    }
}

/// What lines will name.
#[derive(Default)]
pub(super) struct Wanted {
    issues: IdSet<IssueId>,
    folders: HashSet<RowId>,
}

impl Wanted {
    /// What the line of an edit of a row names.
    pub(super) fn row(&mut self, planned: &Planned, edit: &RowEdit, new: &New) {
        let forest = &planned.forest;
        if let RowEdit::Add { issue, .. } = edit {
            self.issues.extend(*issue);
        }
        let row = forest.find(edit.row());
        let before = row.and_then(|row| row.parent).map(|up| forest.row(up));
        let parent = edit.place().and_then(|place| place.parent);
        let after = parent.and_then(|id| forest.find(id));
        if let (Some(parent), None) = (parent, after) {
            self.issues.extend(new.issue(parent));
        }
        for view in [row, before, after].into_iter().flatten() {
            match view.issue {
                Some(issue) => self.issues.extend([issue]),
                None => self.folders.extend([view.id]),
            }
        }
    }

    /// What the lines name that are not of edits of rows.
    pub(super) fn others(planned: &Planned) -> Self {
        let mut issues = IdSet::default();
        for edit in &planned.plan.links {
            issues.extend(edit.ends());
        }
        for edit in &planned.plan.fields {
            issues.insert(edit.issue());
            match edit {
                FieldEdit::Rank {
                    to: RankPlace::Before(other) | RankPlace::After(other),
                    ..
                } => {
                    issues.insert(*other);
                }
                FieldEdit::Epic { from, to, .. } => issues.extend(from.iter().chain(to)),
                FieldEdit::Rank { .. }
                | FieldEdit::Status { .. }
                | FieldEdit::RestoreStatus { .. } => {}
            }
        }
        issues.extend(planned.overwritten.iter().filter_map(|it| it.with));
        for note in &planned.plan.notes {
            issues.insert(note.issue);
            issues.extend(note.other);
        }
        for kept in &planned.plan.kept {
            issues.extend(kept.issue.iter().chain(&kept.other));
        }
        Self {
            issues,
            folders: HashSet::new(),
        }
    }
}

/// What the lines call things by.
pub(super) struct Names<'a> {
    forest: &'a Forest,
    pub(super) keys: IdMap<IssueId, String>,
    folders: HashMap<RowId, String>,
    /// The names of folders that come back.
    returning: &'a HashMap<RowId, String>,
    new: &'a New,
    link_type: String,
}

impl<'a> Names<'a> {
    pub(super) fn read(
        tx: &Tx<'_>,
        planned: &'a Planned,
        wanted: Wanted,
        new: &'a New,
    ) -> Result<Self, StoreError> {
        let link_type = match planned.plan.links.first() {
            Some(LinkEdit::Add { link_type, .. } | LinkEdit::Restore { link_type, .. }) => {
                Some(*link_type)
            }
            Some(LinkEdit::Remove { link, .. }) => links::find(tx, *link)?.map(|it| it.link_type),
            None => None,
        };
        let link_type = match link_type {
            Some(id) => links::find_type(tx, id)?.map(|it| it.outward),
            None => None,
        };
        Ok(Self {
            forest: &planned.forest,
            keys: issues::keys(tx, wanted.issues)?,
            folders: rows::folder_names(tx, wanted.folders)?,
            returning: &planned.plan.folders,
            new,
            link_type: link_type.unwrap_or_default(),
        })
    }

    pub(super) fn key(&self, issue: IssueId) -> &str {
        self.keys
            .get(&issue)
            .map_or("a deleted issue", String::as_str)
    }

    fn row(&self, row: RowId) -> String {
        let issue = match self.forest.find(row) {
            Some(view) => view.issue,
            None => self.new.issue(row),
        };
        match issue {
            Some(issue) => self.key(issue).to_owned(),
            None => match self.returning.get(&row).or_else(|| self.folders.get(&row)) {
                Some(name) => format!("folder “{name}”"),
                None => "a folder".to_owned(),
            },
        }
    }

    fn parent(&self, parent: Option<RowId>) -> String {
        parent.map_or("the top level".to_owned(), |row| self.row(row))
    }

    pub(super) fn row_line(&self, edit: &RowEdit) -> ChangeLine {
        let row = edit.row();
        let view = self.forest.find(row);
        let issue = match edit {
            RowEdit::Add { issue, .. } => *issue,
            _ => view.and_then(|view| view.issue),
        };
        let stood = view
            .and_then(|view| view.parent)
            .map(|up| self.forest.row(up).id);
        let before = view.map(|view| {
            let previous = self.forest.previous_sibling(view.index).map(|it| it.id);
            place_json(stood, previous)
        });
        let name = self.row(row);
        let summary = match edit {
            RowEdit::Add { place, .. } => {
                format!("{name} is added under {}", self.parent(place.parent))
            }
            RowEdit::Move { place, .. } if place.parent == stood => {
                format!("{name} is moved within {}", self.parent(stood))
            }
            RowEdit::Move { place, .. } => format!(
                "{name} is moved from {} to {}",
                self.parent(stood),
                self.parent(place.parent)
            ),
            RowEdit::Remove { .. } => {
                format!("{name} is removed from {}", self.parent(stood))
            }
        };
        ChangeLine {
            issue_key: issue.and_then(|issue| self.keys.get(&issue).cloned()),
            // A row that comes back has its id already.
            row: Some(row).filter(|row| row.0 > 0),
            issue,
            before,
            after: edit.place().map(|it| place_json(it.parent, it.after)),
            summary: summary.replace("under the top level", "at the top level"),
            ..blank(row_kind(edit))
        }
    }

    pub(super) fn kept_line(&self, kept: &Kept) -> ChangeLine {
        let item = match (kept.issue, &kept.folder) {
            (Some(issue), _) => self.key(issue).to_owned(),
            (None, Some(folder)) => format!("folder “{folder}”"),
            (None, None) => "a folder".to_owned(),
        };
        let other = kept.other.map_or("", |other| self.key(other));
        ChangeLine {
            issue_key: kept.issue.and_then(|it| self.keys.get(&it).cloned()),
            row: kept.row,
            issue: kept.issue,
            link: kept.link,
            summary: kept.text.replace("{item}", &item).replace("{other}", other),
            ..blank(ChangeKind::Skipped)
        }
    }

    pub(super) fn link_line(&self, edit: &LinkEdit) -> ChangeLine {
        let ends = |source: IssueId, target: IssueId| {
            let text = format!(
                "{} {} {}",
                self.key(source),
                self.link_type,
                self.key(target)
            );
            (
                text,
                Some(json!({ "source": source, "target": target }).to_string()),
            )
        };
        match *edit {
            LinkEdit::Add { source, target, .. } => {
                let (text, after) = ends(source, target);
                ChangeLine {
                    issue_key: self.keys.get(&source).cloned(),
                    issue: Some(source),
                    after,
                    summary: format!("the link “{text}” is added"),
                    ..blank(ChangeKind::LinkAdded)
                }
            }
            LinkEdit::Remove {
                link,
                source,
                target,
            } => {
                let (text, before) = ends(source, target);
                ChangeLine {
                    issue_key: self.keys.get(&source).cloned(),
                    issue: Some(source),
                    link: Some(link),
                    before,
                    summary: format!("the link “{text}” is removed"),
                    ..blank(ChangeKind::LinkRemoved)
                }
            }
            LinkEdit::Restore {
                link,
                source,
                target,
                ..
            } => {
                let (text, after) = ends(source, target);
                ChangeLine {
                    issue_key: self.keys.get(&source).cloned(),
                    issue: Some(source),
                    link: Some(link),
                    after,
                    summary: format!("the link “{text}” comes back"),
                    ..blank(ChangeKind::LinkAdded)
                }
            }
        }
    }

    pub(super) fn field_line(&self, edit: &FieldEdit) -> ChangeLine {
        let key = self.key(edit.issue());
        let (kind, before, after, summary) = match edit {
            FieldEdit::Rank { from, to, .. } => {
                let (after, place) = match to {
                    RankPlace::Before(other) => (
                        json!({ "before": other }).to_string(),
                        format!("directly before {}", self.key(*other)),
                    ),
                    RankPlace::After(other) => (
                        json!({ "after": other }).to_string(),
                        format!("directly after {}", self.key(*other)),
                    ),
                    RankPlace::Exactly(rank) => {
                        (rank_json(rank.as_deref()), "where it was".to_owned())
                    }
                };
                let summary = format!("{key} is ranked {place}");
                (
                    ChangeKind::RankChanged,
                    rank_json(from.as_deref()),
                    after,
                    summary,
                )
            }
            FieldEdit::Epic { from, to, .. } => {
                let state = |epic: &Option<IssueId>| json!({ "epic": epic }).to_string();
                let summary = match (from, to) {
                    (None, Some(to)) => format!("{key} gets the epic {}", self.key(*to)),
                    (Some(from), Some(to)) => format!(
                        "{key} goes from the epic {} to the epic {}",
                        self.key(*from),
                        self.key(*to)
                    ),
                    (Some(from), None) => format!("{key} leaves the epic {}", self.key(*from)),
                    (None, None) => format!("{key} has no epic"),
                };
                (ChangeKind::EpicChanged, state(from), state(to), summary)
            }
            FieldEdit::Status {
                from,
                to,
                resolution,
                ..
            } => (
                ChangeKind::StatusChanged,
                json!({ "status": from }).to_string(),
                json!({ "status": to, "resolution": resolution }).to_string(),
                format!("{key} goes from “{from}” to “{to}”"),
            ),
            FieldEdit::RestoreStatus { from, to, .. } => (
                ChangeKind::StatusChanged,
                status_json(from),
                status_json(to),
                format!("{key} goes back from “{}” to “{}”", from.status, to.status),
            ),
        };
        ChangeLine {
            issue_key: self.keys.get(&edit.issue()).cloned(),
            issue: Some(edit.issue()),
            before: Some(before),
            after: Some(after),
            summary,
            ..blank(kind)
        }
    }
}
