//! Documents that were found valid are not validated again.

use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};
use serde_json::{Value, json};

use super::run_once;
use crate::graphql::service::{Outcome, Service};

/// Tells which of two schemas executes.
struct Executor(&'static str);

#[Object]
impl Executor {
    async fn name(&self, length: Option<usize>) -> &str {
        &self.0[..length.unwrap_or(self.0.len())]
    }
}

fn service() -> Service {
    let schema = |name| Schema::new(Executor(name), EmptyMutation, EmptySubscription);
    let sdl = schema("strict").sdl();
    let service = Service::builder(schema("strict"), sdl).trusting(schema("trusting"));
    service.build().unwrap()
}

/// Who executed a document, with the values of its variables.
async fn executor(service: &Service, query: &str, variables: Value) -> Option<String> {
    let (outcome, body) = run_once(service, query, variables).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    let name = body["data"]["name"].as_str().map(str::to_owned);
    assert_eq!(name.is_some(), outcome == Outcome::Executed);
    name
}

#[tokio::test]
async fn a_valid_document_is_trusted_with_the_variables_that_were_given_then() {
    let (service, query) = (service(), "query Q($length: Int) { name(length: $length) }");
    for (variables, expected) in [
        (json!({ "length": 6 }), "strict"),
        (json!({ "length": 5 }), "trust"),
        (json!({ "length": 5, "other": 1 }), "trust"),
        (json!({ "length": null }), "strict"),
        (json!({}), "strict"),
        (json!({ "length": 8 }), "trusting"),
    ] {
        let name = executor(&service, query, variables).await;
        assert_eq!(name.as_deref(), Some(expected));
    }
    assert_eq!(
        executor(&service, query, json!({ "length": "5" })).await,
        None
    );
}

#[tokio::test]
async fn neither_what_was_refused_nor_one_of_several_operations_is_trusted() {
    let service = service();
    for _ in 0..2 {
        assert_eq!(
            executor(&service, "{ name { nope } }", json!(null)).await,
            None
        );
        let several = json!({ "query": "query A { name } query B { name }", "operationName": "A" });
        let operation = crate::graphql::service::Operation::from_json(several).unwrap();
        let prepared = service.prepare(operation).unwrap();
        let answer = service.execute(prepared, &super::viewer()).await;
        assert_eq!(answer.body(), r#"{"data":{"name":"strict"}}"#);
    }
}
