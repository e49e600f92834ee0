//! One WebSocket from its first message to its close.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::ws::{Message, WebSocket},
    http::StatusCode,
};
use futures_util::{StreamExt, stream::SplitStream};
use serde_json::{Map, Value};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval_at, sleep, sleep_until, timeout},
};
use tracing::Instrument;

use super::{
    PROTOCOL,
    message::{self, Close, Incoming},
    operations::{Operations, Task},
    outbox::{Gone, Outbox, Wanted},
};
use crate::{
    domain::Denial,
    graphql::service::{Operation, code},
    http::{
        HttpState,
        auth::{self, Session, payload_token},
        refusal::Refusal,
        request_id::RequestId,
        shutdown::Guard,
    },
};

/// Time for the client to answer a close, so that what it still sends does not reset the connection
/// before it has read why.
const CLOSING: Duration = Duration::from_secs(2);

/// The code with which a connection is closed for want of a good token.
const FORBIDDEN: u16 = 4403;

/// Serves a connection until it ends.
pub(super) async fn serve(
    socket: WebSocket,
    state: Arc<HttpState>,
    from: Option<IpAddr>,
    request_id: Option<RequestId>,
    mut guard: Guard,
) {
    let _open = state.metrics.socket();
    let began = Instant::now();
    let speaks = socket
        .protocol()
        .is_some_and(|it| it.as_bytes() == PROTOCOL.as_bytes());
    let (sink, mut incoming) = socket.split();
    let config = &state.config;
    let (outbox, writer) = Outbox::open(sink, config.socket_queue, config.send_timeout);
    let close = if speaks {
        let slots = Arc::new(Semaphore::new(config.operations_per_socket));
        let mut connection = Connection {
            state,
            from,
            request_id,
            subscribed: 0,
            outbox: outbox.clone(),
            session: None,
            initialised: false,
            operations: Operations::default(),
            tasks: JoinSet::new(),
            slots,
            used: Instant::now(),
        };
        connection.run(&mut incoming, &mut guard).await
    } else {
        End::Close(Close::new(
            4406,
            "Subprotocol not acceptable; expected graphql-transport-ws",
        ))
    };
    let code = match &close {
        End::Close(close) => Some(close.code),
        End::Gone => None,
    };
    tracing::debug!(code, duration = ?began.elapsed(), "socket ended");
    if let End::Close(close) = close {
        // An error says that the client has gone, which is what is wanted.
        let _ = outbox.control(close.into()).await;
    }
    drop(outbox);
    let _ = writer.await;
    let _ = timeout(CLOSING, async {
        while let Some(Ok(_)) = incoming.next().await {}
    })
    .await;
}

/// How a connection ends.
enum End {
    /// By the server, which says why.
    Close(Close),
    /// By the client, or by the network.
    Gone,
}

impl From<Gone> for End {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl From<Close> for End {
    fn from(close: Close) -> Self {
        Self::Close(close)
    }
}

struct Connection {
    state: Arc<HttpState>,
    from: Option<IpAddr>,
    request_id: Option<RequestId>,
    /// Operations so far.
    subscribed: u64,
    outbox: Outbox,
    session: Option<Session>,
    initialised: bool,
    operations: Operations,
    tasks: JoinSet<()>,
    slots: Arc<Semaphore>,
    /// When an operation began or ended last.
    used: Instant,
}

impl Connection {
    async fn run(&mut self, incoming: &mut SplitStream<WebSocket>, guard: &mut Guard) -> End {
        let config = Arc::clone(&self.state.config);
        let mut init_deadline = Box::pin(sleep(config.init_timeout));
        let mut ping = interval_at(Instant::now() + config.ping_interval, config.ping_interval);
        // Ticks that were missed must not follow each other, or a client had no time to answer.
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = true;
        let mut changes = self.state.authenticator.changes();
        loop {
            let step = tokio::select! {
                () = guard.begun() => {
                    self.complete_all().await;
                    Err(Close::new(1001, "The server is shutting down").into())
                }
                () = self.outbox.closed() => Err(End::Gone),
                () = &mut init_deadline, if !self.initialised => {
                    Err(Close::new(4408, "Connection initialisation timeout").into())
                }
                _ = ping.tick() => {
                    let alive = std::mem::take(&mut heard);
                    if alive { self.ping().await } else { Err(End::Gone) }
                }
                () = auth::changed(&mut changes), if self.session.is_some() => self.renew().await,
                () = overdue(self.session.as_ref()) => self.renew().await,
                // Nobody needs a connection on which nothing has run for long, however alive.
                () = sleep_until(self.used + config.idle_timeout), if self.tasks.is_empty() => {
                    Err(Close::new(1000, "Idle: no operation ran for long").into())
                }
                Some(_) = self.tasks.join_next() => {
                    self.used = Instant::now();
                    Ok(())
                }
                message = incoming.next() => {
                    heard = true;
                    self.read(message).await
                }
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    /// Asks for a sign of life, and whether the token is still good: the authenticator may not tell
    /// of all that ends.
    async fn ping(&mut self) -> Result<(), End> {
        self.outbox.control(Message::Ping(Bytes::new())).await?;
        self.renew().await
    }

    /// Closes unless the token is still good; who shows it may have another role by now.
    async fn renew(&mut self) -> Result<(), End> {
        if let Some(session) = self.session.take() {
            let renewed = session.renew(&*self.state.authenticator).await;
            self.session = Some(renewed.map_err(forbidden)?);
        }
        Ok(())
    }

    async fn read(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Binary(_))) => {
                return Err(Close::new(4400, "Expected text messages, not binary ones").into());
            }
            Some(Ok(Message::Close(_))) | None => return Err(End::Gone),
            Some(Err(error)) => {
                tracing::debug!(%error, "a socket cannot be read");
                return Err(Close::new(1009, "The message is too large or broken").into());
            }
        };
        match Incoming::parse(&text)? {
            Incoming::Init(payload) => self.init(&payload).await,
            Incoming::Ping => Ok(self.outbox.control(message::pong()).await?),
            Incoming::Pong => Ok(()),
            Incoming::Subscribe { id, operation } => self.subscribe(id, operation).await,
            Incoming::Complete { id } => {
                self.operations.cancel(&id);
                Ok(())
            }
        }
    }

