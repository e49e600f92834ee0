//! What a job has written before its end: told beside what is found, and taken back by a repair.

use super::super::{Unfinished, inspect, repair};
use super::whole::build;
use super::{copy, nothing};
use rusqlite::Connection;
use std::path::PathBuf;

/// A job that was stopped while it wrote.
const HALF: &str = "
    INSERT INTO job (id, kind, state, dry_run, structure_id, writes_issues, enable_afterwards, phase,
                     created_at, started_at)
    SELECT 99, kind, 'RUNNING', 0, 1, 0, 0, phase, created_at, created_at FROM job WHERE id = 2;
    INSERT INTO pending_write (job_id, structure_id, first_row, last_row, first_version, last_version)
    SELECT 99, id, 900, 950, version + 1, version + 1 FROM structure WHERE id = 1;
    INSERT INTO structure_version (structure_id, version, at)
    SELECT id, version + 1, updated_at FROM structure WHERE id = 1;
    INSERT INTO forest_row (id, structure_id, position, folder)
    VALUES (900, 1, 'b0', 'x'), (901, 1, 'b1', 'y');
    INSERT INTO job_change (job_id, seq, kind, row_id, summary)
    VALUES (99, 0, 'ROW_ADDED', 900, 'x'), (99, 1, 'ROW_ADDED', 901, 'y');";

async fn half_written(folder: &tempfile::TempDir) -> PathBuf {
    let path = folder.path().join("half.db");
    build(&path).await;
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(HALF).unwrap();
    path
}

fn told() -> [Unfinished; 1] {
    [Unfinished {
        job: 99,
        structure: 1,
        rows: 2,
        versions: 1,
        lines: 2,
    }]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_job_left_is_no_finding_and_a_repair_takes_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = half_written(&folder).await;
    let found = inspect(&path, &mut nothing).unwrap();
    assert!(found.is_clean(), "{found:#?}");
    assert_eq!(found.unfinished, told());
    let keep = path.with_extension("kept");
    let repaired = repair(&path, &keep, &mut nothing).unwrap();
    assert_eq!(repaired.before, found);
    assert!(repaired.after.is_clean(), "{:#?}", repaired.after);
    assert_eq!(repaired.after.unfinished, []);
    assert_eq!(repaired.after, inspect(&path, &mut nothing).unwrap());
    assert_eq!(inspect(&keep, &mut nothing).unwrap(), found);
    let again = repair(&path, &path.with_extension("again"), &mut nothing).unwrap();
    assert_eq!(again.kept, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_taken_back_beside_what_cannot_be_mended_unless_the_file_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let original = half_written(&folder).await;
    for (damage, left) in [
        ("UPDATE issue SET epic_id = id WHERE id = 6", vec![]),
        ("DROP TABLE saved_filter", told().to_vec()),
    ] {
        let path = copy(&original, "copy");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch(damage).unwrap();
        drop(connection);
        let keep = path.with_extension("kept");
        let repaired = repair(&path, &keep, &mut nothing).unwrap();
        assert_eq!(repaired.before.unfinished, told(), "{damage}");
        assert_eq!(repaired.after.findings, repaired.before.findings);
        assert_eq!(repaired.after.unfinished, left, "{damage}");
        assert_eq!(repaired.kept.is_some(), left.is_empty(), "{damage}");
    }
}
