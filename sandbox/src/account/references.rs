//! Which instances refer to a resource: an index, so that a page of volumes costs the same however many instances there are.

use std::collections::{BTreeSet, HashMap};

use genesiscloud_bindings::types::{Instance, Reference};

/// The ids of the instances that refer to a volume, a security group or a floating IP, by its id.
#[derive(Debug, Default, PartialEq)]
pub(super) struct References(HashMap<String, BTreeSet<String>>);

impl References {
    pub(super) fn of<'a>(instances: impl IntoIterator<Item = &'a Instance>) -> Self {
        let mut references = Self::default();
        instances.into_iter().for_each(|instance| references.add(instance));
        references
    }

    /// The instances that refer to this resource.
    pub(super) fn to(&self, id: &str) -> impl Iterator<Item = &String> {
        self.0.get(id).into_iter().flatten()
    }

    /// Removes the resource, and returns the instances that referred to it.
    pub(super) fn remove_resource(&mut self, id: &str) -> BTreeSet<String> {
        self.0.remove(id).unwrap_or_default()
    }

    pub(super) fn add(&mut self, instance: &Instance) {
        for reference in all(instance) {
            self.0.entry(reference.id.clone()).or_default().insert(instance.id.clone());
        }
    }

    pub(super) fn remove(&mut self, instance: &Instance) {
        for reference in all(instance) {
            if let Some(instances) = self.0.get_mut(&reference.id) {
                instances.remove(&instance.id);
                if instances.is_empty() {
                    self.0.remove(&reference.id);
                }
            }
        }
    }
}

fn all(instance: &Instance) -> impl Iterator<Item = &Reference> {
    instance.volumes.iter().chain(&instance.security_groups).chain(&instance.floating_ip)
}
