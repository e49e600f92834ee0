//! What is left to do of a job once there is a plan: to write it, and how the job ends.

use super::Round;
use super::task::Task;
use crate::domain::{JobState, LogLevel, UserId};
use crate::store::forest::{self, Author};
use crate::store::jobs::{self, Job};
use crate::store::pending::{self, PendingWrite};
use crate::store::synchronizers::{self, Cursor};
use crate::store::{StoreError, Tx, issues};
use crate::sync::apply::{self, Ending, Ready, Rows};
use crate::sync::rule::Rule;
use crate::sync::{Halt, Watch, guard, journal};
use std::sync::Arc;

/// Rows and lines written in one transaction: some hundredths of a second, for which others wait.
const PART: usize = 2_000;

/// A job and its plan.
pub(super) struct Work {
    pub(super) job: Job,
    task: Task,
    ready: Ready,
    watch: Arc<dyn Watch>,
    round: Round,
}

impl Work {
    pub(super) fn new(
        job: Job,
        task: Task,
        ready: Ready,
        watch: Arc<dyn Watch>,
        round: Round,
    ) -> Self {
        Self {
            job,
            task,
            ready,
            watch,
            round,
        }
    }

    /// Whether it is written in one transaction.
    pub(super) fn is_one_part(&self) -> bool {
        self.ready.planned.plan.rows.len() <= PART
    }

    /// Writes all of it.
    pub(super) fn write_whole(mut self, tx: &Tx<'_>) -> Result<(), Halt> {
        let (job, author) = self.go_on(tx)?;
        let first = forest::take_ids(tx, self.new_rows())?;
        let mut rows = self.rows(author, first)?;
        while self.write_part(tx, &mut rows)? {}
        self.close(tx, &job, author, rows)
    }

    /// Begins to write in parts; as whom, and the id of the first new row.
    pub(super) fn open(&self, tx: &Tx<'_>) -> Result<(Author, i64), Halt> {
        let (job, author) = self.go_on(tx)?;
        let count = self.new_rows();
        let first = forest::take_ids(tx, count)?;
        let version = self.ready.planned.heads.structure;
        let versions = match job.dry_run {
            true => 0,
            false => forest::versions(self.ready.planned.plan.rows.len()),
        };
        pending::begin(
            tx,
            &PendingWrite {
                job: job.id,
                structure: job.structure,
                rows: (first, first + count as i64 - 1),
                versions: (version + 1, version + versions),
            },
        )?;
        Ok((author, first))
    }

    /// The rows to write; of a dry run only their lines.
    pub(super) fn rows(&self, author: Author, first: i64) -> Result<Rows, StoreError> {
        let planned = &self.ready.planned;
        if self.job.dry_run {
            if !self.is_one_part() {
                let lines = planned.plan.rows.len();
                self.watch.phase("Recording changes", Some(lines));
            }
            return Ok(Rows::listed(planned));
        }
        self.watch
            .phase("Applying changes", Some(self.ready.counts.total()));
        Rows::new(planned, self.job.structure, author, first)
    }

    /// Writes the next part of the rows; whether there is more.
    pub(super) fn write_part(&self, tx: &Tx<'_>, rows: &mut Rows) -> Result<bool, Halt> {
        self.watch.check()?;
        let planned = &self.ready.planned;
        let done = rows.write(tx, self.job.id, planned, PART)?;
        if !self.job.dry_run || !self.is_one_part() {
            self.watch.advance(done);
        }
        Ok(done < planned.plan.rows.len())
    }

    /// Whether the plan still fits the structure; cheap, and asked before each part.
    pub(super) fn is_in_time(&self, tx: &Tx<'_>) -> Result<(), Halt> {
        let beside = self.round == Round::Held || !self.is_one_part();
        match self.job.dry_run || apply::is_current(tx, self.job.structure, &self.ready, beside)? {
            true => Ok(()),
            false => Err(Halt::Outdated),
        }
    }

    /// Makes all parts seen, and ends the job.
    pub(super) fn close_parts(mut self, tx: &Tx<'_>, rows: Rows) -> Result<(), Halt> {
        let (job, author) = self.go_on(tx)?;
        pending::end(tx, job.id)?;
        self.close(tx, &job, author, rows)
    }

    fn new_rows(&self) -> usize {
        match self.job.dry_run {
            true => 0,
            false => forest::count_new(&self.ready.planned.plan.rows),
        }
    }

