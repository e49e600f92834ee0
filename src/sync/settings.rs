//! Which settings make sense: checked before they are kept or run, so that a job never meets others.

use crate::domain::synchronizer::{
    AgileSettings, AgileSource, FilterSource, SavedFilterSettings, StatusRollupSettings,
};
use crate::domain::text::{self, NAME_LIMIT};
use crate::domain::{Refusal, RowId, Settings, StructureId};
use crate::jql;
use crate::store::{Failure, Tx, boards, catalog, filters, forest, links};

/// Names in one list of the settings of a rule at the most.
const NAMES_LIMIT: usize = 100;

/// Refuses settings that a job could not run with.
pub fn check(tx: &Tx<'_>, structure: StructureId, settings: &Settings) -> Result<(), Failure> {
    match settings {
        Settings::SavedFilter(settings) => check_saved_filter(tx, structure, settings),
        Settings::SubTasks(settings) => {
            let known = catalog::issue_types(tx)?;
            let known = known.iter().map(|(_, it)| it).filter(|it| it.sub_task);
            let known: Vec<&str> = known.map(|it| it.name.as_str()).collect();
            let path = "input.settings.subTasks.issueTypes";
            check_names(path, "type of sub-tasks", &settings.issue_types, &known)
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
        Settings::Agile(settings) => check_agile(tx, settings),
        Settings::StatusRollup(settings) => check_rollup(tx, settings),
    }
}

/// A name that nothing bears would never match anything.
fn check_names(path: &str, what: &str, names: &[String], known: &[&str]) -> Result<(), Failure> {
    if names.len() > NAMES_LIMIT {
        let message = format!("{} names: expected at most {NAMES_LIMIT}", names.len());
        return Err(Refusal::invalid(path, message).into());
    }
    for (at, name) in names.iter().enumerate() {
        if !known.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            let shown: String = name.chars().take(NAME_LIMIT).collect();
            let message = format!(
                "“{shown}” is no {what}: expected one of {}",
                known.join(", ")
            );
            return Err(Refusal::invalid(&format!("{path}.{at}"), message).into());
        }
    }
    Ok(())
}

fn check_projects(tx: &Tx<'_>, path: &str, keys: &[String]) -> Result<(), Failure> {
    let known = catalog::project_keys(tx)?;
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    check_names(path, "project", keys, &known)
}

fn check_agile(tx: &Tx<'_>, settings: &AgileSettings) -> Result<(), Failure> {
    let at = |field: &str| format!("input.settings.agile.{field}");
    match &settings.source {
        AgileSource::Board(id) => {
            let board = boards::find(tx, *id)?.ok_or_else(|| {
                Refusal::not_found(&at("boardId"), "there is no board with this id")
            })?;
            if settings.sync_rank && !board.ranked {
                let message = format!(
                    "the board “{}” is not ranked: expected syncRank to be false, or a ranked board",
                    board.name
                );
                return Err(Refusal::invalid(&at("syncRank"), message).into());
            }
        }
        AgileSource::Projects(keys) => {
            if keys.is_empty() {
                let message = "expected the key of one project at least";
                return Err(Refusal::invalid(&at("projectKeys"), message).into());
            }
            check_projects(tx, &at("projectKeys"), keys)?;
        }
    }
    if !settings.sync_rank && !settings.sync_epics && !settings.add_sub_tasks {
        let message = "it would do nothing: expected syncRank, syncEpics or addSubTasks to be true";
        return Err(Refusal::invalid("input.settings.agile", message).into());
    }
    Ok(())
}

fn check_rollup(tx: &Tx<'_>, settings: &StatusRollupSettings) -> Result<(), Failure> {
    let at = |field: &str| format!("input.settings.statusRollup.{field}");
    check_projects(tx, &at("projectKeys"), &settings.project_keys)?;
    let types = catalog::issue_types(tx)?;
    let types: Vec<&str> = types.iter().map(|(_, it)| it.name.as_str()).collect();
    check_names(
        &at("issueTypes"),
        "issue type",
        &settings.issue_types,
        &types,
    )?;
    if settings.statuses.is_empty() {
        let message = "expected the name of one status at least";
        return Err(Refusal::invalid(&at("statuses"), message).into());
    }
    let statuses = catalog::statuses(tx)?;
    let statuses: Vec<&str> = statuses.iter().map(|(_, it)| it.name.as_str()).collect();
    check_names(&at("statuses"), "status", &settings.statuses, &statuses)?;
    for (index, name) in settings.statuses.iter().enumerate() {
        let same = |other: &String| other.eq_ignore_ascii_case(name);
        if settings.statuses[..index].iter().any(same) {
            let message = format!("“{name}” stands twice: expected each status once");
            return Err(Refusal::invalid(&at(&format!("statuses.{index}")), message).into());
        }
    }
    if let Some(resolution) = &settings.resolution {
        text::line("Resolution", resolution, NAME_LIMIT)
            .map_err(|error| Refusal::invalid(&at("resolution"), error.0))?;
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
