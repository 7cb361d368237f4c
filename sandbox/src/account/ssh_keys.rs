//! SSH keys. They exist at once, and are gone at once.

use genesiscloud_bindings::types::{CreateSshKeyBody, SshKey, UpdateSshKeyBody};
use serde_json::Value;

use super::request::Call;
use super::resource::{Kind, Resource, in_table};
use super::state::{Account, Table};
use crate::error_response::{Code, Refusal, ensure};
use crate::resource_id as id;
use crate::ssh_public_key;

impl Resource for SshKey {
    const KIND: Kind =
        Kind { schema: "SSHKey", one: None, many: "ssh_keys", missing: Code::SSH_KEY_NOT_FOUND, id: id::SSH_KEY };
    in_table!(ssh_keys);
}

pub(super) fn create(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    let body: CreateSshKeyBody = call.body()?;
    ensure(!body.value.contains("PRIVATE KEY"), Code::PRIVATE_KEY)?;
    let key = ssh_public_key::parse(body.name, body.value, account.now).ok_or(Code::SSH_KEY_MALFORMED)?;
    account.ensure_quota::<SshKey>(Code::QUOTA_REACHED)?;
    let id = account.new_id::<SshKey>();
    account.add(SshKey { id, ..key }, call.ending)
}

pub(super) fn update(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    let body: UpdateSshKeyBody = call.body()?;
    let mut key = account.draft::<SshKey>(call.id())?;
    key.name = body.name.unwrap_or(key.name);
    account.put(key)
}

pub(super) fn delete(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    account.find::<SshKey>(call.id())?;
    account.ssh_keys.shift_remove(call.id());
    Ok(Value::Null)
}
