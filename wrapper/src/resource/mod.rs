//! What every resource has: operations and an identity. Get, create, update and delete are written here once; what is
//! particular to a resource is in its file in `resources`.

pub(crate) mod in_flight;
mod marker;
mod preparation;
mod recover;

use genesiscloud_bindings::{self as bindings, PreparedRequest};
use serde::Serialize;
use serde::de::DeserializeOwned;

use self::in_flight::{CreateTracker, track_create};
pub(crate) use self::marker::{Marker, marker_of_description, with_marker, with_text};
pub(crate) use self::preparation::Preparation;
pub(crate) use self::recover::{create_or_recover, create_or_recover_with, recover_if_lost};
use crate::call::{Call, Disclosure};
use crate::core::Core;
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
    core.call(R::GET(core.raw(), id.as_ref()), R::IDENTIFYING_FIELDS, |body| Ok(R::FROM_BODY(body)))
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
        core.call(prepared, R::IDENTIFYING_FIELDS, Ok).await?;
        // The service knows it, so a 404 from now on means that it is gone.
        core.shared::<CreateTracker>().observed(&id);
        Ok(())
    })
}

pub(crate) fn create<R: Resource>(core: &Core, mut new: R::Create) -> Call<R> {
    let core = core.clone();
    Call::new(async move {
        let preparation = Preparation::new(&core);
        prepare::<R>(&core, &mut new, &preparation)?;
        send_create(&core, new).await
    })
}

/// Completes the parameters of a create.
fn prepare<R: Resource>(core: &Core, new: &mut R::Create, preparation: &Preparation) -> Result<Option<Marker>> {
    R::prepare(new, preparation).map_err(|reason| {
        let operation = R::CREATE(core.raw(), new).operation.id;
        Error::invalid_input(reason).with_operation(operation)
    })
}

async fn send_create<R: Resource>(core: &Core, new: R::Create) -> Result<R> {
    track_create(core.clone(), R::NAME(&new).to_owned(), async {
        let disclosure =
            Disclosure { secrets: R::secrets(&new), identity: R::IDENTIFYING_FIELDS, ..Disclosure::default() };
        core.send(R::CREATE(core.raw(), &new), &disclosure, |body| Ok(R::FROM_BODY(body))).await
    })
    .await
}

/// Creates a resource of another one, whose id is in the path of the request: a snapshot of an instance, a copy. `source` is the
/// field of the result that has this id, by which the result of a lost request is recognised too.
pub(crate) fn create_of<R: Resource>(
    core: &Core,
    name: String,
    source: (&'static str, &str),
    prepared: PreparedRequest<R::Body>,
) -> Call<R> {
    let (field, id) = (source.0, source.1.to_owned());
    let create = core.call(prepared, R::IDENTIFYING_FIELDS, |body| Ok(R::FROM_BODY(body)));
    Call::new(track_create(core.clone(), name, async move {
        create.await.map_err(|error| error.with_unconfirmed_field(field, id))
    }))
}
