//! SSH keys: public keys to log in to instances.

#[doc(inline)]
pub use genesiscloud_bindings::types::SshKey;
use genesiscloud_bindings::{requests, types};

use futures::TryStreamExt;

use super::definitions::{operations, parameters, resource};
use crate::ledger::Marker;
use crate::resource::Preparation;
use crate::{Call, Error, Result};

resource! {
    /// The SSH keys of an account, for logging in to new instances.
    SshKeys of SshKey ("SSH key", "SSH keys"), client.ssh_keys();

    pub fn list, list_page = requests::list_ssh_keys_paginated(raw, page, per_page) in ssh_keys;
    pub fn get = requests::get_ssh_key(raw, id) in SshKey;

    /// Creates an SSH key from a public key. It can be used at once.
    ///
    /// A private key, and a value of several lines, is refused with
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput), and nothing is sent.
    ///
    /// `create_or_recover` recognises its result by name and key. It may be one that existed before, so do not delete it unless
    /// you know that it is yours.
    pub fn create, create_or_recover(CreateSshKey) = requests::create_ssh_key(raw, new);
    example(CreateSshKey): CreateSshKey::new("laptop", "ssh-ed25519 AAAA… me@laptop");

    /// Only the name can change, not the key itself.
    pub fn update(UpdateSshKey) = requests::update_ssh_key(raw, id, change);
    example(UpdateSshKey): UpdateSshKey::new().name("desktop");

    /// Deletes an SSH key, at once.
    pub fn delete, delete_if_exists = requests::delete_ssh_key(raw, id);

    identified by ["name", "value"];
    prepare = CreateSshKey::prepare;
}

operations! { impl SshKeys {
    /// Returns the account's SSH key with this key material, type and key without the comment, and creates it if there is none.
    /// An existing one is returned as it is, whatever its name; of several, the oldest.
    ///
    /// A program may call this at each start. Two that call it for the same key at the same moment can both create one.
    ///
    /// One request for each 100 SSH keys of the account, two where there are more than 100, since the list is
    /// [verified](crate::List::verified). If there is none, those of [`create_or_recover`](Self::create_or_recover). If that is
    /// rejected with a conflict, the list is read once more.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a private key, and for a text without a type and a key, before any
    /// request; those of the list and of `create_or_recover`.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::CreateSshKey;
    ///
    /// let key = client.ssh_keys().ensure(CreateSshKey::new("laptop", "ssh-ed25519 AAAA… me@laptop")).await?;
    /// # Ok(()) }
    /// ```
    #[inline]
    pub fn ensure(&self, key: CreateSshKey) -> Call<SshKey> {
        let keys = self.clone();
        Call::new(async move {
            key.check().map_err(Error::invalid_input)?;
            let material = key_material(&key.0.value).map(|(kind, key)| (kind.to_owned(), key.to_owned()));
            let (kind, material) = material.ok_or_else(|| {
                Error::invalid_input("the value has no type and key, as in `ssh-ed25519 AAAA… comment`")
            })?;
            if let Some(existing) = keys.find(&kind, &material).await? {
                return Ok(existing);
            }
            match keys.create_or_recover(key).await {
                Err(error) if error.is_conflict() => keys.find(&kind, &material).await?.ok_or(error),
                created => created,
            }
        })
    }
} }

impl SshKeys {
    /// The oldest SSH key with this key material.
    #[inline]
    async fn find(&self, kind: &str, material: &str) -> Result<Option<SshKey>> {
        let all: Vec<_> = self.list().per_page(100).verified().try_collect().await?;
        let same = all.into_iter().filter(|key| key_material(&key.value) == Some((kind, material)));
        Ok(same.min_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id))))
    }
}

/// The type and the key of a public key in OpenSSH format, without the comment.
fn key_material(value: &str) -> Option<(&str, &str)> {
    let mut words = value.split_whitespace();
    Some((words.next()?, words.next()?))
}

parameters! {
    pub struct CreateSshKey(types::CreateSshKeyBody) for "creating an SSH key";
    example(CreateSshKey): CreateSshKey::new("laptop", "ssh-ed25519 AAAA… me@laptop");

    /// Returns parameters for a public key in OpenSSH format, `ssh-ed25519 AAAA… comment`, such as the content of a file
    /// `~/.ssh/id_ed25519.pub`. White space at both ends is removed. A private key, or more than one key, is refused when it
    /// would be sent.
    pub fn new(name: impl Into<String>, public_key: impl Into<String>) =
        types::CreateSshKeyBody { name: name.into(), value: public_key.into().trim().to_owned() };
}

/// What only private keys have: the first line of PEM, SSH2 and PuTTY, and their start in base64, without that line.
const MARKS_OF_PRIVATE_KEYS: [&str; 4] =
    ["PRIVATE KEY-", "PRIVATE KEY -", "PuTTY-User-Key-File", "b3BlbnNzaC1rZXktdjE"];

impl CreateSshKey {
    fn prepare(&mut self, preparation: &Preparation) -> Result<Option<Marker>, String> {
        self.check()?;
        Ok(preparation.suffix.as_ref().map(|_| Marker::new("value", self.0.value.clone())))
    }

    /// No reason repeats the value.
    fn check(&self) -> Result<(), String> {
        let value = &self.0.value;
        if MARKS_OF_PRIVATE_KEYS.iter().any(|mark| value.contains(mark)) {
            return Err(
                "the value is a private key, which must not leave this machine; give the public key, one line such \
                        as `ssh-ed25519 AAAA… comment`, usually in the file of the same name with `.pub`"
                    .to_owned(),
            );
        }
        match value.lines().filter(|line| !line.trim().is_empty()).count() {
            0 | 1 => Ok(()),
            lines => Err(format!("the value has {lines} lines, and a public key is one; create one SSH key for each")),
        }
    }
}

parameters! {
    pub struct UpdateSshKey(types::UpdateSshKeyBody): Default for "updating an SSH key";
    example(UpdateSshKey): UpdateSshKey::new().name("desktop");

    /// Sets the name.
    pub fn name(name: impl Into<String>) = self.0.name;
}
