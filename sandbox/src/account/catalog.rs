//! Availability, quotas and reservations.

use genesiscloud_bindings::types::Quota;
use serde_json::{Value, json};

use super::request::OperationRequest;
use super::resource::{Resource, each_kind};
use super::state::Account;
use crate::error_response::{ErrorCode, ErrorResponse, ensure};

pub(super) fn availability(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    let found = account.availability.iter().find(|availability| availability.region == request.id());
    let mut availability = found.cloned().ok_or_else(|| {
        let message = format!("the sandbox has no availability for region {}", request.id());
        ErrorResponse::new(ErrorCode::BAD_REQUEST, message)
    })?;
    availability.placement = request.query("placement").map(str::to_owned).or(availability.placement);
    ensure(
        availability.placement.as_ref().is_none_or(|it| account.placement_options.contains(it)),
        ErrorCode::INVALID_PLACEMENT,
    )?;
    Ok(json!({ "availability": availability }))
}

pub(super) fn quotas(account: &mut Account, _: &OperationRequest) -> Result<Value, ErrorResponse> {
    Ok(json!({ "quotas": account.quotas() }))
}

pub(super) fn reservations(account: &mut Account, _: &OperationRequest) -> Result<Value, ErrorResponse> {
    Ok(json!({ "reservations": account.reservations }))
}

impl Account {
    /// Returns the quotas with their current use.
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
            if T::KIND.plural == key {
                *found = Some(T::table(account).len());
            }
        }
        let mut found = None;
        each_kind!(count(self, key, &mut found));
        found
    }
}
