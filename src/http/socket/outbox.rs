//! The writing side of a connection: a short queue and the task that empties it.
//!
//! Answers wait in the queue, so that whoever produces them waits once it is full. What belongs to
//! the connection itself (acknowledgement, pongs, closing) has a queue of its own and goes first.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::extract::ws::{Message, WebSocket};
use futures_util::{SinkExt, stream::SplitSink};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use tracing::Instrument;

/// Says of an operation whether its client still wants to hear of it.
#[derive(Clone, Debug)]
pub(super) struct Wanted(Arc<AtomicBool>);

impl Wanted {
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }

    /// What is still queued will not be sent: its id may soon mean another operation.
    pub(super) fn revoke(&self) {
        self.0.store(false, Ordering::Release);
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn still(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Where messages to one client are put; cheap to clone.
#[derive(Clone)]
pub(super) struct Outbox {
    answers: mpsc::Sender<(Message, Wanted)>,
    control: mpsc::Sender<Message>,
}

/// The connection cannot be written any more.
#[derive(Debug)]
pub(super) struct Gone;

impl Outbox {
    /// Starts the writer, which ends when all outboxes are dropped, after a close message, or when
    /// the connection takes nothing for `patience`.
    pub(super) fn open(
        sink: SplitSink<WebSocket, Message>,
        queue: usize,
        patience: Duration,
    ) -> (Self, JoinHandle<()>) {
        let (answers, answers_queue) = mpsc::channel(queue.max(1));
        let (control, control_queue) = mpsc::channel(4);
        let writer = Writer {
            sink,
            answers: answers_queue,
            control: control_queue,
        };
        (
            Self { answers, control },
            tokio::spawn(writer.run(patience).in_current_span()),
        )
    }

    /// Queues a message of an operation, once there is room.
    pub(super) async fn answer(&self, message: Message, wanted: &Wanted) -> Result<(), Gone> {
        self.answers
            .send((message, wanted.clone()))
            .await
            .map_err(|_| Gone)
    }

    /// Queues a message of the connection itself, once there is room.
    pub(super) async fn control(&self, message: Message) -> Result<(), Gone> {
        self.control.send(message).await.map_err(|_| Gone)
    }

    /// Waits until the writer has ended.
    pub(super) async fn closed(&self) {
        self.control.closed().await;
    }
}

struct Writer {
    sink: SplitSink<WebSocket, Message>,
    answers: mpsc::Receiver<(Message, Wanted)>,
    control: mpsc::Receiver<Message>,
}

impl Writer {
    async fn run(mut self, patience: Duration) {
        while let Some(message) = self.take().await {
            match timeout(patience, self.send(message)).await {
                Ok(Ok(false)) => {}
                Ok(Ok(true)) => break,
                Ok(Err(error)) => {
                    tracing::debug!(%error, "a socket broke off");
                    break;
                }
                Err(_) => {
                    tracing::debug!(?patience, "a socket takes no messages and is dropped");
                    break;
                }
            }
        }
    }

    /// Writes a message with all that already waits behind it, then flushes once. Tells whether it
    /// was the last.
    async fn send(&mut self, message: Message) -> Result<bool, axum::Error> {
        let mut next = Some(message);
        while let Some(message) = next {
            let last = matches!(message, Message::Close(_));
            self.sink.feed(message).await?;
            if last {
                self.sink.flush().await?;
                return Ok(true);
            }
            next = self.try_take();
        }
        self.sink.flush().await?;
        Ok(false)
    }

    async fn take(&mut self) -> Option<Message> {
        loop {
            tokio::select! {
                biased;
                Some(message) = self.control.recv() => return Some(message),
                Some((message, wanted)) = self.answers.recv() => {
                    if wanted.still() {
                        return Some(message);
                    }
                }
                else => return None,
            }
        }
    }

    fn try_take(&mut self) -> Option<Message> {
        if let Ok(message) = self.control.try_recv() {
            return Some(message);
        }
        while let Ok((message, wanted)) = self.answers.try_recv() {
            if wanted.still() {
                return Some(message);
            }
        }
        None
    }
}
