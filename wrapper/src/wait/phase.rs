//! The phases of a resource, and the resources that can be waited for.

use crate::Listable;

/// A resource that can be waited for. Sealed: implemented by this crate's types only.
pub trait Waitable: Listable + private::Waitable {}

impl<T: Listable + private::Waitable> Waitable for T {}

/// The phase of a resource's life that a status belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It changes from one state to another; also any status that this version does not know.
    InTransition,
    /// It can be used.
    Ready,
    /// It is neither ready nor changing.
    AtRest,
    /// It stays as it is until a person pays.
    PendingPayment,
    /// It is being deleted.
    Deleting,
    /// Its status is `error`.
    Failed,
}

impl Phase {
    /// The phase of a status that the provider's documentation names for older accounts and its document does not list:
    /// `available` and `in-use` of volumes, `active` of snapshots.
    pub(crate) fn of_unlisted(status: &str) -> Self {
        match status {
            "active" | "available" | "in-use" => Self::Ready,
            _ => Self::InTransition,
        }
    }
}

pub(crate) mod private {
    use std::fmt::{Debug, Display};

    use super::Phase;
    use crate::resource::Resource;

    pub trait Waitable: Resource + Clone + Debug + PartialEq + Sync {
        type Status: Clone + Debug + Display + PartialEq + Send + Sync + Unpin + 'static;

        fn status(&self) -> &Self::Status;

        fn phase(status: &Self::Status) -> Phase;
    }
}
