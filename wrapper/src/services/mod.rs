//! The services, one for each kind of resource. [`Client`](crate::Client) makes them; they are cheap, and can be kept or moved.
//!
//! Ids are taken as anything that reads as text. Every method costs one request, unless it says otherwise, and more where
//! one has to be sent again (*Retries* in the [crate's documentation](crate)). It can fail with any
//! [`Error`](crate::Error); an id that would reach another path is refused before sending
//! ([`InvalidInput`](crate::ErrorKind::InvalidInput)), and what creates or acts can be
//! [`Ambiguous`](crate::ErrorKind::Ambiguous).

pub mod availability;
pub mod filesystems;
pub mod floating_ips;
pub mod images;
pub mod instances;
pub mod quotas;
pub mod reservations;
pub mod security_groups;
pub mod snapshots;
pub mod ssh_keys;
pub mod volumes;

pub use availability::Availability;
pub use filesystems::Filesystems;
pub use floating_ips::FloatingIps;
pub use images::Images;
pub use instances::Instances;
pub use quotas::Quotas;
pub use reservations::Reservations;
pub use security_groups::SecurityGroups;
pub use snapshots::Snapshots;
pub use ssh_keys::SshKeys;
pub use volumes::Volumes;

/// A service: a client, and the methods of one kind of resource.
macro_rules! service {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            client: crate::Client,
        }

        impl $name {
            pub(crate) fn new(client: &crate::Client) -> Self {
                Self { client: client.clone() }
            }
        }
    };
}
use service;

/// What tells one item of a list from another.
macro_rules! known_by_its_fields {
    () => {
        fn id(&self) -> &str {
            &self.id
        }

        fn created_at(&self) -> chrono::DateTime<chrono::Utc> {
            self.created_at
        }

        fn name(&self) -> &str {
            &self.name
        }
    };
}
use known_by_its_fields;

/// How a page is fetched where a list takes no filter: the item, its operation, raw method and field.
macro_rules! listed {
    ($item:ty, $operation:literal, $method:ident, $field:ident) => {
        impl crate::list::private::Listed for $item {
            type Filter = ();

            fn fetch(
                client: crate::Client,
                (): (),
                page: crate::list::PageRequest,
            ) -> futures::future::BoxFuture<'static, crate::Result<crate::Page<Self>>> {
                Box::pin(async move {
                    let call = client.call($operation);
                    let (number, size) = page.query(&call)?;
                    let answer = call.raw.$method(number, size).await;
                    let list = call.finish(answer).await?;
                    page.answer(&call, list.$field, (list.page, list.per_page, list.total_count))
                })
            }

            crate::services::known_by_its_fields!();
        }
    };
}
use listed;
