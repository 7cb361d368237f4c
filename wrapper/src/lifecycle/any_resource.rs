//! A resource of any kind that can be created.

use std::fmt;

use crate::error::printable;
use crate::ledger::ResourceKind;
use crate::{Filesystem, FloatingIp, Instance, SecurityGroup, Snapshot, SshKey, Volume};

macro_rules! any_resource {
    ($($Kind:ident),+) => {
        /// A resource of any kind that can be created.
        ///
        /// ```
        /// fn print(resource: &genesiscloud::AnyResource) {
        ///     println!("{} {} ({})", resource.kind(), resource.name(), resource.id());
        /// }
        /// ```
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub enum AnyResource {
            $(
                #[doc = concat!("One of the kind [`ResourceKind::", stringify!($Kind), "`].")]
                $Kind(Box<$Kind>),
            )+
        }

        impl AnyResource {
            /// Returns its kind.
            pub fn kind(&self) -> ResourceKind {
                match self {
                    $(Self::$Kind(_) => ResourceKind::$Kind,)+
                }
            }

            /// Returns its id.
            pub fn id(&self) -> &str {
                match self {
                    $(Self::$Kind(resource) => &resource.id,)+
                }
            }

            /// Returns its name.
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$Kind(resource) => &resource.name,)+
                }
            }
        }

        $(
            impl From<$Kind> for AnyResource {
                fn from(resource: $Kind) -> Self {
                    Self::$Kind(Box::new(resource))
                }
            }

            impl From<&$Kind> for AnyResource {
                fn from(resource: &$Kind) -> Self {
                    resource.clone().into()
                }
            }
        )+
    };
}

any_resource!(Instance, Volume, Filesystem, Snapshot, FloatingIp, SecurityGroup, SshKey);

impl fmt::Display for AnyResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.kind(), printable(self.id()), printable(self.name()))
    }
}
