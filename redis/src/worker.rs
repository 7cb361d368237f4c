//! A thread with a runtime of its own. A connection belongs to the runtime that made it, and those of the program can end,
//! stand still or have a clock that is paused; sessions must be kept meanwhile.

use std::future::Future;
use std::io;
use std::thread::{self, JoinHandle};

/// A thread that does some work. Dropping it waits until the work has ended, which must have been asked to.
#[derive(Debug)]
pub(crate) struct Worker(Option<JoinHandle<()>>);

impl Worker {
    /// Starts the work, which is made on the thread since it need not be `Send`.
    pub(crate) fn start<F: Future<Output = ()>>(work: impl FnOnce() -> F + Send + 'static) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = thread::Builder::new().name("genesiscloud-redis".to_owned()).spawn(move || {
            runtime.block_on(work());
            // A host name that is being looked up is not waited for.
            runtime.shutdown_background();
        })?;
        Ok(Self(Some(thread)))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take() {
            // It has panicked if this fails, which was printed.
            let _ = thread.join();
        }
    }
}
