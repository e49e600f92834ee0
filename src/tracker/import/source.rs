//! The bytes of a file to import: decompressed if need be, counted and bounded.

use super::ImportError;
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of one file after decompression at the most: 64 GiB, some fifty million issues.
const TOTAL_LIMIT: u64 = 64 << 30;
/// Bytes read at a time.
const BUFFER: usize = 64 << 10;
/// How gzipped data begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// An open file.
pub(super) struct Source {
    pub(super) reader: BufReader<Box<dyn Read + Send>>,
    pub(super) position: Position,
    /// Length of the file; 0 if it has none, as a pipe.
    pub(super) bytes: u64,
    pub(super) gzipped: bool,
}

/// How far a file has been read, in bytes of the file itself.
#[derive(Clone, Default)]
pub(super) struct Position(Arc<AtomicU64>);

impl Position {
    pub(super) fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Source {
    /// Opens a file; whether it is gzipped is seen from its first bytes, not from its name.
    pub(super) fn open(path: &Path) -> Result<Self, ImportError> {
        let fail = |reason: String| ImportError::File {
            file: path.display().to_string(),
            reason,
        };
        let unreadable = |error: io::Error| fail(format!("cannot be read: {error}"));
        let file = File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if metadata.is_dir() {
            return Err(fail("is a directory: expected a file of issues".to_owned()));
        }
        Self::over(file, metadata.len()).map_err(unreadable)
    }

    /// Reads what `inner` gives; `bytes` are to come, or 0 if that is not known.
    pub(super) fn over(inner: impl Read + Send + 'static, bytes: u64) -> io::Result<Self> {
        let position = Position::default();
        let counted = Counted {
            inner,
            position: position.clone(),
        };
        let mut raw = BufReader::with_capacity(BUFFER, counted);
        let gzipped = raw.fill_buf()?.starts_with(&GZIP);
        let plain: Box<dyn Read + Send> = match gzipped {
            true => Box::new(MultiGzDecoder::new(raw)),
            false => Box::new(raw),
        };
        let bounded: Box<dyn Read + Send> = Box::new(Bounded {
            inner: plain,
            left: TOTAL_LIMIT,
        });
        Ok(Self {
            reader: BufReader::with_capacity(BUFFER, bounded),
            position,
            bytes,
            gzipped,
        })
    }
}

/// What a failed read means.
pub(super) fn explain(error: &io::Error, gzipped: bool) -> String {
    match error.kind() {
        // Only the bounds here make errors of this kind, and they say all there is to say.
        io::ErrorKind::FileTooLarge => error.to_string(),
        io::ErrorKind::UnexpectedEof if gzipped => {
            "the gzipped data ends too early: the file is cut off".to_owned()
        }
        _ if gzipped => format!("the gzipped data is damaged: {error}"),
        _ => format!("cannot be read: {error}"),
    }
}

struct Counted<R> {
    inner: R,
    position: Position,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.position.0.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

struct Bounded {
    inner: Box<dyn Read + Send>,
    left: u64,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!(
                    "holds more than {} GiB of text: split it",
                    TOTAL_LIMIT >> 30
                ),
            )
        })?;
        Ok(count)
    }
}
