//! The door through which the fuzz targets reach what clients send first: ids, cursors, documents.

use super::cursor::Cursor;
use super::cursor::{self, List};
use super::ids::{self, NodeId};
use super::service::{self, Limits};
use async_graphql::ID;

/// Reads an id of any type and writes it again; `None` if this server would not have given it.
pub fn id_again(text: &str) -> Option<String> {
    let again = match ids::decode_any(&ID(text.to_owned())).ok()? {
        NodeId::Structure(id) => ids::encode(id),
        NodeId::Row(id) => ids::encode(id),
        NodeId::Issue(id) => ids::encode(id),
        NodeId::IssueLink(id) => ids::encode(id),
        NodeId::LinkType(id) => ids::encode(id),
        NodeId::SavedFilter(id) => ids::encode(id),
        NodeId::Board(id) => ids::encode(id),
        NodeId::Synchronizer(id) => ids::encode(id),
        NodeId::Job(id) => ids::encode(id),
        NodeId::User(id) => ids::encode(id),
        NodeId::Token(id) => ids::encode(id),
    };
    Some(again.0)
}

/// Reads a cursor as each list would, and writes it again as the lists that took it.
pub fn cursors_again(text: &str) -> Vec<String> {
    let mut again = Vec::new();
    for list in [
        List::Rows,
        List::Jobs,
        List::Changes,
        List::SavedFilters,
        List::History,
        List::Versions,
        List::Tokens,
    ] {
        again.extend(cursor::decode(list, text).map(|at| Cursor::Number(list, at).text()));
    }
    again.extend(
        cursor::decode_place(text).map(|(name, id)| cursor::encode_place(&name, id).text()),
    );
    again.extend(cursor::decode_issue(text).map(|place| cursor::encode_issue(&place).text()));
    again
}

/// The place behind the cursor of an issue.
pub fn issue_place(text: &str) -> Option<String> {
    cursor::decode_issue(text).ok()
}

/// Whether a document is let through to the parser, and what that makes of it.
pub fn parses(document: &str) -> Option<bool> {
    service::scanned(document, &Limits::default())
        .then(|| async_graphql::parser::parse_query(document).is_ok())
}
