//! Calling a call off, for as long as nothing of it was sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// What every attempt has to pass. Open until it is closed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gate(Arc<AtomicU8>);

const SENT: u8 = 1;
const CLOSED: u8 = 2;

impl Gate {
    /// Whether an attempt may be made. If so, something was sent from now on.
    pub(super) fn pass(&self) -> bool {
        let pass = |state| (state & CLOSED == 0).then_some(state | SENT);
        self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, pass).is_ok()
    }

    /// Lets no further attempt pass; and tells whether none has.
    pub(crate) fn close(&self) -> bool {
        self.0.fetch_or(CLOSED, Ordering::AcqRel) & SENT == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_closes_it_learns_whether_anything_passed() {
        let gate = Gate::default();
        assert!(gate.close() && !gate.pass() && gate.close());
        let gate = Gate::default();
        assert!(gate.pass() && gate.pass());
        assert!(!gate.close() && !gate.pass() && !gate.close());
    }
}
