//! Global ids: opaque and typed, so that the id of a job is never taken for that of a row.
//!
//! An id is the base64url of its type and number. Clients must not read it, but it never changes.

use super::error::{ApiError, Result, code};
use super::opaque;
use crate::domain::{
    BoardId, FilterId, IssueId, JobId, LinkId, LinkTypeId, Refusal, RowId, StructureId,
    SynchronizerId, TokenId, UserId,
};
use async_graphql::ID;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The id of anything that `node` finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NodeId {
    Structure(StructureId),
    Row(RowId),
    Issue(IssueId),
    IssueLink(LinkId),
    LinkType(LinkTypeId),
    SavedFilter(FilterId),
    Board(BoardId),
    Synchronizer(SynchronizerId),
    Job(JobId),
    User(UserId),
    Token(TokenId),
}

/// A domain id that has a global form.
pub(crate) trait GlobalId: Copy {
    /// The name of its type in the schema.
    const TYPE: &'static str;

    /// The id of a number.
    fn from_number(number: i64) -> Self;

    /// Its number.
    fn number(self) -> i64;
}

macro_rules! global_ids {
    ($($variant:ident: $id:ident),+ $(,)?) => {
        $(impl GlobalId for $id {
            const TYPE: &'static str = stringify!($variant);

            fn from_number(number: i64) -> Self {
                Self(number)
            }

            fn number(self) -> i64 {
                self.0
            }
        })+

        /// Reads an id of any type.
        pub(crate) fn decode_any(id: &ID) -> Result<NodeId> {
            let (name, number) = read(id).ok_or_else(malformed)?;
            match name.as_str() {
                $(stringify!($variant) => Ok(NodeId::$variant($id(number))),)+
                _ => Err(malformed()),
            }
        }
    };
}

global_ids! {
    Structure: StructureId,
    Row: RowId,
    Issue: IssueId,
    IssueLink: LinkId,
    LinkType: LinkTypeId,
    SavedFilter: FilterId,
    Board: BoardId,
    Synchronizer: SynchronizerId,
    Job: JobId,
    User: UserId,
    Token: TokenId,
}

/// The global form of an id.
pub(crate) fn encode<I: GlobalId>(id: I) -> ID {
    let mut text = String::new();
    write(&mut text, id);
    ID(text)
}

/// Adds the global form of an id to a text.
pub(crate) fn write<I: GlobalId>(text: &mut String, id: I) {
    opaque::write(text, &[I::TYPE, ":"], id.number());
}

/// Reads an id of one type.
pub(crate) fn decode<I: GlobalId>(id: &ID) -> Result<I> {
    let (name, number) = read(id).ok_or_else(malformed)?;
    if name != I::TYPE {
        return Err(ApiError::new(code::BAD_ID, wrong_type::<I>(&name)));
    }
    Ok(I::from_number(number))
}

/// Reads an id of one type out of a mutation's input; `path` names its field.
pub(crate) fn decode_at<I: GlobalId>(id: &ID, path: &str) -> std::result::Result<I, Refusal> {
    match read(id) {
        Some((name, number)) if name == I::TYPE => Ok(I::from_number(number)),
        Some((name, _)) => Err(Refusal::invalid(path, wrong_type::<I>(&name))),
        None => Err(Refusal::invalid(path, MALFORMED)),
    }
}

const MALFORMED: &str = "This is no id: expected one that this server gave.";

fn malformed() -> ApiError {
    ApiError::new(code::BAD_ID, MALFORMED)
}

fn wrong_type<I: GlobalId>(found: &str) -> String {
    format!("Expected the id of a {}, found that of a {found}.", I::TYPE)
}

fn read(id: &ID) -> Option<(String, i64)> {
    let bytes = URL_SAFE_NO_PAD.decode(id.as_bytes()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (name, number) = text.split_once(':')?;
    let known = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphabetic());
    let parsed: i64 = number.parse().ok()?;
    // One thing has one id: other spellings of a number are refused, for caches compare ids.
    (known(name) && parsed.to_string() == number).then(|| (name.to_owned(), parsed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_as_what_it_names() {
        let id = encode(RowId(12));
        assert_eq!(decode::<RowId>(&id).unwrap(), RowId(12));
        assert_eq!(decode_any(&id).unwrap(), NodeId::Row(RowId(12)));
        let error = decode::<JobId>(&id).unwrap_err();
        assert_eq!(error.code, code::BAD_ID);
        let refusal = decode_at::<JobId>(&id, "input.id").unwrap_err();
        assert_eq!(refusal.field.unwrap(), ["input", "id"]);
    }

    #[test]
    fn what_was_not_given_by_the_server_is_no_id() {
        for text in [
            "Row:+1",
            "Row:01",
            "Row:",
            "Row",
            "Folder:1",
            "Row:99999999999999999999",
        ] {
            let id = ID(URL_SAFE_NO_PAD.encode(text));
            assert!(decode_any(&id).is_err(), "{text}");
        }
        for text in ["", "12", "\u{0}", "Um93OjE=", "%%%"] {
            assert!(decode_any(&ID(text.to_owned())).is_err(), "{text}");
        }
    }
}
