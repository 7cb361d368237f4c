//! The end of a scope: what it owns is deleted or kept, and its result is that of the work, unless something is left.

use std::panic::resume_unwind;

use super::cleanup::Cleanup;
use super::owned::DeleteOnDrop;
use super::scope_error::{Left, ScopeError, ScopeFailure};
use crate::Instance;

/// The result of the work; on the outside, whether it panicked.
pub(super) type WorkResult<R, E> = std::thread::Result<Result<R, ScopeFailure<E>>>;

/// Deletes what the scope owns, or keeps it, and returns the result of the scope. A panic continues; what it leaves is logged.
pub(super) async fn conclude<R, E>(
    guard: DeleteOnDrop,
    outcome: WorkResult<R, E>,
    instance: Option<Instance>,
    keep_on_error: bool,
) -> Result<R, ScopeError<E>> {
    let cleanup = guard.owned().core.shared::<Cleanup>();
    let is_error = !matches!(outcome, Ok(Ok(_) | Err(ScopeFailure::Stopped)));
    let left = if keep_on_error && is_error {
        let (kept, orphans) = guard.keep().await;
        Left { kept, orphans }
    } else {
        Left::orphans(guard.delete().await)
    };
    match outcome {
        Ok(Ok(value)) if left.is_nothing() => Ok(value),
        Ok(outcome) => Err(ScopeError::new(outcome.err(), instance, left)),
        Err(panic) => {
            report(&cleanup, left);
            resume_unwind(panic)
        }
    }
}

/// Logs what is left by a panic, and keeps what is orphaned for [`Client::wait_for_cleanup`](crate::Client::wait_for_cleanup).
fn report(cleanup: &Cleanup, left: Left) {
    let Left { kept, orphans } = left;
    let kept = Left { kept, orphans: vec![] };
    kept.texts().for_each(|text| tracing::error!("{text}"));
    orphans.into_iter().for_each(|orphan| cleanup.report(orphan));
}
