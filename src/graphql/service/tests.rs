//! Claims about the service, and a table of cases from the GraphQL specification: what the library does is part of
//! what is promised, so a change of its version must not change it unseen.

use std::time::{Duration, Instant};

use async_graphql::{
    Context, EmptySubscription, Enum, InputObject, MaybeUndefined, Object, OneofObject, Result,
    Schema, Subscription,
};
use futures_util::{Stream, StreamExt, stream};
use serde_json::{Value, json};

use super::*;

struct Query;
struct Thing;
struct Mutation;
struct Ticks;

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum Colour {
    Red,
    Green,
}

#[derive(InputObject)]
struct Point {
    x: i32,
    #[graphql(default = 7)]
    y: i32,
    tags: Option<Vec<String>>,
}

#[derive(OneofObject)]
enum Choice {
    Number(i32),
    Text(String),
}

#[Object]
impl Query {
    async fn slow(&self) -> &str {
        tokio::time::sleep(Duration::from_millis(20)).await;
        "slow"
    }
    async fn quick(&self) -> &str {
        "quick"
    }
    async fn thing(&self) -> Option<Thing> {
        Some(Thing)
    }
    async fn things(&self) -> Vec<Option<Thing>> {
        vec![Some(Thing), None]
    }
    async fn must(&self) -> Result<&str> {
        Err("root failed".into())
    }
    async fn int(&self, it: i32) -> i32 {
        it
    }
    async fn float(&self, it: f64) -> f64 {
        it
    }
    async fn colour(&self, it: Colour) -> Colour {
        it
    }
    async fn list(&self, it: Vec<i32>) -> Vec<i32> {
        it
    }
    async fn id(&self, it: async_graphql::ID) -> async_graphql::ID {
        it
    }
    async fn choice(&self, it: Choice) -> String {
        match it {
            Choice::Number(number) => format!("number {number}"),
            Choice::Text(text) => format!("text {text}"),
        }
    }
    async fn point(&self, it: Point) -> String {
        format!("{} {} {:?}", it.x, it.y, it.tags)
    }
    async fn optional(&self, it: MaybeUndefined<i32>, #[graphql(default = 3)] or: i32) -> String {
        format!("{it:?} {or}")
    }
    async fn crash(&self, #[graphql(default = true)] really: bool) -> Option<bool> {
        if really {
            panic!("crashed on purpose")
        } else {
            None
        }
    }
    async fn viewer<'a>(&self, ctx: &'a Context<'_>) -> &'a str {
        &ctx.data_unchecked::<Viewer>().name
    }
}

#[Object]
impl Thing {
    async fn name(&self) -> &str {
        "thing"
    }
    async fn must(&self) -> Result<&str> {
        Err("thing failed".into())
    }
    async fn may(&self) -> Option<Result<&str>> {
        Some(Err("may fail".into()))
    }
    async fn thing(&self) -> Thing {
        Thing
    }
}

#[Object]
impl Mutation {
    async fn write(&self) -> i32 {
        1
    }
}

#[Subscription]
impl Ticks {
    async fn count(&self, to: i32) -> impl Stream<Item = i32> {
        stream::iter(1..=to)
    }
    async fn crash(&self) -> impl Stream<Item = i32> {
        stream::iter(1..=2).map(|it| {
            if it == 2 {
                panic!("crashed on purpose")
            } else {
                it
            }
        })
    }
}

fn service() -> Service {
    let schema = Schema::new(Query, Mutation, Ticks);
    let sdl = schema.sdl();
    Service::builder(schema, sdl).build().unwrap()
}

fn viewer() -> Viewer {
    Viewer {
        user_id: 1,
        name: "Ada".to_owned(),
        admin: false,
    }
}

fn operation(query: &str, variables: Value) -> Operation {
    Operation::from_json(json!({ "query": query, "variables": variables })).unwrap()
}

async fn run(service: &Service, query: &str, variables: Value) -> (Outcome, String) {
    let answer = match service.prepare(operation(query, variables)) {
        Ok(prepared) => service.execute(prepared, &viewer()).await,
        Err(answer) => answer,
    };
    (
        answer.outcome(),
        String::from_utf8(answer.body().to_vec()).unwrap(),
    )
}

