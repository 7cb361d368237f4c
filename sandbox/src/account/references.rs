//! Which instances refer to a resource: an index, so that a page of volumes costs the same however many instances there are.

use std::collections::{BTreeSet, HashMap};

use genesiscloud_bindings::types::{Instance, Reference};

use super::state::{Account, Table};

/// The ids of the instances that refer to a volume, a security group or a floating IP, by its id.
#[derive(Debug, Default, PartialEq)]
pub(super) struct References(HashMap<String, BTreeSet<String>>);

impl References {
    pub(super) fn of(instances: &Table<Instance>) -> Self {
        let mut references = Self::default();
        instances.values().for_each(|instance| references.add(instance));
        references
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

impl Account {
    /// Returns whether any instance refers to this resource.
    pub(super) fn is_referred_to(&self, id: &str) -> bool {
        self.references.0.contains_key(id)
    }

    /// Returns the instances that refer to a resource, in the order they are listed.
    pub(super) fn instances_with(&self, id: &str) -> Vec<&Instance> {
        let ids = self.references.0.get(id).into_iter().flatten();
        let mut found: Vec<_> = ids.filter_map(|id| self.instances.get_full(id)).collect();
        found.sort_unstable_by_key(|(index, ..)| *index);
        found.into_iter().map(|(.., instance)| instance).collect()
    }

    /// Removes the references of all instances to a resource that no longer exists.
    pub(super) fn detach_from_instances(&mut self, id: &str) {
        for instance in self.references.0.remove(id).unwrap_or_default() {
            let Some(instance) = self.instances.get_mut(&instance) else { continue };
            instance.volumes.retain(|volume| volume.id != id);
            instance.security_groups.retain(|group| group.id != id);
            instance.floating_ip = instance.floating_ip.take().filter(|address| address.id != id);
        }
    }
}

#[cfg(test)]
mod tests {
    use genesiscloud_bindings::types::{FloatingIp, Volume};

    use super::*;
    use crate::Data;
    use crate::account::resource::Resource;
    use crate::resource_id::reference;

    #[test]
    fn the_index_is_that_of_the_instances_after_any_change() {
        let mut account = Account::new(Data::realistic(), chrono::DateTime::UNIX_EPOCH, 1.0);
        let mut random = fastrand::Rng::with_seed(7);
        for step in 0..2_000 {
            let some = |table: Vec<&String>, random: &mut fastrand::Rng| random.choice(table).cloned();
            let instance = some(account.instances.keys().collect(), &mut random).unwrap();
            let volume = some(account.volumes.keys().collect(), &mut random);
            let address = some(account.floating_ips.keys().collect(), &mut random);
            match (random.u8(..20), volume, address) {
                (0, ..) if account.instances.len() > 9 => Instance::remove(&mut account, &instance),
                (1, Some(volume), _) => Volume::remove(&mut account, &volume),
                (2, _, Some(address)) => FloatingIp::remove(&mut account, &address),
                (_, volume, address) => {
                    let mut changed = account.instances[&instance].clone();
                    changed.volumes.truncate(random.usize(..4));
                    changed.volumes.extend(volume.map(|id| reference(&id, "")));
                    changed.floating_ip = address.map(|id| reference(&id, "")).filter(|_| random.bool());
                    if random.u8(..5) == 0 {
                        changed.id = format!("copy-{step}");
                    }
                    Instance::insert(&mut account, changed);
                }
            }
            assert_eq!(account.references, References::of(&account.instances), "step {step}");
        }
        let shared = account.references.0.iter().find(|(_, instances)| instances.len() > 1).unwrap().0.clone();
        let positions: Vec<_> =
            account.instances_with(&shared).iter().map(|it| account.instances.get_index_of(&it.id)).collect();
        assert!(positions.is_sorted() && positions.len() > 1);
    }
}
