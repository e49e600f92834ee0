//! Incremental synchronization agrees with a resync: two equal structures, the same random changes;
//! one is synchronized incrementally, the other by a resync, and both come out alike. Against the
//! real store, many times over.

mod agile;
mod conflicts;
mod rollup;
mod world;

use proptest::prelude::*;
use std::collections::BTreeSet;
use understory::domain::synchronizer::{
    FilterSource, LinkEnd, LinksScope, LinksSettings, Primacy, SavedFilterSettings,
    SubTasksSettings, UnlinkedRows,
};
use understory::domain::{Direction, LinkTypeId, Settings};
use understory::store::jobs::Job;
use understory::store::synchronizers;
use world::{ISSUES, Shape, world};

fn changed_nothing(job: &Job) -> bool {
    job.counts.total() == 0
}

fn shapes() -> impl Strategy<Value = Shape> {
    let row = (
        prop::option::weighted(0.9, 0..ISSUES),
        any::<prop::sample::Index>(),
        0u8..3,
    );
    prop::collection::vec(row, 0..9).prop_map(|rows| {
        rows.iter()
            .enumerate()
            .map(|(at, (issue, above, top))| {
                (*issue, (at > 0 && *top > 0).then(|| above.index(at)))
            })
            .collect()
    })
}

/// Forests in which each issue stands once: where rows and links say the same of it.
fn single_shapes() -> impl Strategy<Value = Shape> {
    shapes().prop_map(|shape| {
        let mut seen = BTreeSet::new();
        shape
            .into_iter()
            .map(|(issue, above)| (issue.filter(|issue| seen.insert(*issue)), above))
            .collect()
    })
}

fn pairs() -> impl Strategy<Value = Vec<(usize, usize)>> {
    let end = 0..ISSUES as usize;
    prop::collection::vec((end.clone(), end), 0..8).prop_map(|mut pairs| {
        let mut seen = BTreeSet::new();
        pairs.retain(|(source, target)| source != target && seen.insert((*source, *target)));
        pairs
    })
}

fn links_settings(
    link_type: LinkTypeId,
    scope: LinksScope,
    unlinked_rows: UnlinkedRows,
    parent_end: LinkEnd,
) -> Settings {
    Settings::Links(LinksSettings {
        link_type,
        parent_end,
        parent_jql: None,
        sub_issue_jql: None,
        scope,
        unlinked_rows,
        primacy: Primacy::TwoWay,
    })
}

fn scopes() -> impl Strategy<Value = LinksScope> {
    prop::sample::select(vec![
        LinksScope::InStructure,
        LinksScope::ExpandToSubIssues,
        LinksScope::AllIssues,
    ])
}