fn code(body: &str) -> Value {
    let body: Value = serde_json::from_str(body).unwrap();
    assert!(body.get("data").is_none(), "{body}");
    body["errors"][0]["extensions"]["code"].clone()
}

#[tokio::test]
async fn values_come_out_as_the_specification_says() {
    let service = service();
    for (query, variables, data) in [
        // Response keys keep the order of the document, also when later fields are ready first.
        (
            "{ slow quick }",
            json!(null),
            r#"{"slow":"slow","quick":"quick"}"#,
        ),
        (
            "{ ...F quick a: slow } fragment F on Query { slow }",
            json!(null),
            r#"{"slow":"slow","quick":"quick","a":"slow"}"#,
        ),
        (
            "{ thing { name } thing { b: name } }",
            json!(null),
            r#"{"thing":{"name":"thing","b":"thing"}}"#,
        ),
        (
            "{ thing { __typename } }",
            json!(null),
            r#"{"thing":{"__typename":"Thing"}}"#,
        ),
        (
            "query($s: Boolean!) { quick @skip(if: $s) viewer }",
            json!({"s": true}),
            r#"{"viewer":"Ada"}"#,
        ),
        ("{ int(it: 5) }", json!(null), r#"{"int":5}"#),
        (
            "query($v: Int!) { int(it: $v) }",
            json!({"v": 2147483647}),
            r#"{"int":2147483647}"#,
        ),
        (
            "query($v: Int! = 4) { int(it: $v) }",
            json!({}),
            r#"{"int":4}"#,
        ),
        (
            "query($v: Float!) { float(it: $v) }",
            json!({"v": 2}),
            r#"{"float":2.0}"#,
        ),
        ("{ float(it: 2) }", json!(null), r#"{"float":2.0}"#),
        (
            "query($v: Colour!) { colour(it: $v) }",
            json!({"v": "RED"}),
            r#"{"colour":"RED"}"#,
        ),
        (
            "{ colour(it: GREEN) }",
            json!(null),
            r#"{"colour":"GREEN"}"#,
        ),
        (
            "query($v: [Int!]!) { list(it: $v) }",
            json!({"v": [1, 2]}),
            r#"{"list":[1,2]}"#,
        ),
        (
            "query($v: [Int!]!) { list(it: $v) }",
            json!({"v": 1}),
            r#"{"list":[1]}"#,
        ),
        ("{ list(it: 1) }", json!(null), r#"{"list":[1]}"#),
        (
            "query($v: ID!) { id(it: $v) }",
            json!({"v": 12}),
            r#"{"id":"12"}"#,
        ),
        (
            "query($v: Choice!) { choice(it: $v) }",
            json!({"v": {"text": "a"}}),
            r#"{"choice":"text a"}"#,
        ),
        (
            "query($v: Int!) { choice(it: {number: $v}) }",
            json!({"v": 1}),
            r#"{"choice":"number 1"}"#,
        ),
        (
            "query($v: Point!) { point(it: $v) }",
            json!({"v": {"x": 1}}),
            r#"{"point":"1 7 None"}"#,
        ),
        (
            "query($v: Point!) { point(it: $v) }",
            json!({"v": {"x": 1, "y": 2, "tags": ["a"]}}),
            r#"{"point":"1 2 Some([\"a\"])"}"#,
        ),
        // Absent and null are told apart, also through variables.
        ("{ optional }", json!(null), r#"{"optional":"Undefined 3"}"#),
        (
            "{ optional(it: null) }",
            json!(null),
            r#"{"optional":"Null 3"}"#,
        ),
        (
            "query($v: Int) { optional(it: $v) }",
            json!({}),
            r#"{"optional":"Undefined 3"}"#,
        ),
        (
            "query($v: Int) { optional(it: $v) }",
            json!({"v": null}),
            r#"{"optional":"Null 3"}"#,
        ),
        (
            "query($v: Int) { optional(it: $v) }",
            json!({"v": 1}),
            r#"{"optional":"Value(1) 3"}"#,
        ),
        // So is an argument with a default.
        (
            "query($v: Int) { optional(or: $v) }",
            json!({}),
            r#"{"optional":"Undefined 3"}"#,
        ),
        (
            "query($v: Int) { optional(or: $v) }",
            json!({"v": 4}),
            r#"{"optional":"Undefined 4"}"#,
        ),
        (
            "query($v: Int = 5) { optional(or: $v) }",
            json!({}),
            r#"{"optional":"Undefined 5"}"#,
        ),
        (
            "query($v: Int) { ...F } fragment F on Query { ... { optional(it: $v, or: $v) } }",
            json!({}),
            r#"{"optional":"Undefined 3"}"#,
        ),
        (
            "query($v: Int) { point(it: {x: 1, y: $v}) }",
            json!({}),
            r#"{"point":"1 7 None"}"#,
        ),
        (
            "mutation { write again: write }",
            json!(null),
            r#"{"write":1,"again":1}"#,
        ),
    ] {
        let expected = (Outcome::Executed, format!(r#"{{"data":{data}}}"#));
        assert_eq!(
            run(&service, query, variables.clone()).await,
            expected,
            "{query} {variables}"
        );
    }
}

#[tokio::test]
async fn a_failing_field_nulls_the_nearest_that_may_be_null() {
    let service = service();
    for (query, data, path) in [
        (
            "{ quick thing { name must } }",
            json!({"quick": "quick", "thing": null}),
            json!(["thing", "must"]),
        ),
        (
            "{ things { name must } }",
            json!({"things": [null, null]}),
            json!(["things", 0, "must"]),
        ),
        (
            "{ thing { thing { must } } }",
            json!({"thing": null}),
            json!(["thing", "thing", "must"]),
        ),
        (
            "{ thing { name may } }",
            json!({"thing": {"name": "thing", "may": null}}),
            json!(["thing", "may"]),
        ),
        ("{ quick must }", Value::Null, json!(["must"])),
    ] {
        let (outcome, body) = run(&service, query, json!(null)).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(outcome, Outcome::Executed, "{query}");
        assert_eq!(body.get("data"), Some(&data), "{query}");
        assert_eq!(
            body["errors"].as_array().map(Vec::len),
            Some(1),
            "{query}: {body}"
        );
        assert_eq!(body["errors"][0]["path"], path, "{query}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_refused_with_its_code() {
    let service = service();
    let chain: String = (0..30)
        .map(|it| format!("fragment F{it} on Thing {{ ...F{0} ...F{0} }} ", it + 1))
        .chain(["fragment F30 on Thing { name }".to_owned()])
        .collect();
    let aliases: String = (0..501).map(|it| format!("a{it}: quick ")).collect();
    let cases = [
        ("{", json!(null), code::GRAPHQL_PARSE_FAILED),
        ("", json!(null), code::GRAPHQL_PARSE_FAILED),
        (&"{".repeat(100_000), json!(null), code::QUERY_TOO_COMPLEX),
        (
            &format!(
                "{{ int(it: {}{}) }}",
                "[".repeat(40_000),
                "]".repeat(40_000)
            ),
            json!(null),
            code::QUERY_TOO_COMPLEX,
        ),
        (
            &"{ quick } #".repeat(10_000),
            json!(null),
            code::DOCUMENT_TOO_LARGE,
        ),
        (
            &format!("{{ thing {{ ...F0 }} }} {chain}"),
            json!(null),
            code::QUERY_TOO_COMPLEX,
        ),
        // Also where no operation spreads them.
        (
            &format!("{{ quick }} {chain}"),
            json!(null),
            code::QUERY_TOO_COMPLEX,
        ),
        (
            "{ thing { ...A } } fragment A on Thing { ...B } fragment B on Thing { ...A }",
            json!(null),
            code::GRAPHQL_VALIDATION_FAILED,
        ),
        (
            "{ quick } fragment A on Query { ...A ...A }",
            json!(null),
            code::GRAPHQL_VALIDATION_FAILED,
        ),
        (
            &format!("{{ {}name{} }}", "thing { ".repeat(15), " }".repeat(15)),
            json!(null),
            code::QUERY_TOO_COMPLEX,
        ),
        (
            &format!("{{ {}quick{} }}", "... { ".repeat(32), " }".repeat(32)),
            json!(null),
            code::QUERY_TOO_COMPLEX,
        ),
        (
            &format!("{{ {aliases} }}"),
            json!(null),
            code::QUERY_TOO_COMPLEX,
        ),
        (
            &format!("{{ quick {} }}", "@skip(if: false) ".repeat(501)),
            json!(null),
            code::QUERY_TOO_COMPLEX,
        ),
        ("{ nope }", json!(null), code::GRAPHQL_VALIDATION_FAILED),
        ("{ int }", json!(null), code::GRAPHQL_VALIDATION_FAILED),
        (
            "{ int(it: \"5\") }",
            json!(null),
            code::GRAPHQL_VALIDATION_FAILED,
        ),
        (
            "query($v: [Nope] = [1]) { int(it: $v) }",
            json!(null),
            code::GRAPHQL_VALIDATION_FAILED,
        ),
        (
            "{ choice(it: {number: 1, text: \"a\"}) }",
            json!(null),
            code::GRAPHQL_VALIDATION_FAILED,
        ),
        // A variable that is left out does not hide a mistake where it is used.
        (
            "query($v: Int) { optional(nope: $v) }",
            json!({}),
            code::GRAPHQL_VALIDATION_FAILED,
        ),
        (
            "query($v: Int) { quick }",
            json!({}),
            code::GRAPHQL_VALIDATION_FAILED,
        ),
        (
            "query A { quick } query B { slow }",
            json!(null),
            code::OPERATION_RESOLUTION_FAILURE,
        ),
        // async-graphql takes this one for absent.
        (
            "query($v: Int!) { optional(it: $v) }",
            json!({}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: Int!) { int(it: $v) }",
            json!({"v": null}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: Int!) { int(it: $v) }",
            json!({"v": "5"}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: Int!) { int(it: $v) }",
            json!({"v": 5.5}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: Int!) { int(it: $v) }",
            json!({"v": 2147483648_i64}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: Colour!) { colour(it: $v) }",
            json!({"v": "PINK"}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: [Int!]!) { list(it: $v) }",
            json!({"v": [1, null]}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: ID!) { id(it: $v) }",
            json!({"v": 1.5}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: Choice!) { choice(it: $v) }",
            json!({"v": {}}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: Choice!) { choice(it: $v) }",
            json!({"v": {"number": 1, "text": "a"}}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: Choice!) { choice(it: $v) }",
            json!({"v": {"text": null}}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: Point!) { point(it: $v) }",
            json!({"v": {}}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: Point!) { point(it: $v) }",
            json!({"v": {"x": 1, "z": 1}}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($s: Boolean!) { quick @skip(if: $s) }",
            json!({"s": "yes"}),
            code::BAD_USER_INPUT,
        ),
    ];
    let began = Instant::now();
    for (query, variables, expected) in cases {
        let (outcome, body) = run(&service, query, variables.clone()).await;
        assert_eq!(
            outcome,
            Outcome::Refused,
            "{query:.100} {variables}: {body}"
        );
        assert_eq!(code(&body), expected, "{query:.100} {variables}: {body}");
        assert!(body.len() < 20 * 700, "{query:.100}: {} bytes", body.len());
    }
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn the_path_to_a_wrong_variable_is_named() {
    let variables = json!({"v": {"x": 1, "tags": ["a", 2]}});
    let (_, body) = run(&service(), "query($v: Point!) { point(it: $v) }", variables).await;
    assert!(
        body.contains(r#"Variable \"$v.tags[1]\" of type \"Point!\""#),
        "{body}"
    );
    assert!(
        body.contains("expected \\\"String\\\", a string, found an integer"),
        "{body}"
    );
}

#[tokio::test]
async fn large_variables_are_not_copied_often() {
    let uses = "list(it: $v) ".repeat(100);
    let query = format!("query($v: [Int!]!) {{ {uses} }}");
    let (_, body) = run(&service(), &query, json!({"v": vec![1; 100_000]})).await;
    assert_eq!(code(&body), code::QUERY_TOO_COMPLEX);
}

#[tokio::test]
async fn errors_are_few_and_short() {
    let many: String = (0..400).map(|it| format!("nope{it} ")).collect();
    let (_, body) = run(&service(), &format!("{{ {many} }}"), json!(null)).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["errors"].as_array().map(Vec::len), Some(20));

    let (_, body) = run(
        &service(),
        &format!("{{ quick {}", "€".repeat(2_000)),
        json!(null),
    )
    .await;
    let body: Value = serde_json::from_str(&body).unwrap();
    let message = body["errors"][0]["message"].as_str().unwrap();
    assert_eq!(message.chars().count(), 501);
}

#[tokio::test]
async fn introspection_fits_the_limits() {
    let mut of_type = "kind name".to_owned();
    for _ in 0..9 {
        of_type = format!("kind name ofType {{ {of_type} }}");
    }
    let query = format!(
        "{{ __schema {{ types {{ ...T }} directives {{ name args {{ ...I }} }} }} }}
         fragment T on __Type {{ kind name fields {{ name args {{ ...I }} type {{ {of_type} }} }} }}
         fragment I on __InputValue {{ name type {{ {of_type} }} }}"
    );
    assert_eq!(
        run(&service(), &query, json!(null)).await.0,
        Outcome::Executed
    );
}

#[tokio::test]
async fn a_panic_is_an_answer() {
    let (outcome, body) = run(&service(), "{ quick crash }", json!(null)).await;
    assert_eq!(outcome, Outcome::Failed);
    assert_eq!(code(&body), code::INTERNAL_SERVER_ERROR);
    assert!(!body.contains("on purpose"));
}

#[tokio::test]
async fn a_schema_without_mutations_says_so() {
    let schema = Schema::new(Thing, async_graphql::EmptyMutation, EmptySubscription);
    let sdl = schema.sdl();
    let service = Service::builder(schema, sdl).build().unwrap();
    let (outcome, body) = run(&service, "mutation { write }", json!(null)).await;
    assert_eq!(
        (outcome, code(&body)),
        (Outcome::Refused, json!(code::GRAPHQL_VALIDATION_FAILED))
    );
}

#[tokio::test]
async fn subscriptions_end_with_their_stream_or_their_first_failure() {
    let service = service();
    let outcomes = async |query: &str| {
        let prepared = service.prepare(operation(query, json!(null))).unwrap();
        assert_eq!(prepared.kind(), OperationKind::Subscription);
        let answers: Vec<_> = service.subscribe(prepared, &viewer()).collect().await;
        answers.iter().map(Answer::outcome).collect::<Vec<_>>()
    };
    use Outcome::{Executed, Failed, Refused};
    assert_eq!(
        outcomes("subscription { count(to: 3) }").await,
        [Executed, Executed, Executed]
    );
    assert_eq!(outcomes("subscription { crash }").await, [Executed, Failed]);
    assert_eq!(outcomes("subscription { nope }").await, [Refused]);
}

#[tokio::test]
async fn the_observer_hears_of_each_operation_once() {
    #[derive(Default)]
    struct Heard(std::sync::Mutex<Vec<String>>);
    impl Observer for Heard {
        fn operation_ended(&self, it: &Ended<'_>) {
            let line = format!(
                "{:?} {:?} {:?} {}",
                it.kind, it.name, it.outcome, it.answers
            );
            self.0.lock().unwrap().push(line);
        }
    }
    let heard = Arc::new(Heard::default());
    let schema = Schema::new(Query, Mutation, Ticks);
    let sdl = schema.sdl();
    let observer: Arc<dyn Observer> = Arc::clone(&heard) as _;
    let service = Service::builder(schema, sdl)
        .observed_by(observer)
        .build()
        .unwrap();
    for query in ["query Q { quick }", "{ nope }", "{ crash }"] {
        run(&service, query, json!(null)).await;
    }
    let prepared = service
        .prepare(operation("subscription { count(to: 9) }", json!(null)))
        .unwrap();
    // Cancelled after two answers.
    assert_eq!(
        Box::pin(service.subscribe(prepared, &viewer()))
            .take(2)
            .count()
            .await,
        2
    );
    assert_eq!(
        *heard.0.lock().unwrap(),
        [
            "Query Some(\"Q\") Some(Executed) 1",
            "Query None Some(Refused) 1",
            "Query None Some(Failed) 1",
            "Subscription None Some(Executed) 2",
        ]
    );
}
