//! SSH keys: public keys to log in to instances.

use genesiscloud_bindings::requests;
#[doc(inline)]
pub use genesiscloud_bindings::types::SshKey;
use genesiscloud_bindings::types::{CreateSshKeyBody, UpdateSshKeyBody};

use super::{identified_by_fields, resource_service};
use crate::core::Core;
use crate::list::{PageRequest, private::Listable};
use crate::resource::{Create, Delete, Get, Resource, Update};
use crate::{Call, Page};

resource_service! {
    /// The SSH keys of an account, which new instances can be given.
    SshKeys of SshKey ("SSH key", "SSH keys"),
    /// Returns the SSH keys of the account.
    client.ssh_keys();

    pub fn list;

    /// Creates an SSH key from a public key. It can be used at once. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::CreateSshKey;
    ///
    /// let key = client.ssh_keys().create(CreateSshKey::new("laptop", "ssh-ed25519 AAAA… me@laptop")).await?;
    /// # Ok(()) }
    /// ```
    pub fn create(CreateSshKey);

    /// Updates the name; the key itself cannot be changed. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::UpdateSshKey;
    ///
    /// let key = client.ssh_keys().update("an-id", UpdateSshKey::new().name("desktop")).await?;
    /// # Ok(()) }
    /// ```
    pub fn update(UpdateSshKey);

    /// Deletes an SSH key, at once. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.ssh_keys().delete("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn delete;
}

impl Resource for SshKey {
    type Create = CreateSshKey;
    type Update = UpdateSshKey;
    type Body = Self;

    const CREATE: Create<Self> = |raw, new| requests::create_ssh_key(raw, &new.0);
    const GET: Get<Self> = requests::get_ssh_key;
    const UPDATE: Update<Self> = |raw, id, change| requests::update_ssh_key(raw, id, &change.0);
    const DELETE: Delete = requests::delete_ssh_key;

    const OPEN: fn(Self) -> Self = |key| key;
    const NAME: fn(&CreateSshKey) -> &str = |new| &new.0.name;
    const IDENTITY: &'static [&'static str] = &["name", "value"];
}

impl Listable for SshKey {
    type Filter = ();

    fn fetch(core: &Core, (): &(), page: PageRequest) -> Call<Page<Self>> {
        page.fetch(core, requests::list_ssh_keys_paginated, |l| (l.ssh_keys, l.page, l.per_page, l.total_count))
    }

    identified_by_fields!();
}

/// Parameters for creating an SSH key.
///
/// ```
/// use genesiscloud::CreateSshKey;
/// let new = CreateSshKey::new("laptop", "ssh-ed25519 AAAA… me@laptop");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct CreateSshKey(pub(crate) CreateSshKeyBody);

impl CreateSshKey {
    /// Returns parameters for a public key in OpenSSH format, `ssh-ed25519 AAAA… comment`. The API rejects a private key.
    pub fn new(name: impl Into<String>, public_key: impl Into<String>) -> Self {
        Self(CreateSshKeyBody { name: name.into(), value: public_key.into() })
    }
}

/// Parameters for updating an SSH key; fields that are not set stay as they are.
///
/// ```
/// use genesiscloud::UpdateSshKey;
/// let change = UpdateSshKey::new().name("desktop");
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct UpdateSshKey(pub(crate) UpdateSshKeyBody);

impl UpdateSshKey {
    /// Returns parameters that change nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.name = Some(name.into());
        self
    }
}
