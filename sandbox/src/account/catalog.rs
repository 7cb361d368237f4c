//! What there is to be had: availability, quotas, reservations.

use genesiscloud_bindings::types::Quota;
use serde_json::{Value, json};

use super::request::Call;
use super::resource::{Resource, each_kind};
use super::state::Account;
use crate::error_response::{Code, Refusal, ensure};

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
        fn count<T: Resource>(account: &Account, key: &str, found: &mut Option<usize>) {
            if T::KIND.many == key {
                *found = Some(T::table(account).len());
            }
        }
        let mut found = None;
        each_kind!(count(self, key, &mut found));
        found
    }
}