const INTO: Option<Direction> = Some(Direction::IntoStructure);
const FROM: Option<Direction> = Some(Direction::FromStructure);

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn links_that_changed_lead_where_a_resync_leads(
        shape in shapes(), first in pairs(), then in pairs(), scope in scopes(),
        unlinked in prop::sample::select(vec![UnlinkedRows::Keep, UnlinkedRows::MoveToTopLevel, UnlinkedRows::Remove]),
        end in prop::sample::select(vec![LinkEnd::Source, LinkEnd::Target]),
    ) {
        let world = world();
        world.runtime.block_on(async {
            let link_type = world.link_type().await;
            world.flip(link_type, &first).await;
            let settings = links_settings(link_type, scope, unlinked, end);
            let one = world.side(&shape, settings.clone()).await;
            let two = world.side(&shape, settings).await;
            world.run(&one, INTO, false).await;
            world.run(&two, INTO, false).await;
            prop_assert!(changed_nothing(&world.run(&one, INTO, true).await));
            world.flip(link_type, &then).await;
            world.run(&one, None, false).await;
            world.run(&two, INTO, false).await;
            prop_assert_eq!(world.paths(&one).await, world.paths(&two).await);
            prop_assert!(changed_nothing(&world.run(&one, INTO, true).await));
            Ok(())
        })?;
    }

    #[test]
    fn rows_that_changed_lead_to_the_links_of_a_resync(
        shape in single_shapes(), first in pairs(), scope in scopes(),
        edits in prop::collection::vec((0usize..9, prop::option::of(0usize..9), any::<bool>()), 0..5),
    ) {
        let world = world();
        world.runtime.block_on(async {
            let (type_one, type_two) = (world.link_type().await, world.link_type().await);
            world.flip(type_one, &first).await;
            world.flip(type_two, &first).await;
            let rule = |link_type| links_settings(link_type, scope, UnlinkedRows::Keep, LinkEnd::Source);
            let one = world.side(&shape, rule(type_one)).await;
            let two = world.side(&shape, rule(type_two)).await;
            world.run(&one, FROM, false).await;
            world.run(&two, FROM, false).await;
            prop_assert!(changed_nothing(&world.run(&one, FROM, true).await));
            world.edit_rows(&one, &edits).await;
            world.edit_rows(&two, &edits).await;
            world.run(&one, None, false).await;
            world.run(&two, FROM, false).await;
            prop_assert_eq!(world.linked(type_one).await, world.linked(type_two).await);
            Ok(())
        })?;
    }

    #[test]
    fn sub_tasks_that_changed_stand_where_a_resync_puts_them(
        shape in shapes(), first in prop::collection::vec(prop::option::of(0usize..5), 5),
        then in prop::collection::vec(prop::option::of(0usize..5), 5),
        edits in prop::collection::vec((0usize..9, prop::option::of(0usize..9), any::<bool>()), 0..3),
    ) {
        let world = world();
        // Parents are the lower half, sub-tasks the upper, as a tracker's rules have it.
        let parents = |of: &[Option<usize>]| [vec![None; 5], of.to_vec()].concat();
        world.runtime.block_on(async {
            world.set_parents(&parents(&first)).await;
            let settings = || Settings::SubTasks(SubTasksSettings::default());
            let one = world.side(&shape, settings()).await;
            let two = world.side(&shape, settings()).await;
            world.run(&one, INTO, false).await;
            world.run(&two, INTO, false).await;
            world.set_parents(&parents(&then)).await;
            world.edit_rows(&one, &edits).await;
            world.edit_rows(&two, &edits).await;
            world.run(&one, None, false).await;
            world.run(&two, INTO, false).await;
            prop_assert_eq!(world.paths(&one).await, world.paths(&two).await);
            prop_assert!(changed_nothing(&world.run(&one, INTO, true).await));
            Ok(())
        })?;
    }

    #[test]
    fn issues_that_enter_or_leave_a_filter_are_treated_as_by_a_resync(
        shape in shapes(), first in prop::collection::vec(any::<bool>(), ISSUES as usize),
        then in prop::collection::vec(any::<bool>(), ISSUES as usize),
        under in prop::option::of(0usize..9), flags in any::<[bool; 4]>(),
    ) {
        let world = world();
        world.runtime.block_on(async {
            world.set_wanted(&first).await;
            let [add, allow_move, remove, only] = flags;
            let blank = Settings::SubTasks(SubTasksSettings::default());
            let one = world.side(&shape, blank.clone()).await;
            let two = world.side(&shape, blank).await;
            for side in [&one, &two] {
                let place_under = under.and_then(|at| side.rows.get(at).copied());
                let settings = Settings::SavedFilter(SavedFilterSettings {
                    source: FilterSource::Jql("summary ~ wanted".to_owned()),
                    add,
                    place_under,
                    allow_move: allow_move && place_under.is_some(),
                    remove,
                    remove_only_from_placement: only,
                });
                let (id, user) = (side.synchronizer, world.user);
                world
                    .store
                    .write(move |tx| synchronizers::update(tx, id, "rule", &settings, user))
                    .await
                    .unwrap();
                world.run(side, INTO, false).await;
            }
            world.set_wanted(&then).await;
            world.run(&one, None, false).await;
            world.run(&two, INTO, false).await;
            prop_assert_eq!(world.paths(&one).await, world.paths(&two).await);
            prop_assert!(changed_nothing(&world.run(&one, INTO, true).await));
            Ok(())
        })?;
    }
}
