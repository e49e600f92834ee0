//! Issues, written.

use super::json;
use super::plan::{self, Fragments, Plan, Selected};
use super::{PageItem, Texts};
use crate::domain::issue::Issue;
use crate::graphql::date_time::DateTime;
use crate::graphql::types;
use async_graphql::ContextSelectionSet;
use async_graphql::parser::types::SelectionSet;

/// What can be written of an issue.
pub(super) enum IssueField {
    Id,
    Key,
    Summary,
    Type(Plan<TypeField>),
    Status(Plan<StatusField>),
    ProjectKey,
    Resolution,
    Priority,
    Assignee,
    Rank,
    CreatedAt,
    UpdatedAt,
    TypeName,
}

impl<'s> Selected<'s> for IssueField {
    fn is_meant(condition: &str) -> bool {
        matches!(condition, "Issue" | "RowItem" | "Node")
    }

    fn of(name: &str, below: Vec<&'s SelectionSet>, fragments: &'s Fragments) -> Option<Self> {
        Some(match name {
            "id" => Self::Id,
            "key" => Self::Key,
            "summary" => Self::Summary,
            "type" => Self::Type(plan::make(&below, fragments)?),
            "status" => Self::Status(plan::make(&below, fragments)?),
            "projectKey" => Self::ProjectKey,
            "resolution" => Self::Resolution,
            "priority" => Self::Priority,
            "assignee" => Self::Assignee,
            "rank" => Self::Rank,
            "createdAt" => Self::CreatedAt,
            "updatedAt" => Self::UpdatedAt,
            "__typename" => Self::TypeName,
            _ => return None,
        })
    }
}

/// What can be written of a type of issue.
pub(super) enum TypeField {
    Name,
    SubTask,
    Epic,
    TypeName,
}

impl<'s> Selected<'s> for TypeField {
    fn of(name: &str, _: Vec<&'s SelectionSet>, _: &'s Fragments) -> Option<Self> {
        Some(match name {
            "name" => Self::Name,
            "subTask" => Self::SubTask,
            "epic" => Self::Epic,
            "__typename" => Self::TypeName,
            _ => return None,
        })
    }
}

/// What can be written of a status.
pub(super) enum StatusField {
    Name,
    Category,
    TypeName,
}

impl<'s> Selected<'s> for StatusField {
    fn of(name: &str, _: Vec<&'s SelectionSet>, _: &'s Fragments) -> Option<Self> {
        Some(match name {
            "name" => Self::Name,
            "category" => Self::Category,
            "__typename" => Self::TypeName,
            _ => return None,
        })
    }
}

impl PageItem for types::Issue {
    async fn write(
        ctx: &ContextSelectionSet<'_>,
        selected: &[&SelectionSet],
        items: &[&Self],
    ) -> Option<Texts> {
        let plan = plan::make(selected, &ctx.query_env.fragments)?;
        let mut texts = Texts::of(items.len());
        for issue in items {
            texts.add(|out| write_issue(out, &plan, &issue.0));
        }
        Some(texts)
    }
}

/// An issue with the fields of a plan.
pub(super) fn write_issue(out: &mut String, plan: &Plan<IssueField>, issue: &Issue) {
    json::object(out, plan, |field, out| match field {
        IssueField::Id => json::id(out, issue.id),
        IssueField::Key => json::string(out, &issue.key),
        IssueField::Summary => json::string(out, &issue.summary),
        IssueField::Type(plan) => json::object(out, plan, |field, out| match field {
            TypeField::Name => json::string(out, &issue.issue_type.name),
            TypeField::SubTask => json::boolean(out, issue.issue_type.sub_task),
            TypeField::Epic => json::boolean(out, issue.issue_type.epic),
            TypeField::TypeName => json::name(out, "IssueType"),
        }),
        IssueField::Status(plan) => json::object(out, plan, |field, out| match field {
            StatusField::Name => json::string(out, &issue.status.name),
            StatusField::Category => json::name(out, issue.status.category.name()),
            StatusField::TypeName => json::name(out, "Status"),
        }),
        IssueField::ProjectKey => json::string(out, &issue.project_key),
        IssueField::Resolution => json::optional(out, issue.resolution.as_deref()),
        IssueField::Priority => json::optional(out, issue.priority.as_deref()),
        IssueField::Assignee => json::optional(out, issue.assignee.as_deref()),
        IssueField::Rank => json::optional(out, issue.rank.as_deref()),
        IssueField::CreatedAt => json::string(out, &DateTime(issue.created_at).text()),
        IssueField::UpdatedAt => json::string(out, &DateTime(issue.updated_at).text()),
        IssueField::TypeName => json::name(out, "Issue"),
    });
}
