//! Deletes what a reconciliation has found, in an order in which nothing is in use by what is deleted later.

use std::sync::Arc;

use futures::future::{BoxFuture, join_all};

use super::claim::Claimed;
use super::result::Reconciliation;
use crate::core::Core;
use crate::ledger::{LedgerRecord, ResourceKind};
use crate::lifecycle::any_resource::AnyResource;
use crate::lifecycle::cleanup;
use crate::resource::{self, Resource, is_gone};
use crate::{Error, ErrorKind, Filesystem, FloatingIp, Result, SecurityGroup, Snapshot, SshKey, Volume, wait};

/// The order in which resources are deleted: an instance releases what it uses.
const DELETED_IN_ORDER: [ResourceKind; 7] = [
    ResourceKind::Instance,
    ResourceKind::FloatingIp,
    ResourceKind::Volume,
    ResourceKind::Filesystem,
    ResourceKind::Snapshot,
    ResourceKind::SecurityGroup,
    ResourceKind::SshKey,
];

/// Deletes the resources, those of a kind at once, and puts them into the result.
#[inline]
pub(super) async fn delete_all(core: &Core, mut found: Vec<(Arc<Claimed>, AnyResource)>, result: &mut Reconciliation) {
    for kind in DELETED_IN_ORDER {
        let of_kind: Vec<_> = found.extract_if(.., |(_, resource)| resource.kind() == kind).collect();
        let deletions = of_kind.iter().map(|(_, resource)| delete(core, resource));
        for (deleted, (_, resource)) in join_all(deletions).await.into_iter().zip(&of_kind) {
            match deleted {
                Ok(()) => result.deleted.push(resource.clone()),
                Err(error) => result.not_deleted.push((resource.clone(), error)),
            }
        }
    }
}

#[inline]
fn delete<'a>(core: &'a Core, resource: &'a AnyResource) -> BoxFuture<'a, Result<()>> {
    match resource {
        AnyResource::Instance(vm) => Box::pin(async {
            cleanup::delete(core, &vm.id, &vm.name).await.map_err(cleanup::OrphanedInstance::into_error)
        }),
        AnyResource::Volume(volume) => Box::pin(delete_until_gone::<Volume>(core, &volume.id)),
        AnyResource::Filesystem(filesystem) => Box::pin(delete_until_gone::<Filesystem>(core, &filesystem.id)),
        AnyResource::Snapshot(snapshot) => Box::pin(delete_until_gone::<Snapshot>(core, &snapshot.id)),
        AnyResource::FloatingIp(ip) => Box::pin(delete_until_gone::<FloatingIp>(core, &ip.id)),
        AnyResource::SecurityGroup(group) => Box::pin(delete_until_gone::<SecurityGroup>(core, &group.id)),
        AnyResource::SshKey(key) => Box::pin(delete_until_gone::<SshKey>(core, &key.id)),
    }
}

/// Deletes a resource, and waits until it is gone. What is temporary, such as that it is in use, is tried again.
async fn delete_until_gone<R: Resource>(core: &Core, id: &str) -> Result<()> {
    let clock = core.clock();
    let started = clock.now();
    let mut is_accepted = false;
    loop {
        let accepted = if is_accepted { Ok(()) } else { resource::delete::<R>(core, id).await };
        let error = match accepted {
            Err(error) if !is_gone(core, id, &error) => error,
            // One that is `deleting` cannot be deleted, but read.
            _ => {
                is_accepted = true;
                match resource::get::<R>(core, id).await {
                    Ok(_) => Error::new(ErrorKind::Timeout, NOT_GONE),
                    Err(error) if is_gone(core, id, &error) => {
                        core.note(LedgerRecord::Gone { kind: R::KIND, id: id.to_owned() }).await;
                        return Ok(());
                    }
                    Err(error) => error,
                }
            }
        };
        let is_over = clock.now().saturating_duration_since(started) > wait::DEFAULT_TIMEOUT;
        if is_over || !is_accepted && error.class().ends_cleanup() {
            return Err(error);
        }
        clock.sleep(wait::DEFAULT_INTERVAL).await;
    }
}

const NOT_GONE: &str = "its deletion was accepted, and it still exists";
