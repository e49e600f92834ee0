//! What the demo begins with: the issues of a small invented tracker, a board, three structures and
//! a synchronizer of each kind.

use crate::domain::synchronizer::{
    AgileSettings, AgileSource, FilterSource, LinkEnd, LinksScope, LinksSettings, Primacy,
    RankMode, SavedFilterSettings, StatusRollupSettings, SubTasksSettings, UnlinkedRows,
};
use crate::domain::{
    BoardId, Direction, FilterId, JobId, JobKind, LinkTypeId, Settings, StructureId, Viewer,
};
use crate::store::jobs::{self, NewJob};
use crate::store::{Failure, Store, StoreError, Tx, boards, links};
use crate::structures::{self, AddRows, NewRow, Position};
use crate::sync::install;
use crate::tracker::import;
use crate::tracker::saved_filters::{self, NewFilter};
use crate::tracker::search;
use std::path::Path;

const ISSUES: &str = include_str!("issues.jsonl");

/// The work that the first structure is for.
const ROADMAP: &str = "project = GRO AND type NOT IN (Epic, Sub-task) ORDER BY Rank";

/// Fills an empty database for the user of a token; `folder` may be written to. The result is the
/// job that fills the rest, as soon as a server runs it.
pub(super) async fn fill(store: &Store, folder: &Path, token: &str) -> Result<JobId, String> {
    let text = |error: &dyn std::fmt::Display| format!("the demo's data: {error}");
    let file = folder.join("issues.jsonl");
    std::fs::write(&file, ISSUES).map_err(|error| text(&error))?;
    import::import_file(store, &file, |_| {})
        .await
        .map_err(|error| text(&error))?;
    let viewer = store
        .admission(token)
        .await
        .map_err(|error| text(&error))?
        .map_err(|denial| text(&denial))?
        .viewer;
    make_structures(store, &viewer)
        .await
        .map_err(|failure| text(&failure))
}

async fn make_structures(store: &Store, viewer: &Viewer) -> Result<JobId, Failure> {
    let roadmap = structures::create(
        store,
        viewer,
        "Grove roadmap",
        "Stories, tasks and bugs of the Grove app, with their sub-tasks.",
    )
    .await?;
    add(
        store,
        viewer,
        roadmap.id,
        vec![NewRow::Folder("Ideas".to_owned())],
    )
    .await?;
    let delivery = structures::create(
        store,
        viewer,
        "Delivery plan",
        "Work of both projects; what includes what comes from links.",
    )
    .await?;
    let all = keys(
        store,
        viewer,
        "type != Sub-task ORDER BY project DESC, Rank",
    )
    .await?;
    add(store, viewer, delivery.id, all).await?;
    let board = structures::create(
        store,
        viewer,
        "Grove board",
        "Epics of the Grove app and their work, in the order of the team's board.",
    )
    .await?;
    let work = keys(store, viewer, "project = GRO AND type = Epic").await?;
    add(store, viewer, board.id, work).await?;
    let work = keys(
        store,
        viewer,
        "project = GRO AND type NOT IN (Epic, Sub-task) ORDER BY Rank DESC",
    )
    .await?;
    add(store, viewer, board.id, work).await?;
    let on = On {
        roadmap: roadmap.id,
        delivery: delivery.id,
        board: board.id,
    };
    let viewer = viewer.clone();
    store
        .write(move |tx| {
            let filter = NewFilter {
                name: "Grove work".to_owned(),
                jql: ROADMAP.to_owned(),
            };
            let filter = saved_filters::create(tx, &viewer, &filter)?;
            let board = boards::create(
                tx,
                "Grove board",
                "project = GRO ORDER BY Rank",
                true,
                viewer.user_id,
            )?;
            for (structure, name, settings) in &rules(tx, &on, filter, board)? {
                install::install(tx, &viewer, *structure, Some(name), settings)?;
            }
            Ok(jobs::enqueue(tx, &epics(on.roadmap, &viewer))?)
        })
        .await
}

