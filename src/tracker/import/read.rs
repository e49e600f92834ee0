//! From bytes to issues, one at a time: JSON Lines, or a search result document.
//!
//! What is in memory at a time is one issue, which may have [`ISSUE_LIMIT`] bytes. A file is lines
//! if its first line is an issue by itself; otherwise it is one or more documents, printed on one
//! line or on many, and the issues in them are read as they go by.

use super::documents;
use super::error::{Fault, ReadError, explain, join};
use super::json::Issue;
use super::source::{self, Source};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::io::{self, BufRead, Read};
use std::ops::ControlFlow;

/// Bytes of one issue at the most.
pub(super) const ISSUE_LIMIT: u64 = 16 << 20;
/// A mark that some editors put in front of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// An issue, and where in the file it stands.
pub(super) struct Found {
    pub(super) issue: Issue,
    /// Bytes of text that it took, about.
    pub(super) bytes: u64,
    pub(super) place: Place,
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The line, from 1; of an issue on several lines, the last.
    pub(super) line: u64,
    /// Which issue of its document it is, from 0.
    pub(super) index: Option<u64>,
}

impl Place {
    /// What is wrong with the issue at this place.
    pub(super) fn fault(self, fault: Fault) -> ReadError {
        let within = self.index.map_or_else(String::new, path_of);
        ReadError::fault(self.line, &within, fault)
    }
}

/// The path to an issue in its document.
pub(super) fn path_of(index: u64) -> String {
    format!("issues[{index}]")
}

/// Calls `take` with each issue of a file, in order, until it breaks off.
pub(super) fn each_issue(
    source: Source,
    take: &mut dyn FnMut(Found) -> ControlFlow<()>,
) -> Result<(), ReadError> {
    let Source {
        mut reader,
        gzipped,
        ..
    } = source;
    let unreadable = |error: io::Error| ReadError::Source(source::explain(&error, gzipped));
    let (mut line, mut number) = (Vec::new(), 0);
    loop {
        if !read_line(&mut reader, &mut line).map_err(unreadable)? {
            return Err(ReadError::Source(
                "is empty: expected issues, one JSON object a line, or a search result".to_owned(),
            ));
        }
        number += 1;
        if number == 1 && line.starts_with(BYTE_ORDER_MARK) {
            line.drain(..BYTE_ORDER_MARK.len());
        }
        if !line.trim_ascii().is_empty() {
            break;
        }
    }
    if begins_document(&line) {
        let whole = io::Cursor::new(line).chain(reader);
        return documents::read(whole, number, gzipped, take);
    }
    loop {
        if line.len() as u64 > ISSUE_LIMIT {
            let limit = ISSUE_LIMIT >> 20;
            let message = format!("longer than {limit} MiB: expected one issue a line");
            return Err(ReadError::line(number, "", message));
        }
        if !line.trim_ascii().is_empty() {
            let found = Found {
                issue: parse(&line, number)?,
                bytes: line.len() as u64,
                place: Place {
                    line: number,
                    index: None,
                },
            };
            if take(found).is_break() {
                return Ok(());
            }
        }
        if !read_line(&mut reader, &mut line).map_err(unreadable)? {
            return Ok(());
        }
        number += 1;
    }
}

/// Reads a line, or as much of it as shows that it is too long; `false` at the end.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    Ok(reader.take(ISSUE_LIMIT + 1).read_until(b'\n', line)? > 0)
}

/// Whether a first line begins a search result: it has `issues`, or goes on in the next line.
fn begins_document(line: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Top {
        issues: Option<IgnoredAny>,
    }
    match serde_json::from_slice::<Top>(line) {
        Ok(top) => top.issues.is_some(),
        Err(error) => error.is_eof() && line.trim_ascii_start().starts_with(b"{"),
    }
}

fn parse(line: &[u8], number: u64) -> Result<Issue, ReadError> {
    if !line.trim_ascii_start().starts_with(b"{") {
        let message = "expected an issue: a JSON object with a key and fields";
        return Err(ReadError::line(number, "", message));
    }
    serde_json::from_slice(line).map_err(|_| {
        // Read again with an eye on the path: that is too slow to be done for every line.
        let mut again = serde_json::Deserializer::from_slice(line);
        match serde_path_to_error::deserialize::<_, Issue>(&mut again) {
            Err(error) => {
                let field = join("", &error.path().to_string());
                ReadError::line(number, field, explain(error.inner()))
            }
            Ok(_) => ReadError::line(number, "", "more than one JSON value: expected one a line"),
        }
    })
}
