//! Claims about the service, over a schema that does what a schema can do.

mod costs;
mod refusals;
mod shared;
mod valid;
mod values;

use std::time::Duration;

use async_graphql::{
    Context, EmptySubscription, Enum, InputObject, MaybeUndefined, Object, OneofObject, Result,
    Schema, Subscription, ValidationMode,
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
    async fn echo(&self, it: String) -> String {
        it
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
    let trusting = Schema::build(Query, Mutation, Ticks);
    let trusting = trusting.validation_mode(ValidationMode::Fast).finish();
    let service = Service::builder(schema, sdl).trusting(trusting);
    service.build().unwrap()
}

fn viewer() -> Viewer {
    Viewer {
        user_id: crate::domain::UserId(1),
        name: "Ada".to_owned(),
        admin: false,
        token_ends: None,
    }
}

fn operation(query: &str, variables: Value) -> Operation {
    Operation::from_json(json!({ "query": query, "variables": variables })).unwrap()
}

/// Runs an operation; the second time, when it may be known to be valid, nothing is different.
async fn run(service: &Service, query: &str, variables: Value) -> (Outcome, String) {
    let answer = run_once(service, query, variables.clone()).await;
    assert_eq!(run_once(service, query, variables).await, answer);
    answer
}

async fn run_once(service: &Service, query: &str, variables: Value) -> (Outcome, String) {
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
    for in_fragments in [
        "subscription { ... { count(to: 3) } }",
        "subscription { ...a } fragment a on Ticks { ... on Ticks @include(if: true) { ...b } }
         fragment b on Ticks { count(to: 3) }",
    ] {
        assert_eq!(
            outcomes(in_fragments).await,
            [Executed, Executed, Executed],
            "{in_fragments}"
        );
    }
    for wrong in [
        "subscription { ...a }",
        "subscription { ...a } fragment a on Query { quick }",
        "subscription { ...a } fragment a on Ticks { count(to: 3) } fragment b on Ticks { count(to: 3) }",
        "subscription { ...a count(to: 2) } fragment a on Ticks { count(to: 3) }",
    ] {
        assert_eq!(outcomes(wrong).await, [Refused], "{wrong}");
    }
    assert_eq!(outcomes("subscription { crash }").await, [Executed, Failed]);
    assert_eq!(outcomes("subscription { nope }").await, [Refused]);
}

#[tokio::test]
async fn the_observer_hears_of_each_operation_once() {
    #[derive(Default)]
    struct Heard(std::sync::Mutex<Vec<String>>);
    impl Heard {
        fn hear(&self, line: String) {
            self.0.lock().unwrap().push(line);
        }
    }
    impl Observer for Heard {
        fn operation_refused(&self, code: &'static str) {
            self.hear(code.to_owned());
        }
        fn operation_began(&self, it: &Began<'_>) {
            if let Some(field) = it.field {
                self.hear(format!("began {field}"));
            }
        }
        fn operation_ended(&self, it: &Ended<'_>) {
            self.hear(format!(
                "{:?} {:?} {:?} {} {:?}",
                it.kind, it.name, it.outcome, it.answers, it.field
            ));
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
        run_once(&service, query, json!(null)).await;
    }
    assert!(service.prepare(operation("{", json!(null))).is_err());
    let subscription = "subscription { count(to: 9) }";
    let prepared = service
        .prepare(operation(subscription, json!(null)))
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
            "Query Some(\"Q\") Some(Executed) 1 None",
            "Query None Some(Refused) 1 None",
            "Query None Some(Failed) 1 None",
            "GRAPHQL_PARSE_FAILED",
            "began count",
            "Subscription None Some(Executed) 2 Some(\"count\")",
        ]
    );
}

#[tokio::test]
async fn what_only_the_log_explains_names_the_request() {
    let service = service();
    let ask = |query: &str| operation(query, json!(null)).with_request_id("r-1");
    let crashed = service.prepare(ask("{ crash }")).unwrap();
    let answer = service.execute(crashed, &viewer()).await;
    let body: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(body["errors"][0]["extensions"]["requestId"], "r-1");
    let failed = service.prepare(ask("{ must }")).unwrap();
    let answer = service.execute(failed, &viewer()).await;
    let body: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(body["errors"][0]["extensions"].get("requestId"), None);
}
