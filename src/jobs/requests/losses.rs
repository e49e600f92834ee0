//! What may be lost to a rule, in the words that a user reads before confirming it.

use crate::domain::synchronizer::{
    AgileSettings, LinksScope, LinksSettings, SavedFilterSettings, UnlinkedRows,
};
use crate::domain::{Direction, Settings};

/// What the losing side may lose to a rule, in one or more main clauses.
pub(super) fn describe(settings: &Settings, direction: Direction) -> String {
    let losses = match (settings, direction) {
        (Settings::SavedFilter(settings), _) => of_filter(settings),
        (Settings::SubTasks(_), _) => {
            vec!["sub-tasks that were moved or removed by hand go back under their parents"]
        }
        (Settings::Links(settings), Direction::IntoStructure) => of_links_into(settings),
        (Settings::Links(settings), Direction::FromStructure) => vec![match settings.scope {
            LinksScope::InStructure => {
                "links between issues of the structure that no row justifies are deleted, others are added"
            }
            LinksScope::ExpandToSubIssues => {
                "links from parents in the structure that no row justifies are deleted, others are added"
            }
            LinksScope::AllIssues => {
                "links of the type that no row justifies are deleted, also between issues outside the structure, others are added"
            }
        }],
        (Settings::Agile(settings), direction) => of_agile(settings, direction),
        (Settings::StatusRollup(settings), _) => match settings.resolution {
            None => vec!["the statuses of issues with children are overwritten"],
            Some(_) => {
                vec!["the statuses and resolutions of issues with children are overwritten"]
            }
        },
    };
    losses.join("; ")
}

fn of_filter(settings: &SavedFilterSettings) -> Vec<&'static str> {
    let mut losses = Vec::new();
    if settings.add {
        losses.push("issues of its query that were removed by hand are added again");
    }
    if settings.allow_move {
        losses.push("issues of its query that stand elsewhere are moved to its placement");
    }
    if settings.remove {
        losses.push(match (settings.remove_only_from_placement, settings.place_under) {
            (false, _) => "rows of issues outside its query are removed",
            (true, None) => "top-level rows of issues outside its query are removed",
            (true, Some(_)) => {
                "rows of issues outside its query that stand directly in its placement are removed"
            }
        });
    }
    losses
}

fn of_links_into(settings: &LinksSettings) -> Vec<&'static str> {
    let moved = "rows that were moved by hand go back under the parents that their links name";
    match settings.unlinked_rows {
        UnlinkedRows::Keep => vec![moved],
        UnlinkedRows::MoveToTopLevel => vec![
            moved,
            "rows that stand under an issue without a link to it are moved to the top level",
        ],
        UnlinkedRows::Remove => vec![
            moved,
            "rows that stand under an issue without a link to it are removed",
        ],
    }
}

fn of_agile(settings: &AgileSettings, direction: Direction) -> Vec<&'static str> {
    let mut losses = Vec::new();
    match direction {
        Direction::IntoStructure => {
            if settings.sync_epics {
                losses.push("rows that were moved by hand go back under their epics, those of no epic to the top level");
            }
            if settings.sync_rank {
                losses.push("the order of siblings is overwritten with that of their ranks");
            }
        }
        Direction::FromStructure => {
            if settings.sync_epics {
                losses.push(
                    "the epics of issues are overwritten, and cleared where no epic stands above",
                );
            }
            if settings.sync_rank {
                losses.push("the ranks of issues are overwritten with the order of their rows");
            }
        }
    }
    if settings.add_sub_tasks {
        losses.push("sub-tasks that were moved or removed by hand go back under their parents");
    }
    losses
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::synchronizer::{
        AgileSource, FilterSource, RankMode, StatusRollupSettings, SubTasksSettings,
    };

    fn filter(add: bool, allow_move: bool, remove: bool, direct: bool) -> Settings {
        Settings::SavedFilter(SavedFilterSettings {
            source: FilterSource::Jql(String::new()),
            add,
            place_under: None,
            allow_move,
            remove,
            remove_only_from_placement: direct,
        })
    }

    fn agile(sync_epics: bool, sync_rank: bool, add_sub_tasks: bool) -> Settings {
        Settings::Agile(AgileSettings {
            source: AgileSource::Projects(vec!["P".to_owned()]),
            sync_rank,
            rank_mode: RankMode::Independent,
            sync_epics,
            add_sub_tasks,
        })
    }

    #[test]
    fn each_rule_names_what_it_overwrites_and_nothing_else() {
        let (into, from) = (Direction::IntoStructure, Direction::FromStructure);
        let rollup = Settings::StatusRollup(StatusRollupSettings {
            project_keys: vec![],
            issue_types: vec![],
            statuses: vec!["Done".to_owned()],
            resolution: None,
        });
        for (settings, direction, says, says_not) in [
            (
                filter(true, false, false, false),
                into,
                "added again",
                "are removed;",
            ),
            (
                filter(false, false, true, false),
                into,
                "are removed",
                "added",
            ),
            (
                filter(false, false, true, true),
                into,
                "top-level rows",
                "added",
            ),
            (
                filter(false, true, false, false),
                into,
                "are moved",
                "removed",
            ),
            (
                Settings::SubTasks(SubTasksSettings::default()),
                into,
                "go back under their parents",
                "links",
            ),
            (
                agile(true, false, false),
                into,
                "under their epics",
                "ranks",
            ),
            (
                agile(true, false, false),
                from,
                "epics of issues are overwritten",
                "ranks",
            ),
            (
                agile(false, true, false),
                from,
                "ranks of issues are overwritten",
                "epics",
            ),
            (agile(false, false, true), from, "sub-tasks", "ranks"),
            (rollup, from, "statuses", "resolutions"),
        ] {
            let text = describe(&settings, direction);
            assert!(text.contains(says), "{text}");
            assert!(!text.contains(says_not), "{text}");
        }
    }
}
