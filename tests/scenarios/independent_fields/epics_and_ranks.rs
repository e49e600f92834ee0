//! Epics and ranks, in both directions, with rows that were moved by hand in between.

use super::{
    FROM, INTO, assert_same, assert_tree, dry_then_run, issues, key, nothing_left, real_files,
    structure_of, text,
};
use crate::support::client::Client;
use crate::support::oracle::{self, AgileRule, RankMode, Tree};
use crate::support::server::{World, client, create_structure, install, resync, small_files, tree};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

fn ranks(issues: &[Value]) -> Vec<String> {
    issues.iter().map(key).collect()
}

fn epics(issues: &[Value]) -> BTreeMap<String, Option<String>> {
    let epic = |issue: &Value| (key(issue), text(&issue["epic"]["key"]));
    issues.iter().map(epic).collect()
}

/// Numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// Moves rows by hand, here and there, half of them to epics; the hierarchy after that.
async fn shuffle(client: &mut Client, structure: &str, dice: &mut Dice, moves: usize) -> Tree {
    let (mut rows, mut after) = (Vec::new(), Value::Null);
    loop {
        let data = client
            .ask(
                "query($id: ID!, $after: String) { structure(id: $id) { rows(first: 500, after: $after) {
                   pageInfo { hasNextPage endCursor }
                   nodes { id item { ... on Issue { type { epic } } } } } } }",
                json!({ "id": structure, "after": after }),
            )
            .await;
        let page = &data["structure"]["rows"];
        rows.extend(page["nodes"].as_array().unwrap().iter().cloned());
        if page["pageInfo"]["hasNextPage"] != json!(true) {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    let epics: Vec<&Value> = rows
        .iter()
        .filter(|row| row["item"]["type"]["epic"] == true)
        .collect();
    let mut made = 0;
    for _ in 0..moves {
        let row = &rows[dice.below(rows.len())]["id"];
        let under = match dice.below(4) {
            0 => Value::Null,
            1 => rows[dice.below(rows.len())]["id"].clone(),
            _ => epics[dice.below(epics.len())]["id"].clone(),
        };
        let input =
            json!({ "structureId": structure, "rowIds": [row], "position": { "under": under } });
        let data = client
            .ask(
                "mutation($input: MoveRowsInput!) { moveRows(input: $input) { userErrors { message } } }",
                json!({ "input": input }),
            )
            .await;
        // A row cannot go into its own subtree.
        made += usize::from(data["moveRows"]["userErrors"] == json!([]));
    }
    assert!(made * 2 > moves, "only {made} of {moves} moves were made");
    Tree::from_rows(&tree(client, structure).await)
}

struct Agile<'a> {
    client: &'a mut Client,
    opinion: oracle::World,
    structure: String,
    rule: AgileRule,
    synchronizer: String,
}

impl<'a> Agile<'a> {
    async fn install(
        client: &'a mut Client,
        opinion: oracle::World,
        structure: &str,
        rule: AgileRule,
    ) -> Self {
        let mut settings = json!({
            "projectKeys": rule.projects, "syncEpics": rule.epics,
            "syncRank": rule.ranks.is_some(), "addSubTasks": rule.sub_tasks,
        });
        if rule.ranks == Some(RankMode::Consecutive) {
            settings["rankMode"] = json!("CONSECUTIVE");
        }
        let synchronizer = install(client, structure, json!({ "agile": settings })).await;
        Self {
            client,
            opinion,
            structure: structure.to_owned(),
            rule,
            synchronizer,
        }
    }

    /// The issues win: the tree is the oracle's, and no issue changed.
    async fn check_into(&mut self, before: &Tree) -> Tree {
        let issues_before = issues(self.client).await;
        let run = dry_then_run(self.client, &self.structure, &self.synchronizer, INTO).await;
        let expected = self.opinion.agile_into(before, &self.rule);
        assert_tree(&tree(self.client, &self.structure).await, &expected);
        let counts = &run["counts"];
        assert_eq!(
            (
                &counts["ranksChanged"],
                &counts["epicsChanged"],
                &counts["rowsRemoved"]
            ),
            (&json!(0), &json!(0), &json!(0))
        );
        assert!(issues(self.client).await == issues_before);
        nothing_left(self.client, &self.synchronizer, INTO).await;
        expected
    }

