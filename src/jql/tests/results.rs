//! What queries find, on a real database.

use rusqlite::{Connection, types::Value};

use super::samples::{compiled, keys, rows, tracker};
use crate::jql::{Cursor, CursorError, Param, Statement};

const ALL: &str = "ABC-1 ABC-2 ABC-3 ABC-10 XYZ-1 XYZ-2";

fn assert_finds(cases: &[(&str, &str)]) {
    let connection = tracker();
    for (text, expected) in cases {
        let found = keys(&connection, &compiled(text).select("issue.key"));
        assert_eq!(&found, expected, "{text}");
        let count = rows(&connection, &compiled(text).count());
        let expected = expected.split_whitespace().count() as i64;
        assert_eq!(count, [[Value::from(expected)]], "{text}");
    }
}

#[test]
fn an_empty_query_finds_everything_by_project_key_and_number() {
    assert_finds(&[("", ALL), (" ", ALL)]);
}

#[test]
fn names_are_compared_without_regard_to_case() {
    assert_finds(&[
        ("project = abc", "ABC-1 ABC-2 ABC-3 ABC-10"),
        ("project = 'xylophone yard'", "ABC-1 ABC-2 ABC-3 ABC-10"),
        ("project != ABC", "XYZ-1 XYZ-2"),
        ("project IN (Alphabet, ABC)", ALL),
        ("project NOT IN (nowhere)", ALL),
        ("project IS EMPTY", ""),
        ("project IS NOT EMPTY", ALL),
        ("type = bug", "ABC-3 XYZ-1 XYZ-2"),
        ("type IN (STORY, 'sub-task')", "ABC-2 ABC-10"),
        ("type NOT IN (Bug, Epic)", "ABC-2 ABC-10"),
        ("status = 'in progress'", "ABC-2"),
        ("status != Open", "ABC-2 ABC-3 XYZ-2"),
        ("status = nonsense", ""),
        ("statusCategory = done", "ABC-3 XYZ-2"),
        ("statusCategory != Done", "ABC-1 ABC-2 ABC-10 XYZ-1"),
        (
            "statusCategory IN ('To Do', 'In Progress')",
            "ABC-1 ABC-2 ABC-10 XYZ-1",
        ),
        ("priority = HIGH", "ABC-1"),
        ("resolution = fixed", "ABC-3"),
        ("resolution = \"won't fix\"", "XYZ-2"),
        ("assignee = BOB", "ABC-2"),
        ("assignee = currentUser()", "ABC-1 ABC-10"),
        ("reporter IN (currentUser(), carol)", "ABC-10 XYZ-1 XYZ-2"),
    ]);
}

#[test]
fn negations_do_not_match_what_is_empty() {
    assert_finds(&[
        ("assignee != alice", "ABC-2 XYZ-1"),
        ("assignee NOT IN (alice, bob)", "XYZ-1"),
        ("NOT assignee = alice", "ABC-2 XYZ-1"),
        ("NOT assignee IN (alice, bob)", "XYZ-1"),
        ("NOT (assignee = alice OR assignee = bob)", "XYZ-1"),
        ("NOT NOT assignee = alice", "ABC-1 ABC-10"),
        (
            "NOT (assignee != alice AND assignee != bob)",
            "ABC-1 ABC-2 ABC-10",
        ),
        ("reporter != currentUser()", "ABC-1 ABC-2 ABC-10"),
        ("resolution != Fixed", "XYZ-2"),
        ("priority NOT IN (High, Medium, Critical)", "XYZ-1 XYZ-2"),
        ("labels != ui", "XYZ-1"),
        ("NOT labels = ui", "XYZ-1"),
        ("parent != NOWHERE-1", "ABC-10"),
        ("NOT parent = ABC-2", ""),
        ("NOT resolved > 2024-01-30", "ABC-3"),
        ("summary !~ login", "ABC-3 ABC-10"),
        ("NOT summary ~ login", "ABC-3 ABC-10"),
    ]);
}

