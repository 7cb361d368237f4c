//! Macros that define services and resources: what they have in common is written here and in `crate::resource`. Methods that
//! are not generic are `#[inline]`, and so is what they call here and in a reconciliation: a program compiles the generic code
//! behind them for the resources that it uses, and this crate for instances only, which scopes need.

/// Defines a type with operations, and its accessor on [`Client`](crate::Client).
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

        #[cfg(feature = "blocking")]
        pub(crate) mod blocking {
            $(#[$about])*
            #[doc = concat!(
                "\n\nThe operations of [`", stringify!($Service), "`](crate::", stringify!($Service), "), which block.\n\n\
                 ```\n# fn example(client: genesiscloud::blocking::Client) {\nlet ", stringify!($accessor), " = client.",
                stringify!($accessor), "();\n# }\n```"
            )]
            #[derive(Clone, Debug)]
            pub struct $Service(pub(crate) super::$Service);

            impl crate::blocking::Client {
                $(#[$accessor_doc])*
                pub fn $accessor(&self) -> $Service {
                    $Service(self.as_async().$accessor())
                }
            }
        }
    };
}
pub(in crate::resources) use service;

/// Defines the public operations of a type, and the blocking ones of the same names. `Call`, `List`, `Waiter` and `Watch` are
/// those of the crate's root.
macro_rules! operations {
    (
        impl $Service:ident {
            $(
                $(#[$about:meta])*
                pub fn $operation:ident(
                    &$self:ident $(, $argument:ident: $Argument:ty)* $(,)?
                ) -> $Kind:ident<$Of:ty> $body:block
            )*
        }
    ) => {
        impl $Service {
            $(
                $(#[$about])*
                pub fn $operation(&$self $(, $argument: $Argument)*) -> $crate::$Kind<$Of> $body
            )*
        }

        #[cfg(feature = "blocking")]
        impl $crate::blocking::$Service {
            $(
                #[doc = $crate::resources::definitions::services::blocking_doc!($Kind, $Service, $operation)]
                #[inline]
                pub fn $operation(
                    &$self $(, $argument: $Argument)*
                ) -> $crate::resources::definitions::services::blocking_type!($Kind<$Of>) {
                    $crate::blocking::IntoBlocking::into_blocking($self.0.$operation($($argument),*))
                }
            )*
        }
    };
}
pub(in crate::resources) use operations;

/// What a blocking operation returns where the other one returns this.
#[cfg(feature = "blocking")]
macro_rules! blocking_type {
    (Call<$Of:ty>) => { $crate::Result<$Of> };
    ($Kind:ident<$Of:ty>) => { $crate::blocking::$Kind<$Of> };
}
#[cfg(feature = "blocking")]
pub(in crate::resources) use blocking_type;

/// The documentation of a blocking operation.
#[cfg(feature = "blocking")]
macro_rules! blocking_doc {
    (Call, $Service:ident, $operation:ident) => {
        concat!(
            "Blocks until [`",
            stringify!($Service),
            "::",
            stringify!($operation),
            "`](crate::",
            stringify!($Service),
            "::",
            stringify!($operation),
            ") has ended, which documents it."
        )
    };
    ($Kind:ident, $Service:ident, $operation:ident) => {
        concat!(
            "Returns what [`",
            stringify!($Service),
            "::",
            stringify!($operation),
            "`](crate::",
            stringify!($Service),
            "::",
            stringify!($operation),
            ") returns, as a [`",
            stringify!($Kind),
            "`](crate::blocking::",
            stringify!($Kind),
            ")."
        )
    };
}
#[cfg(feature = "blocking")]
pub(in crate::resources) use blocking_doc;

/// Defines a resource with the operations that all resources have:
///
/// - the service, a type with a method for each operation, and its accessor on [`Client`](crate::Client);
/// - what the generic functions behind these methods need to know: `Resource`, `Listable` and, for a resource with a status,
///   `Waitable`.
///
/// Documentation that is the same for all resources is added to what is written where this is used, and so is "One request."
macro_rules! resource {
    (
        $(#[$about:meta])*
        $Service:ident of $Item:ident ($one:literal, $many:literal), client.$service:ident();

        // Without an operation, `Listable` is implemented by hand.
        pub fn $list:ident, $list_page:ident $(= requests::$list_request:ident(raw, page, per_page) in $items:ident)?;
        // In the field of a response body, or as the body itself.
        pub fn $get:ident = requests::$get_request:ident(raw, id) in $Body:ident $(.$field:ident)?;

        $(#[$create_doc:meta])*
        pub fn $create:ident, $create_or_recover:ident($Create:ident) = requests::$create_request:ident(raw, new);
        example($($create_setup:tt)+): $create_example:expr $(, .$create_step:ident($($create_argument:tt)*))*;

        $(#[$update_doc:meta])*
        pub fn $update:ident($Update:ident) = requests::$update_request:ident(raw, id, change);
        example($($update_setup:tt)+): $update_example:expr;

        $(#[$delete_doc:meta])*
        pub fn $delete:ident, $delete_if_exists:ident = requests::$delete_request:ident(raw, id);

        // Any other status is transitional; or a function decides.
        $(pub fn $wait:ident, $watch:ident until $ready:literal = $Status:ident { $Ready:ident => Ready, $($phases:tt)+ };)?

        // The fields of a request by which its result is recognised, and which errors may show: no secrets.
        identified by [$($identifying:literal),+];
        $(secrets = $secrets:expr;)?
        // The optional field that can hold a marker, if the caller sets one.
        $(marked in $marked:ident;)?
        // Completes and checks the parameters before they are sent.
        $(prepare = $prepare:expr;)?
        // When the result destroys itself, by its prepared parameters.
        $(expires_at = $expires_at:expr;)?
    ) => {
        $crate::resources::definitions::services::service! {
            $(#[$about])*
            $Service,
            #[doc = concat!("Returns the ", $many, " of the account.\n")]
            $(#[$about])*
            client.$service()
        }

        $crate::resources::definitions::services::operations! { impl $Service {
            #[doc = concat!("Lists all ", $many, " of the account. One request per page.")]
            #[doc = $crate::resources::definitions::examples::example!(
                "use futures::TryStreamExt;\n\nlet all: Vec<_> = client.", stringify!($service), "().list().try_collect().await?;"
            )]
            #[inline]
            pub fn $list(&self) -> List<$Item> {
                $crate::List::new(&self.core, Default::default())
            }

            #[doc = concat!(
                "Returns one page of ", $many, "; pages count from 1 and hold 1 to 100 items. One request, none if a number is \
                 out of range."
            )]
            #[doc = $crate::resources::definitions::examples::example!(
                "let page = client.", stringify!($service), "().list_page(2, 50).await?;"
            )]
            #[inline]
            pub fn $list_page(&self, page: u32, per_page: u32) -> Call<$crate::Page<$Item>> {
                self.list().per_page(per_page).page(page)
            }

            $(#[$create_doc])*
            ///
            /// One request.
            #[doc = $crate::resources::definitions::examples::example!(
                $crate::resources::definitions::examples::setup!($($create_setup)+), "let new = ",
                $crate::resources::definitions::examples::chain!($create_example $(, $create_step($($create_argument)*))*),
                ";\nlet created = client.", stringify!($service), "().create(new).await?;"
            )]
            #[inline]
            pub fn $create(&self, new: $Create) -> Call<$Item> {
                $crate::resource::create(&self.core, new)
            }

            /// Creates one like [`create`](Self::create). If the response is lost, searches for the result, and adopts it if
            /// there is exactly one. The request is never sent twice.
            ///
            /// The result is recognised for certain by a marker, if the request carries one; otherwise by its name and fields,
            /// if it is not older than the request by the service's clock. [Recovery](crate::guide::recovery) has the
            /// details.
            ///
            /// One request. After a lost response, up to 7 [verified](crate::List::verified) readings of the list over one
            /// minute, the [`propagation_timeout`](crate::ClientBuilder::propagation_timeout). Without a marker, the search
            /// goes on while another create of this client with the same name is in flight, whose result the resource may be.
            ///
            /// # Errors
            /// [`Ambiguous`](crate::ErrorKind::Ambiguous) if none was found, or several;
            /// [`Unconfirmed::candidates`](crate::Unconfirmed::candidates) has their ids.
            #[doc = concat!(
                "\n```\n# async fn example(client: genesiscloud::Client, new: genesiscloud::", stringify!($Create),
                ") -> genesiscloud::Result<()> {\nlet created = client.", stringify!($service),
                "().create_or_recover(new).await?;\n# Ok(()) }\n```"
            )]
            #[inline]
            pub fn $create_or_recover(&self, new: $Create) -> Call<$Item> {
                $crate::resource::create_or_recover(&self.core, new)
            }

            #[doc = concat!("Returns the ", $one, " with this id. One request.")]
            #[doc = $crate::resources::definitions::examples::example!(
                "let found = client.", stringify!($service), "().get(\"an-id\").await?;"
            )]
            pub fn $get(&self, id: impl AsRef<str>) -> Call<$Item> {
                $crate::resource::get(&self.core, id)
            }

            /// Updates the fields that are set in `change` and no others.
            $(#[$update_doc])*
            ///
            /// One request.
            #[doc = $crate::resources::definitions::examples::example!(
                $crate::resources::definitions::examples::setup!($($update_setup)+), "let change = ",
                stringify!($update_example), ";\nlet updated = client.", stringify!($service),
                "().update(\"an-id\", change).await?;"
            )]
            pub fn $update(&self, id: impl AsRef<str>, change: $Update) -> Call<$Item> {
                $crate::resource::update(&self.core, id, &change)
            }

            $(#[$delete_doc])*
            ///
            /// One request.
            #[doc = $crate::resources::definitions::examples::example!(
                "client.", stringify!($service), "().delete(\"an-id\").await?;"
            )]
            pub fn $delete(&self, id: impl AsRef<str>) -> Call<()> {
                $crate::resource::delete::<$Item>(&self.core, id)
            }

            /// Deletes one like [`delete`](Self::delete), and succeeds if it does not exist: `true` if the deletion was
            /// accepted, `false` if there was nothing to delete. One request.
            ///
            /// # Errors
            /// As of `delete`, but for a 404 of the API. One by an intermediary is an error, and so is one for a resource that
            /// this client has just created, which the service may not show yet.
            #[doc = $crate::resources::definitions::examples::example!(
                "let existed = client.", stringify!($service), "().delete_if_exists(\"an-id\").await?;"
            )]
            pub fn $delete_if_exists(&self, id: impl AsRef<str>) -> Call<bool> {
                $crate::resource::delete_if_exists::<$Item>(&self.core, id)
            }

            $(
                #[doc = concat!(
                    "Returns a wait for the ", $one, " with this id: until its status is [`", $ready, "`](",
                    stringify!($Status), "::", stringify!($Ready), "), or for another condition of \
                     [`Waiter`](crate::Waiter). Polls every 2 s for 20 minutes at most; [`Waiter`](crate::Waiter) documents what \
                     that costs and what ends it."
                )]
                #[doc = $crate::resources::definitions::examples::example!(
                    "let ready = client.", stringify!($service), "().wait(\"an-id\").await?;\nclient.", stringify!($service),
                    "().delete(&ready.id).await?;\nclient.", stringify!($service),
                    "().wait(&ready.id).until_gone().await?;"
                )]
                pub fn $wait(&self, id: impl AsRef<str>) -> Waiter<$Item> {
                    $crate::Waiter::new(&self.core, id.as_ref())
                }

                #[doc = concat!(
                    "Returns a watch of the ", $many, " of the account: a stream of their changes, and by \
                     [`store`](crate::Watch::store) a cache of them. Reads the list every 2 s, once for all watches; \
                     [`Watch`](crate::Watch) documents what that costs and what ends it."
                )]
                #[doc = $crate::resources::definitions::examples::example!(
                    "use futures::StreamExt;\nuse genesiscloud::Change;\n\nlet mut changes = client.", stringify!($service),
                    "().watch();\nwhile let Some(change) = changes.next().await {\n    \
                     if let Change::Gone(gone) = change? {\n        println!(\"{} is gone\", gone.name);\n    }\n}"
                )]
                pub fn $watch(&self) -> Watch<$Item> {
                    $crate::Watch::new(&self.core)
                }
            )?
        } }

        impl $crate::resource::Resource for $Item {
            type Create = $Create;
            type Update = $Update;
            type Body = genesiscloud_bindings::types::$Body;

            const CREATE: $crate::resource::Create<Self> = |raw, new| requests::$create_request(raw, &new.0);
            const GET: $crate::resource::Get<Self> = requests::$get_request;
            const UPDATE: $crate::resource::Update<Self> = |raw, id, change| requests::$update_request(raw, id, &change.0);
            const DELETE: $crate::resource::Delete = requests::$delete_request;

            const KIND: $crate::ResourceKind = $crate::ResourceKind::$Item;
            const FROM_BODY: fn(Self::Body) -> Self = |body| body$(.$field)?;
            const NAME: fn(&Self::Create) -> &str = |new| &new.0.name;
            const IDENTIFYING_FIELDS: &'static [&'static str] = &[$($identifying),+];

            $(
                fn prepare(
                    new: &mut Self::Create,
                    preparation: &$crate::resource::Preparation,
                ) -> Result<Option<$crate::ledger::Marker>, String> {
                    Ok(preparation.mark(&mut new.0.$marked))
                }
            )?

            $(
                fn prepare(
                    new: &mut Self::Create,
                    preparation: &$crate::resource::Preparation,
                ) -> Result<Option<$crate::ledger::Marker>, String> {
                    $prepare(new, preparation)
                }
            )?

            $(
                fn expires_at(new: &Self::Create) -> Option<chrono::DateTime<chrono::Utc>> {
                    $expires_at(new)
                }
            )?

            $(
                fn secrets(new: &Self::Create) -> Vec<&str> {
                    $secrets(new)
                }
            )?
        }

        $(
            impl $crate::list::private::Listable for $Item {
                type Filter = ();

                #[inline]
                fn fetch(
                    core: &$crate::core::Core,
                    (): &(),
                    page: $crate::list::PageRequest,
                ) -> $crate::Call<$crate::list::ReceivedPage<Self>> {
                    page.fetch(core, requests::$list_request, stringify!($items), |body| {
                        (body.$items, body.page, body.per_page, body.total_count)
                    })
                }

                $crate::resources::definitions::services::listed_by_fields!();
            }
        )?

        $(
            impl $crate::wait::private::Waitable for $Item {
                type Status = $Status;

                fn status(&self) -> &$Status {
                    &self.status
                }

                fn phase(status: &$Status) -> $crate::wait::Phase {
                    $crate::resources::definitions::services::phase!(status, $Status { $Ready => Ready, $($phases)+ })
                }
            }
        )?
    };
}
pub(in crate::resources) use resource;

/// The phase of a status, for waits.
macro_rules! phase {
    ($value:ident, $Status:ident { $Ready:ident => Ready, by $phase_of:path }) => {
        $phase_of($value)
    };
    ($value:ident, $Status:ident { $Ready:ident => Ready, $($($status:ident)|+ => $phase:ident),+ }) => {
        match $value {
            $Status::$Ready => $crate::wait::Phase::Ready,
            $($($Status::$status)|+ => $crate::wait::Phase::$phase,)+
            $Status::Unknown(other) => $crate::wait::Phase::of_unlisted(other),
            _ => $crate::wait::Phase::InTransition,
        }
    };
}
pub(in crate::resources) use phase;

/// Implements `id`, `name` and `created_at` of `Listable` by the fields of these names.
macro_rules! listed_by_fields {
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
pub(in crate::resources) use listed_by_fields;
