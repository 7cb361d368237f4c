//! Creates in the ledger of a client.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use futures::future::{Either, select};
use genesiscloud_bindings::PreparedRequest;
use serde_json::Value;

use super::{Preparation, Resource};
use crate::core::Core;
use crate::ledger::{LedgerRecord, Marker, PlannedCreate, Recording};
use crate::random::random_text;
use crate::{Error, ErrorKind, Result};

/// A create that the ledger of the client knows; nothing without a ledger.
pub(super) struct RecordedCreate(Option<(Recording, InUse)>);

impl RecordedCreate {
    /// Records a create before it is sent.
    ///
    /// # Errors
    /// If it cannot be recorded. Then it must not be sent.
    pub(super) async fn begin<R: Resource>(
        core: &Core,
        prepared: &PreparedRequest<R::Body>,
        preparation: &Preparation,
        marker: Option<&Marker>,
        expires_at: Option<DateTime<Utc>>,
    ) -> Result<Self> {
        let (Some(recording), Ok(request)) = (core.recording(), &prepared.request) else { return Ok(Self(None)) };
        let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |field: &str| body[field].as_str().map(str::to_owned);
        let planned = PlannedCreate {
            key: preparation.suffix.clone().unwrap_or_else(|| random_text(12)),
            kind: R::KIND,
            operation: prepared.operation.id.to_owned(),
            endpoint: core.endpoint().as_str().to_owned(),
            name: text("name").unwrap_or_default(),
            region: text("region"),
            marker: marker.cloned(),
            expires_at,
            owner: recording.owner.clone(),
            planned_at: preparation.now,
        };
        let in_use = InUse::new(planned.key.clone());
        let appended = recording.ledger.append(LedgerRecord::Planned(Box::new(planned)));
        let timeout = core.clock().timeout(core.built_attempt_timeout());
        let failed = match select(appended, timeout).await {
            Either::Left((Ok(()), _)) => return Ok(Self(Some((recording.clone(), in_use)))),
            Either::Left((Err(error), _)) => error.to_string(),
            Either::Right(_) => "it was not written in time".to_owned(),
        };
        Err(Error::new(ErrorKind::Ledger, failed).with_operation(prepared.operation.id))
    }

    /// Records how the create has ended, unless that is not known.
    pub(super) fn end<R: Resource>(self, outcome: &Result<R>) -> impl Future<Output = ()> + Send + use<R> {
        let record = self.0.and_then(|(recording, in_use)| {
            let key = in_use.key.clone();
            match outcome {
                Ok(created) => Some(LedgerRecord::Created { key, id: created.id().to_owned() }),
                Err(error) if error.is_ambiguous() => None,
                Err(_) => Some(LedgerRecord::NotCreated { key }),
            }
            .map(|record| (recording, in_use, record))
        });
        async move {
            if let Some((recording, _in_use, record)) = record {
                recording.note(record).await;
            }
        }
    }
}

/// The entries that this process is busy with: their create is in flight, or they are being reconciled. Keys differ between
/// ledgers, so one set is enough.
static IN_USE: Mutex<Option<HashSet<String>>> = Mutex::new(None);

/// An entry that this process is busy with, until this is dropped.
pub(crate) struct InUse {
    key: String,
}

impl InUse {
    fn new(key: String) -> Self {
        lock().get_or_insert_default().insert(key.clone());
        Self { key }
    }

    /// `None` if this process is busy with the entry already.
    pub(crate) fn try_new(key: &str) -> Option<Self> {
        lock().get_or_insert_default().insert(key.to_owned()).then(|| Self { key: key.to_owned() })
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        lock().get_or_insert_default().remove(&self.key);
    }
}

fn lock() -> MutexGuard<'static, Option<HashSet<String>>> {
    IN_USE.lock().unwrap_or_else(PoisonError::into_inner)
}
