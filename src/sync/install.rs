//! Installing synchronizers and changing them: their settings are checked here, so that a job
//! never meets settings that make no sense.

use super::{availability, settings as rules};
use crate::domain::text::{self, NAME_LIMIT};
use crate::domain::{
    JobId, JobKind, JobState, Kind, Refusal, RefusalCode, Settings, StructureId, SynchronizerId,
    Viewer,
};
use crate::store::jobs::Job;
use crate::store::synchronizers::{self, Cursor, Synchronizer};
use crate::store::{Failure, Tx, forest, issues, jobs};
use crate::structures::access;

/// Synchronizers on one structure at the most.
const PER_STRUCTURE: i64 = 50;

/// Installs a synchronizer, disabled. Without a name it gets one that says what it does.
pub fn install(
    tx: &Tx<'_>,
    viewer: &Viewer,
    structure: StructureId,
    name: Option<&str>,
    settings: &Settings,
) -> Result<SynchronizerId, Failure> {
    access::require_synchronizers(tx, viewer, structure, "input.structureId")?;
    let name = checked_name(name, settings)?;
    rules::check(tx, structure, settings)?;
    if synchronizers::count(tx, structure)? >= PER_STRUCTURE {
        let message = format!("a structure holds at most {PER_STRUCTURE} synchronizers");
        return Err(Refusal::invalid("input.structureId", message).into());
    }
    Ok(synchronizers::create(
        tx,
        structure,
        &name,
        settings,
        viewer.user_id,
    )?)
}

/// Changes name or settings and disables; what is `None` stays.
///
/// Whoever changes the settings becomes the user as whom it runs, as by installing it: nobody gets
/// to act with the rights of another by rewriting their rule.
pub fn update(
    tx: &Tx<'_>,
    viewer: &Viewer,
    id: SynchronizerId,
    name: Option<&str>,
    settings: Option<&Settings>,
) -> Result<(), Failure> {
    let old = require(tx, viewer, id, "input.id")?;
    let settings = settings.unwrap_or(&old.settings);
    let run_as = match *settings == old.settings {
        true => old.run_as,
        false => viewer.user_id,
    };
    if settings.kind() != old.settings.kind() {
        let message = format!(
            "the settings are those of another kind: expected {}; install another synchronizer instead",
            old.settings.kind().name()
        );
        return Err(Refusal::invalid("input.settings", message).into());
    }
    let name = checked_name(name.or(Some(&old.name)), settings)?;
    rules::check(tx, old.structure, settings)?;
    cancel_waiting(tx, id, "Its synchronizer was changed.", runs_it)?;
    jobs::forget_enabling(tx, id)?;
    Ok(synchronizers::update(tx, id, &name, settings, run_as)?)
}

/// Switches incremental synchronization on, from now on, or off.
pub fn set_enabled(
    tx: &Tx<'_>,
    viewer: &Viewer,
    id: SynchronizerId,
    enabled: bool,
) -> Result<(), Failure> {
    let synchronizer = require(tx, viewer, id, "id")?;
    if !enabled {
        let because = "Its synchronizer was disabled.";
        cancel_waiting(tx, id, because, |job| job.kind == JobKind::Incremental)?;
        jobs::forget_enabling(tx, id)?;
        return Ok(synchronizers::disable(tx, id, None)?);
    }
    if synchronizer.enabled {
        return Ok(());
    }
    if let Some(reason) = availability::of(tx, &synchronizer)? {
        let message = format!("this synchronizer cannot run: {reason}");
        return Err(Refusal::new(RefusalCode::NotAvailable, message)
            .at("id")
            .into());
    }
    let structure = forest::find_version(tx, synchronizer.structure)?.unwrap_or_default();
    let cursor = Cursor {
        issues: issues::last_change(tx)?,
        structure,
    };
    Ok(synchronizers::enable(tx, id, cursor)?)
}

/// Uninstalls a synchronizer that no job runs; its ended jobs stay. A running job is in the way:
/// it is named, so that the caller can wait for its end.
pub fn uninstall(tx: &Tx<'_>, viewer: &Viewer, id: SynchronizerId) -> Result<(), Failure> {
    require(tx, viewer, id, "id")?;
    let running = jobs::active(tx)?
        .into_iter()
        .find(|job| job.synchronizer == Some(id) && job.state != JobState::Queued);
    if let Some(job) = running {
        return Err(still_runs(job.id).into());
    }
    cancel_waiting(tx, id, "Its synchronizer was uninstalled.", runs_it)?;
    Ok(synchronizers::delete(tx, id)?)
}

fn still_runs(job: JobId) -> Refusal {
    let message = "a job of this synchronizer runs: cancel it, or try again when it has ended";
    let mut refusal = Refusal::new(RefusalCode::Conflict, message).at("id");
    refusal.job = Some(job);
    refusal
}

/// The synchronizer, if it exists for the viewer and the viewer controls it.
fn require(
    tx: &Tx<'_>,
    viewer: &Viewer,
    id: SynchronizerId,
    path: &str,
) -> Result<Synchronizer, Failure> {
    let unknown = || Refusal::not_found(path, "there is no synchronizer with this id");
    let found = synchronizers::find(tx, id)?.ok_or_else(unknown)?;
    access::find(tx, viewer, found.structure)?.ok_or_else(unknown)?;
    access::require_synchronizers(tx, viewer, found.structure, path)?;
    Ok(found)
}

/// Whether a job of a synchronizer runs it: a revert undoes what it did, whatever it is now.
fn runs_it(job: &Job) -> bool {
    job.kind != JobKind::Revert
}

/// Cancels jobs that wait to run a synchronizer that is off, gone, or no longer what it was.
fn cancel_waiting(
    tx: &Tx<'_>,
    id: SynchronizerId,
    because: &str,
    which: impl Fn(&Job) -> bool,
) -> Result<(), Failure> {
    for job in jobs::active(tx)? {
        if job.synchronizer == Some(id) && job.state == JobState::Queued && which(&job) {
            jobs::cancel(tx, &job, because)?;
        }
    }
    Ok(())
}

fn checked_name(name: Option<&str>, settings: &Settings) -> Result<String, Failure> {
    let default = match settings.kind() {
        Kind::SavedFilter => "Saved filter",
        Kind::SubTasks => "Sub-tasks",
        Kind::Links => "Links",
        Kind::Agile => "Agile",
        Kind::StatusRollup => "Status rollup",
    };
    text::name("Name", name.unwrap_or(default), NAME_LIMIT)
        .map_err(|error| Refusal::invalid("input.name", error.0).into())
}
