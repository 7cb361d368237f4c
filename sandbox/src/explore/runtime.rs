//! The runtimes of a run: one for the sandbox, which lasts, and one for the program, which can be dropped at any moment, as a
//! process that is killed. Both are driven in turn by one thread, so that the same program does the same things in the same
//! order.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;
use tokio::time::Instant;

/// How often a runtime looks for messages on its connections before the other one is driven.
const YIELDS: usize = 4;

/// The runtime of the sandbox.
pub(super) struct ServerRuntime(Runtime);

impl ServerRuntime {
    pub(super) fn new() -> io::Result<Self> {
        Builder::new_current_thread().enable_all().build().map(Self)
    }

    pub(super) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    /// Lets the sandbox process what has arrived.
    pub(super) fn drive(&self) {
        self.0.block_on(async {
            for _ in 0..YIELDS {
                yield_now().await;
            }
        });
    }
}

/// The runtime of a program. Time that the program takes from tokio is paused, and passes only by [`pass`](Self::pass).
pub(super) struct ProgramRuntime {
    runtime: Option<Runtime>,
    started: Instant,
    pause: Arc<Pause>,
}

/// When time began to pass, and who waits for a first timer to be due.
#[derive(Default)]
struct Pause(Mutex<Option<(Instant, Waker)>>);

impl Pause {
    fn set(&self, waiting: Option<(Instant, Waker)>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = waiting;
    }

    /// Ends the pause if time has passed. The runtime calls this before it polls the tasks whose timers are due.
    fn end_if_time_passed(&self) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, waker)) = waiting.take_if(|(since, _)| *since < Instant::now()) {
            waker.wake();
        }
    }
}

impl ProgramRuntime {
    pub(super) fn new() -> io::Result<Self> {
        let pause = Arc::new(Pause::default());
        let unparked = Arc::clone(&pause);
        let runtime = Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .on_thread_unpark(move || unparked.end_if_time_passed())
            .build()?;
        let started = runtime.block_on(async { Instant::now() });
        Ok(Self { runtime: Some(runtime), started, pause })
    }

    fn runtime(&self) -> &Runtime {
        self.runtime.as_ref().expect("a runtime exists until it is dropped")
    }

    /// Polls the program, its tasks and its connections, and returns the program's output if it has ended. No time passes.
    pub(super) fn drive<F: Future + ?Sized>(&self, mut program: Pin<&mut F>) -> Option<F::Output> {
        self.runtime().block_on(async {
            for _ in 0..YIELDS {
                let polled = poll_fn(|context| Poll::Ready(program.as_mut().poll(context))).await;
                if let Poll::Ready(output) = polled {
                    return Some(output);
                }
                yield_now().await;
            }
            None
        })
    }

    /// Lets time pass until `end`, counted from the start of the runtime, or less: at most until a timer of tokio is due,
    /// whose task is not polled yet. Returns how much has passed since the start.
    ///
    /// Paused time advances by itself when the runtime has nothing to do, as here, where all wait.
    pub(super) fn pass(&self, end: Duration) -> Duration {
        self.runtime().block_on(async {
            let (since, mut limit) = (Instant::now(), pin!(tokio::time::sleep_until(self.started + end)));
            poll_fn(|context| {
                if since < Instant::now() {
                    return Poll::Ready(());
                }
                self.pause.set(Some((since, context.waker().clone())));
                limit.as_mut().poll(context)
            })
            .await;
            self.pause.set(None);
            Instant::now() - self.started
        })
    }

    /// Drops something of the program, which may use the runtime for it, and then the runtime with all its tasks.
    pub(super) fn end<T>(mut self, program: T) {
        if let Some(runtime) = self.runtime.take() {
            {
                let _context = runtime.enter();
                drop(program);
            }
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn time_passes_over_no_timer_of_any_task() {
        let runtime = ProgramRuntime::new().unwrap();
        let (woken, started) = (Arc::new(Mutex::new(vec![])), runtime.started);
        let sleep = move |seconds, woken: Arc<Mutex<Vec<Duration>>>| async move {
            tokio::time::sleep(seconds * SECOND).await;
            woken.lock().unwrap().push(Instant::now() - started);
        };
        let own = Arc::clone(&woken);
        let mut program = Box::pin(async move {
            let task = tokio::spawn(sleep(2, Arc::clone(&own)));
            let chain = tokio::spawn({
                let woken = Arc::clone(&own);
                async move {
                    sleep(1, Arc::clone(&woken)).await;
                    sleep(3, woken).await;
                }
            });
            sleep(5, own).await;
            task.await.unwrap();
            chain.await.unwrap();
        });
        let (mut passed, mut stops) = (Duration::ZERO, vec![]);
        while runtime.drive(program.as_mut()).is_none() {
            let now = runtime.pass(60 * SECOND);
            assert!(now > passed, "{now:?}");
            passed = now;
            stops.push(now);
        }
        assert_eq!(*woken.lock().unwrap(), [1, 2, 4, 5].map(|seconds| seconds * SECOND));
        assert!(woken.lock().unwrap().iter().all(|instant| stops.contains(instant)), "{stops:?}");
    }

    #[test]
    fn the_end_drops_all_tasks() {
        let runtime = ProgramRuntime::new().unwrap();
        let held = Arc::new(());
        let (task, own) = (Arc::clone(&held), Arc::clone(&held));
        let mut program = Box::pin(async move {
            tokio::spawn(async move {
                std::future::pending::<()>().await;
                drop(task);
            });
            std::future::pending::<()>().await;
            drop(own);
        });
        assert!(runtime.drive(program.as_mut()).is_none());
        assert_eq!(Arc::strong_count(&held), 3);
        runtime.end(program);
        assert_eq!(Arc::strong_count(&held), 1);
    }
}
