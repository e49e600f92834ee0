//! Search results as Jira returns them: an object that has `issues` among its fields.
//!
//! The text is parsed as it streams by, so a document of any length takes the memory of one issue.

use super::error::{Fault, ReadError, explain, join};
use super::json::Issue;
use super::read::ISSUE_LIMIT;
use super::source;
use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::cell::Cell;
use std::fmt;
use std::io::{self, BufReader, Read};

/// Bytes that the parser is ahead of an issue at the most.
const BUFFER: usize = 64 << 10;
/// Bytes that may be read from one issue to the end of the next.
const RATION: u64 = ISSUE_LIMIT + BUFFER as u64;

/// Reads search results, one behind the other, to the end.
pub(super) fn read(
    reader: impl Read,
    first_line: u64,
    gzipped: bool,
    visit: &mut dyn FnMut(Issue<'_>) -> Result<(), Fault>,
) -> Result<(), ReadError> {
    let left = Cell::new(RATION);
    let rationed = Rationed {
        inner: reader,
        left: &left,
    };
    let reader = BufReader::with_capacity(BUFFER, rationed);
    let mut json = serde_json::Deserializer::from_reader(reader);
    let mut walk = Walk {
        visit,
        left: &left,
        path: String::new(),
        fault: None,
    };
    loop {
        if let Err(error) = Document(&mut walk).deserialize(&mut json) {
            return Err(walk.explain(error, first_line, gzipped));
        }
        match json.end() {
            Ok(()) => return Ok(()),
            Err(error) if error.is_io() => return Err(walk.explain(error, first_line, gzipped)),
            // More text: another document.
            Err(_) => {}
        }
    }
}

/// What the nested readers of a document share.
struct Walk<'w> {
    visit: &'w mut dyn FnMut(Issue<'_>) -> Result<(), Fault>,
    left: &'w Cell<u64>,
    /// Where in the document the reading stopped.
    path: String,
    fault: Option<Fault>,
}

impl Walk<'_> {
    fn explain(self, error: serde_json::Error, first_line: u64, gzipped: bool) -> ReadError {
        let line = first_line - 1 + error.line() as u64;
        match self.fault {
            Some(fault) => ReadError::fault(line, &self.path, fault),
            None if error.is_io() => {
                ReadError::Source(source::explain(&io::Error::from(error), gzipped))
            }
            None => ReadError::line(line, self.path, explain(&error)),
        }
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
            self.0.path = format!("issues[{index}]");
            if seq.next_element_seed(OneIssue(&mut *self.0))?.is_none() {
                break;
            }
            self.0.left.set(RATION);
        }
        self.0.path.clear();
        Ok(())
    }
}

struct OneIssue<'a, 'w>(&'a mut Walk<'w>);

impl<'de> DeserializeSeed<'de> for OneIssue<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let mut track = serde_path_to_error::Track::new();
        let tracked = serde_path_to_error::Deserializer::new(deserializer, &mut track);
        let issue = match Issue::deserialize(tracked) {
            Ok(issue) => issue,
            Err(error) => {
                self.0.path = join(&self.0.path, &track.path().to_string());
                return Err(error);
            }
        };
        (self.0.visit)(issue).map_err(|fault| {
            self.0.fault = Some(fault);
            // Only ends the parsing: the fault itself is told.
            de::Error::custom("refused")
        })
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
