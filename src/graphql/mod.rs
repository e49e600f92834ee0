//! The API: the only place that knows async-graphql.
//!
//! `types` are newtypes over what the store returns, `query`, `mutations` and `subscriptions` are the
//! roots, `loaders` batch what they read. Rules are not here: what users do to structures is in
//! `structures`, the rest behind the traits of `api`. Nor are limits of depth and cost: they are in
//! the service that executes operations.

pub mod api;
mod batch;
mod connection;
mod context;
mod cursor;
mod date_time;
mod error;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod hidden;
mod ids;
mod loaders;
mod mutations;
mod opaque;
mod query;
mod quick;
pub mod service;
mod subscriptions;
#[cfg(test)]
mod tests;
mod types;

pub use api::Api;
pub use context::provide;
pub use hidden::Synchronizers;
pub use mutations::Mutation;
pub use query::Query;
pub use subscriptions::{SHARED, Subscription};

use async_graphql::{SDLExportOptions, SchemaBuilder, ValidationMode};

/// The schema. Each operation needs what [`provide`] puts into its data.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// The schema, ready to execute operations. It resolves what it hides as well: to refuse that is up
/// to the service.
pub fn schema(api: Api) -> Schema {
    schema_in(api, ValidationMode::Strict)
}

/// The same for operations that [`schema`] has found valid.
pub fn trusting_schema(api: Api) -> Schema {
    schema_in(api, ValidationMode::Fast)
}

fn schema_in(api: Api, validation: ValidationMode) -> Schema {
    let builder = match Synchronizers::shown_if(api.info.synchronizers_enabled) {
        Synchronizers::Shown => build(),
        Synchronizers::Hidden => hidden::conceal(build()),
    };
    builder.data(api).validation_mode(validation).finish()
}

/// The schema in the schema definition language.
pub fn sdl(synchronizers: Synchronizers) -> String {
    let builder = match synchronizers {
        Synchronizers::Shown => build(),
        Synchronizers::Hidden => hidden::take_out(build()),
    };
    builder.finish().sdl_with_options(
        SDLExportOptions::new()
            .use_space_ident()
            .prefer_single_line_descriptions(),
    )
}

fn build() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query, Mutation::default(), Subscription)
}
