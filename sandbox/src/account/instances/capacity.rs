//! The capacity that instances use: a reservation, or the on-demand capacity of a region.

use genesiscloud_bindings::types::{CreateInstanceBody, Instance, InstanceBillingType, Region};

use crate::account::state::Account;
use crate::error_response::{ErrorCode, ErrorResponse, ensure};

/// Takes capacity for a new instance from the reservation that it names, or from on-demand capacity.
pub(super) fn acquire(account: &mut Account, body: &CreateInstanceBody) -> Result<(), ErrorResponse> {
    let is_reserved = body.billing_type == Some(InstanceBillingType::Reserved);
    if let Some(id) = &body.reservation_id {
        let error = ErrorResponse::new(ErrorCode::BAD_REQUEST, "\"reservation_id\" requires \"billing_type\" reserved");
        ensure(is_reserved, error)?;
        return reserve(account, id, &body.region, &body.type_);
    }
    let error = ErrorResponse::new(ErrorCode::BAD_REQUEST, "\"billing_type\" reserved requires a \"reservation_id\"");
    ensure(!is_reserved, error)?;
    let is_on_demand = body.billing_type.as_ref().is_none_or(|it| *it == InstanceBillingType::OnDemand);
    ensure(!is_on_demand || !account.reserved_types.contains(&body.type_), ErrorCode::NOT_ON_DEMAND)?;
    let availability =
        account.instance_type_availability(&body.region, &body.type_).ok_or(ErrorCode::CONFIG_NOT_ALLOWED)?;
    ensure(availability.available && availability.count.is_none_or(|count| count >= 1.0), ErrorCode::NO_CAPACITY)?;
    change_count(account, &body.region, &body.type_, -1.0);
    Ok(())
}

/// Takes capacity for an instance from a reservation.
pub(super) fn reserve(
    account: &mut Account,
    id: &str,
    region: &Region,
    instance_type: &str,
) -> Result<(), ErrorResponse> {
    let found = account.reservations.iter_mut().find(|reservation| reservation.id == id);
    let unknown = || ErrorResponse::new(ErrorCode::BAD_REQUEST, "\"reservation_id\" is not the id of a reservation");
    let reservation = found.ok_or_else(unknown)?;
    ensure(reservation.region == *region, ErrorResponse::region_mismatch("reservation_id"))?;
    let other_type = ErrorResponse::new(ErrorCode::BAD_REQUEST, "the reservation is for another instance type");
    ensure(reservation.flavor_name == instance_type, other_type)?;
    ensure(reservation.quota.used < reservation.quota.capacity, ErrorCode::QUOTA_REACHED)?;
    reservation.quota.used += 1;
    Ok(())
}

/// Takes on-demand capacity for an instance, even if there is none left.
pub(super) fn acquire_unchecked(account: &mut Account, instance: &Instance) {
    change_count(account, &instance.region, &instance.type_, -1.0);
}

/// Releases the capacity that an instance uses.
pub(super) fn release(account: &mut Account, instance: &Instance) {
    let Some(id) = &instance.reservation_id else {
        return change_count(account, &instance.region, &instance.type_, 1.0);
    };
    for reservation in account.reservations.iter_mut().filter(|reservation| reservation.id == *id) {
        reservation.quota.used = (reservation.quota.used - 1).max(0);
    }
}

fn change_count(account: &mut Account, region: &Region, instance_type: &str, by: f64) {
    let Some(availability) = account.instance_type_availability(region, instance_type) else { return };
    if let Some(count) = &mut availability.count {
        let was_available = *count >= 1.0;
        *count += by;
        // A type that the seed marks as unavailable in spite of its count stays unavailable.
        if was_available != (*count >= 1.0) {
            availability.available = *count >= 1.0;
        }
    }
}
