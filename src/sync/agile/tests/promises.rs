//! What holds after any resync, on random forests and trackers.

use super::model::{Model, any_model, rule};
use crate::domain::forest::RowView;
use crate::domain::synchronizer::{AgileSettings, RankMode};
use crate::domain::{Direction, FieldEdit, Forest, IssueId, RowEdit};
use proptest::prelude::*;
use std::collections::HashSet;

fn any_rule() -> impl Strategy<Value = AgileSettings> {
    (any::<[bool; 3]>(), any::<bool>()).prop_map(|([rank, epics, sub_tasks], all)| AgileSettings {
        rank_mode: if all {
            RankMode::Consecutive
        } else {
            RankMode::Independent
        },
        ..rule(rank, epics, sub_tasks)
    })
}

fn is_below(forest: &Forest, issue: IssueId, above: IssueId) -> bool {
    forest.rows_of(issue).any(|row| {
        let mut ancestors = forest.ancestors(row.index);
        ancestors.any(|up| up.issue == Some(above))
    })
}

fn parent_issue(forest: &Forest, row: &RowView) -> Option<IssueId> {
    row.parent.and_then(|up| forest.row(up).issue)
}

fn levels(forest: &Forest) -> impl Iterator<Item = Vec<RowView>> + '_ {
    let parents = std::iter::once(None).chain((0..forest.len()).map(Some));
    parents.map(|parent| forest.children(parent).collect())
}

fn primaries(forest: &Forest) -> Vec<RowView> {
    let mut seen = HashSet::new();
    let rows = forest.rows();
    rows.filter(|row| row.issue.is_some_and(|it| seen.insert(it)))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]
    #[test]
    fn a_resync_into_the_structure_keeps_its_promises(model in any_model(), settings in any_rule()) {
        let plan = model.plan(&settings, Direction::IntoStructure);
        prop_assert!(plan.fields.is_empty());
        for edit in &plan.rows {
            let issue = match edit {
                RowEdit::Add { issue, .. } => *issue,
                RowEdit::Move { id, .. } => model.forest.find(*id).unwrap().issue,
                RowEdit::Remove { .. } => None,
            };
            prop_assert!(issue.is_some_and(|it| model.is_in_scope(it)), "{:?}", edit);
        }
        let made = model.applied(&plan);
        prop_assert!(made.plan(&settings, Direction::IntoStructure).is_empty());
        let skipped: HashSet<IssueId> = plan.notes.iter().map(|note| note.issue).collect();
        for row in made.forest.rows() {
            let Some(issue) = row.issue.filter(|it| !skipped.contains(it)) else { continue };
            if !settings.sync_epics || !model.is_member(issue) {
                continue;
            }
            if let Some(epic) = model.epic(issue).filter(|it| made.forest.holds(*it)) {
                prop_assert!(is_below(&made.forest, issue, epic));
            }
            let stray = parent_issue(&made.forest, &row)
                .is_some_and(|up| model.is_epic(up) && model.epic(issue) != Some(up));
            prop_assert!(!stray);
        }
        if settings.add_sub_tasks {
            for (sub_task, parent) in model.sub_tasks_in_scope() {
                let under = made.forest.rows_of(sub_task).any(|row| parent_issue(&made.forest, &row) == Some(parent));
                prop_assert!(under || !made.forest.holds(parent) || skipped.contains(&sub_task));
            }
        }
        if settings.sync_rank {
            for level in levels(&made.forest) {
                let scoped = level.iter().filter_map(|row| row.issue).filter(|it| model.is_in_scope(*it));
                let ranks: Vec<usize> = scoped.map(|it| model.rank(it).unwrap_or(usize::MAX)).collect();
                prop_assert!(ranks.is_sorted());
            }
        }
    }

    #[test]
    fn a_resync_from_the_structure_keeps_its_promises(model in any_model(), settings in any_rule()) {
        let plan = model.plan(&settings, Direction::FromStructure);
        prop_assert!(settings.add_sub_tasks || plan.rows.is_empty());
        let edited: HashSet<IssueId> = plan.fields.iter().map(FieldEdit::issue).collect();
        prop_assert!(edited.iter().all(|issue| model.is_in_scope(*issue)));
        let made = model.applied(&plan);
        prop_assert!(made.plan(&settings, Direction::FromStructure).is_empty());
        let untouched = |of: &Model| -> Vec<IssueId> {
            of.order.iter().copied().filter(|it| !edited.contains(it)).collect()
        };
        prop_assert_eq!(untouched(&model), untouched(&made));
        let forest = &made.forest;
        prop_assert!(edited.iter().all(|issue| forest.holds(*issue)));
        let primaries = primaries(forest);
        for row in primaries.iter().filter(|_| settings.sync_epics) {
            let Some(issue) = row.issue.filter(|it| model.is_member(*it)) else { continue };
            let mut above = forest.ancestors(row.index).filter_map(|up| up.issue);
            prop_assert_eq!(made.epic(issue), above.find(|up| model.is_epic(*up)));
        }
        let ascends = |rows: Vec<&RowView>| {
            let scoped = rows.into_iter().filter_map(|row| row.issue).filter(|it| model.is_in_scope(*it));
            let ranks: Vec<Option<usize>> = scoped.map(|it| made.rank(it)).collect();
            ranks.len() < 2 || (ranks.iter().all(Option::is_some) && ranks.is_sorted())
        };
        match settings.rank_mode {
            _ if !settings.sync_rank => {}
            RankMode::Consecutive => prop_assert!(ascends(primaries.iter().collect())),
            RankMode::Independent => for parent in std::iter::once(None).chain((0..forest.len()).map(Some)) {
                prop_assert!(ascends(primaries.iter().filter(|row| row.parent == parent).collect()));
            },
        }
    }
}
