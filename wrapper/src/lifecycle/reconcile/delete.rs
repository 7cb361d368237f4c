//! Deletes what a reconciliation has found.

use std::sync::Arc;

use super::claim::Claimed;
use super::result::Reconciliation;
use crate::core::Core;
use crate::lifecycle::any_resource::AnyResource;
use crate::lifecycle::deletion::{self, Target};

/// Deletes the resources, and puts them into the result. They stay claimed meanwhile.
#[inline]
pub(super) async fn delete_all(core: &Core, found: Vec<(Arc<Claimed>, AnyResource)>, result: &mut Reconciliation) {
    let targets: Vec<_> = found.iter().map(|(_, resource)| Target::of_any(resource.clone())).collect();
    let mut left = deletion::delete_all(core, &targets).await;
    for (_, resource) in found {
        let position = left.iter().position(|orphan| orphan.is_of(&resource));
        match position.map(|position| left.swap_remove(position)) {
            Some(orphan) => result.not_deleted.push((resource, orphan.into_error())),
            None => result.deleted.push(resource),
        }
    }
}
