//! The resources of the API. [`Client`](crate::Client) has an accessor for each, which is cheap; the value can be stored and
//! sent to another task.
//!
//! An id is anything that converts to `&str`: a text, a resource such as an [`Instance`], a [`Reference`](crate::Reference) to one. Every method costs one request unless its documentation states otherwise, and
//! more if it is [retried](crate::guide::retries). It can fail with any [`Error`](crate::Error); an id that would reach another
//! path is refused before sending ([`InvalidInput`](crate::ErrorKind::InvalidInput)), and an operation that is not idempotent
//! can be [`Ambiguous`](crate::ErrorKind::Ambiguous).

mod as_data;
mod availability;
mod definitions;
mod filesystems;
mod floating_ips;
mod images;
mod instances;
mod offers;
mod quotas;
mod reservations;
mod security_groups;
mod snapshots;
mod ssh_keys;
mod volumes;

/// The blocking services, which [`crate::blocking`] re-exports.
#[cfg(feature = "blocking")]
pub(crate) mod blocking {
    pub use super::availability::blocking::*;
    pub use super::filesystems::blocking::*;
    pub use super::floating_ips::blocking::*;
    pub use super::images::blocking::*;
    pub use super::instances::blocking::*;
    pub use super::quotas::blocking::*;
    pub use super::reservations::blocking::*;
    pub use super::security_groups::blocking::*;
    pub use super::snapshots::blocking::*;
    pub use super::ssh_keys::blocking::*;
    pub use super::volumes::blocking::*;
}

pub use self::as_data::WithSecrets;
pub use self::availability::*;
pub use self::filesystems::*;
pub use self::floating_ips::*;
pub use self::images::*;
pub use self::instances::*;
pub use self::offers::*;
pub use self::quotas::*;
pub use self::reservations::*;
pub use self::security_groups::*;
pub use self::snapshots::*;
pub use self::ssh_keys::*;
pub use self::volumes::*;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::Resource;
    use crate::{Client, Region};

    /// The functions that prepare requests have the same type for all resources, so the compiler accepts those of another one.
    fn assert_own_operations<R: Resource<Update: Default>>(client: &Client, new: &R::Create) {
        let raw = client.core().raw();
        let create = R::CREATE(raw, new).operation;
        let of_one = [
            R::GET(raw, "an-id").operation,
            R::UPDATE(raw, "an-id", &R::Update::default()).operation,
            R::DELETE(raw, "an-id").operation,
        ];
        assert_eq!((create.method, create.is_idempotent), ("POST", false), "{create:?}");
        assert_eq!(of_one.map(|operation| operation.method), ["GET", "PATCH", "DELETE"]);
        for operation in of_one {
            assert_eq!(operation.path, of_one[0].path);
            assert!(operation.path.starts_with(&format!("{}/{{", create.path)), "{operation:?}, {create:?}");
            assert!(operation.is_idempotent, "{operation:?}");
        }
        assert!(R::IDENTIFYING_FIELDS.contains(&"name"));
        for secret in ["password", "metadata", "startup_script", "user_data"] {
            assert!(!R::IDENTIFYING_FIELDS.contains(&secret), "errors show these fields");
        }
    }

    #[test]
    fn every_resource_has_its_own_operations() {
        let client = Client::builder().token("secret").endpoint("http://127.0.0.1:1").build().unwrap();
        let region = Region::NordNoKrs1;
        assert_own_operations::<Instance>(&client, &CreateInstance::new("a", "type", "image", region.clone()));
        assert_own_operations::<Snapshot>(&client, &CreateSnapshot::new("a", "url", region.clone(), 80));
        assert_own_operations::<Volume>(&client, &CreateVolume::new("a", region.clone(), 1));
        assert_own_operations::<Filesystem>(&client, &CreateFilesystem::new("a", region.clone(), 1));
        assert_own_operations::<SshKey>(&client, &CreateSshKey::new("a", "key"));
        assert_own_operations::<SecurityGroup>(&client, &CreateSecurityGroup::new("a", region.clone(), []));
        assert_own_operations::<FloatingIp>(&client, &CreateFloatingIp::new("a", region));
    }
}
