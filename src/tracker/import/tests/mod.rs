//! The importer on real issues, on made-up ones, and on files that are no good.

mod refusals;

use super::*;
use crate::clock::Clock;
use crate::domain::Millis;
use crate::store::issues;
use serde_json::{Value, json};
use std::io::Write;
use tempfile::TempDir;

struct World {
    store: Store,
    dir: TempDir,
}

impl World {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::new(|| Millis(1_000));
        let store = Store::open(&dir.path().join("test.db"), clock)
            .await
            .unwrap();
        Self { store, dir }
    }

    fn file(&self, bytes: impl AsRef<[u8]>) -> PathBuf {
        let mut file = tempfile::NamedTempFile::new_in(self.dir.path()).unwrap();
        file.write_all(bytes.as_ref()).unwrap();
        file.keep().unwrap().1
    }

    async fn import(&self, path: &Path) -> Result<Summary, ImportError> {
        import_file(&self.store, path, |_| {}).await
    }

    /// Imports lines made of these issues.
    async fn load(&self, issues: &[Value]) -> Summary {
        let lines: Vec<String> = issues.iter().map(Value::to_string).collect();
        self.import(&self.file(lines.join("\n"))).await.unwrap()
    }

    async fn refusal(&self, bytes: impl AsRef<[u8]>) -> String {
        let path = self.file(bytes);
        let error = self.import(&path).await.unwrap_err().to_string();
        let name = path.display().to_string();
        error.strip_prefix(&name).unwrap_or(&error).to_owned()
    }

    async fn rows(&self, sql: &'static str, columns: usize) -> Vec<String> {
        let read = self.store.read(move |tx| {
            tx.query(sql, &[], |row| {
                let cells: Result<Vec<_>, _> = (0..columns)
                    .map(|at| row.get::<Option<String>>(at).map(Option::unwrap_or_default))
                    .collect();
                Ok(cells?.join("|"))
            })
        });
        read.await
            .unwrap_or_else(|error: StoreError| panic!("{error}"))
    }

    /// All that an import writes, but for what depends on the order of files on purpose: row ids
    /// and ranks across projects.
    async fn dump(&self) -> Vec<String> {
        let mut all = Vec::new();
        for (sql, columns) in DUMP {
            all.extend(self.rows(sql, *columns).await);
        }
        all
    }

    async fn feed(&self) -> i64 {
        self.store
            .read(issues::last_change)
            .await
            .unwrap_or_else(|error: StoreError| panic!("{error}"))
    }

    async fn links(&self) -> Vec<String> {
        self.rows(LINKS, 5).await
    }
}

const LINKS: &str = "SELECT CAST(l.id AS TEXT), l.external_id, t.name, a.key, b.key
    FROM issue_link l JOIN link_type t ON t.id = l.type_id
    JOIN issue a ON a.id = l.source_id JOIN issue b ON b.id = l.target_id ORDER BY l.id";

const DUMP: &[(&str, usize)] = &[
    (
        "SELECT i.key, i.external_id, CAST(i.number AS TEXT), t.name, s.name || s.category, i.summary,
            i.resolution, i.priority, i.assignee, i.reporter, p.key, e.key,
            CAST(i.created_at AS TEXT), CAST(i.updated_at AS TEXT), CAST(i.resolved_at AS TEXT)
         FROM issue i JOIN issue_type t ON t.id = i.type_id JOIN status s ON s.id = i.status_id
         LEFT JOIN issue p ON p.id = i.parent_id LEFT JOIN issue e ON e.id = i.epic_id ORDER BY i.key",
        15,
    ),
    (
        "SELECT p.key, p.name, CAST(p.last_number AS TEXT) FROM project p ORDER BY 1",
        3,
    ),
    (
        "SELECT p.key, i.key FROM issue i JOIN project p ON p.id = i.project_id ORDER BY p.key, i.rank",
        2,
    ),
    (LINKS, 5),
    (
        "SELECT i.key, l.name FROM issue_label l JOIN issue i ON i.id = l.issue_id
         UNION ALL SELECT i.key, l.name FROM issue_component l JOIN issue i ON i.id = l.issue_id
         UNION ALL SELECT i.key, l.name FROM issue_fix_version l JOIN issue i ON i.id = l.issue_id
         ORDER BY 1, 2",
        2,
    ),
    (
        "SELECT i.key, d.kind, d.external_id, t.name, d.key FROM dangling_reference d
         JOIN issue i ON i.id = d.issue_id LEFT JOIN link_type t ON t.id = d.type_id
         ORDER BY 1, 2, 5, 3",
        5,
    ),
    (
        "SELECT t.name, CAST(t.sub_task AS TEXT), CAST(t.epic AS TEXT) FROM issue_type t
         UNION ALL SELECT name, inward, outward FROM link_type ORDER BY 1",
        3,
    ),
];

