//! The thread of a ledger: keeps the session of this process, and runs what the ledger is asked for.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::channel::{mpsc, oneshot};
use futures::future::select;
use genesiscloud::Clock;
use redis::{FromRedisValue, Value};

use crate::store::{Access, Store};

/// How many operations are in flight at once.
const CONCURRENT: usize = 64;

/// An operation of the script, and where its result goes.
pub(super) struct Request {
    pub(super) arguments: Vec<String>,
    pub(super) result: oneshot::Sender<io::Result<Value>>,
}

/// How long a session counts as running without a heartbeat, and what follows from it.
#[derive(Clone, Copy, Debug)]
pub(super) struct SessionTimeout(pub(super) Duration);

impl SessionTimeout {
    /// The time between heartbeats, also after one that failed.
    fn heartbeat(self) -> Duration {
        self.0 / 20
    }

    /// After this long without any session in touch with the store, it was away. None that was in touch before has timed out by
    /// then.
    fn gap(self) -> Duration {
        self.0 / 4
    }

    /// Within this time after a gap, all sessions that are running have been heard.
    pub(super) fn settling(self, timeout: Duration) -> Duration {
        2 * (self.heartbeat() + timeout)
    }
}

pub(super) struct Keeper {
    store: Store,
    account: String,
    clock: Arc<dyn Clock>,
    heartbeat: Duration,
    /// The arguments of the script that are always the same.
    always: [String; 4],
}

impl Keeper {
    pub(super) fn new(access: Access, session_timeout: SessionTimeout, session: String) -> Self {
        let micros = |time: Duration| time.as_micros().to_string();
        let SessionTimeout(timeout) = session_timeout;
        let [gap, settling] = [session_timeout.gap(), session_timeout.settling(access.timeout)].map(micros);
        let (account, clock) = (access.account.clone(), Arc::clone(&access.clock));
        let store = Store::new(access, "ledger", include_str!("ledger.lua"));
        let always = [session, micros(timeout), gap, settling];
        Self { store, account, clock, heartbeat: session_timeout.heartbeat(), always }
    }

    /// Works until there are no more senders of requests; then ends the session, so that others need not wait for its timeout.
    pub(super) async fn run(self, requests: mpsc::UnboundedReceiver<Request>) {
        let answers = requests.for_each_concurrent(CONCURRENT, |request| self.answer(request));
        select(pin!(answers), pin!(self.heartbeats())).await;
        if let Err(error) = self.script(&["end".to_owned()]).await {
            tracing::warn!(account = self.account, %error, "this process counts as running until its session times out");
        }
    }

    async fn answer(&self, Request { arguments, result }: Request) {
        // What is not waited for any more is not done.
        if !result.is_canceled() {
            let _ = result.send(self.script(&arguments).await);
        }
    }

    async fn heartbeats(&self) -> Infallible {
        let mut is_failing = false;
        loop {
            self.clock.sleep(self.heartbeat).await;
            let heard = self.script(&["heartbeat".to_owned()]).await;
            if let Err(error) = &heard
                && !is_failing
            {
                tracing::warn!(account = self.account, %error, "the ledger was not reached by a heartbeat of this process");
            }
            is_failing = heard.is_err();
        }
    }

    async fn script(&self, arguments: &[String]) -> io::Result<Value> {
        let mut answer = self.store.run::<Vec<Value>>(&[&self.always[..], arguments].concat()).await?.into_iter();
        match &*read::<String>(answer.next().unwrap_or(Value::Nil))? {
            "done" => Ok(Value::Array(answer.collect())),
            "fenced" => Err(io::Error::new(io::ErrorKind::PermissionDenied, FENCED)),
            _ => Err(io::Error::new(io::ErrorKind::InvalidData, "it was written by another version of this crate")),
        }
    }
}

const FENCED: &str = "this process was out of reach for longer than its session timeout, and another one has claimed what it \
                      held, or the store was emptied: open the ledger again, and reconcile";

/// Reads what the script has returned.
pub(super) fn read<T: FromRedisValue>(value: Value) -> io::Result<T> {
    redis::from_redis_value(value).map_err(io::Error::other)
}

/// What `entries` returns.
pub(super) type Fields = (u64, u64, HashMap<String, String>);
