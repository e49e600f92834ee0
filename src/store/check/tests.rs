//! A database that is damaged by hand, in each way that a rule names: it is found, and repaired
//! where that follows from the rest.

mod unfinished;
mod whole;

use super::*;
use crate::domain::StructureId;
use crate::store::StoreError;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use whole::build;

/// What a repair does about a damage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Then {
    Whole,
    Left,
}
use Then::{Left, Whole};

/// Damage, the rule that finds it, and what a repair leaves.
const DAMAGES: &[(&str, &str, Then)] = &[
    (
        "UPDATE counter SET value = 0 WHERE name = 'issue'",
        "counters",
        Whole,
    ),
    (
        "DELETE FROM counter WHERE name = 'forest_row'",
        "lost-counters",
        Whole,
    ),
    ("UPDATE project SET last_number = 0", "issue-numbers", Whole),
    (
        "UPDATE issue SET key = 'X-1' WHERE id = 1",
        "issue-keys",
        Left,
    ),
    (
        "UPDATE structure SET row_count = 99 WHERE id = 1",
        "row-counts",
        Whole,
    ),
    (
        "UPDATE forest_row SET structure_id = 2 WHERE id = 4",
        "parents",
        Left,
    ),
    (
        "UPDATE forest_row SET parent_id = 4 WHERE id = 3",
        "cycles",
        Left,
    ),
    (
        "UPDATE forest_row SET issue_id = 99999, folder = NULL WHERE id = 4",
        "row-issues",
        Left,
    ),
    (
        "UPDATE structure SET version = version - 1 WHERE id = 1",
        "structure-versions",
        Whole,
    ),
    (
        "UPDATE structure SET version = version + 1 WHERE id = 1",
        "structure-versions",
        Whole,
    ),
    (
        "UPDATE structure SET version = 99 WHERE id = 1;
         UPDATE synchronizer SET structure_cursor = 99 WHERE structure_id = 1",
        "structure-versions",
        Whole,
    ),
    (
        "DELETE FROM forest_change WHERE structure_id = 1 AND version = 2;
         DELETE FROM structure_version WHERE structure_id = 1 AND version = 2",
        "structure-versions",
        Left,
    ),
    (
        "DELETE FROM forest_change WHERE structure_id = 1;
         DELETE FROM structure_version WHERE structure_id = 1",
        "structure-versions",
        Left,
    ),
    (
        "DELETE FROM structure_version WHERE structure_id = 1 AND version = 2",
        "references",
        Left,
    ),
    (
        "DELETE FROM structure_version WHERE structure_id = 1 AND version = 2;
         UPDATE structure SET version = 1 WHERE id = 1",
        "structure-versions",
        Left,
    ),
    (
        "INSERT INTO structure_permission VALUES (1, 'EVERYONE', 1, 1)",
        "permissions",
        Left,
    ),
    (
        "UPDATE synchronizer SET issue_cursor = 999999",
        "synchronizer-cursors",
        Whole,
    ),
    (
        "UPDATE job SET finished_at = NULL WHERE id = 1",
        "job-states",
        Left,
    ),
    (
        "DELETE FROM forest_change WHERE structure_id = 1 AND row_id = 2 AND kind = 'ADDED'",
        "version-lines",
        Left,
    ),
    (
        "UPDATE forest_change SET before_position = 'a7' WHERE kind = 'MOVED'",
        "row-history",
        Left,
    ),
    (
        "UPDATE forest_row SET position = 'a7' WHERE id = 4",
        "row-places",
        Left,
    ),
    ("DELETE FROM forest_row WHERE id = 4", "row-places", Left),
    (
        "INSERT INTO forest_row VALUES (99, 1, NULL, 'a9', NULL, 'x')",
        "untold-rows",
        Left,
    ),
    ("DELETE FROM issue WHERE id = 5", "issue-feed", Left),
    (
        "DELETE FROM issue_link WHERE id = (SELECT max(id) FROM issue_link)",
        "link-feed",
        Left,
    ),
    (
        "DELETE FROM issue_change WHERE seq = (SELECT max(seq) FROM issue_change WHERE field = 'target')",
        "link-ends",
        Left,
    ),
    (
        "UPDATE issue_change SET after = 'Elsewhere' WHERE field = 'status'",
        "issue-history",
        Left,
    ),
    (
        "UPDATE forest_row SET position = 'a0' WHERE structure_id = 1 AND parent_id IS NULL",
        "row-keys",
        Whole,
    ),
    (
        "UPDATE forest_row SET position = 'a0' WHERE structure_id = 1 AND parent_id IS NULL;
         UPDATE forest_change SET after_position = 'a0'
         WHERE structure_id = 1 AND after_parent_id IS NULL AND kind <> 'REMOVED'",
        "row-keys",
        Whole,
    ),
    (
        "UPDATE forest_row SET position = '!' WHERE id = 4",
        "row-keys",
        Whole,
    ),
    ("UPDATE issue SET rank = 'a5' WHERE id < 4", "ranks", Whole),
    ("UPDATE issue SET rank = 'a' WHERE id = 4", "ranks", Whole),
    (
        "UPDATE synchronizer SET settings = '{' WHERE id = 1",
        "documents",
        Left,
    ),
    (
        "UPDATE synchronizer SET kind = 'AGILE' WHERE id = 1",
        "documents",
        Left,
    ),
    ("UPDATE job SET state = 'WAT' WHERE id = 2", "names", Left),
    ("UPDATE job SET kind = 'resync' WHERE id = 2", "names", Left),
    (
        "UPDATE job SET direction = 'UP' WHERE id = 2",
        "names",
        Left,
    ),
    (
        "UPDATE job_change SET kind = 'WAT' WHERE job_id = 2 AND seq = 1",
        "names",
        Left,
    ),
    (
        "UPDATE issue SET parent_id = id WHERE id = 6",
        "issue-parents",
        Left,
    ),
    (
        "UPDATE issue SET parent_id = 7 WHERE id IN (6, 8); UPDATE issue SET parent_id = 6 WHERE id = 7",
        "issue-parents",
        Left,
    ),
    (
        "UPDATE issue SET epic_id = id WHERE id = 6",
        "issue-parents",
        Left,
    ),
    (
        "UPDATE issue_link SET target_id = source_id WHERE id = (SELECT min(id) FROM issue_link)",
        "self-links",
        Left,
    ),
    (
        "DELETE FROM job_change WHERE job_id = 2 AND seq = 1",
        "job-lines",
        Left,
    ),
    (
        "UPDATE job SET counts = '{}' WHERE id = 2",
        "job-counts",
        Whole,
    ),
    (
        "UPDATE structure_version SET job_id = NULL",
        "job-feeds",
        Left,
    ),
    ("DROP INDEX issue_by_rank", "schema", Whole),
    (
        "DROP INDEX issue_by_rank; CREATE UNIQUE INDEX issue_by_rank ON issue (rank, key)",
        "schema",
        Whole,
    ),
    ("DROP TABLE saved_filter", "schema", Left),
    ("ALTER TABLE board ADD COLUMN other TEXT", "schema", Left),
    ("CREATE TABLE other (x)", "schema", Left),
    (
        "DELETE FROM status WHERE id = (SELECT min(status_id) FROM issue)",
        "references",
        Left,
    ),
    (
        "UPDATE sqlite_sequence SET seq = 0 WHERE name = 'job'",
        "sequences",
        Whole,
    ),
];