#[test]
fn emptiness_can_be_asked_for() {
    assert_finds(&[
        ("resolution = Unresolved", "ABC-1 ABC-2 ABC-10 XYZ-1"),
        ("resolution IS NOT EMPTY", "ABC-3 XYZ-2"),
        (
            "resolution IN (unresolved, Fixed)",
            "ABC-1 ABC-2 ABC-3 ABC-10 XYZ-1",
        ),
        ("assignee IS NULL", "ABC-3 XYZ-2"),
        ("assignee = EMPTY", "ABC-3 XYZ-2"),
        ("assignee != EMPTY", "ABC-1 ABC-2 ABC-10 XYZ-1"),
        ("assignee IN (carol, EMPTY)", "ABC-3 XYZ-1 XYZ-2"),
        ("assignee NOT IN (carol, EMPTY)", "ABC-1 ABC-2 ABC-10"),
        ("NOT assignee IS EMPTY", "ABC-1 ABC-2 ABC-10 XYZ-1"),
        ("priority IS EMPTY", "ABC-10"),
        ("reporter IS EMPTY", "ABC-3"),
        ("labels IS EMPTY", "ABC-3 ABC-10 XYZ-2"),
        ("labels IS NOT EMPTY", "ABC-1 ABC-2 XYZ-1"),
        (
            "labels IN (EMPTY, backend)",
            "ABC-1 ABC-3 ABC-10 XYZ-1 XYZ-2",
        ),
        ("labels NOT IN (EMPTY, backend)", "ABC-2"),
        ("component IS EMPTY", "ABC-1 ABC-10 XYZ-1 XYZ-2"),
        ("fixVersion IS NOT EMPTY", "ABC-3 XYZ-2"),
        (
            "parent IS EMPTY AND 'Epic Link' IS EMPTY",
            "ABC-1 XYZ-1 XYZ-2",
        ),
        ("resolved IS EMPTY", "ABC-1 ABC-2 ABC-10 XYZ-1"),
        ("created IS EMPTY OR updated IS EMPTY OR key IS EMPTY", ""),
        ("summary IS EMPTY", "XYZ-2"),
        ("summary IS NOT EMPTY", "ABC-1 ABC-2 ABC-3 ABC-10 XYZ-1"),
    ]);
}

#[test]
fn fields_of_many_values_match_by_any_of_them() {
    assert_finds(&[
        ("labels = backend", "ABC-1 XYZ-1"),
        ("labels IN (ui, nothing)", "ABC-1 ABC-2"),
        ("labels = ui AND labels = backend", "ABC-1"),
        ("component = web", "ABC-2 ABC-3"),
        ("component != core", "ABC-2"),
        ("fixVersion = 1.0", "ABC-3 XYZ-2"),
        ("fixVersion NOT IN (2.0)", "ABC-3"),
    ]);
}

#[test]
fn issues_are_named_by_key() {
    assert_finds(&[
        ("key = abc-10", "ABC-10"),
        ("issue IN (XYZ-1, ABC-1, NOWHERE-7)", "ABC-1 XYZ-1"),
        ("issuekey != ABC-1 AND project = ABC", "ABC-2 ABC-3 ABC-10"),
        ("key > ABC-2", "ABC-3 ABC-10"),
        ("key >= abc-2", "ABC-2 ABC-3 ABC-10"),
        ("key < ABC-3", "ABC-1 ABC-2"),
        ("key <= ABC-3", "ABC-1 ABC-2 ABC-3"),
        ("NOT key <= ABC-3", "ABC-10"),
        ("key > NOWHERE-1", ""),
        ("parent = ABC-2", "ABC-10"),
        ("epic = abc-1", "ABC-2 ABC-3"),
        ("'Epic Link' != ABC-2", "ABC-2 ABC-3"),
        ("epic NOT IN (ABC-1)", ""),
    ]);
}

