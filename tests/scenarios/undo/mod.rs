//! Undo brings back what was, exactly; undone itself, it brings back what the job had left; and what
//! anybody edited in between is kept and listed. Random jobs of every kind, on the real store.

mod real;
mod requests;
mod world;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::collections::{BTreeSet, HashMap, HashSet};
use understory::domain::synchronizer::{
    FilterSource, LinkEnd, LinksScope, LinksSettings, Primacy, SavedFilterSettings,
    SubTasksSettings, UnlinkedRows,
};
use understory::domain::{ChangeKind, Direction, LinkId, RowId, Settings};
use understory::store::forest::Author;
use understory::store::jobs::{ChangeLine, Job};
use world::{FieldTurn, ISSUES, RowTurn, STATUSES, Scene, Shape, State, World};

/// What a job does; a further kind of synchronizer is a further variant.
#[derive(Clone, Debug)]
enum Work {
    SavedFilter {
        wanted: Vec<bool>,
        under: Option<usize>,
        flags: [bool; 4],
    },
    SubTasks {
        parents: Vec<Option<usize>>,
    },
    Links {
        direction: Direction,
        scope: LinksScope,
        unlinked: UnlinkedRows,
        end: LinkEnd,
    },
    /// Edits that no planner has to make sense of.
    ByHand {
        rows: Vec<RowTurn>,
        fields: Vec<FieldTurn>,
    },
}

impl Work {
    async fn run(&self, world: &World, scene: &Scene) -> Job {
        let (settings, direction) = match self {
            Self::SavedFilter {
                wanted,
                under,
                flags,
            } => {
                world.prepare(wanted, &[]).await;
                let [add, allow_move, remove, only] = *flags;
                let place_under = under.and_then(|at| scene.rows.get(at).copied());
                let settings = SavedFilterSettings {
                    source: FilterSource::Jql("summary ~ wanted".to_owned()),
                    add,
                    place_under,
                    allow_move: allow_move && place_under.is_some(),
                    remove,
                    remove_only_from_placement: only,
                };
                (Settings::SavedFilter(settings), Direction::IntoStructure)
            }
            Self::SubTasks { parents } => {
                // Parents are the lower half, sub-tasks the upper, as a tracker's rules have it.
                let parents = [vec![None; ISSUES / 2], parents.clone()].concat();
                world.prepare(&[false; ISSUES], &parents).await;
                let settings = SubTasksSettings::default();
                (Settings::SubTasks(settings), Direction::IntoStructure)
            }
            Self::Links {
                direction,
                scope,
                unlinked,
                end,
            } => {
                let settings = LinksSettings {
                    link_type: scene.link_type,
                    parent_end: *end,
                    parent_jql: None,
                    sub_issue_jql: None,
                    scope: *scope,
                    unlinked_rows: *unlinked,
                    primacy: Primacy::TwoWay,
                };
                (Settings::Links(settings), *direction)
            }
            Self::ByHand { rows, fields } => {
                return world.job_by_hand(scene, rows, fields).await;
            }
        };
        world.settings(scene, settings).await;
        world.resync(scene, direction).await
    }
}

fn shapes() -> impl Strategy<Value = Shape> {
    let row = (
        prop::option::weighted(0.8, 0..ISSUES),
        any::<prop::sample::Index>(),
        0u8..3,
    );
    prop::collection::vec(row, 0..10).prop_map(|rows| {
        let place = |at: usize, above: &prop::sample::Index, top: u8| {
            (at > 0 && top > 0).then(|| above.index(at))
        };
        rows.iter()
            .enumerate()
            .map(|(at, (issue, above, top))| (*issue, place(at, above, *top)))
            .collect()
    })
}

fn pairs() -> impl Strategy<Value = Vec<(usize, usize)>> {
    prop::collection::vec((0..ISSUES, 0..ISSUES), 0..8).prop_map(|mut pairs| {
        let mut seen = BTreeSet::new();
        pairs.retain(|(source, target)| source != target && seen.insert((*source, *target)));
        pairs
    })
}

