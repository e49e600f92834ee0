//! Reading ahead on a thread of its own: while issues are written, the next are unpacked and parsed.

use super::error::{Fault, ReadError};
use super::json::Issue;
use super::read::{Found, each_issue};
use super::source::Source;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Issues handed over at a time.
const ISSUES: usize = 64;
/// Bytes of text from which on fewer of them are.
const BYTES: u64 = 256 << 10;
/// Parts that wait at the most. Each may end with an issue of the greatest length.
const WAITING: usize = 2;

/// Issues, or why there are no more. None at all is the end: without it, the other thread broke off.
type Part = Result<Vec<Found>, ReadError>;

/// Calls `visit` with each issue of a file, in order; its first refusal ends the reading.
pub(super) fn visit_each(
    source: Source,
    visit: &mut dyn FnMut(Issue) -> Result<(), Fault>,
) -> Result<(), ReadError> {
    let parts = read(source)?;
    loop {
        let part = parts.recv().map_err(|_| broke_off("it broke off"))??;
        if part.is_empty() {
            return Ok(());
        }
        for found in part {
            let place = found.place;
            visit(found.issue).map_err(|fault| place.fault(fault))?;
        }
    }
}

/// Begins to read, on a thread that ends when nobody takes what it reads any more.
fn read(source: Source) -> Result<Receiver<Part>, ReadError> {
    let (sender, parts) = sync_channel(WAITING);
    let reading = thread::Builder::new().name("reading".to_owned());
    let started = reading.spawn(move || hand_over(source, &sender));
    started.map_err(|error| broke_off(&error.to_string()))?;
    Ok(parts)
}

fn broke_off(reason: &str) -> ReadError {
    ReadError::Source(format!("cannot be read: {reason}"))
}

fn hand_over(source: Source, to: &SyncSender<Part>) {
    let (mut part, mut bytes) = (Vec::with_capacity(ISSUES), 0);
    let outcome = each_issue(source, &mut |found| {
        bytes += found.bytes;
        part.push(found);
        if part.len() < ISSUES && bytes < BYTES {
            return ControlFlow::Continue(());
        }
        bytes = 0;
        let full = std::mem::replace(&mut part, Vec::with_capacity(ISSUES));
        match to.send(Ok(full)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    });
    // What came before an error is visited first: it may be refused itself. Who no longer takes
    // anything does not need to know what comes.
    if !part.is_empty() && to.send(Ok(part)).is_err() {
        return;
    }
    let _ = to.send(outcome.map(|()| Vec::new()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{self, Cursor, Read};

    fn lines(count: usize) -> String {
        (1..=count)
            .map(|number| format!("{{\"key\": \"A-{number}\"}}\n"))
            .collect()
    }

    /// The keys that are visited, and how it ended.
    fn visited(from: impl Read + Send + 'static) -> (Vec<i64>, Result<(), ReadError>) {
        let mut seen = Vec::new();
        let outcome = visit_each(Source::over(from, 0).unwrap(), &mut |issue| {
            seen.push(issue.key.number());
            Ok(())
        });
        (seen, outcome)
    }

    #[test]
    fn all_that_stands_before_an_error_is_visited_first() {
        let count = 3 * ISSUES + 7;
        let all: Vec<i64> = (1..=count as i64).collect();
        let (seen, outcome) = visited(Cursor::new(lines(count)));
        assert!(outcome.is_ok());
        assert_eq!(seen, all);
        let (seen, outcome) = visited(Cursor::new(lines(count) + "{}"));
        assert_eq!(seen, all);
        match outcome {
            Err(ReadError::Line { line, .. }) => assert_eq!(line, count as u64 + 1),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_breaks_off_is_no_end() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                panic!("broken")
            }
        }
        let begun = Cursor::new(lines(1)).chain(Broken);
        match visited(begun).1 {
            Err(ReadError::Source(reason)) => assert!(reason.contains("broke off"), "{reason}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn it_ends_if_an_issue_is_refused() {
        let (gone, seen) = std::sync::mpsc::channel::<()>();
        struct Endless {
            text: Cursor<String>,
            _until: std::sync::mpsc::Sender<()>,
        }
        impl Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                if self.text.position() == self.text.get_ref().len() as u64 {
                    self.text.set_position(0);
                }
                self.text.read(buffer)
            }
        }
        let endless = Endless {
            text: Cursor::new(lines(9)),
            _until: gone,
        };
        let source = Source::over(endless, 0).unwrap();
        let outcome = visit_each(source, &mut |_| Err(Fault::value("key", "no")));
        assert!(matches!(outcome, Err(ReadError::Line { line: 1, .. })));
        // The reader is dropped with its thread.
        assert!(seen.recv().is_err());
    }
}
