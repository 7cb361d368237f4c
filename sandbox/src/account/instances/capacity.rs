//! What machines are taken from, and given back to: a reservation, or what is in stock.

use genesiscloud_bindings::types::{CreateInstanceBody, Instance, InstanceBillingType, Region};

use crate::account::state::Account;
use crate::error_response::{Code, Refusal, ensure};

/// Takes a new machine out of the reservation it names, or out of stock.
pub(super) fn take(account: &mut Account, body: &CreateInstanceBody) -> Result<(), Refusal> {
    let is_reserved = body.billing_type == Some(InstanceBillingType::Reserved);
    if let Some(id) = &body.reservation_id {
        let refusal = Refusal::new(Code::BAD_REQUEST, "\"reservation_id\" goes with \"billing_type\" reserved");
        ensure(is_reserved, refusal)?;
        return reserve(account, id, &body.region, &body.type_);
    }
    let refusal = Refusal::new(Code::BAD_REQUEST, "\"billing_type\" reserved goes with a \"reservation_id\"");
    ensure(!is_reserved, refusal)?;
    let is_on_demand = body.billing_type.as_ref().is_none_or(|it| *it == InstanceBillingType::OnDemand);
    ensure(!is_on_demand || !account.reserved_types.contains(&body.type_), Code::NOT_ON_DEMAND)?;
    let stock = account.stock(&body.region, &body.type_).ok_or(Code::CONFIG_NOT_ALLOWED)?;
    ensure(stock.available && stock.count.is_none_or(|count| count >= 1.0), Code::OUT_OF_STOCK)?;
    change_stock(account, &body.region, &body.type_, -1.0);
    Ok(())
}

/// Takes a machine out of a reservation.
pub(super) fn reserve(account: &mut Account, id: &str, region: &Region, kind: &str) -> Result<(), Refusal> {
    let found = account.reservations.iter_mut().find(|reservation| reservation.id == id);
    let unknown = || Refusal::new(Code::BAD_REQUEST, "\"reservation_id\" is not the id of a reservation");
    let reservation = found.ok_or_else(unknown)?;
    ensure(reservation.region == *region, Refusal::region_mismatch("reservation_id"))?;
    let other = Refusal::new(Code::BAD_REQUEST, "the reservation is for another instance type");
    ensure(reservation.flavor_name == kind, other)?;
    ensure(reservation.quota.used < reservation.quota.capacity, Code::QUOTA_REACHED)?;
    reservation.quota.used += 1;
    Ok(())
}

/// Takes a machine out of stock, whether there is one or not.
pub(super) fn occupy(account: &mut Account, instance: &Instance) {
    change_stock(account, &instance.region, &instance.type_, -1.0);
}

/// Gives back what a machine was taken from.
pub(super) fn release(account: &mut Account, instance: &Instance) {
    let Some(id) = &instance.reservation_id else {
        return change_stock(account, &instance.region, &instance.type_, 1.0);
    };
    for reservation in account.reservations.iter_mut().filter(|reservation| reservation.id == *id) {
        reservation.quota.used = (reservation.quota.used - 1).max(0);
    }
}

fn change_stock(account: &mut Account, region: &Region, kind: &str, by: f64) {
    let Some(stock) = account.stock(region, kind) else { return };
    if let Some(count) = &mut stock.count {
        let had_one = *count >= 1.0;
        *count += by;
        // What is marked as not to be had, whatever its count, stays so.
        if had_one != (*count >= 1.0) {
            stock.available = *count >= 1.0;
        }
    }
}
