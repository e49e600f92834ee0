//! An issue as Jira's REST API writes it, with the fields that are read of it.
//!
//! What a value may be is checked while it is read, so that an error knows the path to it. A field
//! that is absent differs from one that is null: the first leaves what is there, the second
//! clears it. Unknown fields are skipped without being looked at.

use super::value::{ExternalId, Instant, IssueKey, Text};
use crate::domain::issue::StatusCategory;
use serde::{Deserialize, Deserializer};

/// A name of anything.
pub(super) type Name = Text<{ crate::domain::text::NAME_LIMIT }>;
/// The summary of an issue.
pub(super) type Summary = Text<{ crate::domain::text::SUMMARY_LIMIT }>;
/// A field: absent, null, or a value.
pub(super) type Given<T> = Option<Option<T>>;

/// An issue.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an issue: an object with a key and fields")]
pub(super) struct Issue {
    pub(super) id: Option<ExternalId>,
    pub(super) key: IssueKey,
    #[serde(default)]
    pub(super) fields: Fields,
}

/// What is known about it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object of fields")]
pub(super) struct Fields {
    #[serde(default, deserialize_with = "given")]
    pub(super) summary: Given<Summary>,
    #[serde(default, rename = "issuetype")]
    pub(super) issue_type: Option<IssueType>,
    #[serde(default)]
    pub(super) project: Option<Project>,
    #[serde(default)]
    pub(super) status: Option<Status>,
    #[serde(default, deserialize_with = "given")]
    pub(super) resolution: Given<Named>,
    #[serde(default, rename = "resolutiondate", deserialize_with = "given")]
    pub(super) resolved: Given<Instant>,
    #[serde(default, deserialize_with = "given")]
    pub(super) priority: Given<Named>,
    #[serde(default)]
    pub(super) created: Option<Instant>,
    #[serde(default)]
    pub(super) updated: Option<Instant>,
    #[serde(default, deserialize_with = "given")]
    pub(super) labels: Given<Vec<Name>>,
    #[serde(default, deserialize_with = "given")]
    pub(super) components: Given<Vec<Named>>,
    #[serde(default, deserialize_with = "given")]
    pub(super) fix_versions: Given<Vec<Named>>,
    #[serde(default, deserialize_with = "given")]
    pub(super) assignee: Given<Person>,
    #[serde(default, deserialize_with = "given")]
    pub(super) reporter: Given<Person>,
    #[serde(default, deserialize_with = "given")]
    pub(super) parent: Given<Pointer>,
    #[serde(default, deserialize_with = "given")]
    pub(super) epic: Given<Pointer>,
    #[serde(default, rename = "issuelinks", deserialize_with = "given")]
    pub(super) links: Given<Vec<Link>>,
}

/// Anything of which the name is read.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object with a name")]
pub(super) struct Named {
    pub(super) name: Name,
}

/// An issue type.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an issue type: an object with a name")]
pub(super) struct IssueType {
    pub(super) name: Name,
    pub(super) subtask: Option<bool>,
}

/// A project.
#[derive(Debug, Deserialize)]
#[serde(expecting = "a project: an object with a key and a name")]
pub(super) struct Project {
    #[serde(default)]
    pub(super) key: Option<Name>,
    #[serde(default)]
    pub(super) name: Option<Name>,
}

/// A status.
#[derive(Debug, Deserialize)]
#[serde(
    rename_all = "camelCase",
    expecting = "a status: an object with a name and a statusCategory"
)]
pub(super) struct Status {
    pub(super) name: Name,
    pub(super) status_category: Option<Category>,
}

/// The category of a status.
#[derive(Debug, Deserialize)]
#[serde(expecting = "a status category: an object with a key")]
pub(super) struct Category {
    pub(super) key: CategoryKey,
}

/// How Jira names the categories.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum CategoryKey {
    New,
    Indeterminate,
    Done,
    /// Jira gives it to statuses from before there were categories, and shows them as new ones.
    Undefined,
}

impl From<CategoryKey> for StatusCategory {
    fn from(key: CategoryKey) -> Self {
        match key {
            CategoryKey::New | CategoryKey::Undefined => Self::ToDo,
            CategoryKey::Indeterminate => Self::InProgress,
            CategoryKey::Done => Self::Done,
        }
    }
}

/// A person. Which of the names there is depends on the version of Jira.
#[derive(Debug, Deserialize)]
#[serde(
    rename_all = "camelCase",
    expecting = "a person: an object with a name"
)]
pub(super) struct Person {
    #[serde(default)]
    name: Option<Name>,
    #[serde(default)]
    key: Option<Name>,
    #[serde(default)]
    display_name: Option<Name>,
    #[serde(default)]
    email_address: Option<Name>,
    #[serde(default)]
    account_id: Option<Name>,
}

impl Person {
    /// The first of the names that is not empty.
    pub(super) fn into_name(self) -> Option<String> {
        [
            self.name,
            self.key,
            self.display_name,
            self.email_address,
            self.account_id,
        ]
        .into_iter()
        .flatten()
        .map(Text::into_string)
        .find(|name| !name.is_empty())
    }
}

/// A reference to an issue.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an issue: an object with a key")]
pub(super) struct Pointer {
    pub(super) key: IssueKey,
}

/// A link, as one of its ends lists it: exactly one of the two issues is there.
#[derive(Debug, Deserialize)]
#[serde(
    rename_all = "camelCase",
    expecting = "a link: an object with a type and an inwardIssue or an outwardIssue"
)]
pub(super) struct Link {
    pub(super) id: Option<ExternalId>,
    #[serde(rename = "type")]
    pub(super) link_type: LinkType,
    pub(super) inward_issue: Option<Pointer>,
    pub(super) outward_issue: Option<Pointer>,
}

/// A link type.
#[derive(Debug, Deserialize)]
#[serde(expecting = "a link type: an object with a name, inward and outward")]
pub(super) struct LinkType {
    pub(super) name: Name,
    #[serde(default)]
    pub(super) inward: Option<Name>,
    #[serde(default)]
    pub(super) outward: Option<Name>,
}

/// Reads a field that is there: null is something else than absence.
fn given<'de, D, T>(deserializer: D) -> Result<Given<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}
