//! What users do to both sides: chosen at random from what is there, and carried out by the
//! functions that the API calls.

use super::random::Random;
use super::state::State;
use super::tree::Item;
use super::world::{PROJECTS, STATUSES, World, some_labels};
use understory::domain::{IssueId, LinkId, RankPlace, RowId, StructureId};
use understory::store::forest::Author;
use understory::store::{Failure, Store, Tx};
use understory::structures::{self, AddRows, MoveRows, NewRow, Position, RemoveRows};
use understory::tracker::embedded::{self, IssueUpdate, NewIssue, NewLink};

/// One edit by a user.
#[derive(Clone, Debug)]
pub(super) enum Edit {
    Add(AddRows),
    Move(MoveRows),
    Remove(RemoveRows),
    Create(NewIssue),
    Update(IssueUpdate),
    Rank(IssueId, RankPlace),
    Delete(String),
    Link(NewLink),
    Unlink(LinkId),
}

/// What an edit made, by id.
#[derive(Clone, Debug, Default)]
pub(super) struct Made {
    pub(super) rows: Vec<RowId>,
    pub(super) issue: Option<IssueId>,
    pub(super) link: Option<LinkId>,
}

impl Edit {
    /// An edit that makes sense at first sight; it may still be refused.
    pub(super) fn choose(random: &mut Random, world: &World, state: &State) -> Option<Self> {
        match random.below(20) {
            0..3 => add_rows(random, world, state),
            3..8 => move_rows(random, world, state),
            8..10 => remove_rows(random, world, state),
            10 => create(random, state),
            11..15 => update(random, state),
            15 => rank(random, state),
            16 if random.percent(50) => some_key(random, state, |_| true).map(Self::Delete),
            16..19 => link(random, world, state),
            _ => {
                let links: Vec<LinkId> = state.links.keys().copied().collect();
                random.pick(&links).map(|link| Self::Unlink(*link))
            }
        }
    }

    /// Carries it out.
    pub(super) async fn perform(self, store: &Store, world: &World) -> Result<Made, Failure> {
        let (viewer, author) = (&world.editor, Author::User(world.editor.user_id));
        let rows = |edited: structures::Edited| Made {
            rows: edited.rows,
            ..Made::default()
        };
        match self {
            Self::Add(request) => Ok(rows(structures::add_rows(store, viewer, request).await?)),
            Self::Move(request) => Ok(rows(structures::move_rows(store, viewer, request).await?)),
            Self::Remove(request) => {
                Ok(rows(structures::remove_rows(store, viewer, request).await?))
            }
            in_tracker => {
                let handle = store.clone();
                store
                    .write(move |tx| in_tracker.perform_in_tracker(&handle, tx, author))
                    .await
            }
        }
    }

    fn perform_in_tracker(
        self,
        store: &Store,
        tx: &Tx<'_>,
        author: Author,
    ) -> Result<Made, Failure> {
        let mut made = Made::default();
        match self {
            Self::Create(new) => made.issue = Some(embedded::create_issue(tx, &new, author)?),
            Self::Update(update) => {
                embedded::update_issue(tx, &update, author)?;
            }
            Self::Rank(issue, to) => {
                embedded::set_rank(tx, issue, &to, author)?;
            }
            Self::Delete(key) => {
                made.issue = Some(embedded::delete_issue(store, tx, &key, author)?);
            }
            Self::Link(new) => made.link = Some(embedded::link_issues(tx, &new, author)?),
            Self::Unlink(link) => embedded::unlink_issues(tx, link, author)?,
            Self::Add(_) | Self::Move(_) | Self::Remove(_) => {}
        }
        Ok(made)
    }
}

fn some_issue(
    random: &mut Random,
    state: &State,
    which: impl Fn(&super::state::Issue) -> bool,
) -> Option<IssueId> {
    let issues = state.issues.iter().filter(|(_, issue)| which(issue));
    let ids: Vec<IssueId> = issues.map(|(id, _)| *id).collect();
    random.pick(&ids).copied()
}

fn some_key(
    random: &mut Random,
    state: &State,
    which: impl Fn(&super::state::Issue) -> bool,
) -> Option<String> {
    some_issue(random, state, which).map(|id| state.issues[&id].key.clone())
}

fn some_row(random: &mut Random, state: &State, structure: StructureId) -> Option<RowId> {
    random.pick(&state.trees[&structure].rows()).copied()
}

/// Somewhere in a structure: the top level, or under a row; first, or behind a child.
fn position(random: &mut Random, state: &State, structure: StructureId) -> Position {
    let above = some_row(random, state, structure);
    let under = above.filter(|_| random.percent(75));
    let after = random
        .pick(state.trees[&structure].children(under))
        .copied();
    Position {
        under,
        after: after.filter(|_| random.percent(70)),
    }
}

