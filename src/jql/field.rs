//! The fields and operators of the language: their names, and which go together.

use Operator::*;

/// What a clause asks about, or a result is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Key,
    Project,
    Type,
    Status,
    StatusCategory,
    Resolution,
    Priority,
    Labels,
    Component,
    FixVersion,
    Assignee,
    Reporter,
    Summary,
    Text,
    Parent,
    Epic,
    Created,
    Updated,
    Resolved,
    Rank,
}

/// What a field's values are, which decides its operators and how its values are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The key of the issue itself, which has an order within a project.
    Key,
    /// The key of another issue.
    Reference,
    /// A name, compared without regard to case.
    Name,
    /// The name of a person.
    User,
    /// One of the three status categories.
    Category,
    /// An instant.
    Date,
    /// Prose that is searched for words.
    Prose,
    /// An order that has no values to ask for.
    Order,
}

/// How a clause compares its field with its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
    Contains,
    ContainsNot,
    Is,
    IsNot,
}

impl Field {
    pub(super) const ALL: [Self; 20] = [
        Self::Key,
        Self::Project,
        Self::Type,
        Self::Status,
        Self::StatusCategory,
        Self::Resolution,
        Self::Priority,
        Self::Labels,
        Self::Component,
        Self::FixVersion,
        Self::Assignee,
        Self::Reporter,
        Self::Summary,
        Self::Text,
        Self::Parent,
        Self::Epic,
        Self::Created,
        Self::Updated,
        Self::Resolved,
        Self::Rank,
    ];

    /// The field that bears this name, in any case.
    pub(super) fn find(name: &str) -> Option<Self> {
        let bears_name = |field: &Self| {
            field
                .names()
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name))
        };
        Self::ALL.into_iter().find(bears_name)
    }

    /// The name that is printed.
    pub(super) fn name(self) -> &'static str {
        self.names()[0]
    }

    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Key => &["key", "issuekey", "issue", "id"],
            Self::Project => &["project"],
            Self::Type => &["issuetype", "type"],
            Self::Status => &["status"],
            Self::StatusCategory => &["statusCategory"],
            Self::Resolution => &["resolution"],
            Self::Priority => &["priority"],
            Self::Labels => &["labels"],
            Self::Component => &["component"],
            Self::FixVersion => &["fixVersion"],
            Self::Assignee => &["assignee"],
            Self::Reporter => &["reporter"],
            Self::Summary => &["summary"],
            Self::Text => &["text"],
            Self::Parent => &["parent"],
            Self::Epic => &["Epic Link", "epic"],
            Self::Created => &["created", "createdDate"],
            Self::Updated => &["updated", "updatedDate"],
            Self::Resolved => &["resolved", "resolutiondate"],
            Self::Rank => &["Rank"],
        }
    }

    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Key => Kind::Key,
            Self::Parent | Self::Epic => Kind::Reference,
            Self::Project | Self::Type | Self::Status | Self::Resolution | Self::Priority => {
                Kind::Name
            }
            Self::Labels | Self::Component | Self::FixVersion => Kind::Name,
            Self::Assignee | Self::Reporter => Kind::User,
            Self::StatusCategory => Kind::Category,
            Self::Created | Self::Updated | Self::Resolved => Kind::Date,
            Self::Summary | Self::Text => Kind::Prose,
            Self::Rank => Kind::Order,
        }
    }

    /// Whether results can be sorted by it: `text` stands for several fields at once.
    pub(super) fn is_sortable(self) -> bool {
        self != Self::Text
    }
}

impl Kind {
    pub(super) fn operators(self) -> &'static [Operator] {
        match self {
            Self::Key | Self::Date => &[
                Equal,
                NotEqual,
                Less,
                LessOrEqual,
                Greater,
                GreaterOrEqual,
                In,
                NotIn,
                Is,
                IsNot,
            ],
            Self::Reference | Self::Name | Self::User | Self::Category => {
                &[Equal, NotEqual, In, NotIn, Is, IsNot]
            }
            Self::Prose => &[Contains, ContainsNot, Is, IsNot],
            Self::Order => &[],
        }
    }

    /// What an error says should stand where a value does.
    pub(super) fn expectation(self) -> &'static str {
        match self {
            Self::Key | Self::Reference => "an issue key such as ABC-123",
            Self::Name | Self::Order => "a value",
            Self::User => "the name of a user, or currentUser()",
            Self::Category => r#""To Do", "In Progress" or Done"#,
            Self::Date => r#"a date such as 2024-01-31, "2024-01-31 10:00" or -7d"#,
            Self::Prose => "a text to search for",
        }
    }
}

impl Operator {
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Equal => "=",
            NotEqual => "!=",
            Less => "<",
            LessOrEqual => "<=",
            Greater => ">",
            GreaterOrEqual => ">=",
            In => "IN",
            NotIn => "NOT IN",
            Contains => "~",
            ContainsNot => "!~",
            Is => "IS",
            IsNot => "IS NOT",
        }
    }

    /// The operator that a NOT in front of a clause turns this one into. Neither of the two
    /// matches an issue whose field is empty, so this is not the complement.
    pub(super) fn negated(self) -> Self {
        match self {
            Equal => NotEqual,
            NotEqual => Equal,
            Less => GreaterOrEqual,
            LessOrEqual => Greater,
            Greater => LessOrEqual,
            GreaterOrEqual => Less,
            In => NotIn,
            NotIn => In,
            Contains => ContainsNot,
            ContainsNot => Contains,
            Is => IsNot,
            IsNot => Is,
        }
    }
}
