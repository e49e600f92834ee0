//! Gathers what resolvers ask for singly, to read it at once.
//!
//! The first who asks for a kind of thing opens a batch. It stays open until every resolver of the
//! operation that can go on has asked: they all run in one task, so that is when the task is polled
//! next. (A task with thousands of resolvers may give way in between; then there are a few batches.)
//! Whoever waits for a batch drives it, within the operation; nothing is spawned. A loader that is
//! spawned, as that of async-graphql, races with the resolvers on a runtime of several threads: with
//! no delay its batches fall apart, with one every level of a query waits.
//!
//! Nothing is kept once it is answered.

use super::error::{ApiError, Result};
use crate::store::StoreError;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use futures_util::task::AtomicWaker;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::task::{Context, Poll, Wake, Waker};

/// What was found of a batch.
pub(crate) type Found<K, V> = Arc<HashMap<K, V>>;

type Answer<K, V> = Shared<BoxFuture<'static, Result<Found<K, V>>>>;
type Gathered<K, V> = Mutex<Option<Open<K, V>>>;

/// Where the batches of one kind of key are gathered.
pub(crate) struct Batch<K, V>(OnceLock<Arc<Gathered<K, V>>>);

/// A batch that takes keys.
struct Open<K, V> {
    keys: HashSet<K>,
    answer: Answer<K, V>,
}

impl<K, V> Default for Batch<K, V> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<K, V> Batch<K, V>
where
    K: Eq + Hash + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Adds keys to the batch that is open and waits for what is found of it. `load` reads a batch
    /// that this call opens.
    pub(crate) async fn ask<F>(
        &self,
        keys: impl IntoIterator<Item = K>,
        load: impl FnOnce(Vec<K>) -> F + Send + 'static,
    ) -> Result<Found<K, V>>
    where
        F: Future<Output = Result<HashMap<K, V>, StoreError>> + Send + 'static,
    {
        self.join(keys, load).await
    }

    fn join<F>(
        &self,
        keys: impl IntoIterator<Item = K>,
        load: impl FnOnce(Vec<K>) -> F + Send + 'static,
    ) -> Answer<K, V>
    where
        F: Future<Output = Result<HashMap<K, V>, StoreError>> + Send + 'static,
    {
        let here = self.0.get_or_init(Arc::default);
        let mut gathered = here.lock().unwrap_or_else(PoisonError::into_inner);
        let open = gathered.get_or_insert_with(|| Open {
            keys: HashSet::new(),
            // The batch must not own itself, or one that nobody waits for would never be freed.
            answer: read(Arc::downgrade(here), load).boxed().shared(),
        });
        open.keys.extend(keys);
        open.answer.clone()
    }
}

async fn read<K, V, F>(
    gathered: Weak<Gathered<K, V>>,
    load: impl FnOnce(Vec<K>) -> F,
) -> Result<Found<K, V>>
where
    F: Future<Output = Result<HashMap<K, V>, StoreError>>,
{
    OnceAllWait::default().await;
    let open = gathered.upgrade().and_then(|gathered| {
        gathered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    });
    let keys = open.map(|open| open.keys.into_iter().collect());
    let found = load(keys.unwrap_or_default()).await;
    Ok(Arc::new(found.map_err(ApiError::from)?))
}

/// Ends when the runtime polls the task again, which it does once all of the task waits. Unlike
/// `yield_now`, however many parts of the task poll it meanwhile.
#[derive(Default)]
struct OnceAllWait {
    signal: Option<Arc<Signal>>,
}

#[derive(Default)]
struct Signal {
    given: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.given.store(true, Ordering::Release);
        self.task.wake();
    }
}

impl Future for OnceAllWait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(signal) = &self.signal {
            signal.task.register(cx.waker());
            return match signal.given.load(Ordering::Acquire) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            };
        }
        let signal = Arc::new(Signal::default());
        signal.task.register(cx.waker());
        let waker = Waker::from(Arc::clone(&signal));
        self.signal = Some(signal);
        // The runtime keeps the waker of who yields until it has polled the task.
        let yielding = pin!(tokio::task::yield_now());
        yielding.poll(&mut Context::from_waker(&waker))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use std::sync::atomic::AtomicUsize;

    /// Answers each number with its double, and counts the batches.
    async fn double(batch: &Batch<i32, i32>, count: &Arc<AtomicUsize>, key: i32) -> Option<i32> {
        let count = Arc::clone(count);
        let load = move |keys: Vec<i32>| async move {
            count.fetch_add(1, Ordering::Relaxed);
            Ok(keys.into_iter().map(|key| (key, 2 * key)).collect())
        };
        batch.ask([key], load).await.unwrap().get(&key).copied()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn all_who_ask_in_one_task_share_a_batch() {
        let task = tokio::spawn(async {
            let (batch, count) = (Batch::default(), Arc::default());
            let rows = (0..100).map(|row| {
                let (batch, count) = (&batch, &count);
                async move {
                    let cells = (0..20).map(|cell| double(batch, count, row * 20 + cell));
                    join_all(cells).await.into_iter().flatten().sum::<i32>()
                }
            });
            let sum: i32 = join_all(rows).await.into_iter().sum();
            (sum, count.load(Ordering::Relaxed))
        });
        assert_eq!(task.await.unwrap(), (1_999 * 2_000, 1));
    }

    #[tokio::test]
    async fn a_batch_outlives_whoever_opened_it() {
        let (batch, count) = (Batch::default(), Arc::default());
        let mut first = Box::pin(double(&batch, &count, 1));
        assert!(futures_util::poll!(first.as_mut()).is_pending());
        let mut second = Box::pin(double(&batch, &count, 2));
        assert!(futures_util::poll!(second.as_mut()).is_pending());
        drop(first);
        assert_eq!(second.await, Some(4));
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_failure_reaches_all_who_wait() {
        let batch: Batch<i32, i32> = Batch::default();
        let fail = |_| async { Err(StoreError::Busy) };
        let (one, two) = tokio::join!(batch.ask([1], fail), batch.ask([2], fail));
        assert_eq!(one.unwrap_err(), two.unwrap_err());
    }
}
