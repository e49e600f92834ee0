//! `/graphql`: GraphQL over HTTP, one response to each request.
//!
//! Queries come by GET or POST, mutations by POST only. Subscriptions need a stream: the same path
//! speaks WebSocket when asked to upgrade. A JSON array of operations is a batch, which has to be
//! switched on; its operations run one after the other and are answered by an array.

use std::{collections::HashMap, sync::Arc};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{
        DefaultBodyLimit, FromRequest, FromRequestParts, Query, Request, State, WebSocketUpgrade,
    },
    http::{HeaderMap, Method, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::{
    HttpConfig, HttpState, auth,
    auth::Session,
    gate::Peer,
    negotiate,
    negotiate::MediaType,
    refusal::{Refusal, json},
    request_id::RequestId,
    socket,
};
use crate::graphql::service::{
    Answer, Operation, OperationKind, Outcome, Prepared, Requested, code,
};

/// Answers GET: a WebSocket if the client wants to upgrade, else a query in the URL.
pub(super) async fn get(State(state): State<Arc<HttpState>>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    if wants_upgrade(&parts.headers) {
        return upgrade(&state, &mut parts).await;
    }
    answer(&state, parts, Body::empty()).await.into_response()
}

/// Answers POST.
pub(super) async fn post(State(state): State<Arc<HttpState>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    answer(&state, parts, body).await.into_response()
}

/// Answers the path that speaks WebSocket only.
pub(super) async fn socket(State(state): State<Arc<HttpState>>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    upgrade(&state, &mut parts).await
}

/// Answers every other method.
pub(super) async fn other_method() -> Refusal {
    Refusal::method("Expected the method GET or POST.", "GET, HEAD, POST")
}

async fn answer(state: &HttpState, parts: Parts, body: Body) -> Result<Response, Refusal> {
    let session = auth::session(state, &parts).await?;
    let media = negotiate::response_media(&parts.headers)?;
    let execute = async {
        let requested = read(&parts, body, &state.config).await?;
        execute(state, &parts.method, &session, media, requested).await
    };
    execute.await.map_err(|refusal| refusal.in_media(media))
}

/// Executes what was asked for, the operations of a batch one after the other.
async fn execute(
    state: &HttpState,
    method: &Method,
    session: &Session,
    media: MediaType,
    requested: Requested,
) -> Result<Response, Refusal> {
    let (service, viewer) = (&state.service, &session.viewer);
    let Requested {
        operations,
        is_batch,
    } = requested;
    state.gate.ask(viewer, operations.len())?;
    let prepared: Vec<_> = operations
        .into_iter()
        .map(|it| service.prepare(it))
        .collect();
    for prepared in prepared.iter().flatten() {
        check_method(method, prepared)?;
        refuse_subscription(prepared)?;
    }
    if let Err(answer) = service.check_together(prepared.iter().flatten()) {
        return Ok(single(media, &answer));
    }
    let _running = state.gate.run()?;
    let execute_all = async {
        let mut answers = Vec::with_capacity(prepared.len());
        for prepared in prepared {
            answers.push(match prepared {
                Ok(prepared) => service.execute(prepared, viewer).await,
                Err(answer) => answer,
            });
        }
        answers
    };
    let answers = timeout(state.config.request_timeout, execute_all)
        .await
        .map_err(|_| overdue(&state.config))?;
    Ok(match answers.as_slice() {
        [answer] if !is_batch => single(media, answer),
        answers => json(StatusCode::OK, media, Answer::array(answers)),
    })
}

fn single(media: MediaType, answer: &Answer) -> Response {
    let status = match (answer.outcome(), media) {
        (Outcome::Failed, _) => StatusCode::INTERNAL_SERVER_ERROR,
        (Outcome::Refused, MediaType::GraphqlResponse) => StatusCode::BAD_REQUEST,
        (Outcome::Refused | Outcome::Executed, _) => StatusCode::OK,
    };
    json(status, media, answer.body().clone())
}

/// What a request asks for, in its URL or its body.
pub(super) async fn read(
    parts: &Parts,
    body: Body,
    config: &HttpConfig,
) -> Result<Requested, Refusal> {
    let requested = if parts.method == Method::POST {
        from_body(parts, body, config).await?
    } else {
        from_url(&parts.uri)?.into()
    };
    Ok(match parts.extensions.get::<RequestId>() {
        Some(id) => requested.with_request_id(&id.0),
        None => requested,
    })
}

async fn from_body(parts: &Parts, body: Body, config: &HttpConfig) -> Result<Requested, Refusal> {
    negotiate::requires_json(&parts.headers)?;
    let too_large = || {
        Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            code::PAYLOAD_TOO_LARGE,
            format!("Expected a body of at most {} bytes.", config.body_limit),
        )
    };
    // A body that tells its length need not be read to know that it is too long.
    if body.size_hint().lower() > config.body_limit as u64 {
        return Err(too_large());
    }
    let mut request = Request::new(body);
    DefaultBodyLimit::max(config.body_limit).apply(&mut request);
    match timeout(config.request_timeout, Bytes::from_request(request, &())).await {
        Ok(Ok(text)) => Ok(Requested::from_text(&text, config.batch)?),
        Ok(Err(error)) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(too_large()),
        Ok(Err(_)) => Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            code::BAD_REQUEST,
            "The body broke off before its end.",
        )),
        Err(_) => Err(Refusal::new(
            StatusCode::REQUEST_TIMEOUT,
            code::TIMEOUT,
            format!(
                "Expected the whole body within {:?}.",
                config.request_timeout
            ),
        )),
    }
}

