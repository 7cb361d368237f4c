//! Creates an instance, after checking every reason to reject it.

use genesiscloud_bindings::types::{
    CreateInstanceBody, FloatingIpStatus, Image, Instance, InstanceStatus, OsType, Reference, SnapshotStatus,
};
use serde_json::Value;

use super::attachments::{add, security_groups, volumes};
use super::capacity;
use super::lifecycle::MIN_DISK_SIZE;
use crate::account::floating_ips;
use crate::account::machine::Machine;
use crate::account::request::OperationRequest;
use crate::account::state::Account;
use crate::data::UserMetadata;
use crate::error_response::{ErrorCode, ErrorResponse, ensure};
use crate::filled::filled;
use crate::resource_id::reference;

pub(crate) fn create(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    let body: CreateInstanceBody = request.body()?;
    ensure_type(account, &body)?;
    ensure_one_login_method(&body)?;
    ensure_sizes(&body)?;
    let placement_option = body.placement_option.clone().unwrap_or_else(|| "AUTO".to_owned());
    ensure(account.placement_options.contains(&placement_option), ErrorCode::INVALID_PLACEMENT)?;
    let ssh_keys = ssh_keys(account, &body)?;
    let image = image(account, &body)?;
    let security_groups =
        security_groups(account, body.security_groups.as_deref().unwrap_or_default(), &body.region, &[])?;
    let volumes = volumes(account, body.volumes.as_deref().unwrap_or_default(), &body.region, None)?;
    let (floating_ip, public_ip) = floating_ip(account, &body)?;
    account.ensure_quota::<Instance>(ErrorCode::QUOTA_REACHED)?;
    capacity::acquire(account, &body)?;

    let id = account.new_id::<Instance>();
    account.machines.insert(id.clone(), Machine::new(&body));
    if let Some(metadata) = &body.metadata {
        let metadata = serde_json::to_value(metadata).ok().and_then(|value| value.as_object().cloned());
        account.user_metadata.insert(id.clone(), UserMetadata(metadata.unwrap_or_default()));
    }
    let instance = filled!(Instance {
        id,
        dns_name: Some(format!("{}.sandbox.invalid", body.hostname)),
        name: body.name,
        hostname: body.hostname,
        type_: body.type_,
        region: body.region,
        placement_option: Some(placement_option),
        image: Some(image.reference),
        ssh_keys,
        security_groups,
        volumes,
        status: InstanceStatus::Creating,
        private_ip: None,
        public_ip,
        os_type: Some(image.os_type),
        created_at: account.now,
        updated_at: Some(account.now),
        disk_size: Some(body.disk_size.unwrap_or(MIN_DISK_SIZE)),
        floating_ip,
        reservation_id: body.reservation_id,
        is_protected: Some(body.is_protected.unwrap_or(false)),
    });
    account.insert_new(instance, request)
}

fn bad_request(message: impl Into<String>) -> ErrorResponse {
    ErrorResponse::new(ErrorCode::BAD_REQUEST, message)
}

fn ensure_type(account: &mut Account, body: &CreateInstanceBody) -> Result<(), ErrorResponse> {
    let disk = body.type_.split('_').find_map(|part| part.strip_prefix("disk-"));
    ensure(disk.is_none_or(|disk| disk == "80g"), ErrorCode::LEGACY_DISK)?;
    account.instance_type_availability(&body.region, &body.type_).map(drop).ok_or_else(|| no_such_type(account, body))
}

fn no_such_type(account: &Account, body: &CreateInstanceBody) -> ErrorResponse {
    let of_region = account.availability.iter().filter(|availability| availability.region == body.region);
    let names: Vec<_> = of_region.flat_map(|region| &region.instance_types).map(|known| known.type_.as_str()).collect();
    let (region, names) = (body.region.to_string(), names.join(", "));
    ErrorResponse::new(
        ErrorCode::CONFIG_NOT_ALLOWED,
        format!("there is no such instance type in {region}; there are: {names}"),
    )
}

