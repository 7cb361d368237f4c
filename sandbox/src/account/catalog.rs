//! What there is to be had: availability, quotas, reservations.

use genesiscloud_bindings::types::{
    Filesystem, FloatingIp, Instance, InstanceTypeAvailability, Quota, Region, SecurityGroup, Snapshot, SshKey, Volume,
};
use serde_json::{Value, json};

use super::resource::Resource;
use super::{Account, Call};
use crate::refusal::{Code, Refusal, ensure};

pub(super) fn availability(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    let found = account.availability.iter().find(|answer| answer.region.to_string() == call.id());
    let mut answer = found.cloned().ok_or_else(|| {
        let message = format!("the sandbox has no availability for region {}", call.id());
        Refusal::new(Code::BAD_REQUEST, message)
    })?;
    answer.placement = call.query("placement").map(str::to_owned).or(answer.placement);
    ensure(answer.placement.as_ref().is_none_or(|it| account.placement_options.contains(it)), Code::INVALID_PLACEMENT)?;
    Ok(json!({ "availability": answer }))
}

pub(super) fn quotas(account: &mut Account, _: &Call) -> Result<Value, Refusal> {
    Ok(json!({ "quotas": account.quotas() }))
}

pub(super) fn reservations(account: &mut Account, _: &Call) -> Result<Value, Refusal> {
    Ok(json!({ "reservations": account.reservations }))
}

impl Account {
    /// The quotas, with what is used of them.
    pub(super) fn quotas(&self) -> Vec<Quota> {
        let mut quotas = self.quotas.clone();
        for quota in &mut quotas {
            let Some(used) = self.count_of(&quota.key) else { continue };
            quota.used = used as i64;
            quota.flavors.iter_mut().take(1).for_each(|flavor| flavor.used = used as i64);
        }
        quotas
    }

    fn count_of(&self, key: &str) -> Option<usize> {
        fn count<T: Resource>(account: &Account, key: &str) -> Option<usize> {
            (T::KIND.many == key).then(|| T::table(account).len())
        }
        count::<Instance>(self, key)
            .or_else(|| count::<Volume>(self, key))
            .or_else(|| count::<Snapshot>(self, key))
            .or_else(|| count::<Filesystem>(self, key))
            .or_else(|| count::<FloatingIp>(self, key))
            .or_else(|| count::<SecurityGroup>(self, key))
            .or_else(|| count::<SshKey>(self, key))
    }

    /// What is known of an instance type in a region.
    pub(super) fn stock(&mut self, region: &Region, kind: &str) -> Option<&mut InstanceTypeAvailability> {
        let region = self.availability.iter_mut().find(|answer| answer.region == *region)?;
        region.instance_types.iter_mut().find(|known| known.type_ == kind)
    }
}