fn row_turns(most: usize) -> impl Strategy<Value = Vec<RowTurn>> {
    let turn = (
        0usize..20,
        0u8..8,
        prop::option::weighted(0.7, 0usize..20),
        any::<bool>(),
    );
    prop::collection::vec(turn, 0..most)
}

fn field_turns(most: usize) -> impl Strategy<Value = Vec<FieldTurn>> {
    let issue = || 0..ISSUES;
    let turn = prop_oneof![
        (issue(), issue()).prop_map(|(issue, other)| FieldTurn::RankBefore(issue, other)),
        (issue(), issue()).prop_map(|(issue, other)| FieldTurn::RankAfter(issue, other)),
        (issue(), prop::option::of(issue())).prop_map(|(issue, epic)| FieldTurn::Epic(issue, epic)),
        (issue(), 0..STATUSES.len(), any::<bool>())
            .prop_map(|(issue, status, resolved)| FieldTurn::Status(issue, status, resolved)),
        (issue(), any::<bool>())
            .prop_map(|(issue, resolved)| FieldTurn::Resolution(issue, resolved)),
    ];
    prop::collection::vec(turn, 0..most)
}

fn works() -> impl Strategy<Value = Work> {
    let wanted = prop::collection::vec(any::<bool>(), ISSUES);
    let parents = prop::collection::vec(prop::option::of(0..ISSUES / 2), ISSUES / 2);
    let scopes = [
        LinksScope::InStructure,
        LinksScope::ExpandToSubIssues,
        LinksScope::AllIssues,
    ];
    let unlinked = [
        UnlinkedRows::Keep,
        UnlinkedRows::MoveToTopLevel,
        UnlinkedRows::Remove,
    ];
    let links = (
        prop::sample::select(vec![Direction::IntoStructure, Direction::FromStructure]),
        prop::sample::select(scopes.to_vec()),
        prop::sample::select(unlinked.to_vec()),
        prop::sample::select(vec![LinkEnd::Source, LinkEnd::Target]),
    );
    prop_oneof![
        (wanted, prop::option::of(0usize..9), any::<[bool; 4]>()).prop_map(
            |(wanted, under, flags)| Work::SavedFilter {
                wanted,
                under,
                flags
            }
        ),
        parents.prop_map(|parents| Work::SubTasks { parents }),
        links.prop_map(|(direction, scope, unlinked, end)| Work::Links {
            direction,
            scope,
            unlinked,
            end
        }),
        (row_turns(8), field_turns(8)).prop_map(|(rows, fields)| Work::ByHand { rows, fields }),
    ]
}

/// What a dry run and a run have to agree on.
fn told(lines: &[ChangeLine]) -> Vec<(ChangeKind, Option<i64>, String)> {
    let row = |line: &ChangeLine| line.row.map(|row| row.0);
    lines
        .iter()
        .map(|line| (line.kind, row(line), line.summary.clone()))
        .collect()
}

/// A dry run, which changes nothing, then the run, which does what the dry run said; its lines.
async fn revert(world: &World, scene: &Scene, of: &Job) -> (Job, Vec<ChangeLine>) {
    let before = world.state(scene).await;
    let dry = world.revert(scene, of.id, true).await;
    assert_eq!(
        world.state(scene).await,
        before,
        "a dry run changed something"
    );
    let run = world.revert(scene, of.id, false).await;
    let lines = world.lines(&run).await;
    assert_eq!(told(&world.lines(&dry).await), told(&lines));
    assert_eq!(dry.counts, run.counts);
    (run, lines)
}

fn skips(lines: &[ChangeLine]) -> Vec<&ChangeLine> {
    lines
        .iter()
        .filter(|line| line.kind == ChangeKind::Skipped)
        .collect()
}

type Spot = (Option<RowId>, String);

fn spots(state: &State) -> HashMap<RowId, Spot> {
    let spot = |(row, parent, key, _): &(RowId, Option<RowId>, String, String)| {
        (*row, (*parent, key.clone()))
    };
    state.rows.iter().map(spot).collect()
}

