//! What every resource has: operations and an identity. Get, create, update and delete are written here once; what is
//! particular to a resource is in its file in `resources`.

mod create;
pub(crate) mod in_flight;
mod marker;
mod preparation;
mod recorded;
mod recover;

use chrono::{DateTime, Utc};
use genesiscloud_bindings::{self as bindings, PreparedRequest};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use self::create::{CreateOf, create, create_of, create_or_recover, create_or_recover_with};
use self::in_flight::CreateTracker;
pub(crate) use self::marker::{has_marker, has_random_suffix, is_marked, with_marker, with_text};
pub(crate) use self::preparation::Preparation;
pub(crate) use self::recorded::InUse;
pub(crate) use self::recover::delays;
use crate::call::{Call, Disclosure};
use crate::core::Core;
use crate::error::Class;
use crate::ledger::{LedgerRecord, Marker, ResourceKind};
use crate::list::private::Listable;
use crate::{Error, Result};

/// A resource that is created, read, updated and deleted by operations of its own. Sealed.
pub trait Resource: Listable<Filter: Default> + Serialize {
    /// The parameters for creating one.
    type Create: Send + Sync + 'static;
    /// The parameters for updating one.
    type Update;
    /// The response body that holds one.
    type Body: DeserializeOwned + 'static;

    /// Prepare the requests of its operations.
    const CREATE: Create<Self>;
    const GET: Get<Self>;
    const UPDATE: Update<Self>;
    const DELETE: Delete;

    const KIND: ResourceKind;
    /// Takes the resource out of its response body.
    const FROM_BODY: fn(Self::Body) -> Self;
    /// The name in the parameters for creating one.
    const NAME: fn(&Self::Create) -> &str;
    /// The fields of a request by which its result can be recognised, and which errors may show: no secrets.
    const IDENTIFYING_FIELDS: &'static [&'static str];

    /// Completes the parameters for creating one. Returns the marker by which the result is recognised, if they have one.
    ///
    /// # Errors
    /// If the parameters cannot be sent: what is wrong, and what would be right.
    fn prepare(_: &mut Self::Create, _: &Preparation) -> Result<Option<Marker>, String> {
        Ok(None)
    }

    /// When the resource of these prepared parameters destroys itself, if it does.
    fn expires_at(_: &Self::Create) -> Option<DateTime<Utc>> {
        None
    }

    /// The secrets in the parameters for creating one.
    fn secrets(_: &Self::Create) -> Vec<&str> {
        Vec::new()
    }
}

/// Functions that prepare the request of an operation.
pub(crate) type Create<R> = fn(&bindings::Client, &<R as Resource>::Create) -> PreparedRequest<<R as Resource>::Body>;
pub(crate) type Get<R> = fn(&bindings::Client, &str) -> PreparedRequest<<R as Resource>::Body>;
pub(crate) type Update<R> =
    fn(&bindings::Client, &str, &<R as Resource>::Update) -> PreparedRequest<<R as Resource>::Body>;
pub(crate) type Delete = fn(&bindings::Client, &str) -> PreparedRequest<()>;

pub(crate) fn get<R: Resource>(core: &Core, id: impl AsRef<str>) -> Call<R> {
    let creates = core.shared::<CreateTracker>();
    core.call(R::GET(core.raw(), id.as_ref()), R::IDENTIFYING_FIELDS, move |body| {
        let found = R::FROM_BODY(body);
        creates.observed(found.id());
        Ok(found)
    })
}

/// Updates a resource. A success without a body is not documented, but means that the update was done: its result is read.
pub(crate) fn update<R: Resource>(core: &Core, id: impl AsRef<str>, change: &R::Update) -> Call<R> {
    let (core, id) = (core.clone(), id.as_ref().to_owned());
    let prepared = R::UPDATE(core.raw(), &id, change);
    Call::new(async move {
        let disclosure = Disclosure { identity: R::IDENTIFYING_FIELDS, ..Disclosure::default() };
        match core.send_for_optional_body(prepared, &disclosure, |body| Ok(R::FROM_BODY(body))).await? {
            Some(updated) => Ok(updated),
            None => get(&core, id).await,
        }
    })
}

pub(crate) fn delete<R: Resource>(core: &Core, id: impl AsRef<str>) -> Call<()> {
    let (core, id) = (core.clone(), id.as_ref().to_owned());
    let prepared = R::DELETE(core.raw(), &id);
    Call::new(async move {
        let creates = core.shared::<CreateTracker>();
        let is_propagating = creates.is_propagating(core.clock().now(), &id, core.propagation_timeout());
        let core = core.with(|options| options.is_propagating = is_propagating);
        let deleted = core.call(prepared, R::IDENTIFYING_FIELDS, Ok).await;
        match &deleted {
            // The service knows it, so a 404 from now on means that it is gone.
            Ok(()) => creates.observed(&id),
            // What is being deleted cannot be deleted again, and it exists: only a read shows that it is gone.
            Err(error) if is_gone(&core, &id, error) => {}
            Err(_) => return deleted,
        }
        core.note(LedgerRecord::DeletionAccepted { kind: R::KIND, id }).await;
        deleted
    })
}

/// Deletes a resource if it exists. Returns whether it did.
pub(crate) fn delete_if_exists<R: Resource>(core: &Core, id: impl AsRef<str>) -> Call<bool> {
    let (core, id) = (core.clone(), id.as_ref().to_owned());
    let deleted = delete::<R>(&core, &id);
    Call::new(async move {
        match deleted.await {
            Ok(()) => Ok(true),
            Err(error) if is_gone(&core, &id, &error) => Ok(false),
            Err(error) => Err(error),
        }
    })
}

/// Whether an error means that the resource does not exist: the API's 404, unless the resource is so new that reads may not
/// show it yet.
pub(crate) fn is_gone(core: &Core, id: &str, error: &Error) -> bool {
    let is_propagating =
        || core.shared::<CreateTracker>().is_propagating(core.clock().now(), id, core.propagation_timeout());
    error.class() == Class::NotFound && !is_propagating()
}
