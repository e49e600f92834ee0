//! Cursors: opaque and typed like ids. A cursor names the item that it stands at by what the list is
//! ordered by, never by a count, so that it stays good while items come and go.

use super::error::{ApiError, Result, code};
use super::opaque;
use crate::domain::StructureId;
use crate::store::structures::Place;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Which list a cursor belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    Rows,
    Jobs,
    Changes,
    SavedFilters,
    History,
    Versions,
    Tokens,
}

impl List {
    fn name(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Jobs => "jobs",
            Self::Changes => "changes",
            Self::SavedFilters => "savedFilters",
            Self::History => "history",
            Self::Versions => "versions",
            Self::Tokens => "tokens",
        }
    }
}

/// Where an item stands in its list; a text only once somebody wants to see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cursor {
    /// In a list that is ordered by a number.
    Number(List, i64),
    /// In one that is ordered by something else.
    Text(String),
}

impl Cursor {
    /// Adds the cursor to a text.
    pub(crate) fn write(&self, text: &mut String) {
        match self {
            Self::Number(list, at) => opaque::write(text, &["after:", list.name(), ":"], *at),
            Self::Text(cursor) => text.push_str(cursor),
        }
    }

    /// The cursor as clients see it.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }
}

/// The number behind a cursor of this list.
pub(crate) fn decode(list: List, cursor: &str) -> Result<i64> {
    read(list.name(), cursor)
        .and_then(|at| at.parse().ok())
        .ok_or_else(bad_cursor)
}

/// The cursor of a structure in the list by name.
pub(crate) fn encode_place(name: &str, id: StructureId) -> Cursor {
    write("structures", &format!("{id}:{name}"))
}

/// The name and id behind a cursor of the list of structures.
pub(crate) fn decode_place(cursor: &str) -> Result<Place> {
    let place = read("structures", cursor).and_then(|text| {
        let (id, name) = text.split_once(':')?;
        Some((name.to_owned(), StructureId(id.parse().ok()?)))
    });
    place.ok_or_else(bad_cursor)
}

/// The cursor of a user in the list by name.
pub(crate) fn encode_user(name: &str) -> Cursor {
    write("users", name)
}

/// The name behind a cursor of the list of users.
pub(crate) fn decode_user(cursor: &str) -> Result<String> {
    read("users", cursor).ok_or_else(bad_cursor)
}

/// The cursor of an issue in the result of a query.
pub(crate) fn encode_issue(place: &str) -> Cursor {
    write("issues", place)
}

/// The place behind a cursor of a query's result.
pub(crate) fn decode_issue(cursor: &str) -> Result<String> {
    read("issues", cursor).ok_or_else(bad_cursor)
}

fn write(list: &str, at: &str) -> Cursor {
    Cursor::Text(URL_SAFE_NO_PAD.encode(format!("after:{list}:{at}")))
}

fn read(list: &str, cursor: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let at = text
        .strip_prefix("after:")?
        .strip_prefix(list)?
        .strip_prefix(':')?;
    Some(at.to_owned())
}

fn bad_cursor() -> ApiError {
    let message = "This is no cursor of this list: expected one that an earlier page gave.";
    ApiError::new(code::BAD_CURSOR, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_belongs_to_one_list() {
        let cursor = Cursor::Number(List::Jobs, 7).text();
        assert_eq!(decode(List::Jobs, &cursor).unwrap(), 7);
        assert_eq!(
            decode(List::Rows, &cursor).unwrap_err().code,
            code::BAD_CURSOR
        );
        assert!(decode_place(&cursor).is_err());
        let place = encode_place("a:b", StructureId(3)).text();
        assert_eq!(
            decode_place(&place).unwrap(),
            ("a:b".to_owned(), StructureId(3))
        );
        assert!(decode(List::Jobs, "").is_err());
    }
}