fn real(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/jira")
        .join(format!("{name}.jsonl.gz"))
}

fn issue(key: &str, fields: Value) -> Value {
    let mut all = json!({
        "summary": key,
        "issuetype": {"name": "Bug", "subtask": false},
        "status": {"name": "Open", "statusCategory": {"key": "new"}},
        "created": "2020-01-01T00:00:00.000+0000",
        "updated": "2020-01-02T00:00:00.000+0000",
    });
    let fields = fields.as_object().unwrap().clone();
    all.as_object_mut().unwrap().extend(fields);
    let number: i64 = key.rsplit_once('-').unwrap().1.parse().unwrap();
    json!({"id": (1_000 + number).to_string(), "key": key, "fields": all})
}

/// A link in the list of its source (`outwardIssue`) or of its target (`inwardIssue`).
fn link(id: &str, end: &str, other: &str) -> Value {
    json!({"id": id, "type": {"name": "Blocks", "inward": "is blocked by", "outward": "blocks"},
           end: {"key": other}})
}

#[tokio::test]
async fn real_issues_are_counted_and_linked() {
    let world = World::new().await;
    let report = import_files(&world.store, &[real("MOD"), real("DAEMON")], |_| {})
        .await
        .unwrap();
    let summaries: Vec<Summary> = report
        .files
        .into_iter()
        .map(|(_, it)| it.unwrap())
        .collect();
    let counts = |it: &Summary| (it.issues_read, it.created, it.updated, it.links_created);
    assert_eq!(counts(&summaries[0]), (367, 367, 0, 37));
    assert_eq!(counts(&summaries[1]), (317, 317, 0, 45));
    let dangling = Dangling {
        parents: 0,
        epics: 33,
        links: 115,
    };
    assert_eq!(report.dangling, dangling);
    assert_eq!(report.dangling.total(), 148);
    let epics = world
        .rows("SELECT 'x' FROM issue WHERE epic_id IS NOT NULL", 1)
        .await;
    assert_eq!(epics.len() as u64, 31 + 65 - dangling.epics);
    let ranks = world.rows("SELECT key FROM issue ORDER BY rank", 1).await;
    let order = |keys: &[String]| {
        let number = |key: &String| key.rsplit_once('-').unwrap().1.parse::<i64>().unwrap();
        keys.is_sorted_by_key(number)
    };
    assert!(order(&ranks[..367]) && order(&ranks[367..]));
    let counters =
        "SELECT name, CAST(value AS TEXT) FROM counter WHERE name LIKE 'issue%' ORDER BY 1";
    assert_eq!(
        world.rows(counters, 2).await,
        ["issue|684", "issue_link|59079"]
    );
}

#[tokio::test]
async fn a_second_import_changes_nothing() {
    let world = World::new().await;
    let files = [real("MOD"), real("DAEMON")];
    import_files(&world.store, &files, |_| {}).await.unwrap();
    let (before, feed) = (world.dump().await, world.feed().await);
    let again = import_files(&world.store, &files, |_| {}).await.unwrap();
    for (_, summary) in again.files {
        let summary = summary.unwrap();
        let changes = (
            summary.created,
            summary.updated,
            summary.links_created,
            summary.links_removed,
        );
        assert_eq!(changes, (0, 0, 0, 0));
        assert_eq!(summary.unchanged, summary.issues_read);
    }
    assert_eq!(world.dump().await, before);
    assert_eq!(world.feed().await, feed);
}

