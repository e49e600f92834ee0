//! Claims about subscriptions that several listen to: executed once, told to each as if alone.

use std::{
    future::poll_fn,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    task::{Poll, Wake},
};

use async_graphql::{EmptyMutation, Error, ErrorExtensions};
use futures_util::stream::BoxStream;
use tokio::sync::Notify;

use super::*;

/// A state that changes, and what was done to tell of it.
#[derive(Default)]
struct Board {
    state: AtomicUsize,
    changed: Notify,
    executions: AtomicUsize,
    reads: AtomicUsize,
    living: Arc<()>,
}

impl Board {
    fn set(&self, state: usize) {
        self.state.store(state, SeqCst);
        self.changed.notify_one();
    }
}

struct States(Arc<Board>);

#[Subscription]
impl States {
    /// The state up to 99, then a failure of which only the log knows, then nothing.
    async fn state(&self, ctx: &Context<'_>, of: Option<i32>) -> impl Stream<Item = Result<usize>> {
        let _ = of;
        let joiners = ctx.data_unchecked::<Joiners>().clone();
        let (board, living) = (Arc::clone(&self.0), Arc::clone(&self.0.living));
        board.executions.fetch_add(1, SeqCst);
        stream::unfold(None, move |shown: Option<usize>| {
            let (board, joiners, living) = (board.clone(), joiners.clone(), living.clone());
            async move {
                let _living = living;
                match shown {
                    None => {}
                    Some(100..) => return None,
                    Some(_) => tokio::select! {
                        () = joiners.come() => {}
                        () = board.changed.notified() => {}
                    },
                }
                joiners.reading();
                board.reads.fetch_add(1, SeqCst);
                let state = board.state.load(SeqCst);
                joiners.show(shown != Some(state));
                let failure =
                    || Error::new("broken").extend_with(|_, it| it.set("code", "INTERNAL"));
                Some((
                    (state < 100).then_some(state).ok_or_else(failure),
                    Some(state),
                ))
            }
        })
    }
}

struct World {
    service: Service,
    board: Arc<Board>,
}

type Answers = BoxStream<'static, Answer>;

impl World {
    fn new() -> Self {
        let board = Arc::new(Board::default());
        let schema = Schema::new(Query, EmptyMutation, States(Arc::clone(&board)));
        let sdl = schema.sdl();
        let service = Service::builder(schema, sdl).sharing(&["state"]);
        Self {
            service: service.build().unwrap(),
            board,
        }
    }

    fn ask(&self, operation: Operation, viewer: &Viewer) -> Answers {
        let prepared = self.service.prepare(operation).unwrap();
        self.service.subscribe(prepared, viewer).boxed()
    }

    fn listen(&self) -> Answers {
        self.ask(operation(STATE, json!(null)), &viewer())
    }

    async fn until_nothing_lives(&self) {
        let gone = async {
            while Arc::strong_count(&self.board.living) > 1 {
                tokio::task::yield_now().await;
            }
        };
        within(gone).await;
    }
}

const STATE: &str = "subscription($of: Int) { state(of: $of) }";

/// No answer takes this long, whatever else the machine does.
async fn within<T>(work: impl Future<Output = T>) -> T {
    let worked = tokio::time::timeout(Duration::from_secs(60), work).await;
    worked.expect("an answer in time")
}

async fn body(answers: &mut Answers) -> Value {
    let answer = within(answers.next()).await.expect("an answer");
    serde_json::from_slice(answer.body()).unwrap()
}

async fn state(answers: &mut Answers) -> Value {
    body(answers).await["data"]["state"].take()
}

async fn is_silent(answers: &mut Answers) -> bool {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    poll_fn(|cx| Poll::Ready(answers.poll_next_unpin(cx).is_pending())).await
}

#[tokio::test]
async fn what_several_ask_in_the_same_words_is_executed_once() {
    let world = World::new();
    let mut all = [world.listen(), world.listen(), world.listen()];
    for answers in &mut all {
        assert_eq!(state(answers).await, 0);
    }
    let reads = world.board.reads.load(SeqCst);
    world.board.set(1);
    let mut bodies = Vec::new();
    for answers in &mut all {
        bodies.push(within(answers.next()).await.unwrap().body().clone());
    }
    assert!(bodies.iter().all(|it| it.as_ptr() == bodies[0].as_ptr()));
    assert_eq!(world.board.executions.load(SeqCst), 1);
    assert_eq!(world.board.reads.load(SeqCst), reads + 1);
}