/// A one-off import, so that there is a job to look at and to undo: the epics of the roadmap.
fn epics(structure: StructureId, viewer: &Viewer) -> NewJob {
    let settings = SavedFilterSettings {
        source: FilterSource::Jql("project = GRO AND type = Epic".to_owned()),
        add: true,
        place_under: None,
        allow_move: false,
        remove: false,
        remove_only_from_placement: false,
    };
    NewJob {
        kind: JobKind::Import,
        direction: Some(Direction::IntoStructure),
        dry_run: false,
        structure,
        synchronizer: None,
        settings: Some(Settings::SavedFilter(settings)),
        reverts: None,
        writes_issues: false,
        enable_afterwards: false,
        preview: None,
        max_removal_percent: None,
        requested_by: Some(viewer.user_id),
    }
}

/// The demo's structures.
struct On {
    roadmap: StructureId,
    delivery: StructureId,
    board: StructureId,
}

/// One rule of each kind.
fn rules(
    tx: &Tx<'_>,
    on: &On,
    filter: FilterId,
    board: BoardId,
) -> Result<[(StructureId, &'static str, Settings); 5], StoreError> {
    let includes = links::types(tx)?
        .into_iter()
        .find(|it| it.name == "Includes");
    let words = |words: &[&str]| words.iter().map(|it| (*it).to_owned()).collect();
    Ok([
        (
            on.roadmap,
            "Work of the app",
            Settings::SavedFilter(SavedFilterSettings {
                source: FilterSource::SavedFilter(filter),
                add: true,
                place_under: None,
                allow_move: false,
                remove: false,
                remove_only_from_placement: false,
            }),
        ),
        (
            on.roadmap,
            "Sub-tasks",
            Settings::SubTasks(SubTasksSettings::default()),
        ),
        (
            on.delivery,
            "What includes what",
            Settings::Links(LinksSettings {
                link_type: includes.map_or(LinkTypeId(0), |it| it.id),
                parent_end: LinkEnd::Source,
                parent_jql: None,
                sub_issue_jql: None,
                scope: LinksScope::InStructure,
                unlinked_rows: UnlinkedRows::Keep,
                primacy: Primacy::TwoWay,
            }),
        ),
        (
            on.board,
            "Epics and order",
            Settings::Agile(AgileSettings {
                source: AgileSource::Board(board),
                sync_rank: true,
                rank_mode: RankMode::Independent,
                sync_epics: true,
                add_sub_tasks: true,
            }),
        ),
        (
            on.roadmap,
            "Status of stories",
            Settings::StatusRollup(StatusRollupSettings {
                project_keys: words(&["GRO"]),
                issue_types: words(&["Story", "Task", "Bug"]),
                statuses: words(&["To Do", "In Progress", "In Review", "Done"]),
                resolution: Some("Done".to_owned()),
            }),
        ),
    ])
}

/// Rows for every issue that a query matches.
async fn keys(store: &Store, viewer: &Viewer, jql: &str) -> Result<Vec<NewRow>, Failure> {
    let (jql, name) = (jql.to_owned(), viewer.name.clone());
    store
        .read(move |tx| {
            let found = search::all(tx, &jql, &name)?;
            let keys = crate::store::issues::keys(tx, found.iter().copied())?;
            Ok(found
                .iter()
                .filter_map(|id| keys.get(id).cloned().map(NewRow::Issue))
                .collect())
        })
        .await
}

async fn add(
    store: &Store,
    viewer: &Viewer,
    structure: StructureId,
    rows: Vec<NewRow>,
) -> Result<(), Failure> {
    let position = Position {
        under: None,
        after: None,
    };
    let request = AddRows {
        structure,
        rows,
        position,
        expected_version: None,
    };
    structures::add_rows(store, viewer, request)
        .await
        .map(|_| ())
}