/// What the job changed is undone, unless it was edited since or is listed as skipped.
fn check_rows(job: [&State; 2], edited: &State, undone: &State, lines: &[ChangeLine]) {
    let [before, after, edited_spots, undone_spots] = [job[0], job[1], edited, undone].map(spots);
    let skipped: HashSet<RowId> = skips(lines).iter().filter_map(|line| line.row).collect();
    let all: BTreeSet<RowId> = [&before, &after, &edited_spots, &undone_spots]
        .iter()
        .flat_map(|it| it.keys().copied())
        .collect();
    for row in all {
        let of = |spots: &HashMap<RowId, Spot>| spots.get(&row).cloned();
        let (now, then) = (of(&undone_spots), of(&edited_spots));
        if of(&before) == of(&after) {
            assert_eq!(now, then, "row {row}: the job did not touch it");
        } else if then != of(&after) {
            assert_eq!(now, then, "row {row}: edited since");
            assert!(skipped.contains(&row), "row {row}: not listed");
        } else if skipped.contains(&row) {
            assert_eq!(now, then, "row {row}: listed, and changed");
            assert_ne!(
                job[1].rows, edited.rows,
                "row {row}: nothing was in its way"
            );
        } else {
            // The key may be another, if a new row has taken it; the parent may not.
            let parent = |spot: Option<Spot>| spot.map(|spot| spot.0);
            assert_eq!(parent(now), parent(of(&before)), "row {row}: not undone");
        }
    }
}

fn check_fields(job: [&State; 2], edited: &State, undone: &State, lines: &[ChangeLine]) {
    let names = ["rank", "epic", "status"];
    // Who stood at a rank may have made room there: then nobody has that very rank any more.
    let ranked: Vec<_> = edited.fields.iter().chain(&undone.fields).collect();
    for (at, (issue, of_issue)) in undone.fields.iter().enumerate() {
        let [before, after, edited] = [job[0], job[1], edited].map(|it| &it.fields[at].1);
        for (field, name) in names.iter().enumerate() {
            let (before, after, then) = (&before[field], &after[field], &edited[field]);
            let now = &of_issue[field];
            let listed = skips(lines)
                .iter()
                .any(|line| line.issue == Some(*issue) && line.summary.contains(name));
            if before == after {
                assert_eq!(now, then, "{name} of {issue}: the job did not touch it");
            } else if then != after || listed {
                assert_eq!(now, then, "{name} of {issue}: edited since");
                assert!(listed, "{name} of {issue}: not listed");
            } else if *name == "rank" {
                // Beside its rank, if another issue has that by now; it may stand there already.
                let mut others = ranked.iter().filter(|(other, _)| other != issue);
                let taken = others.any(|(_, fields)| &fields[field] == before);
                assert!(now == before || taken, "rank of {issue}: not undone");
            } else {
                assert_eq!(now, before, "{name} of {issue}: not undone");
            }
        }
    }
}

fn check_links(job: [&State; 2], edited: &State, undone: &State, lines: &[ChangeLine]) {
    let links =
        |state: &State| -> BTreeSet<(LinkId, String)> { state.links.iter().cloned().collect() };
    let [before, after, then, now] = [links(job[0]), links(job[1]), links(edited), links(undone)];
    let skipped: HashSet<LinkId> = skips(lines).iter().filter_map(|line| line.link).collect();
    for link in before.difference(&after) {
        let linked_again = skipped.contains(&link.0) && !then.contains(link);
        assert!(
            now.contains(link) != linked_again,
            "{link:?} was removed by the job"
        );
    }
    for link in after.difference(&before) {
        assert!(!now.contains(link), "{link:?} was added by the job");
        assert_eq!(skipped.contains(&link.0), !then.contains(link), "{link:?}");
    }
    let of_others = |of: &BTreeSet<(LinkId, String)>| -> Vec<_> {
        let job = |link: &&(LinkId, String)| before.contains(*link) == after.contains(*link);
        of.iter().filter(job).cloned().collect()
    };
    assert_eq!(of_others(&then), of_others(&now));
}

