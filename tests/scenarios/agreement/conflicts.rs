//! What the losing side did since the last synchronization is listed before it is overwritten.

use super::world::{World, world};
use super::{FROM, INTO, links_settings};
use std::time::Duration;
use understory::domain::synchronizer::{
    AgileSettings, AgileSource, LinkEnd, LinksScope, RankMode, UnlinkedRows,
};
use understory::domain::{ChangeKind, LinkTypeId, Settings};
use understory::store::jobs::{self, Job};

fn rule(link_type: LinkTypeId) -> Settings {
    links_settings(
        link_type,
        LinksScope::InStructure,
        UnlinkedRows::Keep,
        LinkEnd::Source,
    )
}

async fn conflicts(world: &World, job: &Job) -> Vec<String> {
    let id = job.id;
    let lines = world
        .store
        .read(move |tx| jobs::changes(tx, id, -1, 1_000))
        .await
        .unwrap();
    let conflicts: Vec<String> = lines
        .into_iter()
        .filter(|(_, line)| line.kind == ChangeKind::Conflict)
        .map(|(_, line)| line.summary)
        .collect();
    assert_eq!(conflicts.len(), job.counts.conflicts);
    conflicts
}

/// Two edits within one millisecond have no order.
async fn later() {
    tokio::time::sleep(Duration::from_millis(3)).await;
}

/// Rows 0 over 1, and 2, with the link that says so, synchronized.
async fn agreed(world: &World) -> (super::world::Side, LinkTypeId) {
    let link_type = world.link_type().await;
    world.flip(link_type, &[(0, 1)]).await;
    let shape = vec![(Some(0), None), (Some(1), Some(0)), (Some(2), None)];
    let side = world.side(&shape, rule(link_type)).await;
    let first = world.run(&side, INTO, false).await;
    assert_eq!(first.counts.total(), 0);
    later().await;
    (side, link_type)
}

const MOVED_BACK: &str = "admin moved GEN-2 since the last synchronization, which is overwritten: \
                          GEN-2 is moved from GEN-3 to GEN-1";

#[test]
fn a_resync_and_its_dry_run_list_each_edit_of_the_losing_side() {
    let world = world();
    world.runtime.block_on(async {
        let (side, link_type) = agreed(world).await;
        world.edit_rows(&side, &[(1, Some(2), false)]).await;
        let dry = world.run(&side, INTO, true).await;
        assert_eq!(conflicts(world, &dry).await, [MOVED_BACK]);
        let run = world.run(&side, INTO, false).await;
        assert_eq!(conflicts(world, &run).await, [MOVED_BACK]);

        world.flip(link_type, &[(0, 1), (2, 0)]).await;
        let run = world.run(&side, FROM, false).await;
        let expected = [
            "admin unlinked GEN-1 since the last synchronization, which is overwritten: \
             the link “GEN-1 out GEN-2” is added",
            "admin linked GEN-3 since the last synchronization, which is overwritten: \
             the link “GEN-3 out GEN-1” is removed",
        ];
        assert_eq!(conflicts(world, &run).await, expected);
        let again = world.run(&side, FROM, false).await;
        assert_eq!((again.counts.total(), again.counts.conflicts), (0, 0));
    });
}

#[test]
fn of_two_edits_of_one_sub_issue_the_later_wins_and_the_other_is_listed() {
    let world = world();
    world.runtime.block_on(async {
        // First the row, then the links: the links win.
        let (side, link_type) = agreed(world).await;
        world.edit_rows(&side, &[(1, Some(2), false)]).await;
        later().await;
        world.flip(link_type, &[(0, 1), (0, 1)]).await;
        let run = world.run(&side, None, false).await;
        assert_eq!(conflicts(world, &run).await, [MOVED_BACK]);

        // First the links, then the row: the row wins.
        let (side, link_type) = agreed(world).await;
        world.flip(link_type, &[(0, 1), (0, 1)]).await;
        later().await;
        world.edit_rows(&side, &[(1, Some(2), false)]).await;
        let run = world.run(&side, None, false).await;
        let expected = "admin linked GEN-1 since the last synchronization, which is overwritten: \
                        the link “GEN-1 out GEN-2” is removed";
        assert_eq!(conflicts(world, &run).await, [expected]);
        assert_eq!((run.counts.links_added, run.counts.links_removed), (1, 1));
    });
}

/// Dragging one row past another is undone by moving either; it is listed whichever it is.
#[test]
fn an_order_that_is_undone_by_moving_the_neighbour_is_listed_too() {
    let world = world();
    world.runtime.block_on(async {
        let shape = (0..3).map(|at| (Some(at), None)).collect();
        let settings = Settings::Agile(AgileSettings {
            source: AgileSource::Projects(vec!["GEN".to_owned()]),
            sync_rank: true,
            rank_mode: RankMode::Independent,
            sync_epics: false,
            add_sub_tasks: false,
        });
        let side = world.side(&shape, settings).await;
        world.run(&side, FROM, false).await;
        // The second row goes first: undone by moving the first one.
        world.edit_rows(&side, &[(1, None, false)]).await;
        let dry = world.run(&side, INTO, true).await;
        assert_eq!((dry.counts.rows_moved, dry.counts.conflicts), (1, 1));
        let told = conflicts(world, &dry).await;
        assert!(told[0].starts_with("admin moved GEN-2 since"), "{told:?}");
        let run = world.run(&side, INTO, false).await;
        assert_eq!(conflicts(world, &run).await, told);
        // The same in the tracker's order.
        world.rank_before("GEN-2", "GEN-1").await;
        let run = world.run(&side, FROM, false).await;
        assert_eq!((run.counts.ranks_changed, run.counts.conflicts), (1, 1));
        let told = conflicts(world, &run).await;
        assert!(told[0].starts_with("admin ranked GEN-2 since"), "{told:?}");
    });
}
