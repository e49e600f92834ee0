//! Importing issues from files, as Jira's REST API returns them: JSON Lines of issues, or search
//! results; gzipped or not.
//!
//! A file is read as a stream and written in one transaction: with an error in it, it is left out
//! whole. An import says what is: it overwrites edits that were made here, leaves alone what the
//! file does not speak of, and, run again, changes nothing. What points at an issue that has not
//! come is kept and completed by the file that brings it, so files may come in any order; only
//! ranks follow it, since the data has none: new issues go behind all others, in key order.
//!
//! Absent on purpose: deleting issues. That a file lacks one does not mean that it is gone.

mod ahead;
mod documents;
mod error;
mod fields;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod json;
mod links;
mod load;
mod names;
mod ranks;
mod read;
mod references;
mod source;
mod value;
mod waiting;

#[cfg(test)]
mod tests;

pub use error::ImportError;

use crate::store::references::{ReferenceKind, count_missing};
use crate::store::{Store, StoreError, Tx};
use error::ReadError;
use load::Load;
use source::{Position, Source};
use std::path::{Path, PathBuf};

/// Issues between two reports of progress.
const PROGRESS_STEP: u64 = 256;

/// How far an import has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read, as they stand in the files.
    pub bytes_read: u64,
    /// Bytes to read; 0 if that is not known, as for a pipe.
    pub bytes_total: u64,
    /// Issues read.
    pub issues: u64,
}

/// What the import of a file did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Issues in the file.
    pub issues_read: u64,
    /// Issues that are new.
    pub created: u64,
    /// Issues that were here and differed.
    pub updated: u64,
    /// Issues that were here like that.
    pub unchanged: u64,
    /// Links that are new.
    pub links_created: u64,
    /// Links that are no longer listed.
    pub links_removed: u64,
}

/// References to issues that no import has brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dangling {
    /// From sub-tasks to their parents.
    pub parents: u64,
    /// From issues to their epics.
    pub epics: u64,
    /// From issues to the other ends of their links.
    pub links: u64,
}

impl Dangling {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.parents + self.epics + self.links
    }
}

/// What the import of several files did.
#[derive(Debug)]
pub struct Report {
    /// Each file, in the order given, and what became of it.
    pub files: Vec<(PathBuf, Result<Summary, ImportError>)>,
    /// What points at issues that are not here, now that all files have been read.
    pub dangling: Dangling,
}

/// Imports files one after the other; one that fails is left out and does not stop the others.
///
/// `progress` counts over all of the files. It is called on the writer's thread.
pub async fn import_files(
    store: &Store,
    paths: &[PathBuf],
    progress: impl FnMut(Progress) + Clone + Send + 'static,
) -> Result<Report, StoreError> {
    let size = |path: &PathBuf| std::fs::metadata(path).map_or(0, |it| it.len());
    let bytes_total = paths.iter().map(size).sum();
    let mut before = Progress::default();
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        let mut report = progress.clone();
        let outcome = import_file(store, path, move |of_file| {
            report(Progress {
                bytes_read: before.bytes_read + of_file.bytes_read,
                bytes_total,
                issues: before.issues + of_file.issues,
            });
        })
        .await;
        before.bytes_read += size(path);
        before.issues += outcome.as_ref().map_or(0, |summary| summary.issues_read);
        files.push((path.clone(), outcome));
    }
    let dangling = store.read(dangling).await?;
    Ok(Report { files, dangling })
}

/// Imports one file, in one transaction.
///
/// `progress` is called every few hundred issues, and at the end, on the writer's thread.
pub async fn import_file(
    store: &Store,
    path: &Path,
    progress: impl FnMut(Progress) + Send + 'static,
) -> Result<Summary, ImportError> {
    let name = path.display().to_string();
    let source = Source::open(path)?;
    store
        .write(move |tx| load_source(tx, source, progress).map_err(|error| error.named(&name)))
        .await
}

/// Counts what points at issues that are not here.
pub fn dangling(tx: &Tx<'_>) -> Result<Dangling, StoreError> {
    Ok(Dangling {
        parents: count_missing(tx, ReferenceKind::Parent)?,
        epics: count_missing(tx, ReferenceKind::Epic)?,
        links: count_missing(tx, ReferenceKind::LinkSource)?
            + count_missing(tx, ReferenceKind::LinkTarget)?,
    })
}

fn load_source(
    tx: &Tx<'_>,
    source: Source,
    mut progress: impl FnMut(Progress),
) -> Result<Summary, ReadError> {
    let (position, bytes_total): (Position, u64) = (source.position.clone(), source.bytes);
    let mut load = Load::begin(tx)?;
    let mut tell = |issues| {
        progress(Progress {
            bytes_read: position.bytes(),
            bytes_total,
            issues,
        });
    };
    ahead::visit_each(source, &mut |issue| {
        load.issue(issue)?;
        let issues = load.summary.issues_read;
        if issues.is_multiple_of(PROGRESS_STEP) {
            tell(issues);
        }
        Ok(())
    })?;
    let summary = load.finish()?;
    tell(summary.issues_read);
    Ok(summary)
}