    /// The hierarchy wins: epics and the order of ranks are the oracle's, with the fewest changes.
    async fn check_from(&mut self, before: &Tree) {
        let run = dry_then_run(self.client, &self.structure, &self.synchronizer, FROM).await;
        let (expected, epics_in_scope) = self.opinion.agile_from(before, &self.rule);
        assert_tree(&tree(self.client, &self.structure).await, &expected);
        let counts = &run["counts"];

        let made = issues(self.client).await;
        let epics_before = self.opinion.epics();
        self.opinion.set_epics(&epics_in_scope);
        let wanted_epics = self.opinion.epics();
        assert_same(&epics(&made), &wanted_epics);
        let changed = wanted_epics
            .iter()
            .filter(|(key, epic)| epics_before[*key] != **epic);
        assert_eq!(counts["epicsChanged"], changed.count());

        let wanted = self.opinion.wanted_ranks(&expected, &self.rule);
        let order = ranks(&made);
        assert_eq!(
            oracle::rank_changes(&order, &wanted),
            0,
            "ranks are not in order"
        );
        let fewest = oracle::rank_changes(self.opinion.ranks(), &wanted);
        assert_eq!(counts["ranksChanged"], fewest);
        // The others keep their order among themselves.
        let ranked: BTreeSet<&String> = wanted.iter().flatten().collect();
        let others = |order: &[String]| -> Vec<String> {
            let others = order.iter().filter(|key| !ranked.contains(key));
            others.cloned().collect()
        };
        assert!(others(&order) == others(self.opinion.ranks()));
        self.opinion.set_ranks(order);
        nothing_left(self.client, &self.synchronizer, FROM).await;
    }
}

/// All issues of some projects as one structure, with the rule for `scope`: into the structure, and
/// again after rows were moved by hand; then out of it, in both ways to rank.
async fn check_agile(files: &[PathBuf], projects: &[&str], scope: &[&str], moves: usize) {
    let world = World::new(files).await;
    let server = world.serve().await;
    let mut client = client(server.address()).await;
    let opinion = oracle::World::load(files);
    let as_served = issues(&mut client).await;
    assert!(ranks(&as_served) == opinion.ranks());
    assert_same(&epics(&as_served), &opinion.epics());
    let (structure, start) = structure_of(&mut client, &opinion, projects).await;
    let mut dice = Dice(7);
    let rule = AgileRule {
        projects: scope.iter().map(|it| (*it).to_owned()).collect(),
        epics: true,
        sub_tasks: true,
        ranks: Some(RankMode::Independent),
    };

    let mut agile = Agile::install(&mut client, opinion, &structure, rule.clone()).await;
    agile.check_into(&start).await;
    let moved = shuffle(agile.client, &structure, &mut dice, moves).await;
    agile.check_into(&moved).await;
    let moved = shuffle(agile.client, &structure, &mut dice, moves).await;
    agile.check_from(&moved).await;
    // Both sides agree now, from whichever one looks.
    nothing_left(agile.client, &agile.synchronizer, INTO).await;

    let consecutive = AgileRule {
        ranks: Some(RankMode::Consecutive),
        sub_tasks: false,
        ..rule
    };
    let opinion = agile.opinion;
    let mut agile = Agile::install(&mut client, opinion, &structure, consecutive).await;
    let moved = shuffle(agile.client, &structure, &mut dice, moves).await;
    agile.check_from(&moved).await;
    server.stop().await;
}

/// A structure of epics only: their issues are added, in the order of ranks.
async fn check_epics_alone(files: &[PathBuf], project: &str) {
    let world = World::new(files).await;
    let server = world.serve().await;
    let mut client = client(server.address()).await;
    let opinion = oracle::World::load(files);
    let structure = create_structure(&mut client, "Epics").await;
    let jql = format!("project = {project} AND type = Epic");
    let settings = json!({ "savedFilter": { "jql": jql } });
    let filter = install(&mut client, &structure, settings).await;
    resync(&mut client, &filter, json!({ "direction": INTO })).await;
    let start = Tree::from_rows(&tree(&mut client, &structure).await);
    for (sub_tasks, ranks) in [(false, None), (true, Some(RankMode::Independent))] {
        let rule = AgileRule {
            projects: vec![project.to_owned()],
            epics: true,
            sub_tasks,
            ranks,
        };
        let before = Tree::from_rows(&tree(&mut client, &structure).await);
        let mut agile = Agile::install(&mut client, opinion.clone(), &structure, rule).await;
        let made = agile.check_into(&before).await;
        assert!(oracle::dump(&made).len() > oracle::dump(&start).len());
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn epics_and_ranks_of_a_small_real_project_agree_with_an_independent_computation() {
    check_agile(&small_files(), &["DAEMON", "MOD"], &["DAEMON", "MOD"], 60).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn issues_out_of_scope_are_left_alone_as_computed_independently() {
    check_agile(&small_files(), &["DAEMON", "MOD"], &["DAEMON"], 60).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn issues_of_epics_are_added_as_computed_independently() {
    check_epics_alone(&small_files(), "DAEMON").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn epics_and_ranks_of_all_real_projects_agree_with_an_independent_computation() {
    if let Some(files) = real_files() {
        check_agile(&files, &["MOD", "TIMOB"], &["TIMOB"], 300).await;
        check_epics_alone(&files, "TIMOB").await;
    }
}