/// Runs a case on random input, many times over, in one world: opening one takes longer than a case.
fn on_random<S: Strategy>(cases: u32, input: S, case: impl Fn(&World, S::Value) -> Checked) {
    let config = ProptestConfig {
        max_shrink_iters: 600,
        ..ProptestConfig::with_cases(cases)
    };
    let world = World::new();
    let ran = TestRunner::new(config).run(&input, |input| case(&world, input));
    ran.unwrap_or_else(|failure| panic!("{failure}"));
}

type Checked = Result<(), TestCaseError>;

#[test]
fn a_revert_brings_back_what_was_and_its_revert_what_the_job_left() {
    let input = (shapes(), pairs(), works(), field_turns(5));
    on_random(500, input, |world, (shape, linked, work, first)| {
        world.runtime.block_on(async {
            world.edit_fields(&first, Author::User(world.user)).await;
            let scene = world.scene(&shape, &linked).await;
            let before = world.state(&scene).await;
            let job = work.run(world, &scene).await;
            let after = world.state(&scene).await;

            let (revert_job, lines) = revert(world, &scene, &job).await;
            prop_assert_eq!(&world.state(&scene).await, &before);
            prop_assert!(skips(&lines).is_empty(), "{:?}", lines);
            let (again, _) = revert(world, &scene, &revert_job).await;
            prop_assert_eq!(&world.state(&scene).await, &after);
            revert(world, &scene, &job).await;
            prop_assert_eq!(&world.state(&scene).await, &before);

            // By now the first revert stands again, so its undoing is undone already.
            let (late, lines) = revert(world, &scene, &again).await;
            prop_assert_eq!(&world.state(&scene).await, &before);
            prop_assert_eq!(skips(&lines).len(), lines.len());
            prop_assert_eq!(late.counts.total(), 0);
            Ok(())
        })
    });
}

#[test]
fn what_was_edited_since_is_kept_and_listed_and_all_else_is_undone() {
    let edits = (row_turns(5), pairs(), field_turns(5));
    let input = (shapes(), pairs(), works(), edits);
    on_random(500, input, |world, (shape, linked, work, edits)| {
        let (rows, flips, fields) = edits;
        world.runtime.block_on(async {
            let scene = world.scene(&shape, &linked).await;
            let before = world.state(&scene).await;
            let job = work.run(world, &scene).await;
            let after = world.state(&scene).await;
            let user = Author::User(world.user);
            world.edit_rows(&scene, &rows, user).await;
            world.flip(&scene, &flips).await;
            world.edit_fields(&fields, user).await;
            let edited = world.state(&scene).await;

            let (revert_job, lines) = revert(world, &scene, &job).await;
            let undone = world.state(&scene).await;
            let ranks = undone.fields.iter().map(|(_, [rank, ..])| rank);
            prop_assert_eq!(ranks.collect::<HashSet<_>>().len(), ISSUES, "a shared rank");
            check_rows([&before, &after], &edited, &undone, &lines);
            check_fields([&before, &after], &edited, &undone, &lines);
            check_links([&before, &after], &edited, &undone, &lines);

            let (_, lines) = revert(world, &scene, &revert_job).await;
            prop_assert_eq!(world.state(&scene).await, edited);
            prop_assert!(skips(&lines).is_empty(), "{:?}", lines);
            Ok(())
        })
    });
}

#[test]
fn a_status_whose_resolution_alone_was_edited_since_stays_unless_that_was_edited_back() {
    let world = World::new();
    world.runtime.block_on(async {
        let scene = world.scene(&vec![(Some(0), None)], &[]).await;
        let before = world.state(&scene).await;
        let done = [0, 1, 2].map(|issue| FieldTurn::Status(issue, 2, false));
        let job = world.job_by_hand(&scene, &[], &done).await;
        let since = [
            FieldTurn::Resolution(0, true),
            FieldTurn::Resolution(1, true),
            FieldTurn::Resolution(1, false),
        ];
        world.edit_fields(&since, Author::User(world.user)).await;
        let edited = world.state(&scene).await;

        let (revert_job, lines) = revert(&world, &scene, &job).await;
        let undone = world.state(&scene).await;
        assert_eq!(undone.fields[0], edited.fields[0]);
        assert_eq!(undone.fields[1..], before.fields[1..]);
        let listed: Vec<_> = skips(&lines).iter().map(|line| line.issue).collect();
        assert_eq!(listed, [Some(world.issues[0])]);
        revert(&world, &scene, &revert_job).await;
        assert_eq!(world.state(&scene).await, edited);
    });
}

