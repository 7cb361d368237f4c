//! Floating IPs.

use genesiscloud_bindings::types::{
    CreateFloatingIpBody, FloatingIp, FloatingIpStatus, FloatingIpVersion, Instance, UpdateFloatingIpBody,
};
use serde_json::{Map, Value};

use super::request::{Call, Ending};
use super::resource::{Kind, Resource, in_table};
use super::state::{Account, Table};
use crate::error_response::{Code, Refusal, ensure};
use crate::resource_id::{self as id, reference};

impl Resource for FloatingIp {
    const KIND: Kind = Kind {
        schema: "FloatingIP",
        one: Some("floating_ip"),
        many: "floating_ips",
        missing: Code::FLOATING_IP_NOT_FOUND,
        id: id::FLOATING_IP,
    };
    in_table!(floating_ips);

    fn is_leaving(&self) -> bool {
        self.status == FloatingIpStatus::Deleting
    }

    fn shown(&self, account: &Account) -> Self {
        let instance = user(account, &self.id).map(|it| reference(&it.id, &it.name));
        Self { instance, ..self.clone() }
    }

    fn proceed(account: &mut Account, id: &str, ending: Ending) {
        let Some(address) = account.floating_ips.get(id) else { return };
        match address.status {
            FloatingIpStatus::Creating => {
                let still = |it: &Self| it.status == FloatingIpStatus::Creating;
                let free = account.free_address("198.19");
                account.later::<Self>(5, id, still, move |address| match ending {
                    Ending::Error => address.status = FloatingIpStatus::Error,
                    _ => {
                        address.status = FloatingIpStatus::Created;
                        address.ip_address.get_or_insert(free);
                    }
                });
            }
            FloatingIpStatus::Deleting => account.gone_after::<Self>(3, id),
            _ => {}
        }
    }
}

/// The instance that uses an address.
pub(super) fn user<'a>(account: &'a Account, id: &str) -> Option<&'a Instance> {
    account.instances.values().find(|instance| instance.floating_ip.as_ref().is_some_and(|it| it.id == id))
}

pub(super) fn create(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    let body: CreateFloatingIpBody = call.body()?;
    account.ensure_quota::<FloatingIp>(Code::PUBLIC_IPS_REACHED)?;
    let address = FloatingIp {
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
        extra: Map::new(),
    };
    account.add(address, call.ending)
}

pub(super) fn update(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    let body: UpdateFloatingIpBody = call.body()?;
    let mut address = account.draft::<FloatingIp>(call.id())?;
    address.name = body.name.unwrap_or(address.name);
    address.description = body.description.unwrap_or(address.description);
    account.put(address)
}

pub(super) fn delete(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    account.find_mut::<FloatingIp>(call.id())?;
    let in_use = Refusal::new(Code::NOT_ALLOWED, "the floating ip is used by an instance");
    ensure(user(account, call.id()).is_none(), in_use)?;
    account.leave(call.id(), |address: &mut FloatingIp| address.status = FloatingIpStatus::Deleting)
}