fn rules(report: &Report) -> Vec<&'static str> {
    report.findings.iter().map(|it| it.rule).collect()
}

fn nothing(_: &'static str) {}

fn copy(original: &Path, name: &str) -> PathBuf {
    let path = original.with_file_name(format!("{name}.db"));
    std::fs::copy(original, &path).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn each_damage_is_found_and_repaired_where_it_follows_from_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let original = folder.path().join("whole.db");
    build(&original).await;
    let whole = inspect(&original, &mut nothing).unwrap();
    assert!(whole.is_clean(), "{whole:#?}");
    let mut broken: Vec<&str> = Vec::new();
    for (at, (damage, rule, then)) in DAMAGES.iter().enumerate() {
        let path = copy(&original, &at.to_string());
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch("PRAGMA foreign_keys = OFF")
            .unwrap();
        connection.execute_batch(damage).unwrap();
        drop(connection);
        let found = inspect(&path, &mut nothing).unwrap();
        assert!(rules(&found).contains(rule), "{damage}: {found:#?}");
        let keep = path.with_extension("kept");
        let repaired = repair(&path, &keep, &mut nothing).unwrap();
        assert_eq!(repaired.before, found, "{damage}");
        let promised = found.findings.iter().filter(|it| it.repairable);
        for promised in promised.map(|it| it.rule) {
            let left = rules(&repaired.after);
            assert!(
                !left.contains(&promised),
                "{damage}: {promised} was promised"
            );
        }
        let any_promised = found.findings.iter().any(|it| it.mendable > 0);
        assert!(any_promised || *then == Left, "{damage}: {found:#?}");
        assert_eq!(repaired.kept.is_some(), any_promised, "{damage}");
        assert_eq!(
            repaired.after.is_clean(),
            *then == Whole,
            "{damage}: {:#?}",
            repaired.after
        );
        assert_eq!(
            repaired.after,
            inspect(&path, &mut nothing).unwrap(),
            "{damage}"
        );
        if repaired.kept.is_some() {
            assert_eq!(inspect(&keep, &mut nothing).unwrap(), found, "{damage}");
        }
        broken.push(rule);
    }
    let all = LOOKS.iter().map(|it| it.0);
    let all = all.chain(rules::RULES.iter().chain(feeds::RULES).map(|it| it.name));
    for rule in all.filter(|rule| *rule != "pages") {
        assert!(
            broken.contains(&rule),
            "nothing here breaks the rule {rule}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_structure_whose_newest_version_is_lost_can_be_edited_after_a_repair() {
    let folder = tempfile::tempdir().unwrap();
    let original = folder.path().join("whole.db");
    build(&original).await;
    let lost = "PRAGMA foreign_keys = OFF;
        DELETE FROM structure_version WHERE structure_id = 1 AND version = 2;";
    for (name, version) in [("as it was", 2), ("lowered", 1)] {
        let path = copy(&original, name);
        let connection = Connection::open(&path).unwrap();
        let lowered = format!("{lost} UPDATE structure SET version = {version} WHERE id = 1");
        connection.execute_batch(&lowered).unwrap();
        drop(connection);
        repair(&path, &path.with_extension("kept"), &mut nothing).unwrap();
        assert_eq!(whole::edit(&path, StructureId(1)).await, 3, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_page_is_left_and_an_index_that_lacks_rows_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let original = folder.path().join("whole.db");
    build(&original).await;
    let path = copy(&original, "index");
    let root: i64 = Connection::open(&path)
        .unwrap()
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_issue_2'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    // In the index by key, an issue stands under a key that it does not have.
    let mut bytes = std::fs::read(&path).unwrap();
    let page = &mut bytes[(root as usize - 1) * 4096..root as usize * 4096];
    let at = page.windows(5).position(|it| it == b"MOD-7").unwrap();
    page[at..at + 5].copy_from_slice(b"MOD-0");
    std::fs::write(&path, bytes).unwrap();
    let found = inspect(&path, &mut nothing).unwrap();
    assert_eq!(rules(&found), ["pages"], "{found:#?}");
    assert!(found.findings[0].repairable, "{found:#?}");
    let repaired = repair(&path, &path.with_extension("kept"), &mut nothing).unwrap();
    assert!(repaired.after.is_clean(), "{:#?}", repaired.after);

    // What only one issue may have, two have, as their table says itself: which of them is right?
    let path = copy(&original, "doubled");
    let mut bytes = std::fs::read(&path).unwrap();
    while let Some(at) = bytes.windows(5).position(|it| it == b"MOD-7") {
        bytes[at + 4] = b'6';
    }
    std::fs::write(&path, bytes).unwrap();
    let found = inspect(&path, &mut nothing).unwrap();
    assert_eq!(found.findings[0].rule, "pages", "{found:#?}");
    assert_eq!((found.findings[0].mendable, found.damaged), (0, false));

    let path = copy(&original, "page");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xa5);
    std::fs::write(&path, &bytes).unwrap();
    let found = inspect(&path, &mut nothing).unwrap();
    assert!(
        found.damaged && rules(&found).contains(&"pages"),
        "{found:#?}"
    );
    assert!(
        found.findings.iter().all(|it| it.mendable == 0),
        "{found:#?}"
    );
    let repaired = repair(&path, &path.with_extension("kept"), &mut nothing).unwrap();
    assert_eq!((repaired.after, repaired.kept), (found, None));
    assert!(std::fs::read(&path).unwrap() == bytes, "it was written to");

    let path = copy(&original, "cut");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let refused = inspect(&path, &mut nothing).unwrap_err().to_string();
    let says = format!("it has {} bytes of the {}", whole.len() / 2, whole.len());
    assert!(refused.contains(&says), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_its_table_would_refuse_is_found_in_a_file_that_is_only_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it.db");
    build(&path).await;
    let damage = "PRAGMA ignore_check_constraints = ON; UPDATE status SET category = 'WAT'";
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(damage).unwrap();
    drop(connection);
    let found = inspect(&path, &mut nothing).unwrap();
    assert!(rules(&found).contains(&"names"), "{found:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_another_database_beside_a_backup_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it.db");
    build(&path).await;
    let plain = Connection::open(&path).unwrap();
    plain.execute_batch("PRAGMA journal_mode = DELETE").unwrap();
    drop(plain);
    assert!(inspect(&path, &mut nothing).unwrap().is_clean());
    std::fs::write(path.with_extension("db-wal"), [0; 32]).unwrap();
    let refused = inspect(&path, &mut nothing).unwrap_err().to_string();
    assert!(
        refused.contains("the log of the database that was here before"),
        "{refused}"
    );
    let kept = path.with_extension("kept");
    assert!(repair(&path, &kept, &mut nothing).is_err() && !kept.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_database_of_this_version_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it.db");
    let refused = |path: &Path| inspect(path, &mut nothing).unwrap_err().to_string();
    assert!(refused(&path).contains("no such file"));
    std::fs::write(&path, "a text of some length, which is no database at all").unwrap();
    assert!(refused(&path).contains("not a SQLite database"));
    std::fs::remove_file(&path).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE t (x)").unwrap();
    assert!(refused(&path).contains("no database of Understory"));
    drop(other);
    std::fs::remove_file(&path).unwrap();
    build(&path).await;
    let ours = Connection::open(&path).unwrap();
    for (version, says) in [(1, "brings it there"), (999, "newer version")] {
        ours.pragma_update(None, "user_version", version).unwrap();
        assert!(refused(&path).contains(says));
    }
}

#[test]
fn a_report_counts_all_and_shows_a_few() {
    let mut report = Report::default();
    report.look(("rule", "it holds"), |broken| {
        (0..50).for_each(|at| broken(at.to_string(), Mend::Follows));
        Err(StoreError::Closed)
    });
    let finding = &report.findings[0];
    assert_eq!((finding.count, finding.examples.len()), (51, EXAMPLES));
}