/// Refuses a mutation by GET, which a link or an image could cause.
pub(super) fn check_method(method: &Method, prepared: &Prepared) -> Result<(), Refusal> {
    if method != Method::POST && prepared.kind() == OperationKind::Mutation {
        return Err(Refusal::method("A mutation needs the method POST.", "POST"));
    }
    Ok(())
}

fn refuse_subscription(prepared: &Prepared) -> Result<(), Refusal> {
    if prepared.kind() != OperationKind::Subscription {
        return Ok(());
    }
    Err(Refusal::new(
        StatusCode::BAD_REQUEST,
        code::BAD_REQUEST,
        "A subscription needs a stream: use a WebSocket with the sub-protocol graphql-transport-ws \
         under /graphql/ws, or server-sent events under /graphql/stream.",
    ))
}

/// The answer to an operation that took too long.
pub(super) fn overdue(config: &HttpConfig) -> Refusal {
    Refusal::new(
        StatusCode::GATEWAY_TIMEOUT,
        code::TIMEOUT,
        overdue_message(config),
    )
}

pub(super) fn overdue_message(config: &HttpConfig) -> String {
    format!(
        "The operation took longer than {:?} and was stopped.",
        config.request_timeout
    )
}

/// In a URL, `variables` and `extensions` are JSON texts.
fn from_url(uri: &Uri) -> Result<Operation, Refusal> {
    let malformed =
        |message: String| Refusal::new(StatusCode::BAD_REQUEST, code::BAD_REQUEST, message);
    let Query(mut parameters) = Query::<HashMap<String, String>>::try_from_uri(uri)
        .map_err(|_| malformed("The query string of the URL cannot be decoded.".to_owned()))?;
    let mut request = Map::new();
    for name in ["query", "operationName", "variables", "extensions"] {
        let Some(text) = parameters.remove(name) else {
            continue;
        };
        let value = match name {
            "query" => Value::String(text),
            _ if text.is_empty() => continue,
            "operationName" => Value::String(text),
            _ => serde_json::from_str(&text)
                .map_err(|error| malformed(format!("\"{name}\" is not valid JSON: {error}.")))?,
        };
        request.insert(name.to_owned(), value);
    }
    Ok(Operation::from_json(Value::Object(request))?)
}

fn wants_upgrade(headers: &HeaderMap) -> bool {
    headers
        .get(header::UPGRADE)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

async fn upgrade(state: &Arc<HttpState>, parts: &mut Parts) -> Response {
    match WebSocketUpgrade::from_request_parts(parts, state).await {
        Ok(upgrade) => {
            let from = state.gate.client(parts);
            let peer = parts.extensions.remove::<Peer>();
            let request_id = parts.extensions.get::<RequestId>().cloned();
            socket::accept(Arc::clone(state), upgrade, from, peer, request_id)
        }
        Err(_) => Refusal::new(
            StatusCode::UPGRADE_REQUIRED,
            code::BAD_REQUEST,
            "Expected a WebSocket handshake, version 13, with the sub-protocol graphql-transport-ws.",
        )
        .with_header(header::UPGRADE, "websocket")
        .into_response(),
    }
}