#[test]
fn dates_compare_by_their_start_and_equal_all_that_they_name() {
    assert_finds(&[
        ("created = 2024-01-01", "ABC-1 ABC-2 ABC-3 ABC-10"),
        ("created = '2024/01/01 10:00'", "ABC-2 ABC-3"),
        ("created != 2024-01-01", "XYZ-1 XYZ-2"),
        ("created IN (2024-01-02, 2024-02-01)", "XYZ-1 XYZ-2"),
        ("created NOT IN (2024-01-01, 2024-01-02)", "XYZ-2"),
        ("created > 2024-01-01", "ABC-2 ABC-3 ABC-10 XYZ-1 XYZ-2"),
        ("created >= 2024-01-02", "XYZ-1 XYZ-2"),
        ("created < '2024-01-01 10:00'", "ABC-1"),
        ("created <= '2024-01-01 10:00'", "ABC-1 ABC-2"),
        ("updated >= -12h", "XYZ-2"),
        ("updated < -30d", "ABC-1 ABC-2 ABC-3 ABC-10 XYZ-1"),
        ("resolved >= -7d", "ABC-3 XYZ-2"),
        ("resolved > -7d", "XYZ-2"),
        ("resolved = -90m", "XYZ-2"),
        ("resolutiondate < '1w 2d'", "ABC-3 XYZ-2"),
    ]);
}

