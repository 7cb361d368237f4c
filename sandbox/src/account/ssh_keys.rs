//! Operations on SSH keys. They have no lifecycle: they exist and disappear immediately.

use genesiscloud_bindings::types::{CreateSshKeyBody, SshKey, UpdateSshKeyBody};
use serde_json::Value;

use super::request::OperationRequest;
use super::resource::{Resource, ResourceKind, table_accessors};
use super::state::{Account, Table};
use crate::error_response::{ErrorCode, ErrorResponse, ensure};
use crate::resource_id;
use crate::ssh_public_key;

impl Resource for SshKey {
    const KIND: ResourceKind = ResourceKind {
        schema: "SSHKey",
        singular: None,
        plural: "ssh_keys",
        not_found: ErrorCode::SSH_KEY_NOT_FOUND,
        id_prefix: resource_id::SSH_KEY,
    };
    table_accessors!(ssh_keys);
}

pub(super) fn create(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    let body: CreateSshKeyBody = request.body()?;
    ensure(!body.value.contains("PRIVATE KEY"), ErrorCode::PRIVATE_KEY)?;
    let mut key = ssh_public_key::parse(body.name, body.value, account.now).ok_or(ErrorCode::SSH_KEY_MALFORMED)?;
    account.ensure_quota::<SshKey>(ErrorCode::QUOTA_REACHED)?;
    key.id = account.new_id::<SshKey>();
    account.insert_new(key, request)
}

pub(super) fn update(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    let body: UpdateSshKeyBody = request.body()?;
    let mut key = account.copy_for_update::<SshKey>(request.id())?;
    key.name = body.name.unwrap_or(key.name);
    account.save(key)
}

pub(super) fn delete(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    account.find::<SshKey>(request.id())?;
    account.delay_deletion::<SshKey>(request);
    account.ssh_keys.shift_remove(request.id());
    Ok(Value::Null)
}
