//! The seam between the generated operations and whoever carries their requests.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use progenitor_client::{ClientHooks, ClientInfo, Error, OperationInfo};

use crate::Client;

/// Carries the requests of a [`Client`]: adds credentials, waits, retries, whatever a call needs.
///
/// A trait object, so that another crate can decide what happens to requests of a client whose type lives here.
pub trait Transport: Debug + Send + Sync {
    /// Sends `request` with `http` and gives the answer, whatever its status.
    ///
    /// `operation` is the name of the method of [`Client`] that made the request; [`Operation::of`](crate::Operation::of)
    /// tells more of it.
    ///
    /// A transport that ends a call for reasons of its own has no `reqwest::Error` to give, since nobody but reqwest can
    /// make one. It gives a response whose extensions hold an [`Ended`].
    fn execute<'a>(
        &'a self,
        http: &'a reqwest::Client,
        request: reqwest::Request,
        operation: &'static str,
    ) -> Pin<Box<dyn Future<Output = reqwest::Result<reqwest::Response>> + Send + 'a>>;
}

/// Why a transport ended a call without an answer, in words. In the extensions of a response, it becomes
/// [`Error::Custom`](crate::Error::Custom), and nothing of the response is looked at.
#[derive(Clone, Debug)]
pub struct Ended(pub String);

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn execute<'a>(
        &'a self,
        http: &'a reqwest::Client,
        request: reqwest::Request,
        operation: &'static str,
    ) -> Pin<Box<dyn Future<Output = reqwest::Result<reqwest::Response>> + Send + 'a>> {
        (**self).execute(http, request, operation)
    }
}

/// What every [`Client`] is made with: the transport its requests pass.
#[derive(Clone, Debug)]
pub struct Seam(Arc<dyn Transport>);

impl Seam {
    /// A seam over a transport.
    pub fn new(transport: impl Transport + 'static) -> Self {
        Self(Arc::new(transport))
    }
}

impl ClientHooks<Seam> for Client {
    async fn exec(&self, request: reqwest::Request, info: &OperationInfo) -> reqwest::Result<reqwest::Response> {
        let Seam(transport) = self.inner();
        transport.execute(self.client(), request, info.operation_id).await
    }

    async fn post<E>(
        &self,
        result: &reqwest::Result<reqwest::Response>,
        _info: &OperationInfo,
    ) -> Result<(), Error<E>> {
        match result.as_ref().ok().and_then(|response| response.extensions().get::<Ended>()) {
            Some(Ended(reason)) => Err(Error::Custom(reason.clone())),
            None => Ok(()),
        }
    }
}
