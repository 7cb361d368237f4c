//! Creates in the ledger of a client.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use genesiscloud_bindings::PreparedRequest;
use serde_json::Value;

use super::{Preparation, Resource};
use crate::core::Core;
use crate::ledger::{LedgerRecord, Marker, PlannedCreate};
use crate::random::random_text;
use crate::{Error, ErrorKind, Result};

/// A create that the ledger of the client knows; nothing without a ledger.
pub(super) struct RecordedCreate(Option<(Core, InUse)>);

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
        match core.in_time(recording.ledger.append(LedgerRecord::Planned(Box::new(planned)))).await {
            Ok(()) => Ok(Self(Some((core.clone(), in_use)))),
            Err(error) => Err(Error::new(ErrorKind::Ledger, error.to_string()).with_operation(prepared.operation.id)),
        }
    }

    /// Records how the create has ended, unless that is not known.
    pub(super) fn end<R: Resource>(self, outcome: &Result<R>) -> impl Future<Output = ()> + Send + use<R> {
        let is_created = outcome.is_ok();
        let record = self.0.and_then(|(core, in_use)| {
            let key = in_use.key.clone();
            match outcome {
                Ok(created) => Some(LedgerRecord::Created { key, id: created.id().to_owned() }),
                Err(error) if error.is_ambiguous() => None,
                Err(_) => Some(LedgerRecord::NotCreated { key }),
            }
            .map(|record| (core, in_use, record))
        });
        async move {
            if let Some((core, in_use, record)) = record
                && !core.note(record).await
                && is_created
            {
                in_use.keep();
            }
        }
    }
}

/// The entries that this process is busy with: their create is in flight, or they are being reconciled. Keys differ between
/// ledgers, so one set is enough.
static IN_USE: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// An entry that this process is busy with, until this is dropped.
pub(crate) struct InUse {
    key: String,
}

impl InUse {
    fn new(key: String) -> Self {
        lock().insert(key.clone());
        Self { key }
    }

    /// `None` if this process is busy with the entry already.
    pub(crate) fn try_new(key: &str) -> Option<Self> {
        lock().insert(key.to_owned()).then(|| Self { key: key.to_owned() })
    }

    /// Keeps the entry in use until the process ends: the program has its resource, which the ledger does not know, so that a
    /// reconciliation would take it for lost.
    fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        lock().remove(&self.key);
    }
}

fn lock() -> MutexGuard<'static, BTreeSet<String>> {
    IN_USE.lock().unwrap_or_else(PoisonError::into_inner)
}