fn ensure_one_login_method(body: &CreateInstanceBody) -> Result<(), ErrorResponse> {
    let has_keys = body.ssh_keys.as_ref().is_some_and(|keys| !keys.is_empty());
    ensure(
        has_keys != body.password.is_some(),
        bad_request("exactly one of \"ssh_keys\" and \"password\" must be given"),
    )?;
    let Some(password) = &body.password else { return Ok(()) };
    let password = password.expose();
    let has = |kind: fn(&char) -> bool| password.chars().any(|character| kind(&character));
    let is_strong = (8..=72).contains(&password.chars().count())
        && has(|it| it.is_uppercase())
        && has(|it| it.is_lowercase())
        && has(|it| it.is_numeric());
    ensure(is_strong, ErrorCode::WEAK_PASSWORD)
}

fn ensure_sizes(body: &CreateInstanceBody) -> Result<(), ErrorResponse> {
    const MAX_SCRIPT_SIZE: usize = 64 * 1024;
    let disk = body.disk_size.unwrap_or(MIN_DISK_SIZE);
    ensure(disk >= MIN_DISK_SIZE, bad_request(format!("\"disk_size\" must be {MIN_DISK_SIZE} or more")))?;
    let script = body.metadata.as_ref().and_then(|metadata| metadata.startup_script.as_ref());
    let length = script.map_or(0, |script| script.expose().len());
    ensure(length <= MAX_SCRIPT_SIZE, bad_request("\"metadata.startup_script\" must be 64 KiB or less"))
}

fn ssh_keys(account: &Account, body: &CreateInstanceBody) -> Result<Vec<Reference>, ErrorResponse> {
    let mut keys = Vec::new();
    for id in body.ssh_keys.iter().flatten() {
        let key = account.ssh_keys.get(id).ok_or(ErrorCode::INVALID_SSH_KEY)?;
        add(&mut keys, reference(&key.id, &key.name));
    }
    Ok(keys)
}

/// What the boot disk is created from.
struct BootSource {
    reference: Reference,
    os_type: OsType,
}

/// Finds an image by id, slug or `slug:version`, or a snapshot by id.
fn image(account: &Account, body: &CreateInstanceBody) -> Result<BootSource, ErrorResponse> {
    if let Some(snapshot) = account.snapshots.get(&body.image) {
        ensure(snapshot.status == SnapshotStatus::Created, ErrorCode::INVALID_IMAGE)?;
        ensure(snapshot.region == body.region, ErrorResponse::region_mismatch("image"))?;
        let reference = reference(&snapshot.id, &snapshot.name);
        return Ok(BootSource { reference, os_type: snapshot.os_type.clone() });
    }
    let (slug, version) = match body.image.split_once(':') {
        Some((slug, version)) => (slug, Some(version.to_owned())),
        None => (body.image.as_str(), None),
    };
    let by_slug = |image: &&Image| {
        image.slug.as_deref() == Some(slug)
            && version
                .as_ref()
                .is_none_or(|version| image.versions.iter().flatten().any(|existing| existing == version))
    };
    let image = account.images.get(&body.image).or_else(|| account.images.values().find(by_slug));
    let image = image.ok_or(ErrorCode::INVALID_IMAGE)?;
    ensure(image.regions.contains(&body.region), ErrorResponse::region_mismatch("image"))?;
    let needs_gpu = image.slug.as_ref().is_some_and(|slug| slug.contains("nvidia"));
    ensure(!needs_gpu || body.type_.contains("nvidia"), ErrorCode::IMAGE_DOES_NOT_FIT)?;
    let os_type = image.os_type.clone().unwrap_or(OsType::Linux);
    Ok(BootSource { reference: reference(&image.id, &image.name), os_type })
}

/// Returns the requested floating IP and its address.
fn floating_ip(
    account: &Account,
    body: &CreateInstanceBody,
) -> Result<(Option<Reference>, Option<String>), ErrorResponse> {
    let Some(id) = &body.floating_ip else { return Ok((None, None)) };
    let address =
        account.floating_ips.get(id).ok_or_else(|| bad_request("\"floating_ip\" is not the id of a floating ip"))?;
    ensure(address.region == body.region, ErrorResponse::region_mismatch("floating_ip"))?;
    let is_free = address.status == FloatingIpStatus::Created && floating_ips::assigned_instance(account, id).is_none();
    ensure(is_free, ErrorResponse::new(ErrorCode::NOT_ALLOWED, "the floating ip is in use, or not created yet"))?;
    Ok((Some(reference(&address.id, &address.name)), address.ip_address.clone()))
}
