//! What a viewer may not view does not exist for them: the whole schema, asked by introspection, so
//! that a field that is added later is asked too, or makes a test fail.

use super::recipes::{self, Needs};
use super::schema::Schema;
use super::world::{Ids, SECRET, World, codes};
use crate::support::client::Client;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The answer as text, with ids replaced, so that answers about different things compare.
fn told(answer: &Value, about: &Ids) -> String {
    let mut text = answer.to_string();
    for (at, id) in about.all().into_iter().enumerate() {
        text = text.replace(id, &format!("<id {at}>"));
    }
    text
}

fn assert_tells_nothing(answer: &Value, hidden: &Ids, asked: &str) {
    let text = answer.to_string();
    assert!(!text.contains(SECRET), "{asked}: {answer:#}");
    for id in hidden.all() {
        assert!(!text.contains(id), "{asked}: {id} in {answer:#}");
    }
}

/// Asks every field of `Query` for everything below it; what was asked and what was answered.
async fn walk(
    client: &mut Client,
    schema: &Schema,
    ids: &Ids,
    seen: &mut BTreeSet<String>,
) -> Vec<(String, Value)> {
    let mut answers = Vec::new();
    for field in schema.names("Query") {
        let ways = recipes::query(&field, ids)
            .unwrap_or_else(|| panic!("Query.{field} is new: say in the recipes how it is asked"));
        let below = schema.selection(&schema.type_of("Query", &field), seen);
        for arguments in ways {
            let asked = format!("{field}{arguments}");
            let query = format!("{{ it: {asked} {{ __typename {below} }} }}");
            let answer = client.execute(&query, json!({})).await;
            answers.push((asked, answer));
        }
    }
    answers
}

fn find<'a>(answers: &'a [(String, Value)], asked: &str) -> &'a Value {
    let found = answers.iter().find(|(it, _)| it == asked);
    &found.unwrap_or_else(|| panic!("{asked} was not asked")).1["data"]["it"]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_query_tells_of_what_is_hidden() {
    let world = World::new().await;
    let mut sam = world.client("sam").await;
    let schema = Schema::read(&mut sam).await;
    let nodes = schema.possible("Node");
    let known: BTreeSet<String> = [recipes::NODES.0, recipes::NODES.1]
        .concat()
        .into_iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(
        nodes, known,
        "a new type of node: can things of it be hidden?"
    );

    let (hidden, never) = (world.hidden.clone(), Ids::never());
    let mut seen = BTreeSet::new();
    let of_hidden = walk(&mut sam, &schema, &hidden, &mut seen).await;
    assert_eq!(
        schema.all_fields().difference(&seen).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "fields that the walk does not reach"
    );
    let of_nothing = walk(&mut sam, &schema, &never, &mut BTreeSet::new()).await;
    for ((asked, answer), (_, nothing)) in of_hidden.iter().zip(&of_nothing) {
        assert_eq!(told(answer, &hidden), told(nothing, &never), "{asked}");
        assert_tells_nothing(answer, &hidden, asked);
        assert!(
            answer.get("errors").is_none() || asked == "globalPermissions",
            "{answer:#}"
        );
    }
    // The walk did see something: what is sam's own, with a job that waits for a hidden one.
    assert_eq!(find(&of_hidden, "structures")["totalCount"], 1);
    assert_eq!(find(&of_hidden, "structures(last: 50)")["totalCount"], 1);
    let jobs = find(&of_hidden, "jobs");
    let count = jobs["nodes"].as_array().unwrap().len();
    assert_eq!(jobs["totalCount"], count);
    let active = &find(&of_hidden, "jobs(states: [QUEUED, RUNNING])");
    assert_eq!(active["totalCount"], 1);
    assert_eq!(active["nodes"][0]["waitingFor"], json!([]));
    assert!(active["nodes"][0]["waitingReason"].is_string());

    // And would have seen what is hidden, had it been shown.
    let mut vera = world.client("vera").await;
    let shown = walk(&mut vera, &schema, &hidden, &mut BTreeSet::new()).await;
    for ((asked, answer), (_, nothing)) in shown.iter().zip(&of_nothing) {
        let names = hidden.all()[..4].iter().any(|id| asked.contains(id));
        let same = told(answer, &hidden) == told(nothing, &never);
        assert!(!(names && same), "{asked}: {answer:#}");
    }
    assert!(find(&shown, "structures").to_string().contains(SECRET));
    assert!(find(&shown, "jobs").to_string().contains(SECRET));
    assert!(
        find(&shown, "issues(jql: \"\")")
            .to_string()
            .contains(SECRET)
    );
    world.server.stop().await;
}

/// Asks for a mutation, with all of its payload.
async fn change(client: &mut Client, schema: &Schema, field: &str, arguments: &str) -> Value {
    let below = schema.selection(&schema.type_of("Mutation", field), &mut BTreeSet::new());
    let query = format!("mutation {{ it: {field}({arguments}) {{ {below} }} }}");
    client.execute(&query, json!({})).await
}

