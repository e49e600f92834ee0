//! Reading ahead on a thread of its own: while what was unpacked is taken in, the next is unpacked.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Bytes handed over at a time.
const PART: usize = 256 << 10;
/// Parts that wait at the most.
const WAITING: usize = 4;

/// An empty one is the end: without it, the other thread broke off.
type Part = io::Result<Vec<u8>>;

/// What another reader gives, read on a thread that ends with it.
pub(super) struct Ahead {
    parts: Receiver<Part>,
    part: io::Cursor<Vec<u8>>,
    is_over: bool,
}

impl Ahead {
    pub(super) fn of(inner: impl Read + Send + 'static) -> io::Result<Self> {
        let (sender, parts) = sync_channel(WAITING);
        let reading = thread::Builder::new().name("unpacking".to_owned());
        reading.spawn(move || hand_over(inner, &sender))?;
        Ok(Self {
            parts,
            part: io::Cursor::default(),
            is_over: false,
        })
    }
}

/// Sends part after part, until the end, an error, or nobody takes them any more.
fn hand_over(mut inner: impl Read, to: &SyncSender<Part>) {
    loop {
        let mut part = Vec::with_capacity(PART);
        let read = inner.by_ref().take(PART as u64).read_to_end(&mut part);
        let is_last = part.len() < PART;
        // What came before an error is of use: a message then names the line that is cut off. And who
        // no longer reads does not need to know what comes.
        if !part.is_empty() && to.send(Ok(part)).is_err() {
            return;
        }
        if let Err(error) = read {
            let _ = to.send(Err(error));
            return;
        }
        if is_last {
            let _ = to.send(Ok(Vec::new()));
            return;
        }
    }
}

impl Read for Ahead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.part.read(buffer)?;
            if count > 0 || buffer.is_empty() || self.is_over {
                return Ok(count);
            }
            let next = self.parts.recv();
            let next = next.map_err(|_| io::Error::other("unpacking broke off"))??;
            self.is_over = next.is_empty();
            self.part = io::Cursor::new(next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(usize);

    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = buffer.len().min(self.0);
            self.0 -= count;
            buffer[..count].fill(b'x');
            match count {
                0 => Err(io::Error::other("torn")),
                count => Ok(count),
            }
        }
    }

    #[test]
    fn it_gives_what_the_other_gives_and_its_error_after_that() {
        let text: Vec<u8> = (0..3 * PART + 7).map(|at| at as u8).collect();
        let mut read = Vec::new();
        let mut ahead = Ahead::of(io::Cursor::new(text.clone())).unwrap();
        ahead.read_to_end(&mut read).unwrap();
        assert_eq!(read, text);
        let mut read = Vec::new();
        let error = Ahead::of(Failing(PART + 5)).unwrap().read_to_end(&mut read);
        assert_eq!(error.unwrap_err().to_string(), "torn");
        assert_eq!(read.len(), PART + 5);
    }

    #[test]
    fn what_breaks_off_is_no_end() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                panic!("broken")
            }
        }
        let broken = Ahead::of(Broken).unwrap().read_to_end(&mut Vec::new());
        assert!(broken.unwrap_err().to_string().contains("broke off"));
    }

    #[test]
    fn it_ends_if_nobody_reads_to_the_end() {
        let (gone, seen) = std::sync::mpsc::channel::<()>();
        struct Endless {
            _until: std::sync::mpsc::Sender<()>,
        }
        impl Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                Ok(buffer.len())
            }
        }
        let mut ahead = Ahead::of(Endless { _until: gone }).unwrap();
        ahead.read_exact(&mut [0; 10]).unwrap();
        drop(ahead);
        // The reader is dropped with its thread.
        assert!(seen.recv().is_err());
    }
}
