//! Which function answers which operation of the document.

use genesiscloud_bindings::types::{Filesystem, FloatingIp, Instance, SecurityGroup, Snapshot, SshKey, Volume};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::resource::{get, list};
use super::{
    Account, catalog, filesystems, floating_ips, images, instances, security_groups, snapshots, ssh_keys, volumes,
};
use crate::refusal::{Code, Refusal};

/// A request that keeps to the document.
pub(crate) struct Call {
    /// Parameters in the path, in their order.
    pub(crate) path: Vec<(String, String)>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Value,
    /// How it is to end, should it begin something.
    pub(crate) ending: Ending,
}

/// How what a request begins is to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ending {
    /// In the status that people wait for.
    #[default]
    Settled,
    /// In `error`.
    Error,
    /// In `pending_payment`; what knows no such status settles.
    PendingPayment,
}

/// Does what a request asks for and gives the body of the answer, null for none.
pub(crate) type Handler = fn(&mut Account, &Call) -> Result<Value, Refusal>;

impl Call {
    /// The first parameter of the path.
    pub(super) fn id(&self) -> &str {
        self.path.first().map_or("", |(_, value)| value)
    }

    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The body as its type. It kept to the document, so that only numbers nobody could mean are left to refuse.
    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_path_to_error::deserialize(&self.body).map_err(|error| {
            let message = format!("\"{}\" is out of range", error.path());
            Refusal::new(Code::BAD_REQUEST, message)
        })
    }
}

/// The function for an operation of the document.
pub(crate) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "GetInstancesAvailability" => catalog::availability,
        "GetQuotas" => catalog::quotas,
        "GetReservations" => catalog::reservations,

        "ListImagesPaginated" => images::list,

        "ListFilesystemsPaginated" => list::<Filesystem>,
        "GetFilesystem" => get::<Filesystem>,
        "CreateFilesystem" => filesystems::create,
        "UpdateFilesystem" => filesystems::update,
        "DeleteFilesystem" => filesystems::delete,

        "ListFloatingIPsPaginated" => list::<FloatingIp>,
        "GetFloatingIP" => get::<FloatingIp>,
        "CreateFloatingIP" => floating_ips::create,
        "UpdateFloatingIP" => floating_ips::update,
        "DeleteFloatingIP" => floating_ips::delete,

        "ListInstancesPaginated" => list::<Instance>,
        "GetInstance" => get::<Instance>,
        "CreateInstance" => instances::create,
        "UpdateInstance" => instances::update,
        "DeleteInstance" => instances::delete,
        "GetInstanceActions" => instances::actions,
        "PerformInstanceAction" => instances::act,
        "GetInstanceUserMetadata" => instances::user_metadata,
        "ListInstanceSnapshotsPaginated" => snapshots::list_of_instance,
        "CreateInstanceSnapshot" => snapshots::create_of_instance,

        "ListSecurityGroupsPaginated" => list::<SecurityGroup>,
        "GetSecurityGroup" => get::<SecurityGroup>,
        "CreateSecurityGroup" => security_groups::create,
        "UpdateSecurityGroup" => security_groups::update,
        "DeleteSecurityGroup" => security_groups::delete,

        "ListSnapshotsPaginated" => list::<Snapshot>,
        "GetSnapshot" => get::<Snapshot>,
        "CreateSnapshot" => snapshots::import,
        "CloneSnapshot" => snapshots::clone,
        "UpdateSnapshot" => snapshots::update,
        "DeleteSnapshot" => snapshots::delete,

        "ListSSHKeysPaginated" => list::<SshKey>,
        "GetSSHKey" => get::<SshKey>,
        "CreateSSHKey" => ssh_keys::create,
        "UpdateSSHKey" => ssh_keys::update,
        "DeleteSSHKey" => ssh_keys::delete,

        "ListVolumesPaginated" => list::<Volume>,
        "GetVolume" => get::<Volume>,
        "CreateVolume" => volumes::create,
        "UpdateVolume" => volumes::update,
        "DeleteVolume" => volumes::delete,

        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Contract;

    #[test]
    fn every_operation_of_the_document_has_its_function() {
        let missing = Contract::vendored().operation_ids().filter(|id| handler(id).is_none()).collect::<Vec<_>>();
        assert_eq!(missing, Vec::<&str>::new());
    }
}
