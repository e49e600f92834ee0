//! Search results as Jira returns them: an object that has `issues` among its fields.
//!
//! The text is parsed as it streams by, so a document of any length takes the memory of one issue.

use super::error::{ReadError, explain, join};
use super::json::Issue;
use super::read::{Found, ISSUE_LIMIT, Place, path_of};
use super::source;
use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::cell::Cell;
use std::fmt;
use std::io::{self, BufReader, Read};
use std::ops::ControlFlow;

/// Bytes that the parser is ahead of an issue at the most.
const BUFFER: usize = 64 << 10;
/// Bytes that may be read from one issue to the end of the next.
const RATION: u64 = ISSUE_LIMIT + BUFFER as u64;

/// Reads search results, one behind the other, to the end or until `take` breaks off.
pub(super) fn read(
    reader: impl Read,
    first_line: u64,
    gzipped: bool,
    take: &mut dyn FnMut(Found) -> ControlFlow<()>,
) -> Result<(), ReadError> {
    let (left, line) = (Cell::new(RATION), Cell::new(first_line));
    let rationed = Rationed {
        inner: reader,
        left: &left,
    };
    // The parser takes byte by byte, so that its line is known between two issues.
    let numbered = Numbered {
        inner: BufReader::with_capacity(BUFFER, rationed),
        line: &line,
    };
    let mut json = serde_json::Deserializer::from_reader(numbered);
    let mut walk = Walk {
        take,
        left: &left,
        line: &line,
        path: String::new(),
        is_over: false,
    };
    loop {
        if let Err(error) = Document(&mut walk).deserialize(&mut json) {
            return walk.end(error, first_line, gzipped);
        }
        match json.end() {
            Ok(()) => return Ok(()),
            Err(error) if error.is_io() => return walk.end(error, first_line, gzipped),
            // More text: another document.
            Err(_) => {}
        }
    }
}

/// What the nested readers of a document share.
struct Walk<'w> {
    take: &'w mut dyn FnMut(Found) -> ControlFlow<()>,
    left: &'w Cell<u64>,
    line: &'w Cell<u64>,
    /// Where in the document the reading stopped.
    path: String,
    /// Whether nobody takes more issues.
    is_over: bool,
}

impl Walk<'_> {
    /// What an error of the parser means.
    fn end(
        self,
        error: serde_json::Error,
        first_line: u64,
        gzipped: bool,
    ) -> Result<(), ReadError> {
        if self.is_over {
            return Ok(());
        }
        if error.is_io() {
            let reason = source::explain(&io::Error::from(error), gzipped);
            return Err(ReadError::Source(reason));
        }
        let line = first_line - 1 + error.line() as u64;
        Err(ReadError::line(line, self.path, explain(&error)))
    }
}

struct Document<'a, 'w>(&'a mut Walk<'w>);

impl<'de> DeserializeSeed<'de> for Document<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a search result: an object with issues")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut found = false;
        while let Some(name) = map.next_key::<String>()? {
            if name == "issues" {
                map.next_value_seed(Issues(&mut *self.0))?;
                found = true;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        match found {
            true => Ok(()),
            false => Err(de::Error::custom(
                "an object without issues: expected a search result, or one issue a line",
            )),
        }
    }
}

struct Issues<'a, 'w>(&'a mut Walk<'w>);

impl<'de> DeserializeSeed<'de> for Issues<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Issues<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of issues")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        for index in 0.. {
            self.0.path = path_of(index);
            let next = seq.next_element_seed(OneIssue(&mut *self.0, index))?;
            if next.is_none() {
                break;
            }
            self.0.left.set(RATION);
        }
        self.0.path.clear();
        Ok(())
    }
}

/// The issue at an index of the list.
struct OneIssue<'a, 'w>(&'a mut Walk<'w>, u64);

impl<'de> DeserializeSeed<'de> for OneIssue<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Self(walk, index) = self;
        let mut track = serde_path_to_error::Track::new();
        let tracked = serde_path_to_error::Deserializer::new(deserializer, &mut track);
        let issue = Issue::deserialize(tracked).inspect_err(|_| {
            walk.path = join(&walk.path, &track.path().to_string());
        })?;
        let found = Found {
            issue,
            bytes: RATION - walk.left.get(),
            place: Place {
                line: walk.line.get(),
                index: Some(index),
            },
        };
        match (walk.take)(found) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => {
                walk.is_over = true;
                // Only ends the parsing: nobody is told.
                Err(de::Error::custom("nobody takes more"))
            }
        }
    }
}

/// Counts the lines that pass.
struct Numbered<'l, R> {
    inner: R,
    line: &'l Cell<u64>,
}

impl<R: Read> Read for Numbered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let ends = buffer[..count]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        self.line.set(self.line.get() + ends as u64);
        Ok(count)
    }
}

/// Lets so many bytes pass between two issues.
struct Rationed<'l, R> {
    inner: R,
    left: &'l Cell<u64>,
}

impl<R: Read> Read for Rationed<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let left = self.left.get().checked_sub(count as u64).ok_or_else(|| {
            let limit = ISSUE_LIMIT >> 20;
            io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("holds an issue of more than {limit} MiB"),
            )
        })?;
        self.left.set(left);
        Ok(count)
    }
}
