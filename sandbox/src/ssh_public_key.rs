//! Reads public SSH keys into the resource that describes them.

use crate::filled::filled;
use chrono::{DateTime, Utc};
use genesiscloud_bindings::types::SshKey;
use ssh_key::public::KeyData;
use ssh_key::{EcdsaCurve, HashAlg, PublicKey};

/// Parses a public key in OpenSSH format into a resource without an id. Returns `None` if it is malformed.
pub(crate) fn parse(name: String, value: String, now: DateTime<Utc>) -> Option<SshKey> {
    let key = PublicKey::from_openssh(value.trim()).ok()?;
    Some(filled!(SshKey {
        id: String::new(),
        name,
        fingerprint: key.fingerprint(HashAlg::Sha256).to_string(),
        type_: key.algorithm().to_string(),
        size: bits(key.key_data()),
        value,
        created_at: now,
        updated_at: Some(now),
    }))
}

/// Returns the length of a key in bits, as `ssh-keygen -l` prints it.
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