    /// Whether the job goes on, as it is now, and as whom. What users decided while it was planned
    /// is kept to: a cancellation, other settings, and that the synchronizer is not to be enabled
    /// after all.
    fn go_on(&self, tx: &Tx<'_>) -> Result<(Job, Author), Halt> {
        self.watch.check()?;
        let job = jobs::find(tx, self.job.id)?.filter(|job| job.state == JobState::Running);
        let job = job.ok_or(Halt::Cancelled)?;
        let run_as = match job.dry_run {
            true => self.task.run_as(),
            false => self.confirmed(tx, &job)?,
        };
        self.is_in_time(tx)?;
        let author = Author::Job(job.id, run_as);
        Ok((job, author))
    }

    fn confirmed(&self, tx: &Tx<'_>, job: &Job) -> Result<UserId, Halt> {
        let now = Task::of_job(tx, job)?;
        if let (Task::Synchronize(planned), Task::Synchronize(now)) = (&self.task, &now)
            && (planned.settings != now.settings || planned.run_as != now.run_as)
        {
            return Err(Halt::SettingsChanged);
        }
        Ok(now.run_as())
    }

    fn close(
        &mut self,
        tx: &Tx<'_>,
        job: &Job,
        author: Author,
        mut rows: Rows,
    ) -> Result<(), Halt> {
        let Ready {
            planned,
            others,
            counts,
            ..
        } = &mut self.ready;
        if !job.dry_run {
            rows.close(tx)?;
            apply::edit_issues(tx, &planned.plan, author, others)?;
        }
        jobs::add_changes(tx, job.id, planned.plan.rows.len(), others)?;
        self.watch.check()?;
        let mut ending = Ending {
            warning: None,
            closing: journal::warnings(counts),
        };
        let counts = *counts;
        if job.dry_run {
            // The dry run is what was asked for, so it succeeds, and says that a run would not.
            let removals = guard::check_removals(&planned.plan, job.max_removal_percent);
            ending.warning = removals.err();
            ending.closing.push(match &ending.warning {
                None => {
                    let message = "It was a dry run: nothing was changed.";
                    (LogLevel::Info, message.to_owned())
                }
                Some(halt) => {
                    let message =
                        format!("It was a dry run: nothing was changed. A run would fail: {halt}.");
                    (LogLevel::Warning, message)
                }
            });
            return Ok(apply::finish(tx, job, counts, ending, &*self.watch)?);
        }
        if counts.total() > 0 {
            let message = "The plan was applied, all of it at once.";
            ending.closing.push((LogLevel::Info, message.to_owned()));
        }
        // What a revert does not synchronize, it does not count as synchronized: cursors stay.
        match &self.task {
            Task::Synchronize(rule) => ending.closing.extend(self.advance(tx, job, rule)?),
            Task::Revert(_) => ending.closing.extend(still_enabled(tx, job)?),
        }
        Ok(apply::finish(tx, job, counts, ending, &*self.watch)?)
    }

    /// Moves the synchronizer's cursor to where the plan was made, and past its own work: what
    /// others changed in the tracker since lies ahead of it.
    fn advance(
        &self,
        tx: &Tx<'_>,
        job: &Job,
        rule: &Rule,
    ) -> Result<Option<journal::Line>, StoreError> {
        let planned = &self.ready.planned;
        let version = forest::find_version(tx, rule.structure)?;
        let Some((synchronizer, structure)) = rule.synchronizer.zip(version) else {
            return Ok(None);
        };
        let issues = match planned.writes_issues() {
            true => issues::last_change(tx)?,
            false => planned.heads.issues,
        };
        let cursor = Cursor { issues, structure };
        if job.enable_afterwards {
            synchronizers::enable(tx, synchronizer, cursor)?;
        } else {
            synchronizers::advance(tx, synchronizer, cursor)?;
        }
        Ok(Some(journal::advanced(cursor, job.enable_afterwards)))
    }
}

/// What a revert leaves behind whose synchronizer goes on: two sides that differ.
fn still_enabled(tx: &Tx<'_>, job: &Job) -> Result<Option<journal::Line>, StoreError> {
    let synchronizer = match job.synchronizer {
        Some(id) => synchronizers::find(tx, id)?,
        None => None,
    };
    Ok(synchronizer.filter(|it| it.enabled).map(|it| {
        let message = format!(
            "“{}” is enabled. It does not carry over what was undone, so both sides differ there \
             until one of them is edited; disable it to keep that so.",
            it.name
        );
        (LogLevel::Warning, message)
    }))
}