#[tokio::test]
async fn what_an_answer_may_depend_on_keeps_listeners_apart() {
    let world = World::new();
    let ask = |query: &str| operation(query, json!(null));
    let named = "subscription A { state } subscription B { state }";
    let choose = |name: &str| {
        Operation::from_json(json!({ "query": named, "operationName": name })).unwrap()
    };
    let extended = json!({ "query": STATE, "extensions": { "a": 1 } });
    let viewers = [
        Viewer {
            user_id: crate::domain::UserId(2),
            ..viewer()
        },
        Viewer {
            name: "Bob".to_owned(),
            ..viewer()
        },
        Viewer {
            admin: true,
            ..viewer()
        },
        Viewer {
            token_ends: Some(crate::domain::Millis(1)),
            ..viewer()
        },
    ];
    let mut all = vec![
        world.listen(),
        world.ask(operation(STATE, json!({ "of": 1 })), &viewer()),
        world.ask(operation(STATE, json!({ "of": null })), &viewer()),
        world.ask(Operation::from_json(extended).unwrap(), &viewer()),
        world.ask(ask("subscription { state }"), &viewer()),
        world.ask(choose("A"), &viewer()),
        world.ask(choose("B"), &viewer()),
    ];
    all.extend(viewers.iter().map(|it| world.ask(ask(STATE), it)));
    for answers in &mut all {
        assert_eq!(state(answers).await, 0);
    }
    assert_eq!(world.board.executions.load(SeqCst), all.len());
}

#[tokio::test]
async fn who_joins_sees_the_state_as_it_stands_and_nobody_hears_it_twice() {
    let world = World::new();
    let mut first = world.listen();
    assert_eq!(state(&mut first).await, 0);
    let mut second = world.listen();
    assert_eq!(state(&mut second).await, 0);
    assert!(is_silent(&mut first).await);
    // The stream is not told of the change, and looks for the sake of the third.
    world.board.state.store(5, SeqCst);
    let mut third = world.listen();
    assert_eq!(state(&mut third).await, 5);
    assert_eq!(state(&mut first).await, 5);
    assert_eq!(state(&mut second).await, 5);
    for answers in [&mut first, &mut second, &mut third] {
        assert!(is_silent(answers).await);
    }
    assert_eq!(world.board.executions.load(SeqCst), 1);
}

/// Counts how often a task would be woken.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[tokio::test]
async fn who_joins_does_not_wake_those_who_are_there() {
    let world = World::new();
    let mut first = world.listen();
    assert_eq!(state(&mut first).await, 0);
    let wakes = Arc::new(Wakes::default());
    let waker = Arc::clone(&wakes).into();
    let waits = first.poll_next_unpin(&mut std::task::Context::from_waker(&waker));
    assert!(waits.is_pending());
    let mut others: Vec<_> = (0..5).map(|_| world.listen()).collect();
    for answers in &mut others {
        assert_eq!(state(answers).await, 0);
    }
    assert_eq!(wakes.0.load(SeqCst), 0);
    world.board.set(1);
    assert_eq!(state(&mut others[0]).await, 1);
    assert_eq!(wakes.0.load(SeqCst), 1);
    assert_eq!(state(&mut first).await, 1);
}

#[tokio::test]
async fn an_execution_lives_as_long_as_somebody_listens() {
    let world = World::new();
    let (mut first, mut second) = (world.listen(), world.listen());
    assert_eq!(state(&mut first).await, 0);
    assert_eq!(state(&mut second).await, 0);
    drop(first);
    world.board.set(1);
    assert_eq!(state(&mut second).await, 1);
    drop(second);
    world.until_nothing_lives().await;
    assert!(world.service.inner.crowds.is_empty());
    assert_eq!(state(&mut world.listen()).await, 1);
    assert_eq!(world.board.executions.load(SeqCst), 2);
}

#[tokio::test]
async fn a_slow_listener_holds_nobody_and_takes_the_latest() {
    let world = World::new();
    let (mut slow, mut quick) = (world.listen(), world.listen());
    assert_eq!(state(&mut slow).await, 0);
    assert_eq!(state(&mut quick).await, 0);
    for value in 1..50 {
        world.board.set(value);
        assert_eq!(state(&mut quick).await, value);
    }
    assert_eq!(state(&mut slow).await, 49);
    assert!(is_silent(&mut slow).await);
}

#[tokio::test]
async fn the_end_reaches_all_and_names_the_request_of_each() {
    let world = World::new();
    let ask = |id: &str| world.ask(operation(STATE, json!(null)).with_request_id(id), &viewer());
    let (mut first, mut second) = (ask("r-1"), ask("r-2"));
    assert_eq!(state(&mut first).await, 0);
    assert_eq!(state(&mut second).await, 0);
    world.board.set(100);
    for (answers, id) in [(&mut first, "r-1"), (&mut second, "r-2")] {
        let body = body(answers).await;
        assert_eq!(body["errors"][0]["message"], "broken");
        assert_eq!(body["errors"][0]["extensions"]["requestId"], id);
        assert!(within(answers.next()).await.is_none());
    }
    // Both are still there, but what they listened to is over.
    world.board.set(7);
    assert_eq!(state(&mut ask("r-3")).await, 7);
    assert_eq!(world.board.executions.load(SeqCst), 2);
}

#[tokio::test]
async fn a_refusal_reaches_all_who_ask() {
    let world = World::new();
    let wrong = "subscription { state state(of: 1) }";
    let all: Vec<_> = (0..5)
        .map(|_| world.ask(operation(wrong, json!(null)), &viewer()))
        .collect();
    for answers in all {
        let outcomes: Vec<_> = within(answers.map(|it| it.outcome()).collect()).await;
        assert_eq!(outcomes, [Outcome::Refused]);
    }
}