#[tokio::test]
async fn the_order_of_files_and_lines_does_not_matter() {
    let (one, other) = (World::new().await, World::new().await);
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for name in ["DAEMON", "MOD"] {
        one.import(&real(name)).await.unwrap();
        let mut text = Vec::new();
        let file = std::fs::File::open(real(name)).unwrap();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(file), &mut text).unwrap();
        lines.extend(text.split(|b| *b == b'\n').map(<[u8]>::to_vec));
    }
    lines.reverse();
    let (front, back) = lines.split_at(lines.len() / 3);
    for part in [front, back] {
        other.import(&other.file(part.join(&b'\n'))).await.unwrap();
    }
    let sorted = |mut dump: Vec<String>| {
        // A project in two files is ranked in two runs.
        dump.sort();
        dump
    };
    assert_eq!(sorted(one.dump().await), sorted(other.dump().await));
}

#[tokio::test]
async fn a_link_that_one_end_lists_is_stable_in_any_order() {
    let a = issue(
        "A-1",
        json!({"issuelinks": [link("7", "outwardIssue", "A-2")]}),
    );
    let b = issue("A-2", json!({"issuelinks": []}));
    for order in [[&a, &b], [&b, &a]] {
        let world = World::new().await;
        for _ in 0..2 {
            for one in order {
                world.load(std::slice::from_ref(one)).await;
            }
            assert_eq!(world.links().await, ["7|7|Blocks|A-1|A-2"]);
        }
        assert_eq!(world.feed().await, 4);
        let dangling = world.store.read(dangling).await.unwrap();
        assert_eq!(dangling.total(), 0);
    }
}

#[tokio::test]
async fn a_link_goes_when_an_end_lists_it_no_longer() {
    let world = World::new().await;
    let a = |links: Value| issue("A-1", json!({"issuelinks": links}));
    let b = issue(
        "A-2",
        json!({"issuelinks": [link("7", "inwardIssue", "A-1")]}),
    );
    let both = [a(json!([link("7", "outwardIssue", "A-2")])), b];
    assert_eq!(world.load(&both).await.links_created, 1);
    let silent = world.load(&[issue("A-1", json!({}))]).await;
    assert_eq!((silent.links_removed, silent.unchanged), (0, 1));
    let gone = world.load(&[a(json!([]))]).await;
    assert_eq!((gone.links_removed, gone.updated), (1, 0));
    assert!(world.links().await.is_empty());
    assert_eq!(world.load(&[a(json!([]))]).await.links_removed, 0);
}

#[tokio::test]
async fn a_changed_field_is_one_line_of_the_feed() {
    let world = World::new().await;
    world
        .load(&[issue(
            "A-1",
            json!({"labels": ["x"], "priority": {"name": "Low"}}),
        )])
        .await;
    let second = issue(
        "A-1",
        json!({"labels": ["y", "x"], "priority": null, "updated": "2020-01-03T00:00:00.000+0000"}),
    );
    assert_eq!(world.load(&[second]).await.updated, 1);
    let feed = "SELECT kind, field, before, after FROM issue_change ORDER BY seq";
    assert_eq!(
        world.rows(feed, 4).await,
        [
            "CREATED|||",
            "UPDATED|priority|Low|",
            "UPDATED|updated|1577923200000|1578009600000",
            r#"UPDATED|labels|["x"]|["x","y"]"#,
        ]
    );
}

