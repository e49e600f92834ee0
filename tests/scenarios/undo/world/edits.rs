//! What users do between jobs, on both sides, and what goes with its time.

use super::{FieldTurn, ISSUES, RowTurn, STATUSES, Scene, World};
use std::collections::HashMap;
use understory::domain::{JobId, Place, RankPlace, RowEdit, RowId};
use understory::store::forest::{self, Author};
use understory::store::{Tx, Value, links};
use understory::tracker::embedded;

impl World {
    /// Moves, adds and removes rows, in as many versions.
    pub(in super::super) async fn edit_rows(
        &self,
        scene: &Scene,
        turns: &[RowTurn],
        author: Author,
    ) {
        for &(which, what, under, first) in turns {
            let forest = self.store.forest(scene.structure).await.unwrap().unwrap();
            let pick = |at: usize| (!forest.is_empty()).then(|| forest.row(at % forest.len()));
            let parent = under.and_then(pick);
            let last = forest.children(parent.map(|row| row.index)).last();
            let place = |not: Option<RowId>| Place {
                parent: parent.map(|row| row.id),
                after: last
                    .map(|row| row.id)
                    .filter(|row| !first && Some(*row) != not),
            };
            let mut folders = HashMap::new();
            let edits: Vec<RowEdit> = match (pick(which), what) {
                (Some(row), 0..=4) => vec![RowEdit::Move {
                    id: row.id,
                    place: place(Some(row.id)),
                }],
                (Some(row), 5) => (row.index..row.index + row.size)
                    .rev()
                    .map(|at| RowEdit::Remove {
                        id: forest.row(at).id,
                    })
                    .collect(),
                _ => {
                    let issue = (what == 6).then(|| self.issues[which % ISSUES]);
                    if issue.is_none() {
                        folders.insert(RowId(-1), format!("new {which}"));
                    }
                    let id = RowId(-1);
                    vec![RowEdit::Add {
                        id,
                        issue,
                        place: place(None),
                    }]
                }
            };
            if forest::check(&forest, &edits).is_err() {
                continue;
            }
            let (store, structure) = (self.store.clone(), scene.structure);
            self.write(move |tx| {
                forest::apply(&store, tx, structure, &edits, &folders, author).map(|_| ())
            })
            .await;
        }
    }

    pub(in super::super) async fn edit_fields(&self, turns: &[FieldTurn], author: Author) {
        let (turns, issues) = (turns.to_vec(), self.issues.clone());
        let edit = move |tx: &Tx<'_>| {
            for turn in turns {
                match turn {
                    FieldTurn::RankBefore(issue, other) if issue != other => {
                        let to = RankPlace::Before(issues[other]);
                        embedded::set_rank(tx, issues[issue], &to, author)?;
                    }
                    FieldTurn::RankAfter(issue, other) if issue != other => {
                        let to = RankPlace::After(issues[other]);
                        embedded::set_rank(tx, issues[issue], &to, author)?;
                    }
                    FieldTurn::RankBefore(..) | FieldTurn::RankAfter(..) => {}
                    FieldTurn::Epic(issue, epic) => {
                        let epic = epic.map(|at| issues[at]);
                        embedded::set_epic(tx, issues[issue], epic, author)?;
                    }
                    FieldTurn::Status(issue, status, resolved) => {
                        let status = STATUSES[status];
                        let resolution = (resolved && status == "Done").then_some("Fixed");
                        embedded::set_status(tx, issues[issue], status, resolution, author)?;
                    }
                    FieldTurn::Resolution(issue, resolved) => {
                        let update = embedded::IssueUpdate {
                            key: format!("GEN-{}", issue + 1),
                            resolution: Some(resolved.then(|| "Fixed".to_owned())),
                            ..embedded::IssueUpdate::default()
                        };
                        embedded::update_issue(tx, &update, author)?;
                    }
                }
            }
            Ok::<_, understory::store::Failure>(())
        };
        self.store.write(edit).await.unwrap();
    }

    /// Adds the links that are not there and removes those that are.
    pub(in super::super) async fn flip(&self, scene: &Scene, pairs: &[(usize, usize)]) {
        let (pairs, issues, link_type) = (pairs.to_vec(), self.issues.clone(), scene.link_type);
        let author = Author::User(self.user);
        self.write(move |tx| {
            for (source, target) in pairs {
                let (source, target) = (issues[source], issues[target]);
                match links::find_between(tx, link_type, source, target)? {
                    Some(link) => embedded::remove_link(tx, link.id, author)?,
                    None => {
                        embedded::add_link(tx, link_type, source, target, author)?;
                    }
                }
            }
            Ok(())
        })
        .await;
    }

    /// Makes issues those that a filter for `wanted` finds, and sub-tasks of others.
    pub(in super::super) async fn prepare(&self, wanted: &[bool], parents: &[Option<usize>]) {
        let (wanted, parents, issues) = (wanted.to_vec(), parents.to_vec(), self.issues.clone());
        self.write(move |tx| {
            for (at, issue) in issues.iter().enumerate() {
                let summary = if wanted[at] { "wanted" } else { "other" };
                let parent = parents.get(at).copied().flatten().map(|at| issues[at]);
                tx.execute(
                    "UPDATE issue SET summary = ?, parent_id = ? WHERE id = ?",
                    &[summary.into(), parent.into(), Value::from(*issue)],
                )?;
            }
            Ok(())
        })
        .await;
    }

    pub(in super::super) async fn delete(&self, issue: usize) {
        let (store, author) = (self.store.clone(), Author::User(self.user));
        let key = format!("GEN-{}", issue + 1);
        self.store
            .write(move |tx| embedded::delete_issue(&store, tx, &key, author))
            .await
            .unwrap();
    }

    /// Drops one line of what a job changed, as if it were past its time.
    pub(in super::super) async fn forget(&self, job: JobId) {
        self.write(move |tx| {
            let sql = "DELETE FROM issue_change WHERE seq =
                           (SELECT min(seq) FROM issue_change WHERE job_id = ?)";
            tx.execute(sql, &[job.into()])
        })
        .await;
    }
}
