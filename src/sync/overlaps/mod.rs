//! What two synchronizers of one structure both claim: rules that, once both are enabled, may undo
//! each other's work. Pure, and said before anything runs.
//!
//! Only settings are compared, never issues: a warning says what may happen. Claims that always
//! agree give none. Synchronizers of other structures are not looked at.

use crate::domain::Settings;
use crate::domain::synchronizer::{
    AgileSettings, AgileSource, LinksScope, LinksSettings, Primacy, SavedFilterSettings,
    StatusRollupSettings, UnlinkedRows,
};

/// A rule, and what its settings alone do not say.
#[derive(Clone, Copy, Debug)]
pub struct Claimant<'a> {
    /// The rule.
    pub settings: &'a Settings,
    /// Whether the row that it places issues under holds an issue, not a folder.
    pub placement_is_issue: bool,
}

/// Why two rules may undo each other's work, a sentence each; the order of the two does not matter.
pub fn find(one: Claimant<'_>, other: Claimant<'_>) -> Vec<&'static str> {
    let both = [(one, other), (other, one)];
    let mut found: Vec<&str> = same_kind(one.settings, other.settings)
        .into_iter()
        .chain(both.iter().filter_map(|(a, b)| placements(*a, *b)))
        .chain(both.iter().filter_map(|(a, b)| removals(*a, *b)))
        .chain(both.iter().filter_map(|(a, b)| unlinked(*a, *b)))
        .collect();
    let mut seen = Vec::new();
    found.retain(|text| {
        !seen.contains(text) && {
            seen.push(*text);
            true
        }
    });
    found
}

/// Two of one kind.
fn same_kind(one: &Settings, other: &Settings) -> Option<&'static str> {
    match (one, other) {
        (Settings::SavedFilter(one), Settings::SavedFilter(other)) => {
            (one.allow_move && other.allow_move && one.place_under != other.place_under).then_some(
                "Both move the issues of their queries to a placement of their own: an issue of both queries would go back and forth.",
            )
        }
        (Settings::Links(one), Settings::Links(other)) => two_links(one, other),
        (Settings::Agile(one), Settings::Agile(other)) => {
            let agree = one.source == other.source && one.rank_mode == other.rank_mode;
            (one.sync_rank && other.sync_rank && !agree && may_share_issues(one, other)).then_some(
                "Both synchronize ranks: an issue in the scope of both would be ranked by both.",
            )
        }
        (Settings::StatusRollup(one), Settings::StatusRollup(other)) => {
            (one != other && may_share_parents(one, other)).then_some(
                "Both set the statuses of parents: a parent in the scope of both would get the status of one, then of the other.",
            )
        }
        _ => None,
    }
}

fn two_links(one: &LinksSettings, other: &LinksSettings) -> Option<&'static str> {
    let same_type = one.link_type == other.link_type;
    if same_type && one.parent_end != other.parent_end {
        return Some(
            "Both follow links of the same type, with the parent at opposite ends: what is above for one is below for the other.",
        );
    }
    let same_filters =
        one.parent_jql == other.parent_jql && one.sub_issue_jql == other.sub_issue_jql;
    if same_type && same_filters {
        return (one.primacy != other.primacy).then_some(
            "Both follow the same links and disagree about which side wins: each may put back what the other carried over.",
        );
    }
    (places_by_links(one) && places_by_links(other)).then_some(
        "Both place sub-issues under their linked parents: an issue that has a parent by each would be moved by both.",
    )
}

/// With the structure as the primary side, links follow the rows and no row is placed.
fn places_by_links(settings: &LinksSettings) -> bool {
    settings.primacy != Primacy::Structure
}

