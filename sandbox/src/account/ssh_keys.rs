//! SSH keys. They exist at once, and are gone at once.

use chrono::{DateTime, Utc};
use genesiscloud_bindings::types::{CreateSshKeyBody, SshKey, UpdateSshKeyBody};
use serde_json::{Map, Value};
use ssh_key::public::KeyData;
use ssh_key::{EcdsaCurve, HashAlg, PublicKey};

use super::resource::{Kind, Resource, Table, in_table};
use super::{Account, Call, id};
use crate::refusal::{Code, Refusal, ensure};

impl Resource for SshKey {
    const KIND: Kind =
        Kind { schema: "SSHKey", one: None, many: "ssh_keys", missing: Code::SSH_KEY_NOT_FOUND, id: id::SSH_KEY };
    in_table!(ssh_keys);
}

pub(super) fn create(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    let body: CreateSshKeyBody = call.body()?;
    ensure(!body.value.contains("PRIVATE KEY"), Code::PRIVATE_KEY)?;
    let key = read(body.name, body.value, account.now).ok_or(Code::SSH_KEY_MALFORMED)?;
    account.ensure_quota::<SshKey>(Code::QUOTA_REACHED)?;
    let id = account.new_id::<SshKey>();
    account.add(SshKey { id, ..key }, call.ending)
}

/// The resource for a public key in OpenSSH form, but for its id.
pub(crate) fn read(name: String, value: String, now: DateTime<Utc>) -> Option<SshKey> {
    let key = PublicKey::from_openssh(value.trim()).ok()?;
    Some(SshKey {
        id: String::new(),
        name,
        fingerprint: key.fingerprint(HashAlg::Sha256).to_string(),
        type_: key.algorithm().to_string(),
        size: bits(key.key_data()),
        value,
        created_at: now,
        updated_at: Some(now),
        extra: Map::new(),
    })
}

/// Length of a key as `ssh-keygen -l` tells it.
fn bits(key: &KeyData) -> i64 {
    match key {
        KeyData::Rsa(key) => key.n.as_positive_bytes().map_or(0, |modulus| {
            modulus.len() as i64 * 8 - modulus.first().map_or(0, |byte| i64::from(byte.leading_zeros()))
        }),
        KeyData::Dsa(key) => key.p.as_positive_bytes().map_or(0, |prime| prime.len() as i64 * 8),
        KeyData::Ecdsa(key) => match key.curve() {
            EcdsaCurve::NistP256 => 256,
            EcdsaCurve::NistP384 => 384,
            EcdsaCurve::NistP521 => 521,
        },
        _ => 256,
    }
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
