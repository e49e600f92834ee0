//! The schema under the transports: it answers, fails, waits, panics and streams on demand.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use async_graphql::{Context, Object, Result, Schema, Subscription};
use futures_util::{Stream, StreamExt, stream};
use understory::domain::Viewer;

/// How many large values were asked of `flood`, over all servers of the process.
pub(crate) static FLOODED: AtomicUsize = AtomicUsize::new(0);

/// How many endless subscriptions live.
pub(crate) static ENDLESS: AtomicUsize = AtomicUsize::new(0);

pub(crate) struct Query;
pub(crate) struct Mutation;
pub(crate) struct Subscriptions;

pub(crate) fn build() -> Schema<Query, Mutation, Subscriptions> {
    Schema::new(Query, Mutation, Subscriptions)
}

#[Object]
impl Query {
    async fn hello(&self) -> &str {
        "world"
    }
    async fn viewer<'a>(&self, ctx: &'a Context<'_>) -> &'a str {
        &ctx.data_unchecked::<Viewer>().name
    }
    async fn echo(&self, text: String) -> String {
        text
    }
    async fn fail(&self) -> Option<Result<bool>> {
        Some(Err("failed".into()))
    }
    async fn must(&self) -> Result<bool> {
        Err("failed".into())
    }
    async fn wait(&self, ms: u64) -> bool {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        true
    }
    async fn crash(&self, #[graphql(default = true)] really: bool) -> bool {
        if really {
            panic!("a resolver panicked on purpose")
        } else {
            false
        }
    }
    async fn large(&self, bytes: usize) -> String {
        "x".repeat(bytes)
    }
    async fn node(&self) -> Node {
        Node
    }
}

pub(crate) struct Node;
pub(crate) struct Page(usize);

#[Object]
impl Node {
    async fn name(&self) -> &str {
        "node"
    }
    async fn node(&self) -> Node {
        Node
    }
    async fn page(&self, #[graphql(default = 50)] first: usize) -> Page {
        Page(first)
    }
}

#[Object]
impl Page {
    async fn nodes(&self) -> Vec<Node> {
        (0..self.0).map(|_| Node).collect()
    }
}

#[Object]
impl Mutation {
    async fn write(&self) -> i32 {
        1
    }
}

struct Alive;

impl Alive {
    fn new() -> Self {
        ENDLESS.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        ENDLESS.fetch_sub(1, Ordering::SeqCst);
    }
}

#[Subscription]
impl Subscriptions {
    async fn count(&self, to: i32) -> impl Stream<Item = i32> {
        stream::iter(1..=to)
    }
    /// One value, then nothing for ever.
    async fn endless(&self) -> impl Stream<Item = i32> {
        let alive = Alive::new();
        stream::iter([1]).chain(stream::pending()).map(move |it| {
            let _alive = &alive;
            it
        })
    }
    /// Values of 64 KiB as fast as they are taken.
    async fn flood(&self) -> impl Stream<Item = String> {
        stream::repeat_with(|| {
            FLOODED.fetch_add(1, Ordering::SeqCst);
            "x".repeat(64 << 10)
        })
    }
    async fn crash(&self) -> impl Stream<Item = i32> {
        stream::iter(1..=2).map(|it| {
            if it == 2 {
                panic!("a stream panicked on purpose")
            } else {
                it
            }
        })
    }
}
