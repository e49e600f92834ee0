//! A database that is whole, with something in it for every rule.

use crate::clock::Clock;
use crate::domain::synchronizer::SubTasksSettings;
use crate::domain::{
    ChangeCounts, ChangeKind, JobKind, JobState, LinkTypeId, Place, RowEdit, RowId, Settings,
    StructureId,
};
use crate::store::forest::{self, Author};
use crate::store::jobs::{self, ChangeLine, End, NewJob};
use crate::store::users::{self, Role};
use crate::store::{Failure, Store, StoreError, Tx, params, structures, synchronizers};
use crate::tracker::embedded::{self, IssueUpdate, NewLink};
use crate::tracker::import;
use std::collections::HashMap;
use std::path::Path;

/// Two structures with rows, issues with a link and a history, and a job that changed rows.
pub(super) async fn build(path: &Path) {
    let store = Store::open(path, Clock::system()).await.unwrap();
    let file = path.with_extension("jsonl");
    let issue = |number: usize| {
        let (status, category) = [("Open", "new"), ("Closed", "done")][number % 2];
        serde_json::json!({ "key": format!("MOD-{number}"), "fields": {
            "summary": "An issue", "issuetype": { "name": "Task" }, "status": { "name": status, "statusCategory": { "key": category } },
            "project": { "key": "MOD" } } })
    };
    let lines: Vec<String> = (1..=8).map(|number| issue(number).to_string()).collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    import::import_file(&store, &file, |_| {}).await.unwrap();
    let inner = store.clone();
    store
        .write(move |tx| fill(&inner, tx))
        .await
        .map_err(|failure| failure.to_string())
        .unwrap();
    store.close().await;
}

/// Adds a row to a structure, as a user; the version that this made.
pub(super) async fn edit(path: &Path, structure: StructureId) -> i64 {
    let store = Store::open(path, Clock::system()).await.unwrap();
    let inner = store.clone();
    let made = store.write(move |tx| {
        let author = Author::User(users::ensure(tx, "olga", Role::Admin)?);
        let row = RowId(-1);
        let place = Place {
            parent: None,
            after: None,
        };
        let add = RowEdit::Add {
            id: row,
            issue: None,
            place,
        };
        let names = HashMap::from([(row, "folder".to_owned())]);
        forest::apply(&inner, tx, structure, &[add], &names, author)?;
        tx.get(
            "SELECT version FROM structure WHERE id = ?",
            params![structure],
            |row| row.get(0),
        )
    });
    let made = made
        .await
        .map_err(|failure: StoreError| failure.to_string());
    store.close().await;
    made.unwrap()
}

fn fill(store: &Store, tx: &Tx<'_>) -> Result<(), Failure> {
    let user = users::ensure(tx, "olga", Role::Admin)?;
    let author = Author::User(user);
    let keys: Vec<String> = tx.query("SELECT key FROM issue ORDER BY id LIMIT 4", &[], |row| {
        row.get(0)
    })?;
    let link_type: LinkTypeId = tx
        .insert(
            "INSERT INTO link_type (name, inward, outward) VALUES ('T', 'in', 'out') RETURNING id",
            &[],
        )
        .map(LinkTypeId)?;
    for target in &keys[1..3] {
        let link = NewLink {
            link_type,
            source_key: keys[0].clone(),
            target_key: target.clone(),
        };
        embedded::link_issues(tx, &link, author)?;
    }
    let statuses: Vec<String> =
        tx.query("SELECT name FROM status ORDER BY id", &[], |row| row.get(0))?;
    for status in statuses.iter().rev().take(2) {
        let update = IssueUpdate {
            key: keys[3].clone(),
            status: Some(Some(status.clone())),
            ..IssueUpdate::default()
        };
        embedded::update_issue(tx, &update, author)?;
    }
    let settings = Settings::SubTasks(SubTasksSettings {
        issue_types: vec![],
    });
    for name in ["Plan", "Other"] {
        let structure = structures::create(tx, name, "", user)?;
        let synchronizer = synchronizers::create(tx, structure, "Sub-tasks", &settings, user)?;
        let job = jobs::enqueue(
            tx,
            &NewJob {
                kind: JobKind::Resync,
                direction: None,
                dry_run: false,
                structure,
                synchronizer: Some(synchronizer),
                settings: None,
                reverts: None,
                writes_issues: false,
                enable_afterwards: false,
                preview: None,
                max_removal_percent: None,
                requested_by: Some(user),
            },
        )?;
        let place = |parent: Option<i64>, after: Option<i64>| Place {
            parent: parent.map(RowId),
            after: after.map(RowId),
        };
        let add = |id: i64, place| RowEdit::Add {
            id: RowId(-id),
            issue: None,
            place,
        };
        let edits = [
            add(1, place(None, None)),
            add(2, place(Some(-1), None)),
            add(3, place(Some(-1), Some(-2))),
            add(4, place(Some(-3), None)),
        ];
        let names: HashMap<RowId, String> = (1..=4)
            .map(|id| (RowId(-id), "folder".to_owned()))
            .collect();
        let made = forest::apply(store, tx, structure, &edits, &names, Author::Job(job, user))?;
        let last = made.ids[&RowId(-2)];
        let moved = RowEdit::Move {
            id: last,
            place: Place {
                parent: None,
                after: None,
            },
        };
        forest::apply(store, tx, structure, &[moved], &HashMap::new(), author)?;
        let line = ChangeLine {
            kind: ChangeKind::RowAdded,
            issue_key: None,
            row: None,
            issue: None,
            link: None,
            before: None,
            after: None,
            summary: "a row".to_owned(),
        };
        jobs::add_changes(tx, job, &vec![line; 4], &|_| {})?;
        let job = jobs::find(tx, job)?.expect("a job");
        let end = End {
            state: JobState::Succeeded,
            counts: ChangeCounts {
                rows_added: 4,
                ..ChangeCounts::default()
            },
            error: None,
            ticks: 0,
            log: vec![],
        };
        jobs::finish(tx, &job, &end)?;
    }
    Ok(())
}
