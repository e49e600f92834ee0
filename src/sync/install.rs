//! Installing synchronizers and changing them: their settings are checked here, so that a job
//! never meets settings that make no sense.

use super::availability;
use crate::domain::synchronizer::{FilterSource, SavedFilterSettings};
use crate::domain::text::{self, NAME_LIMIT};
use crate::domain::{
    JobId, JobKind, JobState, Kind, Refusal, RefusalCode, RowId, Settings, StructureId,
    SynchronizerId, Viewer,
};
use crate::jql;
use crate::store::jobs::Job;
use crate::store::synchronizers::{self, Cursor, Synchronizer};
use crate::store::{Failure, Tx, catalog, filters, forest, issues, jobs, links};
use crate::structures::access::{self, AccessLevel};

/// Synchronizers on one structure at the most.
const PER_STRUCTURE: i64 = 50;
/// Type names in the settings of one synchronizer at the most.
const TYPE_LIMIT: usize = 100;

/// Installs a synchronizer, disabled. Without a name it gets one that says what it does.
pub fn install(
    tx: &Tx<'_>,
    viewer: &Viewer,
    structure: StructureId,
    name: Option<&str>,
    settings: &Settings,
) -> Result<SynchronizerId, Failure> {
    access::require(
        tx,
        viewer,
        structure,
        AccessLevel::Control,
        "input.structureId",
    )?;
    let name = checked_name(name, settings)?;
    check(tx, structure, settings)?;
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
pub fn update(
    tx: &Tx<'_>,
    viewer: &Viewer,
    id: SynchronizerId,
    name: Option<&str>,
    settings: Option<&Settings>,
) -> Result<(), Failure> {
    let old = require(tx, viewer, id, "input.id")?;
    let settings = settings.unwrap_or(&old.settings);
    if settings.kind() != old.settings.kind() {
        let message = format!(
            "the settings are those of another kind: expected {}; install another synchronizer instead",
            old.settings.kind().name()
        );
        return Err(Refusal::invalid("input.settings", message).into());
    }
    let name = checked_name(name.or(Some(&old.name)), settings)?;
    check(tx, old.structure, settings)?;
    cancel_waiting(tx, id, |_| true)?;
    jobs::forget_enabling(tx, id)?;
    Ok(synchronizers::update(tx, id, &name, settings)?)
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
        cancel_waiting(tx, id, |job| job.kind == JobKind::Incremental)?;
        jobs::forget_enabling(tx, id)?;
        return Ok(synchronizers::disable(tx, id, None)?);
    }
    if synchronizer.enabled {
        return Ok(());
    }
    if let Some(reason) = availability::check(tx, &synchronizer)? {
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
    cancel_waiting(tx, id, |_| true)?;
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
    access::require(tx, viewer, found.structure, AccessLevel::Control, path)?;
    Ok(found)
}

/// Cancels jobs that wait to run a synchronizer that is off, gone, or no longer what it was.
fn cancel_waiting(
    tx: &Tx<'_>,
    id: SynchronizerId,
    which: impl Fn(&Job) -> bool,
) -> Result<(), Failure> {
    for job in jobs::active(tx)? {
        if job.synchronizer == Some(id) && job.state == JobState::Queued && which(&job) {
            jobs::cancel(tx, &job)?;
        }
    }
    Ok(())
}

fn checked_name(name: Option<&str>, settings: &Settings) -> Result<String, Failure> {
    let default = match settings.kind() {
        Kind::SavedFilter => "Saved filter",
        Kind::SubTasks => "Sub-tasks",
        Kind::Links => "Links",
    };
    text::line("Name", name.unwrap_or(default), NAME_LIMIT)
        .map_err(|error| Refusal::invalid("input.name", error.0).into())
}

fn check(tx: &Tx<'_>, structure: StructureId, settings: &Settings) -> Result<(), Failure> {
    match settings {
        Settings::SavedFilter(settings) => check_saved_filter(tx, structure, settings),
        Settings::SubTasks(settings) => {
            if settings.issue_types.len() > TYPE_LIMIT {
                let message = format!("expected at most {TYPE_LIMIT} issue types");
                return Err(Refusal::invalid("input.settings.subTasks.issueTypes", message).into());
            }
            check_sub_task_types(tx, &settings.issue_types)
        }
        Settings::Links(settings) => {
            if links::find_type(tx, settings.link_type)?.is_none() {
                let at = "input.settings.links.linkTypeId";
                return Err(Refusal::not_found(at, "there is no link type with this id").into());
            }
            check_jql(
                settings.parent_jql.as_deref(),
                "input.settings.links.parentJql",
            )?;
            check_jql(
                settings.sub_issue_jql.as_deref(),
                "input.settings.links.subIssueJql",
            )
        }
    }
}

/// A name that no sub-task type bears would never match anything.
fn check_sub_task_types(tx: &Tx<'_>, names: &[String]) -> Result<(), Failure> {
    let types = catalog::issue_types(tx)?;
    let known: Vec<&str> = types
        .iter()
        .filter(|(_, it)| it.sub_task)
        .map(|(_, it)| it.name.as_str())
        .collect();
    for (at, name) in names.iter().enumerate() {
        if !known.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            let shown: String = name.chars().take(NAME_LIMIT).collect();
            let message = format!(
                "“{shown}” is no type of sub-tasks: expected one of {}",
                known.join(", ")
            );
            let path = format!("input.settings.subTasks.issueTypes.{at}");
            return Err(Refusal::invalid(&path, message).into());
        }
    }
    Ok(())
}

fn check_saved_filter(
    tx: &Tx<'_>,
    structure: StructureId,
    settings: &SavedFilterSettings,
) -> Result<(), Failure> {
    let at = |field: &str| format!("input.settings.savedFilter.{field}");
    match &settings.source {
        FilterSource::Jql(jql) => check_jql(Some(jql), &at("jql"))?,
        FilterSource::SavedFilter(id) => {
            if filters::find(tx, *id)?.is_none() {
                let message = "there is no saved filter with this id";
                return Err(Refusal::not_found(&at("savedFilterId"), message).into());
            }
        }
    }
    if let Some(row) = settings.place_under {
        check_row(tx, structure, row, &at("placeUnder"))?;
    }
    if settings.allow_move && settings.place_under.is_none() {
        let message = "allowMove needs placeUnder: the row that issues are moved under";
        return Err(Refusal::invalid(&at("allowMove"), message).into());
    }
    if !settings.add && !settings.remove && !settings.allow_move {
        let message = "it would do nothing: expected add, allowMove or remove to be true";
        return Err(Refusal::invalid("input.settings.savedFilter", message).into());
    }
    Ok(())
}

fn check_row(tx: &Tx<'_>, structure: StructureId, row: RowId, path: &str) -> Result<(), Failure> {
    if forest::find_structure_of(tx, row)? == Some(structure) {
        return Ok(());
    }
    Err(Refusal::not_found(path, "this structure has no row with this id").into())
}

fn check_jql(jql: Option<&str>, path: &str) -> Result<(), Failure> {
    let Some(jql) = jql else { return Ok(()) };
    match jql::parse(jql) {
        Ok(_) => Ok(()),
        Err(error) => Err(Refusal::invalid(path, error.to_string()).into()),
    }
}