fn recipe(field: &str, ids: &Ids) -> (Needs, String) {
    recipes::mutation(field, ids)
        .unwrap_or_else(|| panic!("Mutation.{field} is new: say in the recipes what it needs"))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_mutation_tells_what_is_hidden_from_what_never_was_or_changes_it() {
    let world = World::new().await;
    let mut sam = world.client("sam").await;
    let schema = Schema::read(&mut sam).await;
    let (hidden, never) = (world.hidden.clone(), Ids::never());
    let before = everything(&world, &schema).await;
    let mut cases = Vec::new();
    for field in schema.names("Mutation") {
        let (needs, of_hidden) = recipe(&field, &hidden);
        let (_, of_nothing) = recipe(&field, &never);
        let expected = match needs {
            Needs::Nothing => continue,
            Needs::Administrator => "FORBIDDEN",
            Needs::Structure | Needs::Ownership => "NOT_FOUND",
        };
        cases.push((field, of_hidden, of_nothing, Some(expected)));
    }
    let crossed = recipes::crossed(&world.own, &hidden).into_iter();
    for ((field, of_hidden), (_, of_nothing)) in crossed.zip(recipes::crossed(&world.own, &never)) {
        cases.push((field.to_owned(), of_hidden, of_nothing, None));
    }
    for (field, of_hidden, of_nothing, expected) in cases {
        let answer = change(&mut sam, &schema, &field, &of_hidden).await;
        let nothing = change(&mut sam, &schema, &field, &of_nothing).await;
        assert_eq!(
            told(&answer, &hidden),
            told(&nothing, &never),
            "{field}({of_hidden})"
        );
        assert_tells_nothing(&answer, &hidden, &of_hidden);
        let codes = codes(&answer["data"]["it"]);
        assert_eq!(codes.len(), 1, "{field}({of_hidden}): {answer:#}");
        assert!(
            expected.is_none_or(|it| codes == [it]),
            "{field}: {answer:#}"
        );
    }
    assert_eq!(before, everything(&world, &schema).await);
    world.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_only_view_changes_nothing() {
    let world = World::new().await;
    let mut vera = world.client("vera").await;
    let schema = Schema::read(&mut vera).await;
    let before = everything(&world, &schema).await;
    for field in schema.names("Mutation") {
        let (needs, arguments) = recipe(&field, &world.hidden);
        let expected = match needs {
            Needs::Nothing => continue,
            Needs::Ownership => "NOT_FOUND",
            Needs::Structure | Needs::Administrator => "FORBIDDEN",
        };
        let answer = change(&mut vera, &schema, &field, &arguments).await;
        assert_eq!(
            codes(&answer["data"]["it"]),
            [expected],
            "{field}: {answer:#}"
        );
    }
    assert_eq!(before, everything(&world, &schema).await);
    world.server.stop().await;
}

/// All that an administrator sees.
async fn everything(world: &World, schema: &Schema) -> Vec<(String, Value)> {
    let mut admin = world.admin().await;
    walk(&mut admin, schema, &world.hidden, &mut BTreeSet::new()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_subscription_tells_of_what_is_hidden() {
    let world = World::new().await;
    let mut sam = world.client("sam").await;
    let schema = Schema::read(&mut sam).await;
    let (hidden, never) = (world.hidden.clone(), Ids::never());
    for field in schema.names("Subscription") {
        let ways = recipes::subscription(&field, &hidden).unwrap_or_else(|| {
            panic!("Subscription.{field} is new: say in the recipes how it is asked")
        });
        let below = schema.selection(
            &schema.type_of("Subscription", &field),
            &mut BTreeSet::new(),
        );
        let nothing = recipes::subscription(&field, &never).unwrap();
        for (of_hidden, of_nothing) in ways.iter().zip(&nothing) {
            let mut answers = Vec::new();
            for arguments in [of_hidden, of_nothing] {
                let query = format!("subscription {{ it: {field}{arguments} {{ {below} }} }}");
                sam.subscribe(&query, json!({})).await;
                let answer = sam.next().await.expect("an answer");
                let code = &answer["errors"][0]["extensions"]["code"];
                assert_eq!(code, "NOT_FOUND", "{field}{arguments}: {answer:#}");
                assert!(sam.next().await.is_none(), "{field}{arguments}");
                answers.push(answer);
            }
            assert_eq!(
                told(&answers[0], &hidden),
                told(&answers[1], &never),
                "{field}{of_hidden}"
            );
            assert_tells_nothing(&answers[0], &hidden, of_hidden);
        }
    }
    // All jobs: of those that there are, and of those that come, only the asker's own.
    let below = schema.selection("Job", &mut BTreeSet::new());
    let mut listener = world.client("sam").await;
    listener
        .subscribe(&format!("subscription {{ jobs {{ {below} }} }}"), json!({}))
        .await;
    let first = listener.next().await.unwrap();
    assert_tells_nothing(&first, &hidden, "jobs");
    let dry = |of: &Ids| {
        format!(
            "mutation {{ startResync(input: {{ synchronizerId: {:?}, direction: INTO_STRUCTURE, dryRun: true }})
               {{ job {{ id }} userErrors {{ message }} }} }}",
            of.synchronizer
        )
    };
    let mut olga = world.client("olga").await;
    let theirs = olga.ask(&dry(&hidden), json!({})).await;
    assert!(theirs["startResync"]["job"]["id"].is_string(), "{theirs}");
    let mine = sam.ask(&dry(&world.own), json!({})).await["startResync"]["job"]["id"].clone();
    loop {
        let told = listener.next().await.unwrap();
        assert_tells_nothing(&told, &hidden, "jobs");
        if told["data"]["jobs"]["id"] == mine {
            break;
        }
    }
    world.server.stop().await;
}
