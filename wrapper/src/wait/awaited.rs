//! What can be waited for, and what its statuses mean.

use crate::{
    Client, Filesystem, FilesystemStatus, FloatingIp, FloatingIpStatus, Instance, InstanceStatus, Listed, Pending,
    SecurityGroup, SecurityGroupStatus, Snapshot, SnapshotStatus, Volume, VolumeStatus,
};

/// What can be waited for. Sealed: the types are those of this crate.
pub trait Awaited: Listed + private::Awaited {}

impl<T: Listed + private::Awaited> Awaited for T {}

/// How far a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// On the way from one state to another; also whatever this version does not know.
    UnderWay,
    /// As it was asked for.
    Ready,
    /// Not, and not on the way there either.
    Resting,
    /// It rests until a person pays.
    PendingPayment,
    /// It is being deleted.
    Going,
    /// It came to `error`.
    Failed,
}

pub(crate) mod private {
    use std::fmt::{Debug, Display};

    use super::{Client, Pending, Stage};
    use crate::list::private::Listed;
    use crate::wait::board::Board;

    pub trait Awaited: Listed<Filter: Default> + Clone + Debug + Sync {
        type Status: Clone + Debug + Display + PartialEq + Send + Sync + Unpin + 'static;

        /// What people call one of these.
        const WHAT: &str;

        fn get(client: &Client, id: &str) -> Pending<Self>;

        fn status(&self) -> &Self::Status;

        fn stage(status: &Self::Status) -> Stage;

        /// Where all waits of this kind on one client meet.
        fn board(client: &Client) -> &Board<Self>;
    }
}

/// The kinds of resources that can be waited for: type, words, service, statuses; and those statuses that mean something
/// to a wait. Older accounts see some that the document does not list.
macro_rules! awaited {
    ($($item:ident, $what:literal, $service:ident, $status:ident: { $($pattern:pat => $stage:ident),* })*) => {
        $(
            impl private::Awaited for $item {
                type Status = $status;

                const WHAT: &str = $what;

                fn get(client: &Client, id: &str) -> Pending<Self> {
                    client.$service().get(id)
                }

                fn status(&self) -> &$status {
                    &self.status
                }

                fn stage(status: &$status) -> Stage {
                    match status {
                        $($pattern => Stage::$stage,)*
                        $status::Unknown(other) => unlisted(other),
                        _ => Stage::UnderWay,
                    }
                }

                fn board(client: &Client) -> &super::board::Board<Self> {
                    &client.boards().$service
                }
            }
        )*

        /// The boards of one client.
        #[derive(Debug, Default)]
        pub(crate) struct Boards {
            $($service: super::board::Board<$item>,)*
        }
    };
}

awaited! {
    Instance, "instance", instances, InstanceStatus: {
        InstanceStatus::Active => Ready, InstanceStatus::Stopped => Resting,
        InstanceStatus::PendingPayment => PendingPayment,
        InstanceStatus::Deleting => Going, InstanceStatus::Error => Failed
    }
    Volume, "volume", volumes, VolumeStatus: {
        VolumeStatus::Created => Ready, VolumeStatus::PendingDelete | VolumeStatus::Deleting => Going,
        VolumeStatus::Error => Failed
    }
    Filesystem, "filesystem", filesystems, FilesystemStatus: {
        FilesystemStatus::Created => Ready, FilesystemStatus::Deleting => Going, FilesystemStatus::Error => Failed
    }
    Snapshot, "snapshot", snapshots, SnapshotStatus: {
        SnapshotStatus::Created => Ready, SnapshotStatus::PendingDelete | SnapshotStatus::Deleting => Going,
        SnapshotStatus::Error => Failed
    }
    SecurityGroup, "security group", security_groups, SecurityGroupStatus: {
        SecurityGroupStatus::Created => Ready, SecurityGroupStatus::Deleting => Going,
        SecurityGroupStatus::Error => Failed
    }
    FloatingIp, "floating IP", floating_ips, FloatingIpStatus: {
        FloatingIpStatus::Created => Ready, FloatingIpStatus::Deleting => Going, FloatingIpStatus::Error => Failed
    }
}

/// Statuses that the provider's documentation names for older accounts and its document does not list: `available` and
/// `in-use` of volumes, `active` of snapshots.
fn unlisted(status: &str) -> Stage {
    match status {
        "active" | "available" | "in-use" => Stage::Ready,
        _ => Stage::UnderWay,
    }
}

#[cfg(test)]
mod tests {
    use super::private::Awaited;
    use super::*;

    #[test]
    fn statuses_mean_what_the_documentation_says() {
        let volume = |status| Volume::stage(&status);
        assert_eq!(volume(VolumeStatus::Creating), Stage::UnderWay);
        assert_eq!(volume(VolumeStatus::Created), Stage::Ready);
        assert_eq!(volume(VolumeStatus::Unknown("in-use".into())), Stage::Ready);
        assert_eq!(volume(VolumeStatus::Unknown("reticulating".into())), Stage::UnderWay);
        assert_eq!(volume(VolumeStatus::PendingDelete), Stage::Going);
        let instance = |status| Instance::stage(&status);
        assert_eq!(instance(InstanceStatus::Stopped), Stage::Resting);
        assert_eq!(instance(InstanceStatus::PendingPayment), Stage::PendingPayment);
        assert_eq!(instance(InstanceStatus::Error), Stage::Failed);
    }
}
