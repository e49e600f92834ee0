//! The fields of an issue, from the file into its row, and how two rows differ.

use super::json::{Fields, Given, Name, Named, Pointer};
use super::names::Names;
use super::value::Text;
use crate::store::issue_rows::{IssueRow, NameList};
use crate::tracker::feed::{FieldChange, id_text, instant_text};

/// What an issue points at, as it says so itself.
pub(super) struct Pointers {
    pub(super) parent: Given<Pointer>,
    pub(super) epic: Given<Pointer>,
}

/// The lists of names that an issue gives, each ascending.
pub(super) type Lists = [(NameList, Option<Vec<String>>); 3];

/// Puts the fields that are given into a row; what needs other tables comes back.
pub(super) fn fill(row: &mut IssueRow, fields: Fields) -> (Lists, Pointers) {
    let name = |it: Named| it.name.into_string();
    if let Some(summary) = fields.summary {
        row.summary = summary.map_or_else(String::new, Text::into_string);
    }
    if let Some(resolution) = fields.resolution {
        row.resolution = resolution.map(name);
    }
    if let Some(priority) = fields.priority {
        row.priority = priority.map(name);
    }
    if let Some(person) = fields.assignee {
        row.assignee = person.and_then(|it| it.into_name());
    }
    if let Some(person) = fields.reporter {
        row.reporter = person.and_then(|it| it.into_name());
    }
    if let Some(at) = fields.created {
        row.created_at = at.0;
    }
    if let Some(at) = fields.updated {
        row.updated_at = at.0;
    }
    if let Some(at) = fields.resolved {
        row.resolved_at = at.map(|at| at.0);
    }
    let of_names = |list: Given<Vec<Name>>| {
        list.map(|it| sorted(it.unwrap_or_default().into_iter().map(Text::into_string)))
    };
    let of_named = |list: Given<Vec<Named>>| {
        list.map(|it| sorted(it.unwrap_or_default().into_iter().map(name)))
    };
    let lists = [
        (NameList::Labels, of_names(fields.labels)),
        (NameList::Components, of_named(fields.components)),
        (NameList::FixVersions, of_named(fields.fix_versions)),
    ];
    let pointers = Pointers {
        parent: fields.parent,
        epic: fields.epic,
    };
    (lists, pointers)
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The fields in which two states of an issue differ, as the feed tells them.
pub(super) fn differences(names: &Names<'_>, old: &IssueRow, new: &IssueRow) -> Vec<FieldChange> {
    let same = |text: &Option<String>| text.clone();
    let text = |text: &String| Some(text.clone());
    [
        FieldChange::between("key", &old.key, &new.key, text),
        FieldChange::between("type", &old.issue_type, &new.issue_type, |it| {
            names.type_name(*it)
        }),
        FieldChange::between("status", &old.status, &new.status, |it| {
            names.status_name(*it)
        }),
        FieldChange::between("summary", &old.summary, &new.summary, text),
        FieldChange::between("resolution", &old.resolution, &new.resolution, same),
        FieldChange::between("priority", &old.priority, &new.priority, same),
        FieldChange::between("assignee", &old.assignee, &new.assignee, same),
        FieldChange::between("reporter", &old.reporter, &new.reporter, same),
        FieldChange::between("parent", &old.parent, &new.parent, id_text),
        FieldChange::between("epic", &old.epic, &new.epic, id_text),
        FieldChange::between(
            "created",
            &Some(old.created_at),
            &Some(new.created_at),
            instant_text,
        ),
        FieldChange::between(
            "updated",
            &Some(old.updated_at),
            &Some(new.updated_at),
            instant_text,
        ),
        FieldChange::between("resolved", &old.resolved_at, &new.resolved_at, instant_text),
    ]
    .into_iter()
    .flatten()
    .collect()
}
