//! What the status of an instance means for a program that manages instances.

use crate::bindings::types::{Instance, InstanceStatus};

/// The phase of an instance's life that its status belongs to: what orchestrators ask for, whatever statuses there are.
///
/// | phase | statuses of the provider's document | other statuses |
/// | --- | --- | --- |
/// | `Pending` | `creating`, `pending_payment`, `starting`, `resetting` | all that this table does not name |
/// | `Running` | `active` | |
/// | `Stopping` | `stopping` | |
/// | `Stopped` | `stopped` | `shutoff`, of earlier versions |
/// | `Deleting` | `deleting` | |
/// | `Failed` | `error` | |
/// | `Gone` | none: the API responds with 404 | |
///
/// An instance that is `pending_payment` stays so until a person pays.
///
/// ```
/// use genesiscloud_bindings::InstancePhase;
/// use genesiscloud_bindings::types::InstanceStatus;
///
/// assert_eq!(InstanceStatus::Resetting.phase(), InstancePhase::Pending);
/// assert_eq!(InstanceStatus::from("a-new-status").phase(), InstancePhase::Pending);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InstancePhase {
    /// It does not run yet, and will by itself, or when it is paid for; also any status that this version does not know.
    Pending,
    /// It runs.
    Running,
    /// It runs, and is being stopped.
    Stopping,
    /// It does not run, and can be started.
    Stopped,
    /// It is being deleted. It exists until it is gone, and a deletion can fail.
    Deleting,
    /// It does not exist, or no longer. No instance that was read has this phase.
    Gone,
    /// It has failed, and does not recover by itself. It exists until it is deleted.
    Failed,
}

impl InstanceStatus {
    /// Returns the phase of an instance with this status.
    ///
    /// ```
    /// use genesiscloud_bindings::InstancePhase;
    /// use genesiscloud_bindings::types::InstanceStatus;
    /// assert_eq!(InstanceStatus::Active.phase(), InstancePhase::Running);
    /// ```
    pub fn phase(&self) -> InstancePhase {
        match self.as_str() {
            "active" => InstancePhase::Running,
            "stopping" => InstancePhase::Stopping,
            "stopped" | "shutoff" => InstancePhase::Stopped,
            "deleting" => InstancePhase::Deleting,
            "error" => InstancePhase::Failed,
            _ => InstancePhase::Pending,
        }
    }
}

impl Instance {
    /// Returns the phase of the instance by its status: pending, running, stopping, stopped, deleting or failed.
    ///
    /// ```
    /// use genesiscloud_bindings::InstancePhase;
    /// use genesiscloud_bindings::types::{Instance, InstanceStatus};
    /// let mut vm = Instance::example();
    /// vm.status = InstanceStatus::Creating;
    /// assert_eq!(vm.phase(), InstancePhase::Pending);
    /// ```
    pub fn phase(&self) -> InstancePhase {
        self.status.phase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_a_phase_and_an_unknown_one_is_pending() {
        use InstancePhase::{Deleting, Failed, Pending, Running, Stopped, Stopping};
        let phases = [Pending, Pending, Running, Stopping, Stopped, Pending, Pending, Failed, Deleting];
        let listed = [
            "creating",
            "pending_payment",
            "active",
            "stopping",
            "stopped",
            "starting",
            "resetting",
            "error",
            "deleting",
        ];
        for (status, phase) in listed.into_iter().zip(phases) {
            let status = InstanceStatus::from(status);
            assert!(status.is_known() && status.phase() == phase, "{status}");
            assert_eq!(Instance { status, ..Instance::default() }.phase(), phase);
        }
        assert_eq!(InstanceStatus::ALL.len(), listed.len(), "a new status needs a phase");
        // Those that earlier versions of the document listed.
        for status in ["enqueued", "copying", "build", "restarting", "updating", "unknown", ""] {
            assert_eq!(InstanceStatus::from(status).phase(), Pending, "{status}");
        }
        assert_eq!(InstanceStatus::from("shutoff").phase(), Stopped);
    }
}
