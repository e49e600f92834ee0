//! The planners alone, on snapshots in memory: no database takes part in what is counted.

use crate::SIZE;
use crate::region::counted;
use crate::world::World;
use anyhow::{bail, ensure};
use std::collections::HashSet;
use std::path::Path;
use understory::domain::synchronizer::LinkEnd;
use understory::domain::{Direction, Forest, IssueId, RowEdit, Settings};
use understory::store::{board_issues, issues, links as stored};
use understory::sync::agile::{self, Facts, Known};
use understory::sync::links::{self, ParentLink, Passing};
use understory::sync::{Halt, saved_filter, sub_tasks};

/// How much of the structure is not as the rule wants it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Differ {
    Nothing,
    OnePercent,
}

impl Differ {
    /// The forest that a planner finds, if these are the edits that disturb it.
    fn forest(self, world: &World, children: &[IssueId]) -> anyhow::Result<Forest> {
        let edits = match self {
            Self::Nothing => Vec::new(),
            Self::OnePercent => world.disturbance(children)?,
        };
        let version = world.forest.version();
        Ok(world.forest.edited(version + 1, &edits)?)
    }

    /// Whether a plan found what there is to do.
    fn check(self, edits: &[RowEdit]) -> anyhow::Result<()> {
        match self {
            Self::Nothing => ensure!(edits.is_empty(), "{} edits", edits.len()),
            Self::OnePercent => ensure!(edits.len() >= SIZE / 200, "{} edits", edits.len()),
        }
        Ok(())
    }
}

pub(crate) fn filter_into_empty(database: &Path) -> anyhow::Result<()> {
    let world = World::open(database)?;
    let Settings::SavedFilter(settings) = &world.settings("savedFilter")? else {
        bail!("no filter");
    };
    let snapshot = saved_filter::Snapshot {
        forest: &Forest::build(0, [])?,
        settings,
        result: world.forest.issues().collect(),
        looked_at: None,
    };
    let plan = counted(|| saved_filter::plan(&snapshot));
    ensure!(plan.rows.len() == SIZE, "{} edits", plan.rows.len());
    Ok(())
}

pub(crate) fn sub_tasks(database: &Path, differ: Differ) -> anyhow::Result<()> {
    let world = World::open(database)?;
    let sub_tasks = world.read(issues::sub_tasks)?;
    let children: Vec<IssueId> = sub_tasks.iter().map(|it| it.issue).collect();
    let pairs = sub_tasks.iter().map(|it| (it.issue, it.parent));
    let snapshot = sub_tasks::Snapshot {
        forest: &differ.forest(&world, &children)?,
        sub_tasks: pairs.collect(),
    };
    let plan = counted(|| sub_tasks::plan(&snapshot));
    differ.check(&plan.rows)
}

pub(crate) fn links(database: &Path, differ: Differ) -> anyhow::Result<()> {
    let world = World::open(database)?;
    let Settings::Links(settings) = world.settings("links")? else {
        bail!("no links");
    };
    ensure!(settings.parent_end == LinkEnd::Source, "other settings");
    let link_type = settings.link_type;
    let found = world.read(move |tx| stored::of_type(tx, link_type))?;
    let links = found.iter().map(|link| ParentLink {
        link: link.id,
        parent: link.source,
        child: link.target,
    });
    let children: Vec<IssueId> = found.iter().map(|link| link.target).collect();
    let snapshot = links::Snapshot {
        forest: &differ.forest(&world, &children)?,
        settings: &settings,
        links: links.collect(),
        below: Vec::new(),
        parents: Passing::default(),
        sub_issues: Passing::default(),
        looked_at: None,
    };
    let plan = counted(|| links::plan(&snapshot, Direction::IntoStructure));
    differ.check(&plan.rows)
}

pub(crate) fn agile(database: &Path, differ: Differ) -> anyhow::Result<()> {
    let world = World::open(database)?;
    let Settings::Agile(settings) = &world.settings("agile")? else {
        bail!("no board");
    };
    let mut all = world.read(|tx| {
        let mut all = Vec::with_capacity(SIZE);
        board_issues::each(tx, |id, issue| all.push((id, issue)))?;
        Ok(all)
    })?;
    all.sort_unstable_by_key(|(id, _)| *id);
    if differ == Differ::OnePercent {
        // Each goes right behind another one, far away.
        for at in (7..SIZE).step_by(100) {
            let other = all[at * 7919 % SIZE].1.rank.clone();
            all[at].1.rank = other.map(|rank| rank + "V");
        }
    }
    let mut known = Known::new(&Unasked);
    for (id, issue) in all {
        let facts = Facts {
            in_scope: true,
            is_epic: issue.is_epic,
            is_sub_task: issue.is_sub_task,
            epic: issue.epic,
            epic_is_epic: issue.epic_is_epic,
            rank: issue.rank,
        };
        known.insert(id, facts);
    }
    let sub_tasks = world.read(issues::sub_tasks)?;
    let pairs = sub_tasks.iter().map(|it| (it.issue, it.parent));
    let snapshot = agile::Snapshot {
        forest: &world.forest,
        settings,
        sub_tasks: pairs.collect(),
    };
    let plan = counted(|| agile::plan(snapshot, &mut known, Direction::IntoStructure));
    differ.check(&plan?.rows)
}

/// A tracker that need not be asked, since all is known.
struct Unasked;

impl agile::Tracker for Unasked {
    fn facts(&self, _: &[IssueId]) -> Result<Vec<(IssueId, Facts)>, Halt> {
        Ok(Vec::new())
    }

    fn sub_tasks(&self, _: &HashSet<IssueId>) -> Result<Vec<(IssueId, IssueId)>, Halt> {
        Ok(Vec::new())
    }
}
