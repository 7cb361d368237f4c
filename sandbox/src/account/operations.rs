//! Maps each operation of the document to the function that performs it.

use genesiscloud_bindings::types::{Filesystem, FloatingIp, Instance, SecurityGroup, Snapshot, SshKey, Volume};
use serde_json::Value;

use super::list::list;
use super::request::OperationRequest;
use super::resource::Resource;
use super::state::Account;
use super::{catalog, filesystems, floating_ips, images, instances, security_groups, snapshots, ssh_keys, volumes};
use crate::error_response::ErrorResponse;

/// Performs an operation and returns the response body, or null for none.
pub(crate) type OperationHandler = fn(&mut Account, &OperationRequest) -> Result<Value, ErrorResponse>;

/// Returns the function that performs an operation.
pub(crate) fn operation_handler(operation: &str) -> Option<OperationHandler> {
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
        "PerformInstanceAction" => instances::perform_action,
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

/// Returns the resource that the request names.
fn get<T: Resource>(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    Ok(T::KIND.single_response(&account.read::<T>(request.id())?.with_references(account)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi::OpenApiDocument;

    #[test]
    fn every_operation_of_the_document_has_a_handler() {
        let operation_ids = OpenApiDocument::vendored().operation_ids();
        let missing = operation_ids.filter(|id| operation_handler(id).is_none()).collect::<Vec<_>>();
        assert_eq!(missing, Vec::<&str>::new());
    }
}
