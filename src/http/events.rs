//! `/graphql/stream`: GraphQL over server-sent events, in the mode of distinct connections.
//!
//! Each request is one operation of any kind; its answers come as `next` events, then a `complete`.
//! A subscription that has to end before its time says why in a last `next`: of itself, `complete`
//! tells a client that it has heard all.
//! Once the stream is open, request errors too are a `next`, since an `EventSource` cannot read the
//! body of a refusal. A slow reader is not read ahead for: the operation waits until the connection
//! takes more.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderName, header},
    response::{IntoResponse, Response},
};
use futures_util::{Stream, StreamExt, stream};
use tokio::time::{sleep, timeout};
use tracing::Instrument;

use super::{HttpState, auth, auth::Session, endpoint, negotiate, refusal::Refusal};
use crate::{
    domain::Denial,
    graphql::service::{Answer, OperationKind, Prepared, code},
};

/// Answers GET: the operation is in the URL.
pub(super) async fn get(State(state): State<Arc<HttpState>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    respond(state, Request::from_parts(parts, Body::empty()))
        .await
        .into_response()
}

/// Answers POST: the operation is in the body.
pub(super) async fn post(State(state): State<Arc<HttpState>>, request: Request) -> Response {
    respond(state, request).await.into_response()
}

async fn respond(state: Arc<HttpState>, request: Request) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let session = auth::session(&state, &parts).await?;
    negotiate::accepts_events(&parts.headers)?;
    let requested = endpoint::read(&parts, body, &state.config).await?;
    let operation = requested.single()?;
    state.gate.ask(&session.viewer, 1)?;
    let prepared = state.service.prepare(operation);
    if let Ok(prepared) = &prepared {
        endpoint::check_method(&parts.method, prepared)?;
    }
    let counted = match &prepared {
        Ok(prepared) if prepared.kind() == OperationKind::Subscription => {
            Some(state.gate.subscribe(&session.viewer)?)
        }
        _ => None,
    };
    let open = state.metrics.stream();
    let events = answers(state.clone(), prepared, session)
        .map(move |answer| {
            // The subscription is one as long as its answers are.
            let _counted = (&counted, &open);
            next(&answer)
        })
        .chain(stream::iter([COMPLETE]));
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        // Keeps reverse proxies from holding events back.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    let body = Body::from_stream(kept_alive(events, state.config.ping_interval));
    Ok((headers, body).into_response())
}

fn answers(
    state: Arc<HttpState>,
    prepared: Result<Prepared, Answer>,
    session: Session,
) -> impl Stream<Item = Answer> + Send {
    match prepared {
        Err(answer) => stream::iter([answer]).left_stream(),
        Ok(prepared) => match prepared.kind() {
            OperationKind::Subscription => {
                let answers = state.service.subscribe(prepared, &session.viewer);
                ended_by(answers, state, session)
                    .left_stream()
                    .right_stream()
            }
            OperationKind::Query | OperationKind::Mutation => {
                stream::once(once(state, prepared, session).in_current_span())
                    .right_stream()
                    .right_stream()
            }
        },
    }
}

async fn once(state: Arc<HttpState>, prepared: Prepared, session: Session) -> Answer {
    let _running = match state.gate.run() {
        Ok(running) => running,
        Err(refusal) => return refusal.answer(),
    };
    let execute = state.service.execute(prepared, &session.viewer);
    match timeout(state.config.request_timeout, execute).await {
        Ok(answer) => answer,
        Err(_) => Answer::refusal(code::TIMEOUT, &endpoint::overdue_message(&state.config)),
    }
}

/// The answers until something else ends them, which has the last word. What a token no longer lets
/// in has lost its rights as well, so that the answers fail or end in the same moment: then the token
/// is what the client is to hear of.
fn ended_by(
    answers: impl Stream<Item = Answer> + Send,
    state: Arc<HttpState>,
    session: Session,
) -> impl Stream<Item = Answer> + Send {
    let end = end(state.clone(), session.clone());
    let running = Some((Box::pin(answers), Box::pin(end)));
    stream::unfold(
        (running, state, session),
        |(running, state, session)| async move {
            let (mut answers, mut end) = running?;
            let answer = tokio::select! {
                biased;
                refusal = &mut end => return Some((refusal.answer(), (None, state, session))),
                answer = answers.next() => answer,
            };
            if answer.as_ref().is_none_or(|it| it.error_count() > 0)
                && let Err(denial) = session.renew(&*state.authenticator).await
            {
                let refusal = auth::denied(denial);
                return Some((refusal.answer(), (None, state, session)));
            }
            answer.map(|answer| (answer, (Some((answers, end)), state, session)))
        },
    )
}

/// Why a subscription must end before its time: the server stops, or the token is no longer good.
async fn end(state: Arc<HttpState>, session: Session) -> Refusal {
    let mut guard = state.shutdown.guard();
    tokio::select! {
        () = guard.begun() => {
            Refusal::unavailable("The server is shutting down: subscribe again in a moment.")
        }
        denial = denied(&state, session) => auth::denied(denial),
    }
}

async fn denied(state: &HttpState, mut session: Session) -> Denial {
    // Whoever listens before looking misses nothing in between.
    let mut changes = state.authenticator.changes();
    loop {
        session = match session.renew(&*state.authenticator).await {
            Ok(session) => session,
            Err(denial) => return denial,
        };
        tokio::select! {
            () = auth::changed(&mut changes) => {}
            () = session.overdue() => {}
            // The authenticator may not know of all that ends a token.
            () = sleep(state.config.ping_interval) => {}
        }
    }
}

/// The data is empty, but there, or an `EventSource` would not dispatch the event.
const COMPLETE: Bytes = Bytes::from_static(b"event: complete\ndata:\n\n");
const COMMENT: Bytes = Bytes::from_static(b":\n\n");

/// An answer as an event; it is JSON, so it stands on one line.
fn next(answer: &Answer) -> Bytes {
    [b"event: next\ndata: ", &answer.body()[..], b"\n\n"]
        .concat()
        .into()
}

/// Puts a comment into each pause, so that proxies keep the connection and its loss is noticed.
fn kept_alive(
    events: impl Stream<Item = Bytes> + Send + 'static,
    pause: Duration,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    stream::unfold(events.boxed(), move |mut events| async move {
        let event = timeout(pause, events.next())
            .await
            .unwrap_or(Some(COMMENT))?;
        Some((Ok(event), events))
    })
}