    async fn init(&mut self, payload: &Map<String, Value>) -> Result<(), End> {
        if std::mem::replace(&mut self.initialised, true) {
            return Err(Close::new(4429, "Too many initialisation requests").into());
        }
        let Some(token) = payload_token(payload) else {
            let reason = "Forbidden: expected a token in the payload of connection_init";
            return Err(Close::new(FORBIDDEN, reason).into());
        };
        let gate = self.state.gate.clone();
        if let Err(refusal) = gate.may_try(self.from, token) {
            return Err(Close::new(4429, refusal.message()).into());
        }
        match Session::open(&*self.state.authenticator, token).await {
            Ok(found) => {
                if let Err(refusal) = gate.tried(self.from, token, found.is_ok()) {
                    return Err(Close::new(4429, refusal.message()).into());
                }
                self.session = Some(found.map_err(forbidden)?);
                Ok(self.outbox.control(message::ack()).await?)
            }
            Err(error) => {
                tracing::error!(error, "tokens cannot be checked");
                Err(Close::new(1013, "Tokens cannot be checked just now; try again later").into())
            }
        }
    }

    async fn subscribe(&mut self, id: String, operation: Operation) -> Result<(), End> {
        let Some(session) = self.session.clone() else {
            return Err(Close::new(4401, "Unauthorized: expected connection_init first").into());
        };
        if self.operations.contains(&id) {
            return Err(Close::new(4409, &format!("Subscriber for {id} already exists")).into());
        }
        self.subscribed += 1;
        let operation = match &self.request_id {
            Some(request) => operation.with_request_id(request.nth(self.subscribed)),
            None => operation,
        };
        let wanted = Wanted::new();
        let slot = match self.make_room(&session) {
            Ok(slot) => slot,
            Err(refusal) => {
                let errors = refusal.answer().fatal_errors().unwrap_or_default();
                let message = message::error(&id, &errors);
                return Ok(self.outbox.answer(message, &wanted).await?);
            }
        };
        self.used = Instant::now();
        let task = Task {
            id: id.clone(),
            state: self.state.clone(),
            session,
            outbox: self.outbox.clone(),
            operations: self.operations.clone(),
            wanted: wanted.clone(),
        };
        let run = async move {
            // An error says that the client has gone; the reader learns that by itself.
            let _ = task.run(operation).await;
            drop(slot);
        };
        self.operations
            .start(id, wanted, &mut self.tasks, run.in_current_span());
        Ok(())
    }

    /// Counts one more operation, of the user and on the connection.
    fn make_room(&self, session: &Session) -> Result<OwnedSemaphorePermit, Refusal> {
        self.state.gate.ask(&session.viewer, 1)?;
        Arc::clone(&self.slots).try_acquire_owned().map_err(|_| {
            let limit = self.state.config.operations_per_socket;
            Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                code::TOO_MANY_OPERATIONS,
                format!("The connection already runs {limit} operations."),
            )
        })
    }

    /// Tells the client of each running operation that it ends.
    async fn complete_all(&mut self) {
        for id in self.operations.cancel_all() {
            if self.outbox.control(message::complete(&id)).await.is_err() {
                return;
            }
        }
    }
}

/// Resolves when the token of a session may have ended by itself.
async fn overdue(session: Option<&Session>) {
    match session {
        Some(session) => session.overdue().await,
        None => std::future::pending().await,
    }
}

fn forbidden(denial: Denial) -> Close {
    Close::new(FORBIDDEN, &format!("Forbidden: {denial}"))
}
