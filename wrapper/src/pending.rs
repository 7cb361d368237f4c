//! A call that is yet to be made, as a future.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::future::BoxFuture;

use crate::Result;

/// A call: a future that owns all it needs, so it can be spawned, stored, and joined with others. Nothing is sent before
/// it is polled. Dropped before it is done, it is given up: what it has sent by then may be processed all the same, and
/// nobody will say so; [`Client::with_deadline`](crate::Client::with_deadline) ends a call in time and does say. Left
/// unpolled, it keeps other calls no longer than if it had used its turn, but its own time goes on.
///
/// ```
/// # async fn example(client: genesiscloud::Client, ids: Vec<String>) -> genesiscloud::Result<()> {
/// use futures::future::try_join_all;
///
/// let instances = try_join_all(ids.iter().map(|id| client.instances().get(id))).await?;
/// # Ok(()) }
/// ```
#[must_use = "a call does nothing until it is awaited"]
pub struct Pending<T>(BoxFuture<'static, Result<T>>);

impl<T> Pending<T> {
    pub(crate) fn new(call: impl Future<Output = Result<T>> + Send + 'static) -> Self {
        Self(Box::pin(call))
    }
}

impl<T> Future for Pending<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl<T> fmt::Debug for Pending<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_goes_anywhere() {
        fn goes_anywhere<T: Future + Send + Unpin + 'static>() {}
        goes_anywhere::<Pending<crate::Instance>>();
        assert_eq!(format!("{:?}", Pending::new(async { Ok(()) })), "Pending { .. }");
    }
}