fn add_rows(random: &mut Random, world: &World, state: &State) -> Option<Edit> {
    let structure = random.choose(&world.structures);
    let tree = &state.trees[&structure];
    let mut rows: Vec<NewRow> = Vec::new();
    for _ in 0..random.between(1, 3) {
        if random.percent(15) {
            rows.push(NewRow::Folder(format!("New folder {}", tree.len())));
            continue;
        }
        let absent = |key: &str| {
            let id = state.issues.iter().find(|(_, issue)| issue.key == key);
            id.is_some_and(|(id, _)| !tree.holds(*id))
        };
        if let Some(key) = some_key(random, state, |_| true)
            && (world.several_rows || absent(&key) && !rows.contains(&NewRow::Issue(key.clone())))
        {
            rows.push(NewRow::Issue(key));
        }
    }
    (!rows.is_empty()).then(|| {
        Edit::Add(AddRows {
            structure,
            rows,
            position: position(random, state, structure),
            expected_version: None,
        })
    })
}

fn move_rows(random: &mut Random, world: &World, state: &State) -> Option<Edit> {
    let structure = random.choose(&world.structures);
    let mut rows = vec![some_row(random, state, structure)?];
    if random.percent(25) {
        rows.extend(some_row(random, state, structure).filter(|row| *row != rows[0]));
    }
    Some(Edit::Move(MoveRows {
        structure,
        rows,
        position: position(random, state, structure),
        expected_version: None,
    }))
}

fn remove_rows(random: &mut Random, world: &World, state: &State) -> Option<Edit> {
    let structure = random.choose(&world.structures);
    let row = some_row(random, state, structure)?;
    // Large subtrees mostly stay, or little would be left to look at.
    let few = state.trees[&structure].subtree(row).len() <= 3;
    (few || random.percent(25)).then(|| {
        Edit::Remove(RemoveRows {
            structure,
            rows: vec![row],
            expected_version: None,
        })
    })
}

fn create(random: &mut Random, state: &State) -> Option<Edit> {
    let type_name = random.choose(&["Story", "Task", "Sub-task", "Sub-task", "Epic"]);
    let mut new = NewIssue {
        project_key: random.choose(&PROJECTS).to_owned(),
        type_name: type_name.to_owned(),
        summary: format!("Later issue {}", state.issues.len()),
        labels: some_labels(random),
        ..NewIssue::default()
    };
    if type_name == "Sub-task" {
        let parent = some_issue(random, state, |it| !it.sub_task && !it.is_epic)?;
        let parent = &state.issues[&parent];
        (new.parent_key, new.project_key) = (Some(parent.key.clone()), parent.project.clone());
    } else if type_name != "Epic" && random.percent(50) {
        new.epic_key = some_key(random, state, |it| it.is_epic);
    }
    Some(Edit::Create(new))
}

fn update(random: &mut Random, state: &State) -> Option<Edit> {
    let what = random.below(6);
    let id = match what {
        3 => some_issue(random, state, |it| it.sub_task),
        4 => some_issue(random, state, |it| !it.is_epic && !it.sub_task),
        _ => some_issue(random, state, |_| true),
    }?;
    let issue = &state.issues[&id];
    let mut update = IssueUpdate {
        key: issue.key.clone(),
        ..IssueUpdate::default()
    };
    match what {
        0 | 1 => update.status = Some(Some(random.choose(&STATUSES).to_owned())),
        2 | 5 => update.labels = Some(Some(some_labels(random))),
        3 => {
            let fits = |it: &super::state::Issue| {
                !it.sub_task && !it.is_epic && it.project == issue.project
            };
            update.parent_key = Some(Some(some_key(random, state, fits)?));
        }
        _ => {
            let epic = some_key(random, state, |it| it.is_epic);
            update.epic_key = Some(epic.filter(|_| random.percent(75)));
        }
    }
    Some(Edit::Update(update))
}

fn rank(random: &mut Random, state: &State) -> Option<Edit> {
    let issue = some_issue(random, state, |_| true)?;
    let other = some_issue(random, state, |_| true).filter(|other| *other != issue)?;
    let place = match random.percent(50) {
        true => RankPlace::Before(other),
        false => RankPlace::After(other),
    };
    Some(Edit::Rank(issue, place))
}

fn link(random: &mut Random, world: &World, state: &State) -> Option<Edit> {
    Some(Edit::Link(NewLink {
        link_type: random.choose(&world.link_types),
        source_key: some_key(random, state, |_| true)?,
        target_key: some_key(random, state, |_| true)?,
    }))
}

/// What a new row is to hold.
pub(super) fn item(state: &State, row: &NewRow) -> Option<Item> {
    match row {
        NewRow::Folder(name) => Some(Item::Folder(name.clone())),
        NewRow::Issue(key) => {
            let mut issues = state.issues.iter();
            let found = issues.find(|(_, issue)| issue.key == *key)?;
            Some(Item::Issue(*found.0))
        }
    }
}
