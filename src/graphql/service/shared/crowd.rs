//! One execution and those who listen to it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use futures_util::StreamExt;
use tokio::{sync::watch, task::AbortHandle};
use tracing::Instrument;

use super::{Joiners, joiners::Shown};
use crate::{
    domain::Viewer,
    graphql::service::{Answer, Outcome, Prepared, Service},
};

/// The executions that run, by what they answer; cheap to clone.
#[derive(Clone, Default)]
pub(in crate::graphql::service) struct Crowds(Arc<Mutex<HashMap<Arc<Key>, Weak<Crowd>>>>);

/// All that an answer may depend on, beside what is stored.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    query: String,
    name: Option<String>,
    variables: String,
    extensions: String,
    viewer: Viewer,
}

impl Key {
    fn of(prepared: &Prepared, viewer: &Viewer) -> Self {
        let operation = &prepared.operation;
        Self {
            query: operation.query.clone(),
            name: operation.name.clone(),
            variables: operation.variables.to_string(),
            extensions: format!("{:?}", operation.extensions),
            viewer: viewer.clone(),
        }
    }
}

/// The latest answer.
#[derive(Clone)]
struct Told {
    answer: Answer,
    /// The last ticket of those for whom it is recent enough.
    for_tickets: u64,
    /// How many answers there were that differ from the one before.
    news: u64,
}

type Latest = Option<Told>;

/// Where answers are told. Each who joins has the stream look again, which must not wake the
/// thousands who are there already.
struct Channels<T> {
    /// All answers, for those who join.
    all: T,
    /// Those that differ from the one before, for those who have joined.
    news: T,
}

/// An execution, which ends when nobody listens any more.
struct Crowd {
    crowds: Crowds,
    key: Arc<Key>,
    joiners: Joiners,
    told: Channels<watch::Receiver<Latest>>,
    execution: AbortHandle,
}

impl Crowd {
    fn begin(service: &Service, key: Arc<Key>, prepared: &Prepared) -> Self {
        let (joiners, viewer) = (Joiners::default(), &key.viewer);
        let (tell_all, all) = watch::channel(None);
        let (tell_news, news) = watch::channel(None);
        let tell = Channels {
            all: tell_all,
            news: tell_news,
        };
        // Of nobody's request, since it may outlive all that wait for it now.
        let span = tracing::info_span!(
            parent: None,
            "execution",
            user = viewer.user_id.0,
            operation = prepared.chosen.as_deref().map(|name| name.get(..100).unwrap_or(name)),
            fields = prepared.label.as_deref(),
        );
        let mut request = service.request(prepared.clone(), viewer);
        request.data.insert(joiners.clone());
        let execution = execute(service.clone(), request, joiners.clone(), tell);
        Self {
            crowds: service.inner.crowds.clone(),
            joiners,
            told: Channels { all, news },
            execution: tokio::spawn(execution.instrument(span)).abort_handle(),
            key,
        }
    }

    fn is_over(&self) -> bool {
        self.told.all.has_changed().is_err()
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.execution.abort();
        let mut crowds = self.crowds.lock();
        // Another crowd may have taken the place already.
        if crowds
            .get(&self.key)
            .is_some_and(|it| it.strong_count() == 0)
        {
            crowds.remove(&self.key);
        }
    }
}

/// Executes until the first answer that is not [`Outcome::Executed`].
async fn execute(
    service: Service,
    request: async_graphql::Request,
    joiners: Joiners,
    tell: Channels<watch::Sender<Latest>>,
) {
    // What the stream says nothing of, such as a refusal before it began, is for those who came
    // before that.
    let unsaid = Shown {
        for_tickets: joiners.last(),
        is_news: true,
    };
    let mut responses = service.responses(request);
    let (mut for_tickets, mut news) = (0, 0);
    while let Some(response) = responses.next().await {
        let answer = service.answer(response).for_many();
        let shown = joiners.take_shown().unwrap_or(unsaid);
        for_tickets = shown.for_tickets.max(for_tickets);
        news += u64::from(shown.is_news);
        let goes_on = answer.outcome() == Outcome::Executed;
        let told = Some(Told {
            answer,
            for_tickets,
            news,
        });
        if shown.is_news {
            tell.news.send_replace(told.clone());
        }
        tell.all.send_replace(told);
        if !goes_on {
            return;
        }
    }
}

/// One who listens.
pub(super) struct Listener {
    told: watch::Receiver<Latest>,
    /// Of whoever began the execution: 0, so that its first answer is recent enough.
    ticket: u64,
    /// The news that they have; `None`: none at all.
    seen: Option<u64>,
    crowd: Arc<Crowd>,
}

impl Listener {
    fn new(crowd: Arc<Crowd>, ticket: u64) -> Self {
        Self {
            told: crowd.told.all.clone(),
            ticket,
            seen: None,
            crowd,
        }
    }

    /// Whether the execution ended before it had anything to say to one who came late.
    pub(super) fn came_too_late(&self) -> bool {
        self.ticket > 0 && self.seen.is_none()
    }

    /// The latest answer once there is one that they have not seen; `None` after the last.
    pub(super) async fn next(&mut self) -> Option<Answer> {
        loop {
            self.told.changed().await.ok()?;
            let is_wanted = |told: &Told| match self.seen {
                Some(seen) => told.news > seen,
                None => told.for_tickets >= self.ticket,
            };
            let told = self.told.borrow_and_update().clone();
            if let Some(told) = told.filter(is_wanted) {
                if self.seen.replace(told.news).is_none() {
                    self.told = self.crowd.told.news.clone();
                }
                return Some(told.answer);
            }
        }
    }
}

impl Service {
    /// Lets a viewer listen to the execution of what they ask, which begins if there is none.
    pub(super) fn join(&self, prepared: &Prepared, viewer: &Viewer) -> Listener {
        let key = Arc::new(Key::of(prepared, viewer));
        // What leaves the list may be the last of its kind, and takes the lock as it is dropped.
        let mut ended = None;
        let mut listed = self.inner.crowds.lock();
        if let Some(found) = listed.get(&key).and_then(Weak::upgrade) {
            if !found.is_over() {
                let ticket = found.joiners.join();
                drop(listed);
                return Listener::new(found, ticket);
            }
            ended = Some(found);
        }
        let crowd = Arc::new(Crowd::begin(self, Arc::clone(&key), prepared));
        listed.insert(key, Arc::downgrade(&crowd));
        drop(listed);
        drop(ended);
        Listener::new(crowd, 0)
    }
}

impl Crowds {
    #[cfg(test)]
    pub(in crate::graphql::service) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<Key>, Weak<Crowd>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
