//! A small tracker to run queries on.

use rusqlite::{Connection, params_from_iter, types::Value};

use crate::jql::{Compiled, Context, Param, Statement, parse};

/// 2024-02-01 12:00 in UTC.
const NOW_MS: i64 = 1_706_788_800_000;

/// Six issues in two projects, whose names do not sort as their keys do.
const ISSUES: &str = "
    INSERT INTO project (id, key, name) VALUES (1, 'XYZ', 'Alphabet'), (2, 'ABC', 'Xylophone Yard');
    INSERT INTO issue_type (id, name, sub_task, epic)
    VALUES (1, 'Bug', 0, 0), (2, 'Story', 0, 0), (3, 'Epic', 0, 1), (4, 'Sub-task', 1, 0);
    INSERT INTO status (id, name, category)
    VALUES (1, 'Open', 'TO_DO'), (2, 'In Progress', 'IN_PROGRESS'), (3, 'Closed', 'DONE');
    INSERT INTO issue (
        id, key, project_id, number, type_id, status_id, summary, resolution, priority, assignee,
        reporter, parent_id, epic_id, rank, created_at, updated_at, resolved_at
    ) VALUES
    (1, 'ABC-1', 2, 1, 3, 1, 'Login', NULL, 'High', 'alice', 'bob', NULL, NULL, 'c', 0, 0, NULL),
    (2, 'ABC-2', 2, 2, 2, 2, 'The login page is slow', NULL, 'Medium', 'Bob', 'bob', NULL, 1, 'b', 0, 0, NULL),
    (3, 'ABC-3', 2, 3, 1, 3, '100% CPU_usage', 'Fixed', 'Critical', NULL, NULL, NULL, 1, 'a', 0, 0, 0),
    (4, 'ABC-10', 2, 10, 4, 1, 'Write tests!', NULL, NULL, 'alice', 'carol', 2, NULL, NULL, 0, 0, NULL),
    (5, 'XYZ-1', 1, 1, 1, 1, 'Page after login', NULL, 'Trivial', 'carol', 'alice', NULL, NULL, 'd', 0, 0, NULL),
    (6, 'XYZ-2', 1, 2, 1, 3, '', 'Won''t Fix', 'Odd', NULL, 'alice', NULL, NULL, NULL, 0, 0, 0);
    INSERT INTO issue_label (issue_id, name)
    VALUES (1, 'ui'), (1, 'Backend'), (2, 'ui'), (5, 'backend');
    INSERT INTO issue_component (issue_id, name) VALUES (2, 'Web'), (3, 'Web'), (3, 'Core');
    INSERT INTO issue_fix_version (issue_id, name) VALUES (3, '1.0'), (6, '1.0'), (6, '2.0');
    UPDATE issue SET created_at = 1704067200000 WHERE id = 1; -- 2024-01-01 00:00
    UPDATE issue SET created_at = 1704103200000 WHERE id = 2; -- 2024-01-01 10:00
    UPDATE issue SET created_at = 1704103259999 WHERE id = 3; -- 2024-01-01 10:00:59.999
    UPDATE issue SET created_at = 1704153599999 WHERE id = 4; -- 2024-01-01 23:59:59.999
    UPDATE issue SET created_at = 1704153600000 WHERE id = 5; -- 2024-01-02 00:00
    UPDATE issue SET created_at = 1706745600000 WHERE id = 6; -- 2024-02-01 00:00
    UPDATE issue SET updated_at = created_at + 3600000;
    UPDATE issue SET resolved_at = 1706184000000 WHERE id = 3; -- 2024-01-25 12:00
    UPDATE issue SET resolved_at = 1706783400000 WHERE id = 6; -- 2024-02-01 10:30
";

pub(super) fn tracker() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch(include_str!("../../store/migrations/0001_start.sql"))
        .unwrap();
    connection.execute_batch(ISSUES).unwrap();
    connection
}

/// The query for alice, at [`NOW_MS`].
pub(super) fn compiled(text: &str) -> Compiled {
    let query = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    query.compile(&Context {
        now_ms: NOW_MS,
        viewer: "alice",
    })
}

/// The rows of a statement. One that the database refuses fails the test.
pub(super) fn rows(connection: &Connection, statement: &Statement) -> Vec<Vec<Value>> {
    let mut prepared = connection.prepare(&statement.sql).unwrap();
    let width = prepared.column_count();
    let params = params_from_iter(statement.params.iter().map(|param| match param {
        Param::Int(number) => Value::from(*number),
        Param::Text(text) => Value::from(text.clone()),
    }));
    let rows = prepared.query_map(params, |row| (0..width).map(|at| row.get(at)).collect());
    rows.unwrap().map(Result::unwrap).collect()
}

/// The keys in the first column of a statement's rows.
pub(super) fn keys(connection: &Connection, statement: &Statement) -> String {
    let rows = rows(connection, statement).into_iter();
    let keys = rows.map(|row| match row.into_iter().next() {
        Some(Value::Text(key)) => key,
        other => panic!("a key was selected, not {other:?}"),
    });
    keys.collect::<Vec<_>>().join(" ")
}
