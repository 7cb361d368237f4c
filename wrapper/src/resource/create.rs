//! Creates: completed, recorded in the ledger, sent, and recovered if their response is lost.

use genesiscloud_bindings::PreparedRequest;

use super::in_flight::track_create;
use super::recorded::RecordedCreate;
use super::recover::or_recover;
use super::{Preparation, Resource};
use crate::call::{Call, Disclosure};
use crate::core::Core;
use crate::{Error, Result};

pub(crate) fn create<R: Resource>(core: &Core, new: R::Create) -> Call<R> {
    let core = core.clone();
    Call::new(async move { create_prepared(&core, &core, new, false).await })
}

/// Creates a resource, with a marker if it can carry one. If the result is ambiguous, searches for it and adopts it.
pub(crate) fn create_or_recover<R: Resource>(core: &Core, new: R::Create) -> Call<R> {
    create_or_recover_with(core, core, new)
}

/// The same; the create itself is sent with `sender`, the options of which can differ.
pub(crate) fn create_or_recover_with<R: Resource>(core: &Core, sender: &Core, new: R::Create) -> Call<R> {
    let (core, sender) = (core.clone(), sender.clone());
    Call::new(async move { create_prepared(&core, &sender, new, true).await })
}

/// Creates a resource: completes its parameters, records it in the ledger, sends it, and searches for a lost result.
async fn create_prepared<R: Resource>(
    core: &Core,
    sender: &Core,
    mut new: R::Create,
    is_recoverable: bool,
) -> Result<R> {
    let preparation = Preparation::new(core, is_recoverable);
    let marker = R::prepare(&mut new, &preparation).map_err(|reason| {
        let operation = R::CREATE(core.raw(), &new).operation.id;
        Error::invalid_input(reason).with_operation(operation)
    })?;
    let prepared = R::CREATE(sender.raw(), &new);
    let recorded =
        RecordedCreate::begin::<R>(core, &prepared, &preparation, marker.as_ref(), R::expires_at(&new)).await?;
    let created = track_create(core.clone(), R::NAME(&new).to_owned(), async {
        let disclosure =
            Disclosure { secrets: R::secrets(&new), identity: R::IDENTIFYING_FIELDS, ..Disclosure::default() };
        sender.send(prepared, &disclosure, |body| Ok(R::FROM_BODY(body))).await
    });
    let created = created.await;
    let created = if is_recoverable { or_recover(core, created, marker.as_ref()).await } else { created };
    recorded.end(&created).await;
    created
}

/// How a resource is created of another one, whose id is in the path of the request: a snapshot of an instance, a copy.
pub(crate) struct CreateOf<'a> {
    /// The name of the result.
    pub(crate) name: String,
    /// The field of the result that has the id, by which the result of a lost request is recognised too; and the id.
    pub(crate) source: (&'static str, &'a str),
    pub(crate) is_recoverable: bool,
}

/// Creates a resource of another one.
pub(crate) fn create_of<R: Resource>(core: &Core, of: CreateOf<'_>, prepared: PreparedRequest<R::Body>) -> Call<R> {
    let core = core.clone();
    let CreateOf { name, source: (field, id), is_recoverable } = of;
    let id = id.to_owned();
    Call::new(async move {
        let preparation = Preparation::new(&core, false);
        let recorded = RecordedCreate::begin::<R>(&core, &prepared, &preparation, None, None).await?;
        let create = core.call(prepared, R::IDENTIFYING_FIELDS, |body| Ok(R::FROM_BODY(body)));
        let created = track_create(core.clone(), name, create).await;
        let created = created.map_err(|error| error.with_unconfirmed_field(field, id));
        let created = if is_recoverable { or_recover(&core, created, None).await } else { created };
        recorded.end(&created).await;
        created
    })
}
