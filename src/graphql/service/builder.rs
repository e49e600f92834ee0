//! How a service is made from a schema of any type.

use std::sync::Arc;

use async_graphql::{Data, Executor, Request, Response};
use futures_util::{FutureExt, future::BoxFuture, stream::BoxStream};

use super::{
    Inner, Limits, Observer, Service, cache::Cache, hidden::Hidden, shared::Crowds, types::Types,
};
use crate::domain::Viewer;

/// Puts into a request's data what resolvers expect there.
pub(super) type Provide = dyn Fn(&Viewer, &mut Data) + Send + Sync;

/// Makes a [`Service`].
pub struct ServiceBuilder {
    executor: Box<dyn DynExecutor>,
    trusting: Option<Box<dyn DynExecutor>>,
    sdl: String,
    limits: Limits,
    provide: Box<Provide>,
    observer: Option<Arc<dyn Observer>>,
    hidden: Option<(String, String)>,
    shared: &'static [&'static str],
}

/// The definition of the schema cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the definition of the schema cannot be read: {0}")]
pub struct InvalidSdl(#[from] async_graphql::parser::Error);

impl Service {
    /// Begins to wrap a schema; `sdl` is its definition, from which variables are checked. Unless
    /// told otherwise, resolvers find a [`Viewer`] in the data of their context, and nothing else.
    #[must_use]
    pub fn builder(schema: impl Executor, sdl: impl Into<String>) -> ServiceBuilder {
        ServiceBuilder {
            executor: Box::new(schema),
            trusting: None,
            sdl: sdl.into(),
            limits: Limits::default(),
            provide: Box::new(|viewer, data| data.insert(viewer.clone())),
            observer: None,
            hidden: None,
            shared: &[],
        }
    }
}

impl ServiceBuilder {
    /// Executes with another schema what the first one has found valid: one that is the same, and
    /// leaves out what validation need not do twice.
    #[must_use]
    pub fn trusting(self, schema: impl Executor) -> Self {
        Self {
            trusting: Some(Box::new(schema)),
            ..self
        }
    }

    /// Sets the limits of an operation.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Replaces what is put into the data of each request, such as loaders that live as long as it.
    #[must_use]
    pub fn providing(self, provide: impl Fn(&Viewer, &mut Data) + Send + Sync + 'static) -> Self {
        Self {
            provide: Box::new(provide),
            ..self
        }
    }

    /// Tells an observer about each operation that ran.
    #[must_use]
    pub fn observed_by(self, observer: Arc<dyn Observer>) -> Self {
        Self {
            observer: Some(observer),
            ..self
        }
    }

    /// Shows only what the definition `shown` has; a request for anything else of the schema is
    /// refused, for the given reason.
    #[must_use]
    pub fn showing_only(self, shown: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            hidden: Some((shown.into(), reason.into())),
            ..self
        }
    }

    /// Names fields of the type `Subscription` of which the latest answer is all that counts: what
    /// several ask of them in the same words is executed once. Their streams have to heed the
    /// `Joiners` in the data of their context.
    #[must_use]
    pub fn sharing(self, shared: &'static [&'static str]) -> Self {
        Self { shared, ..self }
    }

    /// Makes the service.
    pub fn build(self) -> Result<Service, InvalidSdl> {
        let hidden = match self.hidden {
            Some((shown, reason)) => Some(Hidden::new(Types::from_sdl(&shown)?, reason)),
            None => None,
        };
        let inner = Inner {
            types: Types::from_sdl(&self.sdl)?,
            documents: Cache::new(self.limits.cache_bytes),
            executor: self.executor,
            trusting: self.trusting,
            limits: self.limits,
            provide: self.provide,
            observer: self.observer,
            hidden,
            shared: self.shared,
            crowds: Crowds::default(),
        };
        Ok(Service {
            inner: Arc::new(inner),
        })
    }
}

/// [`Executor`] without its type, so that transports are compiled once and not for each schema.
pub(super) trait DynExecutor: Send + Sync {
    fn execute(&self, request: Request) -> BoxFuture<'_, Response>;
    fn execute_stream(&self, request: Request) -> BoxStream<'static, Response>;
}

impl<E: Executor> DynExecutor for E {
    fn execute(&self, request: Request) -> BoxFuture<'_, Response> {
        Executor::execute(self, request).boxed()
    }

    fn execute_stream(&self, request: Request) -> BoxStream<'static, Response> {
        Executor::execute_stream(self, request, None)
    }
}