#[tokio::test]
async fn an_issue_that_stands_twice_in_a_file_ends_as_the_second_says() {
    let world = World::new().await;
    let labelled = |labels: Value| issue("A-1", json!({ "labels": labels }));
    let twice = [labelled(json!(["x", "z"])), labelled(json!(["y", "x"]))];
    let summary = world.load(&twice).await;
    assert_eq!((summary.created, summary.updated), (1, 1));
    let labels = "SELECT name FROM issue_label ORDER BY name";
    assert_eq!(world.rows(labels, 1).await, ["x", "y"]);
    let feed = "SELECT kind, field, before, after FROM issue_change ORDER BY seq";
    assert_eq!(
        world.rows(feed, 4).await,
        ["CREATED|||", r#"UPDATED|labels|["x","z"]|["x","y"]"#]
    );
}

#[tokio::test]
async fn a_later_file_completes_parents_and_epics() {
    let world = World::new().await;
    let child = issue(
        "A-2",
        json!({"parent": {"key": "A-1"}, "epic": {"id": 1, "key": "B-1"}}),
    );
    world.load(&[child]).await;
    let count = async || world.store.read(dangling).await.unwrap();
    assert_eq!((count().await.parents, count().await.epics), (1, 1));
    let epic = issue(
        "B-1",
        json!({"issuetype": {"name": "EPIC", "subtask": false}}),
    );
    let mut epic = epic;
    epic["id"] = json!(5);
    world.load(&[issue("A-1", json!({})), epic]).await;
    assert_eq!(count().await.total(), 0);
    let feed = "SELECT field, before, after FROM issue_change WHERE kind = 'UPDATED' ORDER BY seq";
    assert_eq!(world.rows(feed, 3).await, ["parent||2", "epic||3"]);
    let epics = "SELECT name FROM issue_type WHERE epic = 1";
    assert_eq!(world.rows(epics, 1).await, ["EPIC"]);
}

#[tokio::test]
async fn search_results_are_read_however_they_are_printed() {
    let issues = json!([issue("A-1", json!({})), issue("A-2", json!({}))]);
    let page = json!({"expand": "names", "startAt": 0, "issues": issues, "total": 2});
    let pretty = serde_json::to_string_pretty(&page).unwrap();
    let two = format!(
        "\u{feff}\n{page}\n{}",
        json!({"issues": [issue("A-3", json!({}))]})
    );
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(pretty.as_bytes()).unwrap();
    for (bytes, count) in [
        (page.to_string().into_bytes(), 2),
        (pretty.clone().into_bytes(), 2),
        (two.into_bytes(), 3),
        (gzip.finish().unwrap(), 2),
        (b"{\"issues\": []}".to_vec(), 0),
    ] {
        let world = World::new().await;
        assert_eq!(
            world.import(&world.file(bytes)).await.unwrap().created,
            count
        );
    }
    let world = World::new().await;
    let bad = pretty.replace("2020-01-02T00:00:00.000+0000", "soon");
    let error = world.refusal(bad).await;
    assert!(
        error.contains("line ") && error.contains("field issues[0].fields.updated: "),
        "{error}"
    );
    let bad = pretty.replacen("\"issuetype\"", "\"type\"", 1);
    let error = world.refusal(&bad).await;
    let last_of_issue = 1 + bad.lines().position(|line| line == "    },").unwrap();
    let says =
        format!(", line {last_of_issue}, field issues[0].fields.issuetype: absent: A-1 is new");
    assert!(error.starts_with(&says), "{error}");
    let error = world.refusal("{\n\"total\": 1\n}").await;
    assert!(
        error.contains("line 3: an object without issues"),
        "{error}"
    );
}

#[tokio::test]
async fn progress_ends_with_the_whole_file() {
    let world = World::new().await;
    let (sender, receiver) = std::sync::mpsc::channel();
    let tell = move |progress| sender.send(progress).unwrap();
    import_files(&world.store, &[real("MOD"), real("DAEMON")], tell)
        .await
        .unwrap();
    let told: Vec<Progress> = receiver.iter().collect();
    assert!(told.is_sorted_by_key(|it| (it.issues, it.bytes_read)));
    let last = told.last().unwrap();
    assert_eq!((last.issues, last.bytes_read), (684, last.bytes_total));
}