#[test]
fn an_undo_that_leaves_an_issue_beside_its_taken_rank_can_itself_be_undone() {
    let world = World::new();
    world.runtime.block_on(async {
        let scene = world.scene(&vec![(Some(0), None)], &[]).await;
        let before = world.state(&scene).await;
        // Between issues 1 and 3 now stand 2 and 0; a user then puts 6 behind them, where 2 was.
        let fields = [FieldTurn::RankBefore(0, 2), FieldTurn::RankAfter(2, 1)];
        let job = world.job_by_hand(&scene, &[], &fields).await;
        let since = [FieldTurn::RankAfter(6, 0)];
        world.edit_fields(&since, Author::User(world.user)).await;
        let edited = world.state(&scene).await;
        assert_eq!(edited.fields[6].1[0], before.fields[2].1[0]);

        let (revert_job, lines) = revert(&world, &scene, &job).await;
        let undone = world.state(&scene).await;
        assert_eq!(undone.fields[0], before.fields[0]);
        assert_eq!(undone.fields[1..], edited.fields[1..]);
        let listed: Vec<_> = skips(&lines).iter().map(|line| line.issue).collect();
        assert_eq!(listed, [Some(world.issues[2])]);
        assert_eq!(revert_job.counts.ranks_changed, 1);
        revert(&world, &scene, &revert_job).await;
        assert_eq!(world.state(&scene).await, edited);
    });
}

#[test]
fn issues_that_were_deleted_since_are_left_alone_and_all_else_is_undone() {
    let world = World::new();
    world.runtime.block_on(async {
        let shape = vec![
            (Some(0), None),
            (Some(1), Some(0)),
            (None, None),
            (Some(2), None),
        ];
        let scene = world.scene(&shape, &[(0, 1), (1, 2)]).await;
        let before = world.state(&scene).await;
        // Row by row: the third and the first go, with the second below it; then fields change.
        let rows = [(3, 5, None, false), (0, 5, None, false)];
        let fields = [
            FieldTurn::RankAfter(1, 5),
            FieldTurn::Epic(1, Some(4)),
            FieldTurn::Epic(3, Some(4)),
            FieldTurn::Status(3, 2, true),
        ];
        let job = world.job_by_hand(&scene, &rows, &fields).await;
        world.delete(1).await;
        let (revert_job, lines) = revert(&world, &scene, &job).await;
        let after = world.state(&scene).await;
        assert_eq!(
            after.rows,
            [&before.rows[0..1], &before.rows[2..4]].concat()
        );
        assert_eq!(
            after.fields[2], before.fields[3],
            "the one deleted is missing"
        );
        let told: Vec<&str> = skips(&lines).iter().map(|it| it.summary.as_str()).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        for part in ["does not come back", "epic of", "rank of"] {
            assert!(told.iter().any(|text| text.contains(part)), "{told:?}");
        }
        assert_eq!(revert_job.counts.skipped, 3);
    });
}

#[test]
fn what_is_no_longer_kept_in_full_is_not_undone() {
    let world = World::new();
    world.runtime.block_on(async {
        let scene = world.scene(&vec![(Some(0), None)], &[]).await;
        let fields = [FieldTurn::RankAfter(1, 5), FieldTurn::RankAfter(2, 5)];
        let job = world.job_by_hand(&scene, &[], &fields).await;
        world.forget(job.id).await;
        let refused = world.try_revert(&scene, job.id, false).await.unwrap_err();
        assert_eq!(refused.code(), "CONFLICT");
        assert!(refused.to_string().contains("no longer kept"), "{refused}");
    });
}