/// A rule that moves issues to places of its own, beside one that has other places for them.
fn placements(one: Claimant<'_>, other: Claimant<'_>) -> Option<&'static str> {
    match (one.settings, other.settings) {
        (Settings::Links(links), other) if places_by_links(links) => match other {
            Settings::SubTasks(_) => Some(SUB_TASKS_OR_LINKS),
            Settings::Agile(agile) if agile.sync_epics => Some(
                "One places issues under their linked parents, the other under their epics: an issue that has both would be moved by both.",
            ),
            Settings::Agile(agile) if agile.add_sub_tasks => Some(SUB_TASKS_OR_LINKS),
            _ => None,
        },
        (Settings::SavedFilter(filter), other) if filter.allow_move => {
            let places = match other {
                Settings::SubTasks(_) => true,
                Settings::Links(links) => places_by_links(links),
                Settings::Agile(agile) => agile.sync_epics || agile.add_sub_tasks,
                Settings::SavedFilter(_) | Settings::StatusRollup(_) => false,
            };
            places.then_some(
                "One moves the issues of its query to its placement, the other puts issues under their parents: an issue of both would be moved by both.",
            )
        }
        _ => None,
    }
}

const SUB_TASKS_OR_LINKS: &str = "One places sub-tasks under their parents, the other issues under their linked parents: a sub-task that is linked to another parent would be moved by both.";

/// A rule that removes what is not in its query, beside one that adds from elsewhere.
fn removals(one: Claimant<'_>, other: Claimant<'_>) -> Option<&'static str> {
    let Settings::SavedFilter(filter) = one.settings else {
        return None;
    };
    let adds = match other.settings {
        Settings::SavedFilter(other) => {
            let same_place = filter.place_under == other.place_under;
            other.add
                && other.source != filter.source
                && (!filter.remove_only_from_placement || same_place)
        }
        Settings::SubTasks(_) => reaches_below(filter, one.placement_is_issue),
        // With the structure as the primary side, links bring no rows.
        Settings::Links(links) if !places_by_links(links) => false,
        Settings::Links(links) => match links.scope {
            LinksScope::InStructure => false,
            LinksScope::ExpandToSubIssues => reaches_below(filter, one.placement_is_issue),
            LinksScope::AllIssues => {
                filter.place_under.is_none() || reaches_below(filter, one.placement_is_issue)
            }
        },
        Settings::Agile(agile) => {
            (agile.sync_epics || agile.add_sub_tasks)
                && reaches_below(filter, one.placement_is_issue)
        }
        Settings::StatusRollup(_) => false,
    };
    (filter.remove && adds).then_some(
        "One removes the rows of issues outside its query, the other adds issues that may be outside it: those would be added and removed again.",
    )
}

/// Whether what is added under an issue may be removed: rows that stand directly in a placement
/// are below an issue only if the placement is one.
fn reaches_below(filter: &SavedFilterSettings, placement_is_issue: bool) -> bool {
    !filter.remove_only_from_placement || placement_is_issue
}

/// A rule that clears rows without a link away from under issues, beside one that puts rows there.
fn unlinked(one: Claimant<'_>, other: Claimant<'_>) -> Option<&'static str> {
    let Settings::Links(links) = one.settings else {
        return None;
    };
    let clears = places_by_links(links) && links.unlinked_rows != UnlinkedRows::Keep;
    let places = match other.settings {
        Settings::SubTasks(_) => true,
        Settings::Agile(agile) => agile.sync_epics || agile.add_sub_tasks,
        Settings::SavedFilter(filter) => {
            (filter.add || filter.allow_move) && other.placement_is_issue
        }
        Settings::Links(other) => {
            let same = links.link_type == other.link_type && links.parent_end == other.parent_end;
            places_by_links(other) && !same
        }
        Settings::StatusRollup(_) => false,
    };
    (clears && places).then_some(
        "One moves or removes rows that stand under an issue without a link to it, the other puts rows there for other reasons: those would be cleared away again.",
    )
}

/// Two lists of projects without a common one share no issue; of boards nothing is known.
fn may_share_issues(one: &AgileSettings, other: &AgileSettings) -> bool {
    match (&one.source, &other.source) {
        (AgileSource::Projects(one), AgileSource::Projects(other)) => intersect(one, other),
        _ => true,
    }
}

fn may_share_parents(one: &StatusRollupSettings, other: &StatusRollupSettings) -> bool {
    // An empty list stands for all.
    let share = |one: &[String], other: &[String]| {
        one.is_empty() || other.is_empty() || intersect(one, other)
    };
    share(&one.project_keys, &other.project_keys) && share(&one.issue_types, &other.issue_types)
}

fn intersect(one: &[String], other: &[String]) -> bool {
    one.iter()
        .any(|name| other.iter().any(|other| other.eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests;
