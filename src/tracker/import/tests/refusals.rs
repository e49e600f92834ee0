//! Files and lines that are no good, and what is said about them.

use super::*;

#[tokio::test]
async fn an_issue_that_was_moved_keeps_its_row_and_another_trackers_does_not_take_it() {
    let world = World::new().await;
    world.load(&[issue("A-1", json!({}))]).await;
    let mut moved = issue("B-9", json!({}));
    moved["id"] = json!("1001");
    assert_eq!(world.load(&[moved.clone()]).await.updated, 1);
    assert_eq!(world.rows("SELECT key FROM issue", 1).await, ["B-9"]);
    let mut foreign = issue("C-1", json!({"created": "2001-01-01T00:00:00.000+0000"}));
    let error = world.refusal(foreign.to_string()).await;
    assert!(error.contains("field id: id of B-9 here"), "{error}");
    foreign["key"] = json!("B-9");
    foreign["id"] = json!("77");
    let error = world.refusal(foreign.to_string()).await;
    assert!(
        error.contains("field id: 77: B-9 has the id 1001 here"),
        "{error}"
    );
}

#[tokio::test]
async fn a_bad_line_is_told_with_its_field_and_the_file_is_left_out() {
    let world = World::new().await;
    let good = issue("A-1", json!({}));
    let with = |fields: Value| issue("A-2", fields).to_string();
    let keyed = |key: &str| good.to_string().replace("A-1", key);
    let long = "x".repeat(1_001);
    let cases = [
        (
            with(json!({"updated": "yesterday"})),
            "field fields.updated: invalid value: string \"yesterday\", expected an instant such as 2016-07-18T10:45:37.000+0000",
        ),
        (
            with(json!({"created": "2020-02-30T00:00:00.000+0000"})),
            "field fields.created: ",
        ),
        (
            with(json!({"summary": "a\0b"})),
            "field fields.summary: the character U+0000: expected text",
        ),
        (
            with(json!({"summary": long})),
            "field fields.summary: a text of 1001 characters: expected at most 1000",
        ),
        (
            with(json!({"summary": 5})),
            "field fields.summary: invalid type: integer `5`, expected a text",
        ),
        (
            with(json!({"labels": ["ok", 5]})),
            "field fields.labels[1]: ",
        ),
        (
            with(json!({"status": {"name": "Odd"}})),
            "field fields.status.statusCategory: absent: ",
        ),
        (
            with(json!({"status": {"name": "Odd", "statusCategory": {"key": "blue"}}})),
            "field fields.status.statusCategory.key: unknown variant `blue`, expected one of `new`",
        ),
        (
            with(json!({"project": {"key": "B"}})),
            "field fields.project.key: \"B\": expected \"A\"",
        ),
        (
            with(json!({"parent": {"key": "A-2"}})),
            "field fields.parent.key: A-2 points at itself",
        ),
        (
            with(json!({"parent": {"key": "nothing"}})),
            "field fields.parent.key: invalid value: string \"nothing\", expected an issue key such as KEY-123",
        ),
        (
            with(json!({"issuelinks": [{"id": "1", "type": {"name": "Blocks"}}]})),
            "field fields.issuelinks[0]: expected exactly one",
        ),
        (
            with(json!({"issuelinks": [link("1", "inwardIssue", "A-2")]})),
            "field fields.issuelinks[0].inwardIssue.key: ",
        ),
        (
            with(json!({"issuelinks": [link("", "inwardIssue", "A-1")]})),
            "field fields.issuelinks[0].id: ",
        ),
        (
            keyed("A1"),
            "field key: invalid value: string \"A1\", expected an issue key such as KEY-123",
        ),
        (keyed("A-0"), "field key: "),
        (json!({"fields": {}}).to_string(), "missing field `key`"),
        (
            json!({"key": "A-5"}).to_string(),
            "field fields.issuetype: absent: A-5 is new here",
        ),
        (
            with(json!({"summary": "SURROGATE"})).replace("SURROGATE", "\\ud800"),
            "field fields.summary: no valid JSON: ",
        ),
        ("no JSON".to_owned(), "expected an issue: a JSON object"),
        ("{\"key\": \"A-2\", ".to_owned(), "no valid JSON: EOF"),
        ("{}{}".to_owned(), "missing field `key`"),
        (format!("{good}{good}"), "more than one JSON value"),
        (
            "[\"1\", \"A-2\", {}]".to_owned(),
            "expected an issue: a JSON object",
        ),
    ];
    for (bad, says) in cases {
        let error = world.refusal(format!("{good}\n\n{bad}")).await;
        assert!(error.starts_with(", line 3"), "{bad}: {error}");
        assert!(error.contains(says), "{bad}: {error}");
        assert!(
            world.rows("SELECT key FROM issue", 1).await.is_empty(),
            "{bad}"
        );
    }
    let error = world.refusal(keyed(&"A".repeat(1_000_000))).await;
    assert!(error.len() < 1_000, "{} bytes", error.len());
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_told_and_the_others_are_loaded() {
    let world = World::new().await;
    let whole = std::fs::read(real("MOD")).unwrap();
    let mut damaged = whole.clone();
    damaged[20_000..20_100].fill(0xff);
    for (bytes, says) in [
        (whole[..10_000].to_vec(), "cut off"),
        (damaged, "damaged"),
        (Vec::new(), "is empty"),
        (b"\n \n".to_vec(), "is empty"),
        (b"\x1f\x8bnonsense".to_vec(), "gzipped data"),
        (
            [b"{\"key\": \"".to_vec(), vec![b'x'; 17 << 20]].concat(),
            "more than 16 MiB",
        ),
        (
            [b"\"".to_vec(), vec![b'x'; 17 << 20]].concat(),
            "longer than 16 MiB",
        ),
    ] {
        let error = world.refusal(&bytes).await;
        assert!(error.contains(says), "{error}");
    }
    let files = [
        world.dir.path().join("absent"),
        world.dir.path().to_owned(),
        real("MOD"),
    ];
    let report = import_files(&world.store, &files, |_| {}).await.unwrap();
    let outcome = |index: usize| match &report.files[index].1 {
        Ok(summary) => summary.created.to_string(),
        Err(error) => error.to_string(),
    };
    assert!(
        outcome(0).contains("absent: cannot be read: No such file"),
        "{}",
        outcome(0)
    );
    assert!(outcome(1).contains("is a directory"), "{}", outcome(1));
    assert_eq!(outcome(2), "367");
}

#[tokio::test]
async fn parents_in_a_circle_are_refused() {
    let world = World::new().await;
    let below =
        |key: &str, parent: &str| issue(key, json!({"parent": {"key": parent}})).to_string();
    for order in [["A-1", "A-2", "A-3"], ["A-3", "A-2", "A-1"]] {
        let parent = |key: &str| match key {
            "A-1" => "A-2",
            "A-2" => "A-3",
            _ => "A-1",
        };
        let error = world
            .refusal(order.map(|key| below(key, parent(key))).join("\n"))
            .await;
        assert!(
            error.contains("line 3, field fields.parent.key: "),
            "{error}"
        );
    }
}
