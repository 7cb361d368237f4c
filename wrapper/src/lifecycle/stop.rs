//! The future that stops a scope.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::BoxFuture;

/// Resolves when the scope is to stop, and stays resolved.
pub(super) struct Stop(Option<BoxFuture<'static, ()>>);

impl Stop {
    pub(super) fn never() -> Self {
        Self::when(std::future::pending())
    }

    pub(super) fn when(stop: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Some(stop.boxed()))
    }
}

impl Future for Stop {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if let Some(stop) = &mut self.0 {
            std::task::ready!(stop.poll_unpin(context));
            self.0 = None;
        }
        Poll::Ready(())
    }
}
