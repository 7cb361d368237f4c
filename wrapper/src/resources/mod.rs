//! The resources of the API. [`Client`](crate::Client) has an accessor for each, which is cheap; the value can be stored and
//! sent to another task.
//!
//! An id is anything that converts to `&str`. Every method costs one request unless its documentation states otherwise, and
//! more if it is [retried](crate::guide::retries). It can fail with any [`Error`](crate::Error); an id that would reach another
//! path is refused before sending ([`InvalidInput`](crate::ErrorKind::InvalidInput)), and an operation that is not idempotent
//! can be [`Ambiguous`](crate::ErrorKind::Ambiguous).

mod availability;
mod filesystems;
mod floating_ips;
mod images;
mod instances;
mod quotas;
mod reservations;
mod security_groups;
mod snapshots;
mod ssh_keys;
mod volumes;

pub use self::availability::*;
pub use self::filesystems::*;
pub use self::floating_ips::*;
pub use self::images::*;
pub use self::instances::*;
pub use self::quotas::*;
pub use self::reservations::*;
pub use self::security_groups::*;
pub use self::snapshots::*;
pub use self::ssh_keys::*;
pub use self::volumes::*;

/// Defines the type with the operations of one kind of resource, and its accessor on [`Client`](crate::Client).
macro_rules! service {
    ($(#[$about:meta])* $Service:ident, $(#[$accessor_doc:meta])* client.$accessor:ident()) => {
        $(#[$about])*
        #[doc = concat!(
            "\n```\n# fn example(client: genesiscloud::Client) {\nlet ", stringify!($accessor), " = client.",
            stringify!($accessor), "();\n# }\n```"
        )]
        #[derive(Clone, Debug)]
        pub struct $Service {
            pub(crate) core: crate::core::Core,
        }

        impl $Service {
            pub(crate) fn new(core: &crate::core::Core) -> Self {
                Self { core: core.clone() }
            }
        }

        impl crate::Client {
            $(#[$accessor_doc])*
            pub fn $accessor(&self) -> $Service {
                $Service::new(self.core())
            }
        }
    };
}
use service;

/// Implements `id`, `name` and `created_at` of `Listable` for a resource that has them as fields.
macro_rules! identified_by_fields {
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
use identified_by_fields;

/// Defines the type of a resource with the operations that all resources have. Their bodies are generic functions of
/// `crate::resource`; methods whose documentation is the same for all are documented here, the others where this is used.
macro_rules! resource_service {
    (
        $(#[$about:meta])*
        $Service:ident of $Item:ident ($one:literal, $many:literal), $(#[$accessor_doc:meta])* client.$service:ident();

        $(#[$list:meta])*
        pub fn $list_fn:ident;
        $(#[$create:meta])*
        pub fn $create_fn:ident($Create:ty);
        $(#[$update:meta])*
        pub fn $update_fn:ident($Update:ty);
        $(#[$delete:meta])*
        pub fn $delete_fn:ident;
        $(wait until $ready:literal;)?
    ) => {
        $crate::resources::service! {
            $(#[$about])*
            $Service, $(#[$accessor_doc])* client.$service()
        }

        impl $Service {
            #[doc = concat!(
                "Lists all ", $many, " of the account. One request per page.\n\n```\n\
                 # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {\n\
                 use futures::TryStreamExt;\n\n\
                 let all: Vec<_> = client.", stringify!($service), "().list().try_collect().await?;\n# Ok(()) }\n```"
            )]
            $(#[$list])*
            pub fn $list_fn(&self) -> $crate::List<$Item> {
                $crate::List::new(&self.core, Default::default())
            }

            #[doc = concat!(
                "Returns one page of ", $many, "; pages count from 1 and hold 1 to 100 items. One request, none if a number is \
                 out of range.\n\n```\n# async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {\n\
                 let page = client.", stringify!($service), "().list_page(2, 50).await?;\n# Ok(()) }\n```"
            )]
            pub fn list_page(&self, page: u32, per_page: u32) -> $crate::Call<$crate::Page<$Item>> {
                self.list().per_page(per_page).page(page)
            }

            $(#[$create])*
            pub fn $create_fn(&self, new: $Create) -> $crate::Call<$Item> {
                $crate::resource::create(&self.core, new)
            }

            /// Creates one like [`create`](Self::create). If the response is lost, searches for the result: a resource with
            /// the same name and fields, not older than the request by the service's clock (with a tolerance of 5 s, or of
            /// 30 s if no response had a `Date`), and not created by another create of this client. If there is exactly one,
            /// it is adopted. The request is never sent twice.
            ///
            /// One request. After a lost response, up to 5 [verified](crate::List::verified) readings of the list, with delays
            /// of half a minute in total. While another create with this name is in flight, whose result the resource may be,
            /// the search continues.
            ///
            /// Names need not be unique: a resource with the same name and fields that another program creates at the same time
            /// cannot be distinguished. Use unique names.
            ///
            /// # Errors
            /// [`Ambiguous`](crate::ErrorKind::Ambiguous) if none was found, or several;
            /// [`Unconfirmed::candidates`](crate::Unconfirmed::candidates) has their ids.
            #[doc = concat!(
                "\n```\n# async fn example(client: genesiscloud::Client, new: genesiscloud::Create", stringify!($Item),
                ") -> genesiscloud::Result<()> {\nlet created = client.", stringify!($service),
                "().create_or_recover(new).await?;\n# Ok(()) }\n```"
            )]
            pub fn create_or_recover(&self, new: $Create) -> $crate::Call<$Item> {
                $crate::resource::create_or_recover(&self.core, self.create(new))
            }

            #[doc = concat!(
                "Returns the ", $one, " with this id. One request.\n\n```\n\
                 # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {\n\
                 let one = client.", stringify!($service), "().get(\"an-id\").await?;\n# Ok(()) }\n```"
            )]
            pub fn get(&self, id: impl AsRef<str>) -> $crate::Call<$Item> {
                $crate::resource::get(&self.core, id)
            }

            $(#[$update])*
            pub fn $update_fn(&self, id: impl AsRef<str>, change: $Update) -> $crate::Call<$Item> {
                $crate::resource::update(&self.core, id, &change)
            }

            $(#[$delete])*
            pub fn $delete_fn(&self, id: impl AsRef<str>) -> $crate::Call<()> {
                $crate::resource::delete::<$Item>(&self.core, id)
            }

            $(
                #[doc = concat!(
                    "Returns a wait for the ", $one, " with this id: until it is `", $ready, "`, or for another condition of \
                     [`Waiter`](crate::Waiter). Polls every 2 s for 20 minutes at most; [`Waiter`](crate::Waiter) documents what \
                     that costs and what ends it.\n\n```\n\
                     # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {\n\
                     let ready = client.", stringify!($service), "().wait(\"an-id\").await?;\n\
                     client.", stringify!($service), "().delete(&ready.id).await?;\n\
                     client.", stringify!($service), "().wait(&ready.id).until_gone().await?;\n# Ok(()) }\n```"
                )]
                pub fn wait(&self, id: impl AsRef<str>) -> $crate::Waiter<$Item> {
                    $crate::Waiter::new(&self.core, id.as_ref())
                }
            )?
        }
    };
}
use resource_service;

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
        assert!(R::IDENTITY.contains(&"name"));
        for secret in ["password", "metadata", "startup_script", "user_data"] {
            assert!(!R::IDENTITY.contains(&secret), "errors show the fields of an identity");
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
