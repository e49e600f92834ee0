//! Who may do what, as words: roles, levels of access to a structure, permissions everywhere, and
//! to whom they are given.

use super::UserId;

/// What a user may do everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// What structures allow.
    Member,
    /// Everything.
    Admin,
}

impl Role {
    /// The name under which it is stored and served.
    pub fn name(self) -> &'static str {
        match self {
            Self::Member => "MEMBER",
            Self::Admin => "ADMIN",
        }
    }

    /// The role of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Member, Self::Admin]
            .into_iter()
            .find(|role| role.name() == name)
    }
}

/// What a user may do to a structure; each level includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessLevel {
    /// Nothing: it does not exist for the user.
    None,
    /// Read it.
    View,
    /// Change its rows.
    Edit,
    /// Run rules on it once: imports and exports.
    Automate,
    /// Everything: rename it, delete it, say who may do what, install synchronizers.
    Control,
}

impl AccessLevel {
    const ALL: [Self; 5] = [
        Self::None,
        Self::View,
        Self::Edit,
        Self::Automate,
        Self::Control,
    ];

    /// The name under which it is served.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::View => "VIEW",
            Self::Edit => "EDIT",
            Self::Automate => "AUTOMATE",
            Self::Control => "CONTROL",
        }
    }

    /// The number under which it is stored, so that the database finds the highest: 0 for NONE.
    pub fn number(self) -> i64 {
        self as i64
    }

    /// The level of a stored number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.number() == number)
    }
}

/// To whom a permission is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// One user.
    User(UserId),
    /// Every user of a role.
    Role(Role),
    /// Every user.
    Everyone,
}

impl Subject {
    /// The text under which it is stored: `USER:12`, `ROLE:MEMBER` or `EVERYONE`.
    pub fn key(self) -> String {
        match self {
            Self::User(id) => format!("USER:{id}"),
            Self::Role(role) => format!("ROLE:{}", role.name()),
            Self::Everyone => "EVERYONE".to_owned(),
        }
    }

    /// The subject of a stored text.
    pub fn from_key(key: &str) -> Option<Self> {
        match key.split_once(':') {
            None => (key == "EVERYONE").then_some(Self::Everyone),
            Some(("USER", id)) => id.parse().ok().map(|id| Self::User(UserId(id))),
            Some(("ROLE", role)) => Role::from_name(role).map(Self::Role),
            Some(_) => None,
        }
    }

    /// The one user that it is, if it is one.
    pub fn user(self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(id),
            Self::Role(_) | Self::Everyone => None,
        }
    }
}

/// What a user may be allowed on all structures together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GlobalPermission {
    /// Install, change and resync synchronizers of the structures that the user controls.
    ControlSynchronizers,
}

impl GlobalPermission {
    /// Each of them.
    pub const ALL: [Self; 1] = [Self::ControlSynchronizers];

    /// The name under which it is stored and served.
    pub fn name(self) -> &'static str {
        match self {
            Self::ControlSynchronizers => "CONTROL_SYNCHRONIZERS",
        }
    }

    /// The permission of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_back() {
        for subject in [
            Subject::Everyone,
            Subject::Role(Role::Admin),
            Subject::User(UserId(12)),
        ] {
            assert_eq!(Subject::from_key(&subject.key()), Some(subject));
        }
        for odd in ["", "USER:", "USER:x", "ROLE:OWNER", "GROUP:1", "EVERYONE:1"] {
            assert_eq!(Subject::from_key(odd), None, "{odd}");
        }
        for level in AccessLevel::ALL {
            assert_eq!(AccessLevel::from_number(level.number()), Some(level));
        }
        assert_eq!(AccessLevel::from_number(5), None);
        assert!(AccessLevel::View < AccessLevel::Control);
    }
}
