//! Which function answers which operation of the document.

use genesiscloud_bindings::types::{Filesystem, FloatingIp, Instance, SecurityGroup, Snapshot, SshKey, Volume};
use serde_json::Value;

use super::list::{get, list};
use super::request::Call;
use super::state::Account;
use super::{catalog, filesystems, floating_ips, images, instances, security_groups, snapshots, ssh_keys, volumes};
use crate::error_response::Refusal;

/// Does what a request asks for and gives the body of the answer, null for none.
pub(crate) type Handler = fn(&mut Account, &Call) -> Result<Value, Refusal>;

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
    use crate::openapi::Contract;

    #[test]
    fn every_operation_of_the_document_has_its_function() {
        let missing = Contract::vendored().operation_ids().filter(|id| handler(id).is_none()).collect::<Vec<_>>();
        assert_eq!(missing, Vec::<&str>::new());
    }
}
