//! SSH keys: public keys to log in to instances.

#[doc(inline)]
pub use genesiscloud_bindings::types::SshKey;
use genesiscloud_bindings::{requests, types};

use super::definitions::{parameters, resource};
use crate::resource::Marker;

resource! {
    /// The SSH keys of an account, for logging in to new instances.
    SshKeys of SshKey ("SSH key", "SSH keys"), client.ssh_keys();

    pub fn list, list_page = requests::list_ssh_keys_paginated(raw, page, per_page) in ssh_keys;
    pub fn get = requests::get_ssh_key(raw, id) in SshKey;

    /// Creates an SSH key from a public key. It can be used at once.
    ///
    /// `create_or_recover` recognises its result by name and key. It may be one that existed before, so do not delete it unless
    /// you know that it is yours.
    pub fn create, create_or_recover(CreateSshKey) = requests::create_ssh_key(raw, new);
    example(CreateSshKey): CreateSshKey::new("laptop", "ssh-ed25519 AAAA… me@laptop");

    /// Only the name can change, not the key itself.
    pub fn update(UpdateSshKey) = requests::update_ssh_key(raw, id, change);
    example(UpdateSshKey): UpdateSshKey::new().name("desktop");

    /// Deletes an SSH key, at once.
    pub fn delete = requests::delete_ssh_key(raw, id);

    identified by ["name", "value"];
    prepare = CreateSshKey::prepare;
}

parameters! {
    pub struct CreateSshKey(types::CreateSshKeyBody) for "creating an SSH key";
    example(CreateSshKey): CreateSshKey::new("laptop", "ssh-ed25519 AAAA… me@laptop");

    /// Returns parameters for a public key in OpenSSH format, `ssh-ed25519 AAAA… comment`. The API rejects a private key.
    pub fn new(name: impl Into<String>, public_key: impl Into<String>) =
        types::CreateSshKeyBody { name: name.into(), value: public_key.into() };
}

impl CreateSshKey {
    fn prepare(&mut self, suffix: Option<&str>) -> Result<Option<Marker>, String> {
        Ok(suffix.map(|_| Marker { field: "value", value: self.0.value.clone() }))
    }
}

parameters! {
    pub struct UpdateSshKey(types::UpdateSshKeyBody): Default for "updating an SSH key";
    example(UpdateSshKey): UpdateSshKey::new().name("desktop");

    /// Sets the name.
    pub fn name(name: impl Into<String>) = self.0.name;
}