#[test]
fn text_is_searched_for_all_words() {
    assert_finds(&[
        ("summary ~ LOGIN", "ABC-1 ABC-2 XYZ-1"),
        ("text ~ 'login page'", "ABC-2 XYZ-1"),
        (r#"summary ~ "\"login page\"""#, "ABC-2"),
        (r#"summary ~ '"page login"'"#, ""),
        ("summary ~ '100%'", "ABC-3"),
        ("summary ~ '1%u'", ""),
        ("summary ~ u_u", "ABC-3"),
        ("summary ~ p_g", ""),
        ("summary ~ 'tests!'", "ABC-10"),
        ("summary ~ 'lo*low'", "ABC-2"),
        ("summary ~ 'p?ge'", "ABC-2 XYZ-1"),
        ("summary ~ 'login' AND text !~ 'page'", "ABC-1"),
    ]);
}

#[test]
fn clauses_combine() {
    assert_finds(&[
        (
            "project = ABC AND type = Bug OR project = XYZ AND status = Open",
            "ABC-3 XYZ-1",
        ),
        (
            "project = ABC AND (type = Bug OR status = Open)",
            "ABC-1 ABC-3 ABC-10",
        ),
        (
            "NOT (project = ABC AND type = Bug)",
            "ABC-1 ABC-2 ABC-10 XYZ-1 XYZ-2",
        ),
    ]);
}

#[test]
fn results_come_in_the_order_that_was_asked_for() {
    assert_finds(&[
        ("ORDER BY key DESC", "XYZ-2 XYZ-1 ABC-10 ABC-3 ABC-2 ABC-1"),
        ("ORDER BY Rank", "ABC-3 ABC-2 ABC-1 XYZ-1 ABC-10 XYZ-2"),
        ("ORDER BY rank DESC", "XYZ-1 ABC-1 ABC-2 ABC-3 ABC-10 XYZ-2"),
        (
            "ORDER BY project, key DESC",
            "XYZ-2 XYZ-1 ABC-10 ABC-3 ABC-2 ABC-1",
        ),
        (
            "ORDER BY type, status DESC",
            "XYZ-1 ABC-3 XYZ-2 ABC-1 ABC-2 ABC-10",
        ),
        (
            "ORDER BY statusCategory DESC",
            "ABC-3 XYZ-2 ABC-2 ABC-1 ABC-10 XYZ-1",
        ),
        (
            "ORDER BY priority DESC",
            "ABC-3 ABC-1 ABC-2 XYZ-1 XYZ-2 ABC-10",
        ),
        ("ORDER BY priority", "XYZ-2 XYZ-1 ABC-2 ABC-1 ABC-3 ABC-10"),
        (
            "ORDER BY assignee, summary",
            "ABC-1 ABC-10 ABC-2 XYZ-1 XYZ-2 ABC-3",
        ),
        (
            "ORDER BY reporter DESC",
            "ABC-10 ABC-1 ABC-2 XYZ-1 XYZ-2 ABC-3",
        ),
        (
            "ORDER BY resolution",
            "ABC-3 XYZ-2 ABC-1 ABC-2 ABC-10 XYZ-1",
        ),
        (
            "ORDER BY resolved DESC",
            "XYZ-2 ABC-3 ABC-1 ABC-2 ABC-10 XYZ-1",
        ),
        (
            "ORDER BY created DESC, created",
            "XYZ-2 XYZ-1 ABC-10 ABC-3 ABC-2 ABC-1",
        ),
        ("ORDER BY updated", ALL),
        ("ORDER BY labels", "ABC-1 XYZ-1 ABC-2 ABC-3 ABC-10 XYZ-2"),
        ("ORDER BY component", "ABC-3 ABC-2 ABC-1 ABC-10 XYZ-1 XYZ-2"),
        (
            "ORDER BY fixVersion DESC",
            "ABC-3 XYZ-2 ABC-1 ABC-2 ABC-10 XYZ-1",
        ),
        ("ORDER BY parent", "ABC-10 ABC-1 ABC-2 ABC-3 XYZ-1 XYZ-2"),
        (
            "ORDER BY epic, key DESC",
            "ABC-3 ABC-2 XYZ-2 XYZ-1 ABC-10 ABC-1",
        ),
    ]);
}

#[test]
fn callers_narrow_a_query() {
    let connection = tracker();
    let mut query = compiled("status = Open OR status = Closed");
    let (low, high) = (query.bind(Param::Int(3)), query.bind(Param::Int(5)));
    query.restrict(&format!("issue.id = {low} OR issue.id = {high}"));
    query.restrict("project.last_number = 0");
    assert_eq!(keys(&connection, &query.select("issue.key")), "ABC-3 XYZ-1");
    assert_eq!(rows(&connection, &query.count()), [[Value::from(2)]]);
    let page = query.page("issue.key", None, 1).unwrap();
    assert_eq!(keys(&connection, &page), "ABC-3");
}

/// Walks a result page by page, as a client does that hands each cursor back.
pub(super) fn keys_by_page(connection: &Connection, text: &str, size: u32) -> String {
    let query = compiled(text);
    let mut found: Vec<String> = Vec::new();
    let mut cursor = None;
    loop {
        let page = query.page("issue.key", cursor.as_ref(), size).unwrap();
        let rows = rows(connection, &page);
        let Some(last) = rows.last() else {
            return found.join(" ");
        };
        assert_eq!(last.len(), 1 + query.cursor_width());
        let place = last[1..].iter().map(|value| match value {
            Value::Null => None,
            Value::Integer(number) => Some(Param::Int(*number)),
            Value::Text(text) => Some(Param::Text(text.clone())),
            other => panic!("no sort key is {other:?}"),
        });
        // Cursors travel as text.
        let json = serde_json::to_string(&Cursor(place.collect())).unwrap();
        cursor = Some(serde_json::from_str(&json).unwrap());
        found.extend(rows.into_iter().map(|row| match &row[0] {
            Value::Text(key) => key.clone(),
            other => panic!("a key was selected, not {other:?}"),
        }));
        assert!(found.len() <= 6, "{text}: pages repeat rows: {found:?}");
    }
}

#[test]
fn pages_of_any_size_make_up_the_whole_result() {
    let connection = tracker();
    for order in [
        "",
        "ORDER BY key DESC",
        "ORDER BY rank",
        "ORDER BY rank DESC",
        "ORDER BY priority DESC, type",
        "ORDER BY epic DESC, parent, assignee",
        "type = Bug ORDER BY resolved, statusCategory DESC",
    ] {
        let whole = keys(&connection, &compiled(order).select("issue.key"));
        for size in 1..=7 {
            assert_eq!(
                keys_by_page(&connection, order, size),
                whole,
                "{order}, {size} a page"
            );
        }
    }
}

#[test]
fn a_cursor_of_another_order_is_refused() {
    let text = || Some(Param::Text("ABC".to_owned()));
    let number = || Some(Param::Int(1));
    let by_key = compiled("");
    assert!(
        by_key
            .page("issue.id", Some(&Cursor(vec![text(), number()])), 5)
            .is_ok()
    );
    for strange in [
        vec![],
        vec![text()],
        vec![number(), text()],
        vec![None, number()],
        vec![text(), None],
        vec![text(), text(), number()],
    ] {
        let page = by_key.page("issue.id", Some(&Cursor(strange)), 5);
        assert_eq!(page, Err(CursorError));
    }
}

#[test]
fn the_largest_queries_run() {
    let connection = tracker();
    let alternating = (0..100).fold("type=a".to_owned(), |inner, level| {
        format!(
            "type=a {} ({inner})",
            if level % 2 == 0 { "and" } else { "or" }
        )
    });
    for text in [
        vec!["labels=a"; 500].join(" and "),
        vec!["labels!=a"; 500].join("|"),
        format!("!({})", vec!["epic!=a-1"; 500].join("|")),
        format!("labels not in ({})", vec!["a"; 1_000].join(",")),
        format!("project in ({})", vec!["a"; 1_000].join(",")),
        format!("created in ({})", vec!["1d"; 1_000].join(",")),
        format!("text !~ '{}'", vec!["a"; 1_000].join(" ")),
        alternating,
        format!("{}type=a", "!".repeat(100)),
    ] {
        rows(&connection, &compiled(&text).select("issue.id"));
        rows(&connection, &compiled(&text).count());
    }
}

/// How SQLite runs a statement.
fn plan(connection: &Connection, statement: Statement) -> String {
    let sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
    let rows = rows(connection, &Statement { sql, ..statement });
    let details = rows.into_iter().map(|row| match row.into_iter().last() {
        Some(Value::Text(detail)) => detail,
        other => panic!("a plan has text, not {other:?}"),
    });
    details.collect::<Vec<_>>().join("\n")
}

#[test]
fn queries_use_the_indexes() {
    let connection = tracker();
    for (text, index) in [
        (
            "project = ABC",
            "SEARCH issue USING INDEX sqlite_autoindex_issue_3 (project_id=?",
        ),
        (
            "key > ABC-2",
            "SEARCH issue USING INDEX sqlite_autoindex_issue_3 (project_id=? AND number>?)",
        ),
        (
            "key IN (ABC-1, ABC-2)",
            "SEARCH issue USING INDEX sqlite_autoindex_issue_2 (key=?)",
        ),
        (
            "type = Bug",
            "SEARCH issue USING INDEX issue_by_type (type_id=?)",
        ),
        (
            "status = Open",
            "SEARCH issue USING INDEX issue_by_status (status_id=?)",
        ),
        (
            "statusCategory = Done",
            "SEARCH issue USING INDEX issue_by_status (status_id=?)",
        ),
        (
            "parent = ABC-2",
            "SEARCH issue USING INDEX issue_by_parent (parent_id=?)",
        ),
        (
            "epic IN (ABC-1)",
            "SEARCH issue USING INDEX issue_by_epic (epic_id=?)",
        ),
        (
            "updated >= -7d",
            "SEARCH issue USING INDEX issue_by_updated (updated_at>?)",
        ),
        (
            "labels = ui",
            "SEARCH held EXISTS USING PRIMARY KEY (issue_id=?)",
        ),
        ("ORDER BY rank", "SCAN issue USING INDEX issue_by_rank"),
    ] {
        let plan = plan(&connection, compiled(text).select("issue.summary"));
        assert!(plan.contains(index), "{text}\n{plan}");
    }
    for text in ["", "ORDER BY Rank", "ORDER BY key"] {
        let plan = plan(&connection, compiled(text).select("issue.summary"));
        assert!(
            !plan.contains("TEMP B-TREE"),
            "{text} needs no sorting\n{plan}"
        );
    }
    let plan = plan(
        &connection,
        compiled("ORDER BY updated DESC").select("issue.summary"),
    );
    assert!(
        plan.contains("SCAN issue USING INDEX issue_by_updated"),
        "{plan}"
    );
}
