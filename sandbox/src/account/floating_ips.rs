//! Operations and lifecycle of floating IPs.

use genesiscloud_bindings::types::{
    CreateFloatingIpBody, FloatingIp, FloatingIpStatus, FloatingIpVersion, Instance, UpdateFloatingIpBody,
};
use serde_json::Value;

use super::request::{OperationRequest, Outcome};
use super::resource::{Resource, ResourceKind, table_accessors};
use super::state::{Account, Table};
use crate::error_response::{ErrorCode, ErrorResponse, ensure};
use crate::filled::filled;
use crate::resource_id::{self, reference};

impl Resource for FloatingIp {
    const KIND: ResourceKind = ResourceKind {
        schema: "FloatingIP",
        singular: Some("floating_ip"),
        plural: "floating_ips",
        not_found: ErrorCode::FLOATING_IP_NOT_FOUND,
        id_prefix: resource_id::FLOATING_IP,
    };
    table_accessors!(floating_ips);

    fn is_deleting(&self) -> bool {
        self.status == FloatingIpStatus::Deleting
    }

    fn with_references(&self, account: &Account) -> Self {
        let instance = assigned_instance(account, &self.id).map(|it| reference(&it.id, &it.name));
        let mut shown = self.clone();
        shown.instance = instance;
        shown
    }

    fn schedule_transition(account: &mut Account, id: &str, outcome: Outcome) {
        let Some(address) = account.floating_ips.get(id) else { return };
        match address.status {
            FloatingIpStatus::Creating => {
                let unchanged = |it: &Self| it.status == FloatingIpStatus::Creating;
                let ip_address = account.next_address("198.19");
                account.schedule_change::<Self>(5, id, unchanged, move |address| match outcome {
                    Outcome::Error => address.status = FloatingIpStatus::Error,
                    _ => {
                        address.status = FloatingIpStatus::Created;
                        address.ip_address.get_or_insert(ip_address);
                    }
                });
            }
            FloatingIpStatus::Deleting => account.schedule_removal::<Self>(3, id),
            _ => {}
        }
    }
}

/// Returns the instance that a floating IP is assigned to.
pub(super) fn assigned_instance<'a>(account: &'a Account, id: &str) -> Option<&'a Instance> {
    account.instances_with(id).into_iter().next()
}

pub(super) fn create(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    let body: CreateFloatingIpBody = request.body()?;
    account.ensure_quota::<FloatingIp>(ErrorCode::PUBLIC_IPS_REACHED)?;
    let address = filled!(FloatingIp {
        id: account.new_id::<FloatingIp>(),
        name: body.name,
        description: body.description.unwrap_or_default(),
        region: body.region,
        status: FloatingIpStatus::Creating,
        ip_address: None,
        version: FloatingIpVersion::Ipv4,
        is_public: true,
        instance: None,
        created_at: account.now,
        updated_at: Some(account.now),
    });
    account.insert_new(address, request)
}

pub(super) fn update(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    let body: UpdateFloatingIpBody = request.body()?;
    let mut address = account.copy_for_update::<FloatingIp>(request.id())?;
    address.name = body.name.unwrap_or(address.name);
    address.description = body.description.unwrap_or(address.description);
    account.save(address)
}

pub(super) fn delete(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    account.find_mut::<FloatingIp>(request.id())?;
    let in_use = ErrorResponse::new(ErrorCode::NOT_ALLOWED, "the floating ip is used by an instance");
    ensure(assigned_instance(account, request.id()).is_none(), in_use)?;
    account.start_deletion(request, |address: &mut FloatingIp| address.status = FloatingIpStatus::Deleting)
}
