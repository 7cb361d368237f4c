//! SSH keys.

use genesiscloud_bindings::types::{CreateSshKeyBody, UpdateSshKeyBody};

use super::{listed, service};
use crate::create::{create_or_recover, creating};
use crate::{List, Page, Pending, SshKey};

service! {
    /// The SSH keys of an account, to put on new instances.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client) {
    /// let ssh_keys = client.ssh_keys();
    /// # }
    /// ```
    SshKeys
}

listed!(SshKey, "ListSSHKeysPaginated", list_ssh_keys_paginated, ssh_keys);

impl SshKeys {
    /// All SSH keys of the account. One request a page.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use futures::TryStreamExt;
    ///
    /// let all: Vec<_> = client.ssh_keys().list().try_collect().await?;
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<SshKey> {
        List::new(&self.client, ())
    }

    /// One page of SSH keys; pages count from 1 and hold 1 to 100 items. One request, none if a number is out of range.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let page = client.ssh_keys().list_page(2, 50).await?;
    /// # Ok(()) }
    /// ```
    pub fn list_page(&self, page: u32, per_page: u32) -> Pending<Page<SshKey>> {
        self.list().per_page(per_page).page(page)
    }

    /// Stores a public key. It can be used at once. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::CreateSshKey;
    ///
    /// let key = client.ssh_keys().create(CreateSshKey::new("laptop", "ssh-ed25519 AAAA… me@laptop")).await?;
    /// # Ok(()) }
    /// ```
    pub fn create(&self, ssh_key: CreateSshKey) -> Pending<SshKey> {
        let call = self.client.call("CreateSSHKey");
        Pending::new(creating(self.client.clone(), ssh_key.0.name.clone(), async move {
            let answer = call.raw.create_ssh_key(&ssh_key.0).await;
            call.finish(answer).await
        }))
    }

    /// Creates one like [`create`](Self::create), and if the answer is lost, looks for what may have been made: of the
    /// same name and fields, not older than the request by the service's clock (but for 5 s; 30 s if no answer told its
    /// time), and not made by another create of this client. Exactly one is adopted. It is never created twice.
    ///
    /// One request; and after a lost answer up to 5 looks at the whole list, each [verified](List::verified), with pauses of
    /// half a minute in all. While another create of this name is under way, whose it may be, it goes on looking.
    ///
    /// Names need not be unique: if another program makes one of the same name and fields at the same time, nobody can tell
    /// them apart. Give each a name of its own.
    ///
    /// # Errors
    /// [`Ambiguous`](crate::ErrorKind::Ambiguous) if none was found, or several;
    /// [`Unconfirmed::found`](crate::Unconfirmed::found) names them.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateSshKey) -> genesiscloud::Result<()> {
    /// let made = client.ssh_keys().create_or_recover(new).await?;
    /// # Ok(()) }
    /// ```
    pub fn create_or_recover(&self, ssh_key: CreateSshKey) -> Pending<SshKey> {
        create_or_recover(&self.client, self.create(ssh_key))
    }

    /// The SSH key as it is now. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let ssh_key = client.ssh_keys().get("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn get(&self, id: impl AsRef<str>) -> Pending<SshKey> {
        let call = self.client.call("GetSSHKey");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.get_ssh_key(&id).await;
            call.finish(answer).await
        })
    }

    /// Changes the name; the key itself cannot be changed. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::UpdateSshKey;
    ///
    /// let key = client.ssh_keys().update("an-id", UpdateSshKey::new().name("desktop")).await?;
    /// # Ok(()) }
    /// ```
    pub fn update(&self, id: impl AsRef<str>, change: UpdateSshKey) -> Pending<SshKey> {
        let call = self.client.call("UpdateSSHKey");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.update_ssh_key(&id, &change.0).await;
            call.finish(answer).await
        })
    }

    /// Removes a key from the account, at once. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.ssh_keys().delete("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn delete(&self, id: impl AsRef<str>) -> Pending<()> {
        let call = self.client.call("DeleteSSHKey");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.delete_ssh_key(&id).await;
            call.finish(answer).await
        })
    }
}

/// What a new SSH key is to be.
///
/// ```
/// use genesiscloud::CreateSshKey;
/// let new = CreateSshKey::new("laptop", "ssh-ed25519 AAAA… me@laptop");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct CreateSshKey(pub(crate) CreateSshKeyBody);

impl CreateSshKey {
    /// A public key in OpenSSH form, `ssh-ed25519 AAAA… comment`, under a name. The API refuses a private key.
    pub fn new(name: impl Into<String>, public_key: impl Into<String>) -> Self {
        Self(CreateSshKeyBody { name: name.into(), value: public_key.into() })
    }
}

/// What is to change about a SSH key; what is not set stays as it is.
///
/// ```
/// use genesiscloud::UpdateSshKey;
/// let change = UpdateSshKey::new().name("desktop");
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct UpdateSshKey(pub(crate) UpdateSshKeyBody);

impl UpdateSshKey {
    /// No change yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The new name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.name = Some(name.into());
        self
    }
}
