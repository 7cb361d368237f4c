//! How a thread blocks until a future has ended: it polls the future itself, and a thread of this crate drives the connections,
//! the timers and the tasks that the future depends on.
//!
//! The future stays on the caller's thread, so that it need not be `Send`, its closures run there, and a call within a call is
//! nothing special. Nothing here is refused within another runtime or executor: tokio's own `block_on`, and that of the
//! `futures` crate, would panic there. A runtime is never dropped, which panics within another one as well.

use std::cell::Cell;
use std::future::{Future, pending};
use std::io;
use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::task::unconstrained;

/// Blocks this thread until the future has ended.
pub(crate) fn block_on<F: Future<Output: Send> + Send>(future: F) -> F::Output {
    if has_thread_locals() {
        return block_on_this_thread(future);
    }
    // This thread is ending, and tokio panics on it: another one takes its place.
    let mut future = pin!(future);
    let outcome = thread::scope(|scope| {
        let work = || block_on_this_thread(future.as_mut());
        thread::Builder::new().spawn_scoped(scope, work).map(thread::ScopedJoinHandle::join)
    });
    match outcome {
        Ok(Ok(output)) => output,
        Ok(Err(panic)) => resume_unwind(panic),
        Err(_) => block_on_this_thread(future),
    }
}

/// Blocks this thread until the future has ended, also one that cannot be sent to another thread. Where no runtime can be had,
/// the future is polled outside of one, and ends with the error of that ([`failure`]).
pub(crate) fn block_on_this_thread<F: Future>(future: F) -> F::Output {
    let runtime = has_thread_locals().then(runtime).flatten();
    let _entered = runtime.as_ref().map(Handle::enter);
    // Within a task of another runtime, whose budget is used up after some polls, it would never be ready again.
    let mut future = pin!(unconstrained(future));
    let signal = Arc::new(Signal::default());
    let waker = Waker::from(Arc::clone(&signal));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        signal.wait();
    }
}

/// Why there is no runtime for blocking calls, if one could not be started.
pub(crate) fn failure() -> Option<String> {
    runtimes().failure.clone()
}

/// Whether this thread has those of tokio, which are destroyed when it ends: before the destructors of others.
fn has_thread_locals() -> bool {
    !Handle::try_current().is_err_and(|error| error.is_thread_local_destroyed())
}

/// Wakes the thread of one call. (What `std::thread::park` waits for is shared with all that uses it on the thread.)
#[derive(Default)]
struct Signal {
    is_woken: Mutex<bool>,
    woken: Condvar,
}

impl Signal {
    fn wait(&self) {
        let is_woken = self.is_woken.lock().unwrap_or_else(PoisonError::into_inner);
        let woken = self.woken.wait_while(is_woken, |is_woken| !*is_woken);
        *woken.unwrap_or_else(PoisonError::into_inner) = false;
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        *self.is_woken.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.woken.notify_one();
    }
}

/// The runtimes of this process, each driven by a thread of its own.
struct Runtimes {
    process: u32,
    /// The first is for the threads of the program. A blocking call on the thread of one, as in a token provider, is driven by
    /// the next: it would wait for itself.
    handles: Vec<Handle>,
    failure: Option<String>,
}

static RUNTIMES: Mutex<Runtimes> = Mutex::new(Runtimes::of_process(0));

thread_local! {
    /// Which of the runtimes is for this thread. It has no destructor, and can be read always.
    static LEVEL: Cell<usize> = const { Cell::new(0) };
}

fn runtimes() -> MutexGuard<'static, Runtimes> {
    RUNTIMES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The runtime for this thread, which is started if there is none yet.
fn runtime() -> Option<Handle> {
    runtimes().get(std::process::id(), LEVEL.get(), |level| {
        start(thread::Builder::new().name("genesiscloud-blocking".to_owned()), level)
    })
}

impl Runtimes {
    const fn of_process(process: u32) -> Self {
        Self { process, handles: Vec::new(), failure: None }
    }

    fn get(&mut self, process: u32, level: usize, start: impl Fn(usize) -> io::Result<Handle>) -> Option<Handle> {
        if self.process != process {
            // A process that was forked has none of the threads.
            *self = Self::of_process(process);
        }
        while self.handles.len() <= level {
            let started = start(self.handles.len());
            self.failure = started.as_ref().err().map(|error| format!("its thread could not be started: {error}"));
            self.handles.push(started.ok()?);
        }
        self.handles.get(level).cloned()
    }
}

/// Starts a thread that drives a runtime as long as the process runs.
fn start(thread: thread::Builder, level: usize) -> io::Result<Handle> {
    let (sender, started) = sync_channel(1);
    thread.spawn(move || {
        LEVEL.set(level + 1);
        // Built here, so that a failure drops it here, and not within the caller's runtime.
        match Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => {
                drop(sender.send(Ok(runtime.handle().clone())));
                runtime.block_on(pending())
            }
            Err(error) => drop(sender.send(Err(error))),
        }
    })?;
    started.recv().unwrap_or_else(|_| Err(io::Error::other("it ended")))
}

#[cfg(test)]
mod tests {
    use std::thread::Builder;

    use super::*;

    fn ids(handles: &[Option<Handle>]) -> Vec<Option<tokio::runtime::Id>> {
        handles.iter().map(|handle| handle.as_ref().map(Handle::id)).collect()
    }

    #[test]
    fn a_process_has_one_runtime_and_a_forked_one_another() {
        let mut runtimes = Runtimes::of_process(0);
        let start = |level| start(Builder::new(), level);
        let [first, again, nested, forked] =
            [(1, 0), (1, 0), (1, 1), (2, 0)].map(|(process, level)| runtimes.get(process, level, start));
        let ids = ids(&[first, again, nested, forked]);
        assert_eq!(ids[0], ids[1]);
        assert!(ids.iter().all(Option::is_some) && ids[0] != ids[2] && ids[0] != ids[3] && ids[2] != ids[3], "{ids:?}");
        assert_eq!(runtimes.handles.len(), 1);
    }

    #[test]
    fn a_thread_that_cannot_be_started_is_reported_and_tried_again() {
        let mut runtimes = Runtimes::of_process(1);
        // No machine has as much memory.
        let refused = runtimes.get(1, 0, |level| start(Builder::new().stack_size(1 << 60), level));
        assert!(refused.is_none());
        let failure = runtimes.failure.clone().unwrap();
        assert!(failure.starts_with("its thread could not be started: "), "{failure}");
        assert!(runtimes.get(1, 0, |level| start(Builder::new(), level)).is_some());
        assert_eq!(runtimes.failure, None);
    }

    #[test]
    fn the_thread_of_a_runtime_has_the_next_one() {
        let level = |level| {
            let runtime = Runtimes::of_process(1).get(1, 0, |_| start(Builder::new(), level)).unwrap();
            block_on(runtime.spawn(async { LEVEL.get() })).unwrap()
        };
        assert_eq!([LEVEL.get(), level(0), level(1)], [0, 1, 2]);
    }
}
