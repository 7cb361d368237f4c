// Generated from openapi/compute-v1.yaml by `cargo xtask generate`. Do not edit: changes are overwritten.
// The rules and passes that shape this code are in openapi/codegen; CONTRIBUTING.md describes how to change them.

#[allow(unused_imports)]
pub use progenitor_client::{ByteStream, ClientInfo, Error, ResponseValue};
#[allow(unused_imports)]
use progenitor_client::RequestBuilderExt;
/// Types used as operation parameters and responses.
#[allow(clippy::all)]
pub mod types {
    ///`CloneSnapshotBody`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[derive(Eq)]
    pub struct CloneSnapshotBody {
        ///Name of the copy.
        pub name: ::std::string::String,
        pub region: Region,
    }
    ///`CreateFilesystemBody`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[derive(Eq)]
    pub struct CreateFilesystemBody {
        ///Free text.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        ///Name of the filesystem.
        pub name: ::std::string::String,
        pub region: Region,
        ///Size in GiB, at least 1.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub size: i64,
        #[serde(rename = "type", skip_serializing_if = "::std::option::Option::is_none")]
        pub type_: ::std::option::Option<FilesystemType>,
    }
    ///`CreateFloatingIpBody`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[derive(Eq)]
    pub struct CreateFloatingIpBody {
        ///Free text.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        ///Name of the floating IP.
        pub name: ::std::string::String,
        pub region: Region,
        ///Address family.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub version: ::std::option::Option<CreateFloatingIpVersion>,
    }
    ///Address family.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[non_exhaustive]
    pub enum CreateFloatingIpVersion {
        #[serde(rename = "ipv4")]
        Ipv4,
        /// A value that the document does not list, unchanged.
        #[serde(untagged)]
        Unknown(::std::string::String),
    }
    impl ::std::default::Default for CreateFloatingIpVersion {
        fn default() -> Self {
            Self::Unknown {
                0: ::std::default::Default::default(),
            }
        }
    }
    impl CreateFloatingIpVersion {
        /// The values that the document lists.
        pub const ALL: &'static [Self] = &[Self::Ipv4];
        /// Returns the value as the API writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Ipv4 => "ipv4",
                Self::Unknown(value) => value,
            }
        }
        /// Returns whether the document lists the value.
        pub fn is_known(&self) -> bool {
            !matches!(self, Self::Unknown(_))
        }
    }
    impl ::std::convert::From<&str> for CreateFloatingIpVersion {
        fn from(value: &str) -> Self {
            let Ok(value) = value.parse();
            value
        }
    }
    impl ::std::convert::From<::std::string::String> for CreateFloatingIpVersion {
        fn from(value: ::std::string::String) -> Self {
            Self::from(value.as_str())
        }
    }
    impl ::std::cmp::PartialEq<str> for CreateFloatingIpVersion {
        fn eq(&self, other: &str) -> bool {
            self.as_str() == other
        }
    }
    impl ::std::cmp::PartialEq<&str> for CreateFloatingIpVersion {
        fn eq(&self, other: &&str) -> bool {
            self.as_str() == *other
        }
    }
    impl<'de> ::serde::Deserialize<'de> for CreateFloatingIpVersion {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::std::result::Result<Self, D::Error> {
            crate::lenient::text(deserializer)
        }
    }
    impl ::std::fmt::Display for CreateFloatingIpVersion {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Ipv4 => f.pad("ipv4"),
                Self::Unknown(ref value) => f.pad(value),
            }
        }
    }
    impl ::std::str::FromStr for CreateFloatingIpVersion {
        type Err = ::std::convert::Infallible;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, ::std::convert::Infallible> {
            match value {
                "ipv4" => Ok(Self::Ipv4),
                _ => Ok(Self::Unknown(value.to_string())),
            }
        }
    }
    ///`CreateInstanceBody`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[derive(Eq)]
    pub struct CreateInstanceBody {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub billing_type: ::std::option::Option<InstanceBillingType>,
        ///Whether shutting the machine down destroys it.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub destroy_on_shutdown: ::std::option::Option<bool>,
        ///Size of the boot disk in GiB, at least 80. It can grow, not shrink.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::read")]
        pub disk_size: ::std::option::Option<i64>,
        ///Id of the floating IP the instance is created with.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub floating_ip: ::std::option::Option<::std::string::String>,
        ///Host name the machine has inside.
        pub hostname: ::std::string::String,
        ///Id of an image. Where an instance is created, an image slug (`ubuntu-24.04`), `slug:version` or the id of a snapshot serves as well.
        pub image: ::std::string::String,
        ///Whether deletion is refused until this is false again.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub is_protected: ::std::option::Option<bool>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub metadata: ::std::option::Option<CreateInstanceMetadata>,
        ///Name of the instance.
        pub name: ::std::string::String,
        ///Password to log in with: 8 to 72 characters with upper case, lower case and digits. Exactly one of `ssh_keys` and `password` is given.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub password: ::std::option::Option<crate::Secret>,
        ///Where in the region to place the machine. The service takes `AUTO` unless told otherwise.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub placement_option: ::std::option::Option<::std::string::String>,
        ///Whether the instance gets a public IPv6 address.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub public_ipv6: ::std::option::Option<bool>,
        pub region: Region,
        ///Id of the reservation to draw on, with billing type `reserved`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub reservation_id: ::std::option::Option<::std::string::String>,
        ///Id of the long-term subscription the instance goes on using.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub reuse_long_term_subscription: ::std::option::Option<::std::string::String>,
        ///Ids of the security groups, which must be in the instance's region.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub security_groups: ::std::option::Option<
            ::std::vec::Vec<::std::string::String>,
        >,
        ///Ids of the SSH keys that may log in. Exactly one of `ssh_keys` and `password` is given.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ssh_keys: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
        ///Name of an instance type, which fixes processors, memory, disk and accelerators, such as `vcpu-4_memory-12g_disk-80g_nvidia3080-1`.
        #[serde(rename = "type")]
        pub type_: ::std::string::String,
        ///Ids of the volumes to attach, which must be in the instance's region.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub volumes: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    }
    ///What the machine reads about itself when it starts.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[derive(Eq)]
    pub struct CreateInstanceMetadata {
        ///Script run when the machine starts, up to 64 KiB. Can hold secrets.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub startup_script: ::std::option::Option<crate::Secret>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub user_data: ::std::option::Option<InstanceUserData>,
    }
    ///`CreateInstanceSnapshotBody`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[derive(Eq)]
    pub struct CreateInstanceSnapshotBody {
        ///Name of the snapshot.
        pub name: ::std::string::String,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub replicated_region: ::std::option::Option<Region>,
    }
    ///`CreateSecurityGroupBody`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[derive(Eq)]
    pub struct CreateSecurityGroupBody {
        ///Free text.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        ///Name of the security group; `default` and `standard` are reserved.
        pub name: ::std::string::String,
        pub region: Region,
        ///The traffic to let through.
        pub rules: ::std::vec::Vec<SecurityGroupRule>,
    }
    ///`CreateSnapshotBody`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[derive(Eq)]
    pub struct CreateSnapshotBody {
        ///Name of the snapshot.
        pub name: ::std::string::String,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub os_type: ::std::option::Option<OsType>,
        pub region: Region,
        ///Size in GiB, at least 1.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub size: i64,
        ///Address the disk image is downloaded from.
        pub url: crate::Secret,
    }
    ///`CreateSshKeyBody`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[derive(Eq)]
    pub struct CreateSshKeyBody {
        ///Name of the key.
        pub name: ::std::string::String,
        ///Public key in OpenSSH form, such as `ssh-ed25519 AAAA... comment`. A private key is refused.
        pub value: ::std::string::String,
    }
    ///`CreateVolumeBody`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[derive(Eq)]
    pub struct CreateVolumeBody {
        ///Free text. The provider's documentation calls it required, its document optional.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        ///Name of the volume.
        pub name: ::std::string::String,
        pub region: Region,
        ///Size in GiB, at least 1.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub size: i64,
        #[serde(rename = "type", skip_serializing_if = "::std::option::Option::is_none")]
        pub type_: ::std::option::Option<VolumeType>,
    }
    ///Why a request was refused or failed.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct Error {
        /**Five digits that name the reason and stay stable. A code that the documentation does not list says nothing beyond the HTTP status.

Example: `"02008"`*/
        pub code: ::std::string::String,
        /**The reason in words, for people. May change at any time.

Example: `"instance not found"`*/
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub message: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A network filesystem that many instances can mount.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct Filesystem {
        ///A time, UTC, in RFC 3339 form.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///Free text.
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub description: ::std::string::String,
        ///Id of a filesystem.
        pub id: ::std::string::String,
        ///Path to mount, once there is one.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::unless_empty")]
        pub mount_base_path: ::std::option::Option<::std::string::String>,
        ///First and last address of the servers to mount from, once there are any.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub mount_endpoint_range: ::std::option::Option<
            ::std::vec::Vec<::std::string::String>,
        >,
        ///Name of the filesystem.
        pub name: ::std::string::String,
        pub region: Region,
        ///Size in GiB.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub size: i64,
        pub status: FilesystemStatus,
        #[serde(rename = "type")]
        pub type_: FilesystemType,
        ///A time, UTC, in RFC 3339 form.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::read")]
        pub updated_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`creating`, then `created` or `error`; on the way out `deleting`.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[non_exhaustive]
    pub enum FilesystemStatus {
        #[serde(rename = "creating")]
        Creating,
        #[serde(rename = "created")]
        Created,
        #[serde(rename = "deleting")]
        Deleting,
        #[serde(rename = "error")]
        Error,
        /// A value that the document does not list, unchanged.
        #[serde(untagged)]
        Unknown(::std::string::String),
    }
    impl ::std::default::Default for FilesystemStatus {
        fn default() -> Self {
            Self::Unknown {
                0: ::std::default::Default::default(),
            }
        }
    }
    impl FilesystemStatus {
        /// The values that the document lists.
        pub const ALL: &'static [Self] = &[
            Self::Creating,
            Self::Created,
            Self::Deleting,
            Self::Error,
        ];
        /// Returns the value as the API writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Creating => "creating",
                Self::Created => "created",
                Self::Deleting => "deleting",
                Self::Error => "error",
                Self::Unknown(value) => value,
            }
        }
        /// Returns whether the document lists the value.
        pub fn is_known(&self) -> bool {
            !matches!(self, Self::Unknown(_))
        }
    }
    impl ::std::convert::From<&str> for FilesystemStatus {
        fn from(value: &str) -> Self {
            let Ok(value) = value.parse();
            value
        }
    }
    impl ::std::convert::From<::std::string::String> for FilesystemStatus {
        fn from(value: ::std::string::String) -> Self {
            Self::from(value.as_str())
        }
    }
    impl ::std::cmp::PartialEq<str> for FilesystemStatus {
        fn eq(&self, other: &str) -> bool {
            self.as_str() == other
        }
    }
    impl ::std::cmp::PartialEq<&str> for FilesystemStatus {
        fn eq(&self, other: &&str) -> bool {
            self.as_str() == *other
        }
    }
    impl<'de> ::serde::Deserialize<'de> for FilesystemStatus {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::std::result::Result<Self, D::Error> {
            crate::lenient::text(deserializer)
        }
    }
    impl ::std::fmt::Display for FilesystemStatus {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Creating => f.pad("creating"),
                Self::Created => f.pad("created"),
                Self::Deleting => f.pad("deleting"),
                Self::Error => f.pad("error"),
                Self::Unknown(ref value) => f.pad(value),
            }
        }
    }
    impl ::std::str::FromStr for FilesystemStatus {
        type Err = ::std::convert::Infallible;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, ::std::convert::Infallible> {
            match value {
                "creating" => Ok(Self::Creating),
                "created" => Ok(Self::Created),
                "deleting" => Ok(Self::Deleting),
                "error" => Ok(Self::Error),
                _ => Ok(Self::Unknown(value.to_string())),
            }
        }
    }
    ///Kind of filesystem.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[non_exhaustive]
    pub enum FilesystemType {
        #[serde(rename = "vast")]
        Vast,
        /// A value that the document does not list, unchanged.
        #[serde(untagged)]
        Unknown(::std::string::String),
    }
    impl ::std::default::Default for FilesystemType {
        fn default() -> Self {
            Self::Unknown {
                0: ::std::default::Default::default(),
            }
        }
    }
    impl FilesystemType {
        /// The values that the document lists.
        pub const ALL: &'static [Self] = &[Self::Vast];
        /// Returns the value as the API writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Vast => "vast",
                Self::Unknown(value) => value,
            }
        }
        /// Returns whether the document lists the value.
        pub fn is_known(&self) -> bool {
            !matches!(self, Self::Unknown(_))
        }
    }
    impl ::std::convert::From<&str> for FilesystemType {
        fn from(value: &str) -> Self {
            let Ok(value) = value.parse();
            value
        }
    }
    impl ::std::convert::From<::std::string::String> for FilesystemType {
        fn from(value: ::std::string::String) -> Self {
            Self::from(value.as_str())
        }
    }
    impl ::std::cmp::PartialEq<str> for FilesystemType {
        fn eq(&self, other: &str) -> bool {
            self.as_str() == other
        }
    }
    impl ::std::cmp::PartialEq<&str> for FilesystemType {
        fn eq(&self, other: &&str) -> bool {
            self.as_str() == *other
        }
    }
    impl<'de> ::serde::Deserialize<'de> for FilesystemType {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::std::result::Result<Self, D::Error> {
            crate::lenient::text(deserializer)
        }
    }
    impl ::std::fmt::Display for FilesystemType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Vast => f.pad("vast"),
                Self::Unknown(ref value) => f.pad(value),
            }
        }
    }
    impl ::std::str::FromStr for FilesystemType {
        type Err = ::std::convert::Infallible;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, ::std::convert::Infallible> {
            match value {
                "vast" => Ok(Self::Vast),
                _ => Ok(Self::Unknown(value.to_string())),
            }
        }
    }
    ///A public address that outlives the instance using it.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct FloatingIp {
        ///A time, UTC, in RFC 3339 form.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///Free text.
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub description: ::std::string::String,
        ///Id of the floating IP.
        pub id: ::std::string::String,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub instance: ::std::option::Option<Reference>,
        ///The address, once there is one.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::unless_empty")]
        pub ip_address: ::std::option::Option<::std::string::String>,
        ///Whether the address is reachable from the internet.
        pub is_public: bool,
        ///Name of the floating IP.
        pub name: ::std::string::String,
        pub region: Region,
        pub status: FloatingIpStatus,
        ///A time, UTC, in RFC 3339 form.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::read")]
        pub updated_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        ///Address family.
        pub version: FloatingIpVersion,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`creating`, then `created` or `error`; on the way out `deleting`.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[non_exhaustive]
    pub enum FloatingIpStatus {
        #[serde(rename = "creating")]
        Creating,
        #[serde(rename = "created")]
        Created,
        #[serde(rename = "deleting")]
        Deleting,
        #[serde(rename = "error")]
        Error,
        /// A value that the document does not list, unchanged.
        #[serde(untagged)]
        Unknown(::std::string::String),
    }
    impl ::std::default::Default for FloatingIpStatus {
        fn default() -> Self {
            Self::Unknown {
                0: ::std::default::Default::default(),
            }
        }
    }
    impl FloatingIpStatus {
        /// The values that the document lists.
        pub const ALL: &'static [Self] = &[
            Self::Creating,
            Self::Created,
            Self::Deleting,
            Self::Error,
        ];
        /// Returns the value as the API writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Creating => "creating",
                Self::Created => "created",
                Self::Deleting => "deleting",
                Self::Error => "error",
                Self::Unknown(value) => value,
            }
        }
        /// Returns whether the document lists the value.
        pub fn is_known(&self) -> bool {
            !matches!(self, Self::Unknown(_))
        }
    }
    impl ::std::convert::From<&str> for FloatingIpStatus {
        fn from(value: &str) -> Self {
            let Ok(value) = value.parse();
            value
        }
    }
    impl ::std::convert::From<::std::string::String> for FloatingIpStatus {
        fn from(value: ::std::string::String) -> Self {
            Self::from(value.as_str())
        }
    }
    impl ::std::cmp::PartialEq<str> for FloatingIpStatus {
        fn eq(&self, other: &str) -> bool {
            self.as_str() == other
        }
    }
    impl ::std::cmp::PartialEq<&str> for FloatingIpStatus {
        fn eq(&self, other: &&str) -> bool {
            self.as_str() == *other
        }
    }
    impl<'de> ::serde::Deserialize<'de> for FloatingIpStatus {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::std::result::Result<Self, D::Error> {
            crate::lenient::text(deserializer)
        }
    }
    impl ::std::fmt::Display for FloatingIpStatus {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Creating => f.pad("creating"),
                Self::Created => f.pad("created"),
                Self::Deleting => f.pad("deleting"),
                Self::Error => f.pad("error"),
                Self::Unknown(ref value) => f.pad(value),
            }
        }
    }
    impl ::std::str::FromStr for FloatingIpStatus {
        type Err = ::std::convert::Infallible;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, ::std::convert::Infallible> {
            match value {
                "creating" => Ok(Self::Creating),
                "created" => Ok(Self::Created),
                "deleting" => Ok(Self::Deleting),
                "error" => Ok(Self::Error),
                _ => Ok(Self::Unknown(value.to_string())),
            }
        }
    }
    ///Address family.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[non_exhaustive]
    pub enum FloatingIpVersion {
        #[serde(rename = "ipv4")]
        Ipv4,
        #[serde(rename = "ipv6")]
        Ipv6,
        /// A value that the document does not list, unchanged.
        #[serde(untagged)]
        Unknown(::std::string::String),
    }
    impl ::std::default::Default for FloatingIpVersion {
        fn default() -> Self {
            Self::Unknown {
                0: ::std::default::Default::default(),
            }
        }
    }
    impl FloatingIpVersion {
        /// The values that the document lists.
        pub const ALL: &'static [Self] = &[Self::Ipv4, Self::Ipv6];
        /// Returns the value as the API writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Ipv4 => "ipv4",
                Self::Ipv6 => "ipv6",
                Self::Unknown(value) => value,
            }
        }
        /// Returns whether the document lists the value.
        pub fn is_known(&self) -> bool {
            !matches!(self, Self::Unknown(_))
        }
    }
    impl ::std::convert::From<&str> for FloatingIpVersion {
        fn from(value: &str) -> Self {
            let Ok(value) = value.parse();
            value
        }
    }
    impl ::std::convert::From<::std::string::String> for FloatingIpVersion {
        fn from(value: ::std::string::String) -> Self {
            Self::from(value.as_str())
        }
    }
    impl ::std::cmp::PartialEq<str> for FloatingIpVersion {
        fn eq(&self, other: &str) -> bool {
            self.as_str() == other
        }
    }
    impl ::std::cmp::PartialEq<&str> for FloatingIpVersion {
        fn eq(&self, other: &&str) -> bool {
            self.as_str() == *other
        }
    }
    impl<'de> ::serde::Deserialize<'de> for FloatingIpVersion {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::std::result::Result<Self, D::Error> {
            crate::lenient::text(deserializer)
        }
    }
    impl ::std::fmt::Display for FloatingIpVersion {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Ipv4 => f.pad("ipv4"),
                Self::Ipv6 => f.pad("ipv6"),
                Self::Unknown(ref value) => f.pad(value),
            }
        }
    }
    impl ::std::str::FromStr for FloatingIpVersion {
        type Err = ::std::convert::Infallible;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, ::std::convert::Infallible> {
            match value {
                "ipv4" => Ok(Self::Ipv4),
                "ipv6" => Ok(Self::Ipv6),
                _ => Ok(Self::Unknown(value.to_string())),
            }
        }
    }
    ///A disk image that instances are created from.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct Image {
        ///A time, UTC, in RFC 3339 form.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///Family the image belongs to, if any.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::unless_empty")]
        pub family: ::std::option::Option<::std::string::String>,
        ///Id of an image. Where an instance is created, an image slug (`ubuntu-24.04`), `slug:version` or the id of a snapshot serves as well.
        pub id: ::std::string::String,
        ///Name of the image.
        pub name: ::std::string::String,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::unless_empty")]
        pub os_type: ::std::option::Option<OsType>,
        ///Regions that have the image.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub regions: ::std::vec::Vec<Region>,
        ///Short name that can stand for the id when an instance is created, if the image has one.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::unless_empty")]
        pub slug: ::std::option::Option<::std::string::String>,
        #[serde(rename = "type")]
        pub type_: ImageType,
        ///A time, UTC, in RFC 3339 form.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::read")]
        pub updated_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        ///Versions that can be asked for as `slug:version`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub versions: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Kind of image. The documentation also names `base-os`, `preconfigured` and `snapshot`, older answers have `distribution`.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[non_exhaustive]
    pub enum ImageType {
        #[serde(rename = "cloud-image")]
        CloudImage,
        /// A value that the document does not list, unchanged.
        #[serde(untagged)]
        Unknown(::std::string::String),
    }
    impl ::std::default::Default for ImageType {
        fn default() -> Self {
            Self::Unknown {
                0: ::std::default::Default::default(),
            }
        }
    }
    impl ImageType {
        /// The values that the document lists.
        pub const ALL: &'static [Self] = &[Self::CloudImage];
        /// Returns the value as the API writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::CloudImage => "cloud-image",
                Self::Unknown(value) => value,
            }
        }
        /// Returns whether the document lists the value.
        pub fn is_known(&self) -> bool {
            !matches!(self, Self::Unknown(_))
        }
    }
    impl ::std::convert::From<&str> for ImageType {
        fn from(value: &str) -> Self {
            let Ok(value) = value.parse();
            value
        }
    }
    impl ::std::convert::From<::std::string::String> for ImageType {
        fn from(value: ::std::string::String) -> Self {
            Self::from(value.as_str())
        }
    }
    impl ::std::cmp::PartialEq<str> for ImageType {
        fn eq(&self, other: &str) -> bool {
            self.as_str() == other
        }
    }
    impl ::std::cmp::PartialEq<&str> for ImageType {
        fn eq(&self, other: &&str) -> bool {
            self.as_str() == *other
        }
    }
    impl<'de> ::serde::Deserialize<'de> for ImageType {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::std::result::Result<Self, D::Error> {
            crate::lenient::text(deserializer)
        }
    }
    impl ::std::fmt::Display for ImageType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::CloudImage => f.pad("cloud-image"),
                Self::Unknown(ref value) => f.pad(value),
            }
        }
    }
    impl ::std::str::FromStr for ImageType {
        type Err = ::std::convert::Infallible;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, ::std::convert::Infallible> {
            match value {
                "cloud-image" => Ok(Self::CloudImage),
                _ => Ok(Self::Unknown(value.to_string())),
            }
        }
    }
    ///A machine.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct Instance {
        ///A time, UTC, in RFC 3339 form.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///Size of the boot disk in GiB, at least 80. It can grow, not shrink.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::read")]
        pub disk_size: ::std::option::Option<i64>,
        ///Name of the machine in the DNS.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::unless_empty")]
        pub dns_name: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub floating_ip: ::std::option::Option<Reference>,
        ///Host name the machine has inside.
        pub hostname: ::std::string::String,
        ///Id of the instance.
        pub id: ::std::string::String,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub image: ::std::option::Option<Reference>,
        ///Whether deletion is refused until this is false again.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub is_protected: ::std::option::Option<bool>,
        ///Name of the instance.
        pub name: ::std::string::String,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::unless_empty")]
        pub os_type: ::std::option::Option<OsType>,
        ///Where in the region the machine is placed.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::unless_empty")]
        pub placement_option: ::std::option::Option<::std::string::String>,
        ///Address inside the region; absent or null until the machine has one.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::unless_empty")]
        pub private_ip: ::std::option::Option<::std::string::String>,
        ///Public IPv4 address; absent or null until the machine has one.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::unless_empty")]
        pub public_ip: ::std::option::Option<::std::string::String>,
        pub region: Region,
        ///Reservation the machine draws on, if any.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::unless_empty")]
        pub reservation_id: ::std::option::Option<::std::string::String>,
        ///Security groups in force.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub security_groups: ::std::vec::Vec<Reference>,
        ///SSH keys the machine was created with.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub ssh_keys: ::std::vec::Vec<Reference>,
        pub status: InstanceStatus,
        ///Name of an instance type, which fixes processors, memory, disk and accelerators, such as `vcpu-4_memory-12g_disk-80g_nvidia3080-1`.
        #[serde(rename = "type")]
        pub type_: ::std::string::String,
        ///A time, UTC, in RFC 3339 form.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::read")]
        pub updated_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        ///Volumes attached.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub volumes: ::std::vec::Vec<Reference>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///What an instance can be told to do.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[non_exhaustive]
    pub enum InstanceAction {
        #[serde(rename = "start")]
        Start,
        #[serde(rename = "stop")]
        Stop,
        #[serde(rename = "reset")]
        Reset,
        /// A value that the document does not list, unchanged.
        #[serde(untagged)]
        Unknown(::std::string::String),
    }
    impl ::std::default::Default for InstanceAction {
        fn default() -> Self {
            Self::Unknown {
                0: ::std::default::Default::default(),
            }
        }
    }
    impl InstanceAction {
        /// The values that the document lists.
        pub const ALL: &'static [Self] = &[Self::Start, Self::Stop, Self::Reset];
        /// Returns the value as the API writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Start => "start",
                Self::Stop => "stop",
                Self::Reset => "reset",
                Self::Unknown(value) => value,
            }
        }
        /// Returns whether the document lists the value.
        pub fn is_known(&self) -> bool {
            !matches!(self, Self::Unknown(_))
        }
    }
    impl ::std::convert::From<&str> for InstanceAction {
        fn from(value: &str) -> Self {
            let Ok(value) = value.parse();
            value
        }
    }
    impl ::std::convert::From<::std::string::String> for InstanceAction {
        fn from(value: ::std::string::String) -> Self {
            Self::from(value.as_str())
        }
    }
    impl ::std::cmp::PartialEq<str> for InstanceAction {
        fn eq(&self, other: &str) -> bool {
            self.as_str() == other
        }
    }
    impl ::std::cmp::PartialEq<&str> for InstanceAction {
        fn eq(&self, other: &&str) -> bool {
            self.as_str() == *other
        }
    }
    impl<'de> ::serde::Deserialize<'de> for InstanceAction {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::std::result::Result<Self, D::Error> {
            crate::lenient::text(deserializer)
        }
    }
    impl ::std::fmt::Display for InstanceAction {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Start => f.pad("start"),
                Self::Stop => f.pad("stop"),
                Self::Reset => f.pad("reset"),
                Self::Unknown(ref value) => f.pad(value),
            }
        }
    }
    impl ::std::str::FromStr for InstanceAction {
        type Err = ::std::convert::Infallible;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, ::std::convert::Infallible> {
            match value {
                "start" => Ok(Self::Start),
                "stop" => Ok(Self::Stop),
                "reset" => Ok(Self::Reset),
                _ => Ok(Self::Unknown(value.to_string())),
            }
        }
    }
    ///How the instance is paid for. `reserved` goes with a reservation.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[non_exhaustive]
    pub enum InstanceBillingType {
        #[serde(rename = "on-demand")]
        OnDemand,
        #[serde(rename = "reserved")]
        Reserved,
        #[serde(rename = "prepaid-monthly")]
        PrepaidMonthly,
        #[serde(rename = "prepaid-3-month")]
        Prepaid3Month,
        #[serde(rename = "prepaid-6-month")]
        Prepaid6Month,
        #[serde(rename = "prepaid-12-month")]
        Prepaid12Month,
        /// A value that the document does not list, unchanged.
        #[serde(untagged)]
        Unknown(::std::string::String),
    }
    impl ::std::default::Default for InstanceBillingType {
        fn default() -> Self {
            Self::Unknown {
                0: ::std::default::Default::default(),
            }
        }
    }
    impl InstanceBillingType {
        /// The values that the document lists.
        pub const ALL: &'static [Self] = &[
            Self::OnDemand,
            Self::Reserved,
            Self::PrepaidMonthly,
            Self::Prepaid3Month,
            Self::Prepaid6Month,
            Self::Prepaid12Month,
        ];
        /// Returns the value as the API writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::OnDemand => "on-demand",
                Self::Reserved => "reserved",
                Self::PrepaidMonthly => "prepaid-monthly",
                Self::Prepaid3Month => "prepaid-3-month",
                Self::Prepaid6Month => "prepaid-6-month",
                Self::Prepaid12Month => "prepaid-12-month",
                Self::Unknown(value) => value,
            }
        }
        /// Returns whether the document lists the value.
        pub fn is_known(&self) -> bool {
            !matches!(self, Self::Unknown(_))
        }
    }
    impl ::std::convert::From<&str> for InstanceBillingType {
        fn from(value: &str) -> Self {
            let Ok(value) = value.parse();
            value
        }
    }
    impl ::std::convert::From<::std::string::String> for InstanceBillingType {
        fn from(value: ::std::string::String) -> Self {
            Self::from(value.as_str())
        }
    }
    impl ::std::cmp::PartialEq<str> for InstanceBillingType {
        fn eq(&self, other: &str) -> bool {
            self.as_str() == other
        }
    }
    impl ::std::cmp::PartialEq<&str> for InstanceBillingType {
        fn eq(&self, other: &&str) -> bool {
            self.as_str() == *other
        }
    }
    impl<'de> ::serde::Deserialize<'de> for InstanceBillingType {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::std::result::Result<Self, D::Error> {
            crate::lenient::text(deserializer)
        }
    }
    impl ::std::fmt::Display for InstanceBillingType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::OnDemand => f.pad("on-demand"),
                Self::Reserved => f.pad("reserved"),
                Self::PrepaidMonthly => f.pad("prepaid-monthly"),
                Self::Prepaid3Month => f.pad("prepaid-3-month"),
                Self::Prepaid6Month => f.pad("prepaid-6-month"),
                Self::Prepaid12Month => f.pad("prepaid-12-month"),
                Self::Unknown(ref value) => f.pad(value),
            }
        }
    }
    impl ::std::str::FromStr for InstanceBillingType {
        type Err = ::std::convert::Infallible;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, ::std::convert::Infallible> {
            match value {
                "on-demand" => Ok(Self::OnDemand),
                "reserved" => Ok(Self::Reserved),
                "prepaid-monthly" => Ok(Self::PrepaidMonthly),
                "prepaid-3-month" => Ok(Self::Prepaid3Month),
                "prepaid-6-month" => Ok(Self::Prepaid6Month),
                "prepaid-12-month" => Ok(Self::Prepaid12Month),
                _ => Ok(Self::Unknown(value.to_string())),
            }
        }
    }
    ///`InstanceGetActionsResponse`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct InstanceGetActionsResponse {
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub actions: ::std::vec::Vec<InstanceAction>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`creating`, then `active` or `error`. `pending_payment` lasts until a person pays. `stopping`, `stopped`, `starting` and `resetting` follow the actions; `deleting` comes before the instance is gone.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[non_exhaustive]
    pub enum InstanceStatus {
        #[serde(rename = "creating")]
        Creating,
        #[serde(rename = "pending_payment")]
        PendingPayment,
        #[serde(rename = "active")]
        Active,
        #[serde(rename = "stopping")]
        Stopping,
        #[serde(rename = "stopped")]
        Stopped,
        #[serde(rename = "starting")]
        Starting,
        #[serde(rename = "resetting")]
        Resetting,
        #[serde(rename = "error")]
        Error,
        #[serde(rename = "deleting")]
        Deleting,
        /// A value that the document does not list, unchanged.
        #[serde(untagged)]
        Unknown(::std::string::String),
    }
    impl ::std::default::Default for InstanceStatus {
        fn default() -> Self {
            Self::Unknown {
                0: ::std::default::Default::default(),
            }
        }
    }
    impl InstanceStatus {
        /// The values that the document lists.
        pub const ALL: &'static [Self] = &[
            Self::Creating,
            Self::PendingPayment,
            Self::Active,
            Self::Stopping,
            Self::Stopped,
            Self::Starting,
            Self::Resetting,
            Self::Error,
            Self::Deleting,
        ];
        /// Returns the value as the API writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Creating => "creating",
                Self::PendingPayment => "pending_payment",
                Self::Active => "active",
                Self::Stopping => "stopping",
                Self::Stopped => "stopped",
                Self::Starting => "starting",
                Self::Resetting => "resetting",
                Self::Error => "error",
                Self::Deleting => "deleting",
                Self::Unknown(value) => value,
            }
        }
        /// Returns whether the document lists the value.
        pub fn is_known(&self) -> bool {
            !matches!(self, Self::Unknown(_))
        }
    }
    impl ::std::convert::From<&str> for InstanceStatus {
        fn from(value: &str) -> Self {
            let Ok(value) = value.parse();
            value
        }
    }
    impl ::std::convert::From<::std::string::String> for InstanceStatus {
        fn from(value: ::std::string::String) -> Self {
            Self::from(value.as_str())
        }
    }
    impl ::std::cmp::PartialEq<str> for InstanceStatus {
        fn eq(&self, other: &str) -> bool {
            self.as_str() == other
        }
    }
    impl ::std::cmp::PartialEq<&str> for InstanceStatus {
        fn eq(&self, other: &&str) -> bool {
            self.as_str() == *other
        }
    }
    impl<'de> ::serde::Deserialize<'de> for InstanceStatus {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::std::result::Result<Self, D::Error> {
            crate::lenient::text(deserializer)
        }
    }
    impl ::std::fmt::Display for InstanceStatus {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Creating => f.pad("creating"),
                Self::PendingPayment => f.pad("pending_payment"),
                Self::Active => f.pad("active"),
                Self::Stopping => f.pad("stopping"),
                Self::Stopped => f.pad("stopped"),
                Self::Starting => f.pad("starting"),
                Self::Resetting => f.pad("resetting"),
                Self::Error => f.pad("error"),
                Self::Deleting => f.pad("deleting"),
                Self::Unknown(ref value) => f.pad(value),
            }
        }
    }
    impl ::std::str::FromStr for InstanceStatus {
        type Err = ::std::convert::Infallible;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, ::std::convert::Infallible> {
            match value {
                "creating" => Ok(Self::Creating),
                "pending_payment" => Ok(Self::PendingPayment),
                "active" => Ok(Self::Active),
                "stopping" => Ok(Self::Stopping),
                "stopped" => Ok(Self::Stopped),
                "starting" => Ok(Self::Starting),
                "resetting" => Ok(Self::Resetting),
                "error" => Ok(Self::Error),
                "deleting" => Ok(Self::Deleting),
                _ => Ok(Self::Unknown(value.to_string())),
            }
        }
    }
    ///`InstanceTypeAvailability`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct InstanceTypeAvailability {
        ///Whether one more can be created now.
        pub available: bool,
        ///How many more can be created now, where the service tells.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub count: ::std::option::Option<f64>,
        ///Name of an instance type, which fixes processors, memory, disk and accelerators, such as `vcpu-4_memory-12g_disk-80g_nvidia3080-1`.
        #[serde(rename = "type")]
        pub type_: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The whole new list, or one security group to attach or detach.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[serde(untagged)]
    #[serde(remote = "Self")]
    #[derive(Eq)]
    pub enum InstanceUpdateSecurityGroups {
        List(InstanceUpdateSecurityGroupsList),
        Attach(InstanceUpdateSecurityGroupsAttach),
        Detach(InstanceUpdateSecurityGroupsDetach),
    }
    impl ::std::default::Default for InstanceUpdateSecurityGroups {
        fn default() -> Self {
            Self::List {
                0: ::std::default::Default::default(),
            }
        }
    }
    impl ::std::convert::From<InstanceUpdateSecurityGroupsList>
    for InstanceUpdateSecurityGroups {
        fn from(value: InstanceUpdateSecurityGroupsList) -> Self {
            Self::List(value)
        }
    }
    impl ::std::convert::From<InstanceUpdateSecurityGroupsAttach>
    for InstanceUpdateSecurityGroups {
        fn from(value: InstanceUpdateSecurityGroupsAttach) -> Self {
            Self::Attach(value)
        }
    }
    impl ::std::convert::From<InstanceUpdateSecurityGroupsDetach>
    for InstanceUpdateSecurityGroups {
        fn from(value: InstanceUpdateSecurityGroupsDetach) -> Self {
            Self::Detach(value)
        }
    }
    ///One security group to attach. Attaching an attached one changes nothing.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[derive(Eq)]
    pub struct InstanceUpdateSecurityGroupsAttach {
        ///Id of a security group.
        pub attach: ::std::string::String,
    }
    ///One security group to detach. Detaching one that is not attached changes nothing.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[derive(Eq)]
    pub struct InstanceUpdateSecurityGroupsDetach {
        ///Id of a security group.
        pub detach: ::std::string::String,
    }
    ///All security groups from now on.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[serde(transparent)]
    #[derive(Eq)]
    pub struct InstanceUpdateSecurityGroupsList(
        pub ::std::vec::Vec<::std::string::String>,
    );
    impl ::std::ops::Deref for InstanceUpdateSecurityGroupsList {
        type Target = ::std::vec::Vec<::std::string::String>;
        fn deref(&self) -> &::std::vec::Vec<::std::string::String> {
            &self.0
        }
    }
    impl ::std::convert::From<InstanceUpdateSecurityGroupsList>
    for ::std::vec::Vec<::std::string::String> {
        fn from(value: InstanceUpdateSecurityGroupsList) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<::std::vec::Vec<::std::string::String>>
    for InstanceUpdateSecurityGroupsList {
        fn from(value: ::std::vec::Vec<::std::string::String>) -> Self {
            Self(value)
        }
    }
    ///The whole new list, or one volume to attach or detach.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[serde(untagged)]
    #[serde(remote = "Self")]
    #[derive(Eq)]
    pub enum InstanceUpdateVolumes {
        List(InstanceUpdateVolumesList),
        Attach(InstanceUpdateVolumesAttach),
        Detach(InstanceUpdateVolumesDetach),
    }
    impl ::std::default::Default for InstanceUpdateVolumes {
        fn default() -> Self {
            Self::List {
                0: ::std::default::Default::default(),
            }
        }
    }
    impl ::std::convert::From<InstanceUpdateVolumesList> for InstanceUpdateVolumes {
        fn from(value: InstanceUpdateVolumesList) -> Self {
            Self::List(value)
        }
    }
    impl ::std::convert::From<InstanceUpdateVolumesAttach> for InstanceUpdateVolumes {
        fn from(value: InstanceUpdateVolumesAttach) -> Self {
            Self::Attach(value)
        }
    }
    impl ::std::convert::From<InstanceUpdateVolumesDetach> for InstanceUpdateVolumes {
        fn from(value: InstanceUpdateVolumesDetach) -> Self {
            Self::Detach(value)
        }
    }
    ///One volume to attach. Attaching an attached one changes nothing.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[derive(Eq)]
    pub struct InstanceUpdateVolumesAttach {
        ///Id of a volume.
        pub attach: ::std::string::String,
    }
    ///One volume to detach. Detaching one that is not attached changes nothing.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[derive(Eq)]
    pub struct InstanceUpdateVolumesDetach {
        ///Id of a volume.
        pub detach: ::std::string::String,
    }
    ///All volumes from now on.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[serde(transparent)]
    #[derive(Eq)]
    pub struct InstanceUpdateVolumesList(pub ::std::vec::Vec<::std::string::String>);
    impl ::std::ops::Deref for InstanceUpdateVolumesList {
        type Target = ::std::vec::Vec<::std::string::String>;
        fn deref(&self) -> &::std::vec::Vec<::std::string::String> {
            &self.0
        }
    }
    impl ::std::convert::From<InstanceUpdateVolumesList>
    for ::std::vec::Vec<::std::string::String> {
        fn from(value: InstanceUpdateVolumesList) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<::std::vec::Vec<::std::string::String>>
    for InstanceUpdateVolumesList {
        fn from(value: ::std::vec::Vec<::std::string::String>) -> Self {
            Self(value)
        }
    }
    ///Parts of cloud-init user data. They can hold secrets.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[serde(transparent)]
    #[derive(Eq)]
    pub struct InstanceUserData(pub ::std::vec::Vec<UserDataPart>);
    impl ::std::ops::Deref for InstanceUserData {
        type Target = ::std::vec::Vec<UserDataPart>;
        fn deref(&self) -> &::std::vec::Vec<UserDataPart> {
            &self.0
        }
    }
    impl ::std::convert::From<InstanceUserData> for ::std::vec::Vec<UserDataPart> {
        fn from(value: InstanceUserData) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<::std::vec::Vec<UserDataPart>> for InstanceUserData {
        fn from(value: ::std::vec::Vec<UserDataPart>) -> Self {
            Self(value)
        }
    }
    ///Which instance types can be created in a region now.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct InstancesAvailability {
        pub availability: RegionAvailability,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Family of operating system.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[non_exhaustive]
    pub enum OsType {
        #[serde(rename = "linux")]
        Linux,
        #[serde(rename = "windows")]
        Windows,
        /// A value that the document does not list, unchanged.
        #[serde(untagged)]
        Unknown(::std::string::String),
    }
    impl ::std::default::Default for OsType {
        fn default() -> Self {
            Self::Unknown {
                0: ::std::default::Default::default(),
            }
        }
    }
    impl OsType {
        /// The values that the document lists.
        pub const ALL: &'static [Self] = &[Self::Linux, Self::Windows];
        /// Returns the value as the API writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Linux => "linux",
                Self::Windows => "windows",
                Self::Unknown(value) => value,
            }
        }
        /// Returns whether the document lists the value.
        pub fn is_known(&self) -> bool {
            !matches!(self, Self::Unknown(_))
        }
    }
    impl ::std::convert::From<&str> for OsType {
        fn from(value: &str) -> Self {
            let Ok(value) = value.parse();
            value
        }
    }
    impl ::std::convert::From<::std::string::String> for OsType {
        fn from(value: ::std::string::String) -> Self {
            Self::from(value.as_str())
        }
    }
    impl ::std::cmp::PartialEq<str> for OsType {
        fn eq(&self, other: &str) -> bool {
            self.as_str() == other
        }
    }
    impl ::std::cmp::PartialEq<&str> for OsType {
        fn eq(&self, other: &&str) -> bool {
            self.as_str() == *other
        }
    }
    impl<'de> ::serde::Deserialize<'de> for OsType {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::std::result::Result<Self, D::Error> {
            crate::lenient::text(deserializer)
        }
    }
    impl ::std::fmt::Display for OsType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Linux => f.pad("linux"),
                Self::Windows => f.pad("windows"),
                Self::Unknown(ref value) => f.pad(value),
            }
        }
    }
    impl ::std::str::FromStr for OsType {
        type Err = ::std::convert::Infallible;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, ::std::convert::Infallible> {
            match value {
                "linux" => Ok(Self::Linux),
                "windows" => Ok(Self::Windows),
                _ => Ok(Self::Unknown(value.to_string())),
            }
        }
    }
    ///`PaginatedFilesystemsResponse`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct PaginatedFilesystemsResponse {
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub filesystems: ::std::vec::Vec<Filesystem>,
        ///Number of this page, counted from 1.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub page: i64,
        ///Most items a page can hold.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub per_page: i64,
        ///Number of items on all pages together.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub total_count: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`PaginatedFloatingIPsResponse`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct PaginatedFloatingIPsResponse {
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub floating_ips: ::std::vec::Vec<FloatingIp>,
        ///Number of this page, counted from 1.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub page: i64,
        ///Most items a page can hold.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub per_page: i64,
        ///Number of items on all pages together.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub total_count: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`PaginatedImagesResponse`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct PaginatedImagesResponse {
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub images: ::std::vec::Vec<Image>,
        ///Number of this page, counted from 1.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub page: i64,
        ///Most items a page can hold.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub per_page: i64,
        ///Number of items on all pages together.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub total_count: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`PaginatedInstancesResponse`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct PaginatedInstancesResponse {
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub instances: ::std::vec::Vec<Instance>,
        ///Number of this page, counted from 1.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub page: i64,
        ///Most items a page can hold.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub per_page: i64,
        ///Number of items on all pages together.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub total_count: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`PaginatedSecurityGroupsResponse`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct PaginatedSecurityGroupsResponse {
        ///Number of this page, counted from 1.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub page: i64,
        ///Most items a page can hold.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub per_page: i64,
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub security_groups: ::std::vec::Vec<SecurityGroup>,
        ///Number of items on all pages together.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub total_count: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`PaginatedSnapshotsResponse`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct PaginatedSnapshotsResponse {
        ///Number of this page, counted from 1.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub page: i64,
        ///Most items a page can hold.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub per_page: i64,
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub snapshots: ::std::vec::Vec<Snapshot>,
        ///Number of items on all pages together.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub total_count: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`PaginatedSshKeysResponse`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct PaginatedSshKeysResponse {
        ///Number of this page, counted from 1.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub page: i64,
        ///Most items a page can hold.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub per_page: i64,
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub ssh_keys: ::std::vec::Vec<SshKey>,
        ///Number of items on all pages together.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub total_count: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`PaginatedVolumesResponse`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct PaginatedVolumesResponse {
        ///Number of this page, counted from 1.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub page: i64,
        ///Most items a page can hold.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub per_page: i64,
        ///Number of items on all pages together.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub total_count: i64,
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub volumes: ::std::vec::Vec<Volume>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`PerformInstanceActionBody`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[derive(Eq)]
    pub struct PerformInstanceActionBody {
        pub action: InstanceAction,
    }
    ///How much of one kind of resource the account may have and has.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct Quota {
        ///How much the account may have.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub capacity: i64,
        ///What the use consists of.
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub flavors: ::std::vec::Vec<QuotaFlavor>,
        ///Name of the quota.
        pub key: ::std::string::String,
        ///How much of it is used.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub used: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`QuotaFlavor`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct QuotaFlavor {
        ///Name of the flavor.
        pub flavor_name: ::std::string::String,
        ///Product the flavor belongs to.
        pub product_name: ::std::string::String,
        ///Unit that `used` counts in.
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub unit: ::std::string::String,
        ///How much is used.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub used: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`QuotasResponse`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct QuotasResponse {
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub quotas: ::std::vec::Vec<Quota>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A reference to another resource.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct Reference {
        ///Id of the resource.
        pub id: ::std::string::String,
        ///Name of the resource.
        pub name: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A data centre. Resources used together must be in the same one.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[non_exhaustive]
    pub enum Region {
        #[serde(rename = "NORD-NO-KRS-1")]
        NordNoKrs1,
        #[serde(rename = "EUC-DE-MUC-1")]
        EucDeMuc1,
        #[serde(rename = "EUW-GB-MNC-1")]
        EuwGbMnc1,
        #[serde(rename = "EUW-NL-AMS-1")]
        EuwNlAms1,
        #[serde(rename = "NA-CA-FTS-1")]
        NaCaFts1,
        #[serde(rename = "NA-CA-MNZ-1")]
        NaCaMnz1,
        #[serde(rename = "NA-CA-PRG-1")]
        NaCaPrg1,
        /// A value that the document does not list, unchanged.
        #[serde(untagged)]
        Unknown(::std::string::String),
    }
    impl ::std::default::Default for Region {
        fn default() -> Self {
            Self::Unknown {
                0: ::std::default::Default::default(),
            }
        }
    }
    impl Region {
        /// The values that the document lists.
        pub const ALL: &'static [Self] = &[
            Self::NordNoKrs1,
            Self::EucDeMuc1,
            Self::EuwGbMnc1,
            Self::EuwNlAms1,
            Self::NaCaFts1,
            Self::NaCaMnz1,
            Self::NaCaPrg1,
        ];
        /// Returns the value as the API writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::NordNoKrs1 => "NORD-NO-KRS-1",
                Self::EucDeMuc1 => "EUC-DE-MUC-1",
                Self::EuwGbMnc1 => "EUW-GB-MNC-1",
                Self::EuwNlAms1 => "EUW-NL-AMS-1",
                Self::NaCaFts1 => "NA-CA-FTS-1",
                Self::NaCaMnz1 => "NA-CA-MNZ-1",
                Self::NaCaPrg1 => "NA-CA-PRG-1",
                Self::Unknown(value) => value,
            }
        }
        /// Returns whether the document lists the value.
        pub fn is_known(&self) -> bool {
            !matches!(self, Self::Unknown(_))
        }
    }
    impl ::std::convert::From<&str> for Region {
        fn from(value: &str) -> Self {
            let Ok(value) = value.parse();
            value
        }
    }
    impl ::std::convert::From<::std::string::String> for Region {
        fn from(value: ::std::string::String) -> Self {
            Self::from(value.as_str())
        }
    }
    impl ::std::cmp::PartialEq<str> for Region {
        fn eq(&self, other: &str) -> bool {
            self.as_str() == other
        }
    }
    impl ::std::cmp::PartialEq<&str> for Region {
        fn eq(&self, other: &&str) -> bool {
            self.as_str() == *other
        }
    }
    impl<'de> ::serde::Deserialize<'de> for Region {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::std::result::Result<Self, D::Error> {
            crate::lenient::text(deserializer)
        }
    }
    impl ::std::fmt::Display for Region {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::NordNoKrs1 => f.pad("NORD-NO-KRS-1"),
                Self::EucDeMuc1 => f.pad("EUC-DE-MUC-1"),
                Self::EuwGbMnc1 => f.pad("EUW-GB-MNC-1"),
                Self::EuwNlAms1 => f.pad("EUW-NL-AMS-1"),
                Self::NaCaFts1 => f.pad("NA-CA-FTS-1"),
                Self::NaCaMnz1 => f.pad("NA-CA-MNZ-1"),
                Self::NaCaPrg1 => f.pad("NA-CA-PRG-1"),
                Self::Unknown(ref value) => f.pad(value),
            }
        }
    }
    impl ::std::str::FromStr for Region {
        type Err = ::std::convert::Infallible;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, ::std::convert::Infallible> {
            match value {
                "NORD-NO-KRS-1" => Ok(Self::NordNoKrs1),
                "EUC-DE-MUC-1" => Ok(Self::EucDeMuc1),
                "EUW-GB-MNC-1" => Ok(Self::EuwGbMnc1),
                "EUW-NL-AMS-1" => Ok(Self::EuwNlAms1),
                "NA-CA-FTS-1" => Ok(Self::NaCaFts1),
                "NA-CA-MNZ-1" => Ok(Self::NaCaMnz1),
                "NA-CA-PRG-1" => Ok(Self::NaCaPrg1),
                _ => Ok(Self::Unknown(value.to_string())),
            }
        }
    }
    ///The answer proper.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct RegionAvailability {
        ///One entry per instance type.
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub instance_types: ::std::vec::Vec<InstanceTypeAvailability>,
        ///Placement option the answer is about, if one was asked for.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::unless_empty")]
        pub placement: ::std::option::Option<::std::string::String>,
        pub region: Region,
        ///Kind of resource the answer is about.
        #[serde(rename = "type")]
        pub type_: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Capacity reserved for the account.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct Reservation {
        ///Instance type reserved.
        pub flavor_name: ::std::string::String,
        ///Id of the reservation.
        pub id: ::std::string::String,
        ///Further facts, in no fixed form.
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub metadata: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        pub quota: ReservationQuota,
        pub region: Region,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Instances reserved and in use.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct ReservationQuota {
        ///Instances reserved.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub capacity: i64,
        ///Reserved instances in use.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub used: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`ReservationsResponse`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct ReservationsResponse {
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub reservations: ::std::vec::Vec<Reservation>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A set of firewall rules that instances share.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct SecurityGroup {
        ///A time, UTC, in RFC 3339 form.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///Free text.
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub description: ::std::string::String,
        ///Id of a security group.
        pub id: ::std::string::String,
        ///Whether the service made the group itself.
        pub is_internal: bool,
        ///Name of the security group.
        pub name: ::std::string::String,
        pub region: Region,
        ///The traffic let through.
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub rules: ::std::vec::Vec<SecurityGroupRule>,
        pub status: SecurityGroupStatus,
        ///A time, UTC, in RFC 3339 form.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::read")]
        pub updated_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///One kind of traffic that is let through.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    #[derive(Eq)]
    pub struct SecurityGroupRule {
        pub direction: SecurityGroupRuleDirection,
        ///Last port let through, with `tcp` and `udp`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::read")]
        pub port_range_max: ::std::option::Option<i64>,
        ///First port let through, with `tcp` and `udp`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::read")]
        pub port_range_min: ::std::option::Option<i64>,
        pub protocol: SecurityGroupRuleProtocol,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Whether traffic comes to the instance (`ingress`) or leaves it (`egress`).
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[non_exhaustive]
    pub enum SecurityGroupRuleDirection {
        #[serde(rename = "ingress")]
        Ingress,
        #[serde(rename = "egress")]
        Egress,
        /// A value that the document does not list, unchanged.
        #[serde(untagged)]
        Unknown(::std::string::String),
    }
    impl ::std::default::Default for SecurityGroupRuleDirection {
        fn default() -> Self {
            Self::Unknown {
                0: ::std::default::Default::default(),
            }
        }
    }
    impl SecurityGroupRuleDirection {
        /// The values that the document lists.
        pub const ALL: &'static [Self] = &[Self::Ingress, Self::Egress];
        /// Returns the value as the API writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Ingress => "ingress",
                Self::Egress => "egress",
                Self::Unknown(value) => value,
            }
        }
        /// Returns whether the document lists the value.
        pub fn is_known(&self) -> bool {
            !matches!(self, Self::Unknown(_))
        }
    }
    impl ::std::convert::From<&str> for SecurityGroupRuleDirection {
        fn from(value: &str) -> Self {
            let Ok(value) = value.parse();
            value
        }
    }
    impl ::std::convert::From<::std::string::String> for SecurityGroupRuleDirection {
        fn from(value: ::std::string::String) -> Self {
            Self::from(value.as_str())
        }
    }
    impl ::std::cmp::PartialEq<str> for SecurityGroupRuleDirection {
        fn eq(&self, other: &str) -> bool {
            self.as_str() == other
        }
    }
    impl ::std::cmp::PartialEq<&str> for SecurityGroupRuleDirection {
        fn eq(&self, other: &&str) -> bool {
            self.as_str() == *other
        }
    }
    impl<'de> ::serde::Deserialize<'de> for SecurityGroupRuleDirection {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::std::result::Result<Self, D::Error> {
            crate::lenient::text(deserializer)
        }
    }
    impl ::std::fmt::Display for SecurityGroupRuleDirection {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Ingress => f.pad("ingress"),
                Self::Egress => f.pad("egress"),
                Self::Unknown(ref value) => f.pad(value),
            }
        }
    }
    impl ::std::str::FromStr for SecurityGroupRuleDirection {
        type Err = ::std::convert::Infallible;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, ::std::convert::Infallible> {
            match value {
                "ingress" => Ok(Self::Ingress),
                "egress" => Ok(Self::Egress),
                _ => Ok(Self::Unknown(value.to_string())),
            }
        }
    }
    ///Protocol let through.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[non_exhaustive]
    pub enum SecurityGroupRuleProtocol {
        #[serde(rename = "all")]
        All,
        #[serde(rename = "icmp")]
        Icmp,
        #[serde(rename = "tcp")]
        Tcp,
        #[serde(rename = "udp")]
        Udp,
        /// A value that the document does not list, unchanged.
        #[serde(untagged)]
        Unknown(::std::string::String),
    }
    impl ::std::default::Default for SecurityGroupRuleProtocol {
        fn default() -> Self {
            Self::Unknown {
                0: ::std::default::Default::default(),
            }
        }
    }
    impl SecurityGroupRuleProtocol {
        /// The values that the document lists.
        pub const ALL: &'static [Self] = &[Self::All, Self::Icmp, Self::Tcp, Self::Udp];
        /// Returns the value as the API writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::All => "all",
                Self::Icmp => "icmp",
                Self::Tcp => "tcp",
                Self::Udp => "udp",
                Self::Unknown(value) => value,
            }
        }
        /// Returns whether the document lists the value.
        pub fn is_known(&self) -> bool {
            !matches!(self, Self::Unknown(_))
        }
    }
    impl ::std::convert::From<&str> for SecurityGroupRuleProtocol {
        fn from(value: &str) -> Self {
            let Ok(value) = value.parse();
            value
        }
    }
    impl ::std::convert::From<::std::string::String> for SecurityGroupRuleProtocol {
        fn from(value: ::std::string::String) -> Self {
            Self::from(value.as_str())
        }
    }
    impl ::std::cmp::PartialEq<str> for SecurityGroupRuleProtocol {
        fn eq(&self, other: &str) -> bool {
            self.as_str() == other
        }
    }
    impl ::std::cmp::PartialEq<&str> for SecurityGroupRuleProtocol {
        fn eq(&self, other: &&str) -> bool {
            self.as_str() == *other
        }
    }
    impl<'de> ::serde::Deserialize<'de> for SecurityGroupRuleProtocol {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::std::result::Result<Self, D::Error> {
            crate::lenient::text(deserializer)
        }
    }
    impl ::std::fmt::Display for SecurityGroupRuleProtocol {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::All => f.pad("all"),
                Self::Icmp => f.pad("icmp"),
                Self::Tcp => f.pad("tcp"),
                Self::Udp => f.pad("udp"),
                Self::Unknown(ref value) => f.pad(value),
            }
        }
    }
    impl ::std::str::FromStr for SecurityGroupRuleProtocol {
        type Err = ::std::convert::Infallible;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, ::std::convert::Infallible> {
            match value {
                "all" => Ok(Self::All),
                "icmp" => Ok(Self::Icmp),
                "tcp" => Ok(Self::Tcp),
                "udp" => Ok(Self::Udp),
                _ => Ok(Self::Unknown(value.to_string())),
            }
        }
    }
    ///`creating`, then `created` or `error`, also after an update; on the way out `deleting`.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[non_exhaustive]
    pub enum SecurityGroupStatus {
        #[serde(rename = "creating")]
        Creating,
        #[serde(rename = "created")]
        Created,
        #[serde(rename = "deleting")]
        Deleting,
        #[serde(rename = "error")]
        Error,
        /// A value that the document does not list, unchanged.
        #[serde(untagged)]
        Unknown(::std::string::String),
    }
    impl ::std::default::Default for SecurityGroupStatus {
        fn default() -> Self {
            Self::Unknown {
                0: ::std::default::Default::default(),
            }
        }
    }
    impl SecurityGroupStatus {
        /// The values that the document lists.
        pub const ALL: &'static [Self] = &[
            Self::Creating,
            Self::Created,
            Self::Deleting,
            Self::Error,
        ];
        /// Returns the value as the API writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Creating => "creating",
                Self::Created => "created",
                Self::Deleting => "deleting",
                Self::Error => "error",
                Self::Unknown(value) => value,
            }
        }
        /// Returns whether the document lists the value.
        pub fn is_known(&self) -> bool {
            !matches!(self, Self::Unknown(_))
        }
    }
    impl ::std::convert::From<&str> for SecurityGroupStatus {
        fn from(value: &str) -> Self {
            let Ok(value) = value.parse();
            value
        }
    }
    impl ::std::convert::From<::std::string::String> for SecurityGroupStatus {
        fn from(value: ::std::string::String) -> Self {
            Self::from(value.as_str())
        }
    }
    impl ::std::cmp::PartialEq<str> for SecurityGroupStatus {
        fn eq(&self, other: &str) -> bool {
            self.as_str() == other
        }
    }
    impl ::std::cmp::PartialEq<&str> for SecurityGroupStatus {
        fn eq(&self, other: &&str) -> bool {
            self.as_str() == *other
        }
    }
    impl<'de> ::serde::Deserialize<'de> for SecurityGroupStatus {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::std::result::Result<Self, D::Error> {
            crate::lenient::text(deserializer)
        }
    }
    impl ::std::fmt::Display for SecurityGroupStatus {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Creating => f.pad("creating"),
                Self::Created => f.pad("created"),
                Self::Deleting => f.pad("deleting"),
                Self::Error => f.pad("error"),
                Self::Unknown(ref value) => f.pad(value),
            }
        }
    }
    impl ::std::str::FromStr for SecurityGroupStatus {
        type Err = ::std::convert::Infallible;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, ::std::convert::Infallible> {
            match value {
                "creating" => Ok(Self::Creating),
                "created" => Ok(Self::Created),
                "deleting" => Ok(Self::Deleting),
                "error" => Ok(Self::Error),
                _ => Ok(Self::Unknown(value.to_string())),
            }
        }
    }
    ///`SingleFilesystemResponse`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct SingleFilesystemResponse {
        pub filesystem: Filesystem,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`SingleFloatingIpResponse`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct SingleFloatingIpResponse {
        pub floating_ip: FloatingIp,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`SingleInstanceResponse`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct SingleInstanceResponse {
        pub instance: Instance,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`SingleSecurityGroupResponse`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct SingleSecurityGroupResponse {
        pub security_group: SecurityGroup,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`SingleSnapshotResponse`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct SingleSnapshotResponse {
        pub snapshot: Snapshot,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`SingleVolumeResponse`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct SingleVolumeResponse {
        pub volume: Volume,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A copy of an instance's boot disk, from which new instances can be created.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct Snapshot {
        ///A time, UTC, in RFC 3339 form.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///Id of the snapshot.
        pub id: ::std::string::String,
        ///Name of the snapshot.
        pub name: ::std::string::String,
        pub os_type: OsType,
        pub region: Region,
        ///Size in GiB. The provider's documentation describes bytes as text here, and both have been seen: a value in the billions is bytes.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub size: i64,
        ///Id of the instance the snapshot was taken of, if it was taken of one.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::unless_empty")]
        pub source_instance_id: ::std::option::Option<::std::string::String>,
        ///Id of the snapshot this one was cloned from, if it is a clone.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::unless_empty")]
        pub source_snapshot_id: ::std::option::Option<::std::string::String>,
        pub status: SnapshotStatus,
        ///A time, UTC, in RFC 3339 form.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::read")]
        pub updated_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`creating`, then `created` or `error`; on the way out `pending_delete` and `deleting`. Older accounts also see `active`.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[non_exhaustive]
    pub enum SnapshotStatus {
        #[serde(rename = "creating")]
        Creating,
        #[serde(rename = "created")]
        Created,
        #[serde(rename = "pending_delete")]
        PendingDelete,
        #[serde(rename = "deleting")]
        Deleting,
        #[serde(rename = "error")]
        Error,
        /// A value that the document does not list, unchanged.
        #[serde(untagged)]
        Unknown(::std::string::String),
    }
    impl ::std::default::Default for SnapshotStatus {
        fn default() -> Self {
            Self::Unknown {
                0: ::std::default::Default::default(),
            }
        }
    }
    impl SnapshotStatus {
        /// The values that the document lists.
        pub const ALL: &'static [Self] = &[
            Self::Creating,
            Self::Created,
            Self::PendingDelete,
            Self::Deleting,
            Self::Error,
        ];
        /// Returns the value as the API writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Creating => "creating",
                Self::Created => "created",
                Self::PendingDelete => "pending_delete",
                Self::Deleting => "deleting",
                Self::Error => "error",
                Self::Unknown(value) => value,
            }
        }
        /// Returns whether the document lists the value.
        pub fn is_known(&self) -> bool {
            !matches!(self, Self::Unknown(_))
        }
    }
    impl ::std::convert::From<&str> for SnapshotStatus {
        fn from(value: &str) -> Self {
            let Ok(value) = value.parse();
            value
        }
    }
    impl ::std::convert::From<::std::string::String> for SnapshotStatus {
        fn from(value: ::std::string::String) -> Self {
            Self::from(value.as_str())
        }
    }
    impl ::std::cmp::PartialEq<str> for SnapshotStatus {
        fn eq(&self, other: &str) -> bool {
            self.as_str() == other
        }
    }
    impl ::std::cmp::PartialEq<&str> for SnapshotStatus {
        fn eq(&self, other: &&str) -> bool {
            self.as_str() == *other
        }
    }
    impl<'de> ::serde::Deserialize<'de> for SnapshotStatus {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::std::result::Result<Self, D::Error> {
            crate::lenient::text(deserializer)
        }
    }
    impl ::std::fmt::Display for SnapshotStatus {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Creating => f.pad("creating"),
                Self::Created => f.pad("created"),
                Self::PendingDelete => f.pad("pending_delete"),
                Self::Deleting => f.pad("deleting"),
                Self::Error => f.pad("error"),
                Self::Unknown(ref value) => f.pad(value),
            }
        }
    }
    impl ::std::str::FromStr for SnapshotStatus {
        type Err = ::std::convert::Infallible;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, ::std::convert::Infallible> {
            match value {
                "creating" => Ok(Self::Creating),
                "created" => Ok(Self::Created),
                "pending_delete" => Ok(Self::PendingDelete),
                "deleting" => Ok(Self::Deleting),
                "error" => Ok(Self::Error),
                _ => Ok(Self::Unknown(value.to_string())),
            }
        }
    }
    ///A public key that can be put on new instances.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct SshKey {
        ///A time, UTC, in RFC 3339 form.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///Fingerprint of the key.
        pub fingerprint: ::std::string::String,
        ///Id of the SSH key.
        pub id: ::std::string::String,
        ///Name of the key.
        pub name: ::std::string::String,
        ///Length of the key in bits.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub size: i64,
        ///Algorithm of the key, such as `ssh-ed25519`.
        #[serde(rename = "type")]
        pub type_: ::std::string::String,
        ///A time, UTC, in RFC 3339 form.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::read")]
        pub updated_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        ///The public key in OpenSSH form.
        pub value: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`UpdateFilesystemBody`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[derive(Eq)]
    pub struct UpdateFilesystemBody {
        ///New free text.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        ///New name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///New size in GiB; not smaller than the present one.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::read")]
        pub size: ::std::option::Option<i64>,
    }
    ///`UpdateFloatingIpBody`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[derive(Eq)]
    pub struct UpdateFloatingIpBody {
        ///New free text.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        ///New name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
    }
    ///`UpdateInstanceBody`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[derive(Eq)]
    pub struct UpdateInstanceBody {
        ///Size of the boot disk in GiB, at least 80. It can grow, not shrink.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::read")]
        pub disk_size: ::std::option::Option<i64>,
        ///Whether deletion is refused until this is false again.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub is_protected: ::std::option::Option<bool>,
        ///Name of the instance.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///Id of the reservation to draw on.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub reservation_id: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub security_groups: ::std::option::Option<InstanceUpdateSecurityGroups>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub volumes: ::std::option::Option<InstanceUpdateVolumes>,
    }
    ///`UpdateSecurityGroupBody`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[derive(Eq)]
    pub struct UpdateSecurityGroupBody {
        ///New free text.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        ///New name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///All rules from now on. Replaces the present ones.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub rules: ::std::option::Option<::std::vec::Vec<SecurityGroupRule>>,
    }
    ///`UpdateSnapshotBody`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[derive(Eq)]
    pub struct UpdateSnapshotBody {
        ///New name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
    }
    ///`UpdateSshKeyBody`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[derive(Eq)]
    pub struct UpdateSshKeyBody {
        ///New name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
    }
    ///`UpdateVolumeBody`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[derive(Eq)]
    pub struct UpdateVolumeBody {
        ///New free text.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        ///New name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///New size in GiB; not smaller than the present one.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::read")]
        pub size: ::std::option::Option<i64>,
    }
    ///`UserDataPart`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[derive(Eq)]
    pub struct UserDataPart {
        ///The part itself.
        pub content: crate::Secret,
        ///File name of the part.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub filename: ::std::option::Option<::std::string::String>,
        ///MIME type of the part, such as `text/cloud-config`.
        #[serde(rename = "type")]
        pub type_: ::std::string::String,
    }
    ///A disk of its own life that can be attached to instances.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq, Default)]
    #[non_exhaustive]
    pub struct Volume {
        ///A time, UTC, in RFC 3339 form.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///Free text.
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub description: ::std::string::String,
        ///Id of a volume.
        pub id: ::std::string::String,
        ///Instances the volume is attached to.
        #[serde(deserialize_with = "crate::lenient::or_empty")]
        pub instances: ::std::vec::Vec<Reference>,
        ///Name of the volume.
        pub name: ::std::string::String,
        pub region: Region,
        ///Size in GiB. The provider's documentation describes bytes as text here, and both have been seen: a value in the billions is bytes.
        #[serde(deserialize_with = "crate::lenient::read")]
        pub size: i64,
        pub status: VolumeStatus,
        #[serde(rename = "type")]
        pub type_: VolumeType,
        ///A time, UTC, in RFC 3339 form.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(default, deserialize_with = "crate::lenient::read")]
        pub updated_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`creating`, then `created` or `error`; on the way out `pending_delete` and `deleting`. Older accounts also see `available` and `in-use`.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[non_exhaustive]
    pub enum VolumeStatus {
        #[serde(rename = "creating")]
        Creating,
        #[serde(rename = "created")]
        Created,
        #[serde(rename = "pending_delete")]
        PendingDelete,
        #[serde(rename = "deleting")]
        Deleting,
        #[serde(rename = "error")]
        Error,
        /// A value that the document does not list, unchanged.
        #[serde(untagged)]
        Unknown(::std::string::String),
    }
    impl ::std::default::Default for VolumeStatus {
        fn default() -> Self {
            Self::Unknown {
                0: ::std::default::Default::default(),
            }
        }
    }
    impl VolumeStatus {
        /// The values that the document lists.
        pub const ALL: &'static [Self] = &[
            Self::Creating,
            Self::Created,
            Self::PendingDelete,
            Self::Deleting,
            Self::Error,
        ];
        /// Returns the value as the API writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Creating => "creating",
                Self::Created => "created",
                Self::PendingDelete => "pending_delete",
                Self::Deleting => "deleting",
                Self::Error => "error",
                Self::Unknown(value) => value,
            }
        }
        /// Returns whether the document lists the value.
        pub fn is_known(&self) -> bool {
            !matches!(self, Self::Unknown(_))
        }
    }
    impl ::std::convert::From<&str> for VolumeStatus {
        fn from(value: &str) -> Self {
            let Ok(value) = value.parse();
            value
        }
    }
    impl ::std::convert::From<::std::string::String> for VolumeStatus {
        fn from(value: ::std::string::String) -> Self {
            Self::from(value.as_str())
        }
    }
    impl ::std::cmp::PartialEq<str> for VolumeStatus {
        fn eq(&self, other: &str) -> bool {
            self.as_str() == other
        }
    }
    impl ::std::cmp::PartialEq<&str> for VolumeStatus {
        fn eq(&self, other: &&str) -> bool {
            self.as_str() == *other
        }
    }
    impl<'de> ::serde::Deserialize<'de> for VolumeStatus {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::std::result::Result<Self, D::Error> {
            crate::lenient::text(deserializer)
        }
    }
    impl ::std::fmt::Display for VolumeStatus {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Creating => f.pad("creating"),
                Self::Created => f.pad("created"),
                Self::PendingDelete => f.pad("pending_delete"),
                Self::Deleting => f.pad("deleting"),
                Self::Error => f.pad("error"),
                Self::Unknown(ref value) => f.pad(value),
            }
        }
    }
    impl ::std::str::FromStr for VolumeStatus {
        type Err = ::std::convert::Infallible;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, ::std::convert::Infallible> {
            match value {
                "creating" => Ok(Self::Creating),
                "created" => Ok(Self::Created),
                "pending_delete" => Ok(Self::PendingDelete),
                "deleting" => Ok(Self::Deleting),
                "error" => Ok(Self::Error),
                _ => Ok(Self::Unknown(value.to_string())),
            }
        }
    }
    ///Kind of disk. `hdd` unless asked otherwise; `ssd` is documented for region `NORD-NO-KRS-1` only.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[non_exhaustive]
    pub enum VolumeType {
        #[serde(rename = "hdd")]
        Hdd,
        #[serde(rename = "ssd")]
        Ssd,
        /// A value that the document does not list, unchanged.
        #[serde(untagged)]
        Unknown(::std::string::String),
    }
    impl ::std::default::Default for VolumeType {
        fn default() -> Self {
            Self::Unknown {
                0: ::std::default::Default::default(),
            }
        }
    }
    impl VolumeType {
        /// The values that the document lists.
        pub const ALL: &'static [Self] = &[Self::Hdd, Self::Ssd];
        /// Returns the value as the API writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Hdd => "hdd",
                Self::Ssd => "ssd",
                Self::Unknown(value) => value,
            }
        }
        /// Returns whether the document lists the value.
        pub fn is_known(&self) -> bool {
            !matches!(self, Self::Unknown(_))
        }
    }
    impl ::std::convert::From<&str> for VolumeType {
        fn from(value: &str) -> Self {
            let Ok(value) = value.parse();
            value
        }
    }
    impl ::std::convert::From<::std::string::String> for VolumeType {
        fn from(value: ::std::string::String) -> Self {
            Self::from(value.as_str())
        }
    }
    impl ::std::cmp::PartialEq<str> for VolumeType {
        fn eq(&self, other: &str) -> bool {
            self.as_str() == other
        }
    }
    impl ::std::cmp::PartialEq<&str> for VolumeType {
        fn eq(&self, other: &&str) -> bool {
            self.as_str() == *other
        }
    }
    impl<'de> ::serde::Deserialize<'de> for VolumeType {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::std::result::Result<Self, D::Error> {
            crate::lenient::text(deserializer)
        }
    }
    impl ::std::fmt::Display for VolumeType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Hdd => f.pad("hdd"),
                Self::Ssd => f.pad("ssd"),
                Self::Unknown(ref value) => f.pad(value),
            }
        }
    }
    impl ::std::str::FromStr for VolumeType {
        type Err = ::std::convert::Infallible;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, ::std::convert::Infallible> {
            match value {
                "hdd" => Ok(Self::Hdd),
                "ssd" => Ok(Self::Ssd),
                _ => Ok(Self::Unknown(value.to_string())),
            }
        }
    }
    /// Error types.
    pub mod error {
        /// Error from a `TryFrom` or `FromStr` implementation.
        pub struct ConversionError(::std::borrow::Cow<'static, str>);
        impl ::std::error::Error for ConversionError {}
        impl ::std::fmt::Display for ConversionError {
            fn fmt(
                &self,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }
        impl ::std::fmt::Debug for ConversionError {
            fn fmt(
                &self,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Debug::fmt(&self.0, f)
            }
        }
        impl From<&'static str> for ConversionError {
            fn from(value: &'static str) -> Self {
                Self(value.into())
            }
        }
        impl From<String> for ConversionError {
            fn from(value: String) -> Self {
                Self(value.into())
            }
        }
    }
    impl<'de> ::serde::Deserialize<'de> for InstanceUpdateSecurityGroups {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::std::result::Result<Self, D::Error> {
            crate::lenient::union(deserializer, |value| Self::deserialize(value))
        }
    }
    impl ::serde::Serialize for InstanceUpdateSecurityGroups {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> ::std::result::Result<S::Ok, S::Error> {
            Self::serialize(self, serializer)
        }
    }
    impl<'de> ::serde::Deserialize<'de> for InstanceUpdateVolumes {
        fn deserialize<D: ::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::std::result::Result<Self, D::Error> {
            crate::lenient::union(deserializer, |value| Self::deserialize(value))
        }
    }
    impl ::serde::Serialize for InstanceUpdateVolumes {
        fn serialize<S: ::serde::Serializer>(
            &self,
            serializer: S,
        ) -> ::std::result::Result<S::Ok, S::Error> {
            Self::serialize(self, serializer)
        }
    }
    impl Error {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                code: "02008".into(),
                message: "instance not found".into(),
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl Filesystem {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                created_at: ::chrono::DateTime::from_timestamp_nanos(
                    1767323045000000000,
                ),
                description: "example".into(),
                id: "2eaf0506-0578-408a-8ebf-3c685d2a2e3b".into(),
                mount_base_path: ::std::option::Option::Some("/example".into()),
                mount_endpoint_range: ::std::option::Option::Some(
                    ::std::vec!["192.0.2.1".into(), "192.0.2.16".into()],
                ),
                name: "example".into(),
                region: Region::NordNoKrs1,
                size: 1000,
                status: FilesystemStatus::Created,
                type_: FilesystemType::Vast,
                updated_at: ::std::option::Option::Some(
                    ::chrono::DateTime::from_timestamp_nanos(1767323045000000000),
                ),
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl FloatingIp {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                created_at: ::chrono::DateTime::from_timestamp_nanos(
                    1767323045000000000,
                ),
                description: "example".into(),
                id: "2f1d719e-d8b5-4e52-8a03-d35f36c3a6db".into(),
                instance: ::std::option::Option::Some(Reference::example()),
                ip_address: ::std::option::Option::Some("192.0.2.1".into()),
                is_public: true,
                name: "example".into(),
                region: Region::NordNoKrs1,
                status: FloatingIpStatus::Created,
                updated_at: ::std::option::Option::Some(
                    ::chrono::DateTime::from_timestamp_nanos(1767323045000000000),
                ),
                version: FloatingIpVersion::Ipv4,
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl Image {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                created_at: ::chrono::DateTime::from_timestamp_nanos(
                    1767323045000000000,
                ),
                family: ::std::option::Option::Some("ubuntu".into()),
                id: "3d93f9ea-0c5a-43fa-8b97-46ca76ca9fb1".into(),
                name: "Ubuntu 24.04".into(),
                os_type: ::std::option::Option::Some(OsType::Linux),
                regions: ::std::vec![Region::NordNoKrs1],
                slug: ::std::option::Option::Some("ubuntu-24.04".into()),
                type_: ImageType::CloudImage,
                updated_at: ::std::option::Option::Some(
                    ::chrono::DateTime::from_timestamp_nanos(1767323045000000000),
                ),
                versions: ::std::option::Option::Some(::std::vec!["v1".into()]),
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl Instance {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                created_at: ::chrono::DateTime::from_timestamp_nanos(
                    1767323045000000000,
                ),
                disk_size: ::std::option::Option::Some(80),
                dns_name: ::std::option::Option::Some("example.example.com".into()),
                floating_ip: ::std::option::Option::Some(Reference::example()),
                hostname: "example".into(),
                id: "ed103073-8d5c-4d32-83e1-45f7df776f3f".into(),
                image: ::std::option::Option::Some(Reference::example()),
                is_protected: ::std::option::Option::Some(false),
                name: "example".into(),
                os_type: ::std::option::Option::Some(OsType::Linux),
                placement_option: ::std::option::Option::Some("AUTO".into()),
                private_ip: ::std::option::Option::Some("10.0.0.2".into()),
                public_ip: ::std::option::Option::Some("192.0.2.1".into()),
                region: Region::NordNoKrs1,
                reservation_id: ::std::option::Option::Some(
                    "d599358f-0404-4a3f-8ec5-0d51a87402aa".into(),
                ),
                security_groups: ::std::vec![Reference::example()],
                ssh_keys: ::std::vec![Reference::example()],
                status: InstanceStatus::Active,
                type_: "vcpu-4_memory-12g_disk-80g_nvidia3080-1".into(),
                updated_at: ::std::option::Option::Some(
                    ::chrono::DateTime::from_timestamp_nanos(1767323045000000000),
                ),
                volumes: ::std::vec![Reference::example()],
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl InstanceGetActionsResponse {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                actions: ::std::vec![InstanceAction::Start],
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl InstanceTypeAvailability {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                available: true,
                count: ::std::option::Option::Some(1.0),
                type_: "vcpu-4_memory-12g_disk-80g_nvidia3080-1".into(),
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl InstancesAvailability {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                availability: RegionAvailability::example(),
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl PaginatedFilesystemsResponse {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                filesystems: ::std::vec![Filesystem::example()],
                page: 1,
                per_page: 1,
                total_count: 1,
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl PaginatedFloatingIPsResponse {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                floating_ips: ::std::vec![FloatingIp::example()],
                page: 1,
                per_page: 1,
                total_count: 1,
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl PaginatedImagesResponse {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                images: ::std::vec![Image::example()],
                page: 1,
                per_page: 1,
                total_count: 1,
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl PaginatedInstancesResponse {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                instances: ::std::vec![Instance::example()],
                page: 1,
                per_page: 1,
                total_count: 1,
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl PaginatedSecurityGroupsResponse {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                page: 1,
                per_page: 1,
                security_groups: ::std::vec![SecurityGroup::example()],
                total_count: 1,
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl PaginatedSnapshotsResponse {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                page: 1,
                per_page: 1,
                snapshots: ::std::vec![Snapshot::example()],
                total_count: 1,
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl PaginatedSshKeysResponse {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                page: 1,
                per_page: 1,
                ssh_keys: ::std::vec![SshKey::example()],
                total_count: 1,
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl PaginatedVolumesResponse {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                page: 1,
                per_page: 1,
                total_count: 1,
                volumes: ::std::vec![Volume::example()],
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl Quota {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                capacity: 10,
                flavors: ::std::vec![QuotaFlavor::example()],
                key: "instances".into(),
                used: 1,
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl QuotaFlavor {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                flavor_name: "example".into(),
                product_name: "example".into(),
                unit: "count".into(),
                used: 1,
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl QuotasResponse {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                quotas: ::std::vec![Quota::example()],
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl Reference {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                id: "fe88d270-aa3e-41da-82d2-93589e036419".into(),
                name: "example".into(),
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl RegionAvailability {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                instance_types: ::std::vec![InstanceTypeAvailability::example()],
                placement: ::std::option::Option::Some("AUTO".into()),
                region: Region::NordNoKrs1,
                type_: "instances".into(),
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl Reservation {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                flavor_name: "vcpu-4_memory-12g_disk-80g_nvidia3080-1".into(),
                id: "35cfd249-61d6-4239-83a1-1ac541454782".into(),
                metadata: ::std::default::Default::default(),
                quota: ReservationQuota::example(),
                region: Region::NordNoKrs1,
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl ReservationQuota {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                capacity: 10,
                used: 1,
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl ReservationsResponse {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                reservations: ::std::vec![Reservation::example()],
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl SecurityGroup {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                created_at: ::chrono::DateTime::from_timestamp_nanos(
                    1767323045000000000,
                ),
                description: "example".into(),
                id: "928b7a85-7e23-43b2-8e1d-f10143509b95".into(),
                is_internal: false,
                name: "example".into(),
                region: Region::NordNoKrs1,
                rules: ::std::vec![SecurityGroupRule::example()],
                status: SecurityGroupStatus::Created,
                updated_at: ::std::option::Option::Some(
                    ::chrono::DateTime::from_timestamp_nanos(1767323045000000000),
                ),
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl SecurityGroupRule {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                direction: SecurityGroupRuleDirection::Ingress,
                port_range_max: ::std::option::Option::Some(22),
                port_range_min: ::std::option::Option::Some(22),
                protocol: SecurityGroupRuleProtocol::Tcp,
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl SingleFilesystemResponse {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                filesystem: Filesystem::example(),
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl SingleFloatingIpResponse {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                floating_ip: FloatingIp::example(),
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl SingleInstanceResponse {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                instance: Instance::example(),
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl SingleSecurityGroupResponse {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                security_group: SecurityGroup::example(),
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl SingleSnapshotResponse {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                snapshot: Snapshot::example(),
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl SingleVolumeResponse {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                volume: Volume::example(),
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl Snapshot {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                created_at: ::chrono::DateTime::from_timestamp_nanos(
                    1767323045000000000,
                ),
                id: "ce256a89-18a7-418d-8645-e3129f690bb0".into(),
                name: "example".into(),
                os_type: OsType::Linux,
                region: Region::NordNoKrs1,
                size: 80,
                source_instance_id: ::std::option::Option::Some(
                    "aca9e00c-564e-4fba-809f-42c016ead113".into(),
                ),
                source_snapshot_id: ::std::option::Option::None,
                status: SnapshotStatus::Created,
                updated_at: ::std::option::Option::Some(
                    ::chrono::DateTime::from_timestamp_nanos(1767323045000000000),
                ),
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl SshKey {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                created_at: ::chrono::DateTime::from_timestamp_nanos(
                    1767323045000000000,
                ),
                fingerprint: "SHA256:ZkAslGjFiUHdGf/WUL8rQvkib4PTvQatUV0OUQSncCA".into(),
                id: "451dcbe5-c0dc-4798-89f8-bb40bde60335".into(),
                name: "example".into(),
                size: 256,
                type_: "ssh-ed25519".into(),
                updated_at: ::std::option::Option::Some(
                    ::chrono::DateTime::from_timestamp_nanos(1767323045000000000),
                ),
                value: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f example"
                    .into(),
                extra: ::std::default::Default::default(),
            }
        }
    }
    impl Volume {
        /// Returns an example for tests, with each field set to a value of the right form.
        pub fn example() -> Self {
            Self {
                created_at: ::chrono::DateTime::from_timestamp_nanos(
                    1767323045000000000,
                ),
                description: "example".into(),
                id: "5b528a7f-6c0c-40af-8bad-e4b2996a8c76".into(),
                instances: ::std::vec![Reference::example()],
                name: "example".into(),
                region: Region::NordNoKrs1,
                size: 50,
                status: VolumeStatus::Created,
                type_: VolumeType::Hdd,
                updated_at: ::std::option::Option::Some(
                    ::chrono::DateTime::from_timestamp_nanos(1767323045000000000),
                ),
                extra: ::std::default::Default::default(),
            }
        }
    }
}
#[derive(Clone, Debug)]
/**Client for Genesis Cloud Compute API

Manages the machines of a Genesis Cloud account and what belongs to them: instances, images, snapshots, volumes, filesystems, SSH keys, security groups, floating IPs, availability, quotas and reservations.

Every request carries `Authorization: Bearer <token>`; the older `X-Auth-Token: <token>` is deprecated. An account may send 10 requests a second on average; what exceeds that is answered 429 and not processed.

Single resources come wrapped in an object named after them (`{"instance": {...}}`), except SSH keys, which come bare. Lists come with `total_count`, `page` and `per_page`. Sizes are in GiB unless a field says otherwise, times are UTC.

Version: 1.0.0*/
pub struct Client {
    pub(crate) baseurl: crate::BaseUrl,
    pub(crate) client: reqwest::Client,
    pub(crate) inner: crate::SharedTransport,
}
impl Client {
    /// Construct a new client with an existing `reqwest::Client`,
    /// allowing more control over its configuration.
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub fn new_with_client(
        baseurl: &str,
        client: reqwest::Client,
        inner: crate::SharedTransport,
    ) -> Self {
        Self {
            baseurl: crate::BaseUrl::new(baseurl),
            client,
            inner,
        }
    }
}
impl ClientInfo<crate::SharedTransport> for Client {
    fn api_version() -> &'static str {
        "1.0.0"
    }
    fn baseurl(&self) -> &str {
        self.baseurl.as_str()
    }
    fn client(&self) -> &reqwest::Client {
        &self.client
    }
    fn inner(&self) -> &crate::SharedTransport {
        &self.inner
    }
}
#[allow(clippy::all)]
impl Client {
    /**Availability of instance types in a region

Tells for each instance type whether a new instance of it could be created in the region now. The answer is a moment's view and reserves nothing.

Sends a `GET` request to `/availability/{region}/instances`

Arguments:
- `region`: The region to ask about.
- `placement`: Ask for one placement option only.
*/
    #[inline]
    pub async fn get_instances_availability<'a>(
        &'a self,
        region: types::Region,
        placement: Option<&'a str>,
    ) -> Result<ResponseValue<types::InstancesAvailability>, Error<()>> {
        self.send(requests::get_instances_availability(self, region, placement)).await
    }
    /**List filesystems

One page of the account's filesystems.

Sends a `GET` request to `/filesystems`

Arguments:
- `page`: Number of the page, counted from 1.
- `per_page`: Items on a page, 1 to 100.
*/
    #[inline]
    pub async fn list_filesystems_paginated<'a>(
        &'a self,
        page: Option<i64>,
        per_page: Option<i64>,
    ) -> Result<ResponseValue<types::PaginatedFilesystemsResponse>, Error<()>> {
        self.send(requests::list_filesystems_paginated(self, page, per_page)).await
    }
    /**Create a filesystem

The answer comes at once with status `creating`; the filesystem can be mounted when it is `created`.

Sends a `POST` request to `/filesystems`

*/
    #[inline]
    pub async fn create_filesystem<'a>(
        &'a self,
        body: &'a types::CreateFilesystemBody,
    ) -> Result<ResponseValue<types::SingleFilesystemResponse>, Error<()>> {
        self.send(requests::create_filesystem(self, body)).await
    }
    /**Get a filesystem

The filesystem as it is now.

Sends a `GET` request to `/filesystems/{filesystem_id}`

Arguments:
- `filesystem_id`: Id of the filesystem.
*/
    #[inline]
    pub async fn get_filesystem<'a>(
        &'a self,
        filesystem_id: &'a str,
    ) -> Result<ResponseValue<types::SingleFilesystemResponse>, Error<()>> {
        self.send(requests::get_filesystem(self, filesystem_id)).await
    }
    /**Delete a filesystem

Deletes the filesystem and the data on it. It stays visible as `deleting` until it is gone.

Sends a `DELETE` request to `/filesystems/{filesystem_id}`

Arguments:
- `filesystem_id`: Id of the filesystem.
*/
    #[inline]
    pub async fn delete_filesystem<'a>(
        &'a self,
        filesystem_id: &'a str,
    ) -> Result<ResponseValue<()>, Error<()>> {
        self.send(requests::delete_filesystem(self, filesystem_id)).await
    }
    /**Update a filesystem

Changes the properties given and leaves the others. A filesystem can grow, not shrink.

Sends a `PATCH` request to `/filesystems/{filesystem_id}`

Arguments:
- `filesystem_id`: Id of the filesystem.
- `body`
*/
    #[inline]
    pub async fn update_filesystem<'a>(
        &'a self,
        filesystem_id: &'a str,
        body: &'a types::UpdateFilesystemBody,
    ) -> Result<ResponseValue<types::SingleFilesystemResponse>, Error<()>> {
        self.send(requests::update_filesystem(self, filesystem_id, body)).await
    }
    /**List floating IPs

One page of the account's floating IPs.

Sends a `GET` request to `/floating-ips`

Arguments:
- `page`: Number of the page, counted from 1.
- `per_page`: Items on a page, 1 to 100.
*/
    #[inline]
    pub async fn list_floating_i_ps_paginated<'a>(
        &'a self,
        page: Option<i64>,
        per_page: Option<i64>,
    ) -> Result<ResponseValue<types::PaginatedFloatingIPsResponse>, Error<()>> {
        self.send(requests::list_floating_i_ps_paginated(self, page, per_page)).await
    }
    /**Create a floating IP

Reserves an address in a region. `ip_address` is filled in once the status is `created`. A floating IP is given to an instance when that instance is created, not later.

Sends a `POST` request to `/floating-ips`

*/
    #[inline]
    pub async fn create_floating_ip<'a>(
        &'a self,
        body: &'a types::CreateFloatingIpBody,
    ) -> Result<ResponseValue<types::SingleFloatingIpResponse>, Error<()>> {
        self.send(requests::create_floating_ip(self, body)).await
    }
    /**Get a floating IP

The floating IP as it is now.

Sends a `GET` request to `/floating-ips/{floating_ip_id}`

Arguments:
- `floating_ip_id`: Id of the floating IP.
*/
    #[inline]
    pub async fn get_floating_ip<'a>(
        &'a self,
        floating_ip_id: &'a str,
    ) -> Result<ResponseValue<types::SingleFloatingIpResponse>, Error<()>> {
        self.send(requests::get_floating_ip(self, floating_ip_id)).await
    }
    /**Delete a floating IP

Gives the address back. It stays visible as `deleting` until it is gone.

Sends a `DELETE` request to `/floating-ips/{floating_ip_id}`

Arguments:
- `floating_ip_id`: Id of the floating IP.
*/
    #[inline]
    pub async fn delete_floating_ip<'a>(
        &'a self,
        floating_ip_id: &'a str,
    ) -> Result<ResponseValue<()>, Error<()>> {
        self.send(requests::delete_floating_ip(self, floating_ip_id)).await
    }
    /**Update a floating IP

Changes the name or the description; the address stays.

Sends a `PATCH` request to `/floating-ips/{floating_ip_id}`

Arguments:
- `floating_ip_id`: Id of the floating IP.
- `body`
*/
    #[inline]
    pub async fn update_floating_ip<'a>(
        &'a self,
        floating_ip_id: &'a str,
        body: &'a types::UpdateFloatingIpBody,
    ) -> Result<ResponseValue<types::SingleFloatingIpResponse>, Error<()>> {
        self.send(requests::update_floating_ip(self, floating_ip_id, body)).await
    }
    /**List images

One page of the images an instance can be created from, of one type if `type` is given.

Sends a `GET` request to `/images`

Arguments:
- `page`: Number of the page, counted from 1.
- `per_page`: Items on a page, 1 to 100.
- `type_`: Only images of this type.
*/
    #[inline]
    pub async fn list_images_paginated<'a>(
        &'a self,
        page: Option<i64>,
        per_page: Option<i64>,
        type_: Option<types::ImageType>,
    ) -> Result<ResponseValue<types::PaginatedImagesResponse>, Error<()>> {
        self.send(requests::list_images_paginated(self, page, per_page, type_)).await
    }
    /**List instances

One page of the account's instances.

Sends a `GET` request to `/instances`

Arguments:
- `page`: Number of the page, counted from 1.
- `per_page`: Items on a page, 1 to 100.
*/
    #[inline]
    pub async fn list_instances_paginated<'a>(
        &'a self,
        page: Option<i64>,
        per_page: Option<i64>,
    ) -> Result<ResponseValue<types::PaginatedInstancesResponse>, Error<()>> {
        self.send(requests::list_instances_paginated(self, page, per_page)).await
    }
    /**Create an instance

Starts a machine, which is billed from then on. The answer comes at once with status `creating`; the machine is up when it is `active`. Give exactly one of `ssh_keys` and `password`.

Sends a `POST` request to `/instances`

*/
    #[inline]
    pub async fn create_instance<'a>(
        &'a self,
        body: &'a types::CreateInstanceBody,
    ) -> Result<ResponseValue<types::SingleInstanceResponse>, Error<()>> {
        self.send(requests::create_instance(self, body)).await
    }
    /**Get an instance

The instance as it is now.

Sends a `GET` request to `/instances/{instance_id}`

Arguments:
- `instance_id`: Id of the instance.
*/
    #[inline]
    pub async fn get_instance<'a>(
        &'a self,
        instance_id: &'a str,
    ) -> Result<ResponseValue<types::SingleInstanceResponse>, Error<()>> {
        self.send(requests::get_instance(self, instance_id)).await
    }
    /**Delete an instance

Deletes the machine. Refused while `is_protected` is true. The instance stays visible as `deleting` until it is gone.

Sends a `DELETE` request to `/instances/{instance_id}`

Arguments:
- `instance_id`: Id of the instance.
*/
    #[inline]
    pub async fn delete_instance<'a>(
        &'a self,
        instance_id: &'a str,
    ) -> Result<ResponseValue<()>, Error<()>> {
        self.send(requests::delete_instance(self, instance_id)).await
    }
    /**Update an instance

Changes the properties given and leaves the others. `security_groups` and `volumes` take either the whole new list or one id to attach or detach.

Sends a `PATCH` request to `/instances/{instance_id}`

Arguments:
- `instance_id`: Id of the instance.
- `body`
*/
    #[inline]
    pub async fn update_instance<'a>(
        &'a self,
        instance_id: &'a str,
        body: &'a types::UpdateInstanceBody,
    ) -> Result<ResponseValue<types::SingleInstanceResponse>, Error<()>> {
        self.send(requests::update_instance(self, instance_id, body)).await
    }
    /**List the actions an instance can take now

Which of start, stop and reset the instance's present status allows.

Sends a `GET` request to `/instances/{instance_id}/actions`

Arguments:
- `instance_id`: Id of the instance.
*/
    #[inline]
    pub async fn get_instance_actions<'a>(
        &'a self,
        instance_id: &'a str,
    ) -> Result<ResponseValue<types::InstanceGetActionsResponse>, Error<()>> {
        self.send(requests::get_instance_actions(self, instance_id)).await
    }
    /**Start, stop or reset an instance

`start` takes a `stopped` instance over `starting` to `active`; `stop` takes an `active` one over `stopping` to `stopped`; `reset` takes an `active` one over `resetting` back to `active`. The answer comes before the action has ended.

Sends a `POST` request to `/instances/{instance_id}/actions`

Arguments:
- `instance_id`: Id of the instance.
- `body`
*/
    #[inline]
    pub async fn perform_instance_action<'a>(
        &'a self,
        instance_id: &'a str,
        body: &'a types::PerformInstanceActionBody,
    ) -> Result<ResponseValue<()>, Error<()>> {
        self.send(requests::perform_instance_action(self, instance_id, body)).await
    }
    /**List an instance's snapshots

One page of the snapshots taken of one instance.

Sends a `GET` request to `/instances/{instance_id}/snapshots`

Arguments:
- `instance_id`: Id of the instance.
- `page`: Number of the page, counted from 1.
- `per_page`: Items on a page, 1 to 100.
*/
    #[inline]
    pub async fn list_instance_snapshots_paginated<'a>(
        &'a self,
        instance_id: &'a str,
        page: Option<i64>,
        per_page: Option<i64>,
    ) -> Result<ResponseValue<types::PaginatedSnapshotsResponse>, Error<()>> {
        self.send(
                requests::list_instance_snapshots_paginated(
                    self,
                    instance_id,
                    page,
                    per_page,
                ),
            )
            .await
    }
    /**Take a snapshot of an instance

Copies the boot disk of an `active` instance. The snapshot is usable when its status is `created`.

Sends a `POST` request to `/instances/{instance_id}/snapshots`

Arguments:
- `instance_id`: Id of the instance.
- `body`
*/
    #[inline]
    pub async fn create_instance_snapshot<'a>(
        &'a self,
        instance_id: &'a str,
        body: &'a types::CreateInstanceSnapshotBody,
    ) -> Result<ResponseValue<types::SingleSnapshotResponse>, Error<()>> {
        self.send(requests::create_instance_snapshot(self, instance_id, body)).await
    }
    /**Get an instance's user metadata

The metadata given when the instance was created, such as its startup script. It can hold secrets.

Sends a `GET` request to `/instances/{instance_id}/user-metadata`

Arguments:
- `instance_id`: Id of the instance.
*/
    #[inline]
    pub async fn get_instance_user_metadata<'a>(
        &'a self,
        instance_id: &'a str,
    ) -> Result<
        ResponseValue<::serde_json::Map<::std::string::String, ::serde_json::Value>>,
        Error<()>,
    > {
        self.send(requests::get_instance_user_metadata(self, instance_id)).await
    }
    /**Get the account's quotas

How much of each kind of resource the account may have and has.

Sends a `GET` request to `/quotas`

*/
    #[inline]
    pub async fn get_quotas<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::QuotasResponse>, Error<()>> {
        self.send(requests::get_quotas(self)).await
    }
    /**Get the account's reservations

The capacity reserved for the account, which instances with billing type `reserved` draw on.

Sends a `GET` request to `/reservations`

*/
    #[inline]
    pub async fn get_reservations<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::ReservationsResponse>, Error<()>> {
        self.send(requests::get_reservations(self)).await
    }
    /**List security groups

One page of the account's security groups.

Sends a `GET` request to `/security-groups`

Arguments:
- `page`: Number of the page, counted from 1.
- `per_page`: Items on a page, 1 to 100.
*/
    #[inline]
    pub async fn list_security_groups_paginated<'a>(
        &'a self,
        page: Option<i64>,
        per_page: Option<i64>,
    ) -> Result<ResponseValue<types::PaginatedSecurityGroupsResponse>, Error<()>> {
        self.send(requests::list_security_groups_paginated(self, page, per_page)).await
    }
    /**Create a security group

Creates a set of firewall rules in a region. The names `default` and `standard` are reserved.

Sends a `POST` request to `/security-groups`

*/
    #[inline]
    pub async fn create_security_group<'a>(
        &'a self,
        body: &'a types::CreateSecurityGroupBody,
    ) -> Result<ResponseValue<types::SingleSecurityGroupResponse>, Error<()>> {
        self.send(requests::create_security_group(self, body)).await
    }
    /**Get a security group

The security group as it is now.

Sends a `GET` request to `/security-groups/{security_group_id}`

Arguments:
- `security_group_id`: Id of the security group.
*/
    #[inline]
    pub async fn get_security_group<'a>(
        &'a self,
        security_group_id: &'a str,
    ) -> Result<ResponseValue<types::SingleSecurityGroupResponse>, Error<()>> {
        self.send(requests::get_security_group(self, security_group_id)).await
    }
    /**Delete a security group

Refused while an instance uses the group.

Sends a `DELETE` request to `/security-groups/{security_group_id}`

Arguments:
- `security_group_id`: Id of the security group.
*/
    #[inline]
    pub async fn delete_security_group<'a>(
        &'a self,
        security_group_id: &'a str,
    ) -> Result<ResponseValue<()>, Error<()>> {
        self.send(requests::delete_security_group(self, security_group_id)).await
    }
    /**Update a security group

Changes the properties given and leaves the others. `rules` replaces all rules: send the ones to keep as well; an empty list removes them all.

Sends a `PATCH` request to `/security-groups/{security_group_id}`

Arguments:
- `security_group_id`: Id of the security group.
- `body`
*/
    #[inline]
    pub async fn update_security_group<'a>(
        &'a self,
        security_group_id: &'a str,
        body: &'a types::UpdateSecurityGroupBody,
    ) -> Result<ResponseValue<types::SingleSecurityGroupResponse>, Error<()>> {
        self.send(requests::update_security_group(self, security_group_id, body)).await
    }
    /**List snapshots

One page of the account's snapshots.

Sends a `GET` request to `/snapshots`

Arguments:
- `page`: Number of the page, counted from 1.
- `per_page`: Items on a page, 1 to 100.
*/
    #[inline]
    pub async fn list_snapshots_paginated<'a>(
        &'a self,
        page: Option<i64>,
        per_page: Option<i64>,
    ) -> Result<ResponseValue<types::PaginatedSnapshotsResponse>, Error<()>> {
        self.send(requests::list_snapshots_paginated(self, page, per_page)).await
    }
    /**Import a snapshot

Makes a snapshot from a disk image that the service downloads from a URL.

Sends a `POST` request to `/snapshots`

*/
    #[inline]
    pub async fn create_snapshot<'a>(
        &'a self,
        body: &'a types::CreateSnapshotBody,
    ) -> Result<ResponseValue<types::SingleSnapshotResponse>, Error<()>> {
        self.send(requests::create_snapshot(self, body)).await
    }
    /**Get a snapshot

The snapshot as it is now.

Sends a `GET` request to `/snapshots/{snapshot_id}`

Arguments:
- `snapshot_id`: Id of the snapshot.
*/
    #[inline]
    pub async fn get_snapshot<'a>(
        &'a self,
        snapshot_id: &'a str,
    ) -> Result<ResponseValue<types::SingleSnapshotResponse>, Error<()>> {
        self.send(requests::get_snapshot(self, snapshot_id)).await
    }
    /**Delete a snapshot

Refused while the snapshot is in use.

Sends a `DELETE` request to `/snapshots/{snapshot_id}`

Arguments:
- `snapshot_id`: Id of the snapshot.
*/
    #[inline]
    pub async fn delete_snapshot<'a>(
        &'a self,
        snapshot_id: &'a str,
    ) -> Result<ResponseValue<()>, Error<()>> {
        self.send(requests::delete_snapshot(self, snapshot_id)).await
    }
    /**Rename a snapshot

Changes the snapshot's name.

Sends a `PATCH` request to `/snapshots/{snapshot_id}`

Arguments:
- `snapshot_id`: Id of the snapshot.
- `body`
*/
    #[inline]
    pub async fn update_snapshot<'a>(
        &'a self,
        snapshot_id: &'a str,
        body: &'a types::UpdateSnapshotBody,
    ) -> Result<ResponseValue<types::SingleSnapshotResponse>, Error<()>> {
        self.send(requests::update_snapshot(self, snapshot_id, body)).await
    }
    /**Clone a snapshot

Copies a snapshot into a region, its own or another.

Sends a `POST` request to `/snapshots/{snapshot_id}/clone`

Arguments:
- `snapshot_id`: Id of the snapshot.
- `body`
*/
    #[inline]
    pub async fn clone_snapshot<'a>(
        &'a self,
        snapshot_id: &'a str,
        body: &'a types::CloneSnapshotBody,
    ) -> Result<ResponseValue<types::SingleSnapshotResponse>, Error<()>> {
        self.send(requests::clone_snapshot(self, snapshot_id, body)).await
    }
    /**List SSH keys

One page of the account's SSH keys.

Sends a `GET` request to `/ssh-keys`

Arguments:
- `page`: Number of the page, counted from 1.
- `per_page`: Items on a page, 1 to 100.
*/
    #[inline]
    pub async fn list_ssh_keys_paginated<'a>(
        &'a self,
        page: Option<i64>,
        per_page: Option<i64>,
    ) -> Result<ResponseValue<types::PaginatedSshKeysResponse>, Error<()>> {
        self.send(requests::list_ssh_keys_paginated(self, page, per_page)).await
    }
    /**Add an SSH key

Stores a public key under a name. Takes effect at once.

Sends a `POST` request to `/ssh-keys`

*/
    #[inline]
    pub async fn create_ssh_key<'a>(
        &'a self,
        body: &'a types::CreateSshKeyBody,
    ) -> Result<ResponseValue<types::SshKey>, Error<()>> {
        self.send(requests::create_ssh_key(self, body)).await
    }
    /**Get an SSH key

The SSH key as it is now.

Sends a `GET` request to `/ssh-keys/{ssh_key_id}`

Arguments:
- `ssh_key_id`: Id of the SSH key.
*/
    #[inline]
    pub async fn get_ssh_key<'a>(
        &'a self,
        ssh_key_id: &'a str,
    ) -> Result<ResponseValue<types::SshKey>, Error<()>> {
        self.send(requests::get_ssh_key(self, ssh_key_id)).await
    }
    /**Delete an SSH key

Removes the key from the account. Takes effect at once.

Sends a `DELETE` request to `/ssh-keys/{ssh_key_id}`

Arguments:
- `ssh_key_id`: Id of the SSH key.
*/
    #[inline]
    pub async fn delete_ssh_key<'a>(
        &'a self,
        ssh_key_id: &'a str,
    ) -> Result<ResponseValue<()>, Error<()>> {
        self.send(requests::delete_ssh_key(self, ssh_key_id)).await
    }
    /**Rename an SSH key

Changes the key's name; the key itself cannot be changed.

Sends a `PATCH` request to `/ssh-keys/{ssh_key_id}`

Arguments:
- `ssh_key_id`: Id of the SSH key.
- `body`
*/
    #[inline]
    pub async fn update_ssh_key<'a>(
        &'a self,
        ssh_key_id: &'a str,
        body: &'a types::UpdateSshKeyBody,
    ) -> Result<ResponseValue<types::SshKey>, Error<()>> {
        self.send(requests::update_ssh_key(self, ssh_key_id, body)).await
    }
    /**List volumes

One page of the account's volumes.

Sends a `GET` request to `/volumes`

Arguments:
- `page`: Number of the page, counted from 1.
- `per_page`: Items on a page, 1 to 100.
*/
    #[inline]
    pub async fn list_volumes_paginated<'a>(
        &'a self,
        page: Option<i64>,
        per_page: Option<i64>,
    ) -> Result<ResponseValue<types::PaginatedVolumesResponse>, Error<()>> {
        self.send(requests::list_volumes_paginated(self, page, per_page)).await
    }
    /**Create a volume

The answer comes at once with status `creating`; the volume can be attached when it is `created`.

Sends a `POST` request to `/volumes`

*/
    #[inline]
    pub async fn create_volume<'a>(
        &'a self,
        body: &'a types::CreateVolumeBody,
    ) -> Result<ResponseValue<types::SingleVolumeResponse>, Error<()>> {
        self.send(requests::create_volume(self, body)).await
    }
    /**Get a volume

The volume as it is now.

Sends a `GET` request to `/volumes/{volume_id}`

Arguments:
- `volume_id`: Id of the volume.
*/
    #[inline]
    pub async fn get_volume<'a>(
        &'a self,
        volume_id: &'a str,
    ) -> Result<ResponseValue<types::SingleVolumeResponse>, Error<()>> {
        self.send(requests::get_volume(self, volume_id)).await
    }
    /**Delete a volume

Deletes the volume and the data on it. Refused while it is attached to an instance.

Sends a `DELETE` request to `/volumes/{volume_id}`

Arguments:
- `volume_id`: Id of the volume.
*/
    #[inline]
    pub async fn delete_volume<'a>(
        &'a self,
        volume_id: &'a str,
    ) -> Result<ResponseValue<()>, Error<()>> {
        self.send(requests::delete_volume(self, volume_id)).await
    }
    /**Update a volume

Changes the properties given and leaves the others. A volume can grow, not shrink.

Sends a `PATCH` request to `/volumes/{volume_id}`

Arguments:
- `volume_id`: Id of the volume.
- `body`
*/
    #[inline]
    pub async fn update_volume<'a>(
        &'a self,
        volume_id: &'a str,
        body: &'a types::UpdateVolumeBody,
    ) -> Result<ResponseValue<types::SingleVolumeResponse>, Error<()>> {
        self.send(requests::update_volume(self, volume_id, body)).await
    }
}
/// Items consumers will typically use such as the Client.
pub mod prelude {
    #[allow(unused_imports)]
    pub use super::Client;
}
/// Functions that prepare the request of each operation. None of them sends anything.
pub mod requests {
    use super::*;
    /// Prepares the request of [`Client::get_instances_availability`].
    #[inline]
    pub fn get_instances_availability<'a>(
        client: &'a Client,
        region: types::Region,
        placement: Option<&'a str>,
    ) -> crate::PreparedRequest<types::InstancesAvailability> {
        crate::PreparedRequest::with_json_response(
            operations::GET_INSTANCES_AVAILABILITY,
            || {
                let url = format!(
                    "{}/availability/{}/instances", client.baseurl, crate
                    ::path_segment("region", & region.to_string()) ?,
                );
                Ok(
                    client
                        .request(::reqwest::Method::GET, url)
                        .query(
                            &progenitor_client::QueryParam::new("placement", &placement),
                        )
                        .build()?,
                )
            },
        )
    }
    /// Prepares the request of [`Client::list_filesystems_paginated`].
    #[inline]
    pub fn list_filesystems_paginated<'a>(
        client: &'a Client,
        page: Option<i64>,
        per_page: Option<i64>,
    ) -> crate::PreparedRequest<types::PaginatedFilesystemsResponse> {
        crate::PreparedRequest::with_json_response(
            operations::LIST_FILESYSTEMS_PAGINATED,
            || {
                let url = format!("{}/filesystems", client.baseurl,);
                Ok(
                    client
                        .request(::reqwest::Method::GET, url)
                        .query(&progenitor_client::QueryParam::new("page", &page))
                        .query(
                            &progenitor_client::QueryParam::new("per_page", &per_page),
                        )
                        .build()?,
                )
            },
        )
    }
    /// Prepares the request of [`Client::create_filesystem`].
    #[inline]
    pub fn create_filesystem<'a>(
        client: &'a Client,
        body: &'a types::CreateFilesystemBody,
    ) -> crate::PreparedRequest<types::SingleFilesystemResponse> {
        crate::PreparedRequest::with_json_response(
            operations::CREATE_FILESYSTEM,
            || {
                let url = format!("{}/filesystems", client.baseurl,);
                Ok(client.request(::reqwest::Method::POST, url).json(&body).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::get_filesystem`].
    #[inline]
    pub fn get_filesystem<'a>(
        client: &'a Client,
        filesystem_id: &'a str,
    ) -> crate::PreparedRequest<types::SingleFilesystemResponse> {
        crate::PreparedRequest::with_json_response(
            operations::GET_FILESYSTEM,
            || {
                let url = format!(
                    "{}/filesystems/{}", client.baseurl, crate
                    ::path_segment("filesystem_id", & filesystem_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::GET, url).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::delete_filesystem`].
    #[inline]
    pub fn delete_filesystem<'a>(
        client: &'a Client,
        filesystem_id: &'a str,
    ) -> crate::PreparedRequest<()> {
        crate::PreparedRequest::with_empty_response(
            operations::DELETE_FILESYSTEM,
            || {
                let url = format!(
                    "{}/filesystems/{}", client.baseurl, crate
                    ::path_segment("filesystem_id", & filesystem_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::DELETE, url).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::update_filesystem`].
    #[inline]
    pub fn update_filesystem<'a>(
        client: &'a Client,
        filesystem_id: &'a str,
        body: &'a types::UpdateFilesystemBody,
    ) -> crate::PreparedRequest<types::SingleFilesystemResponse> {
        crate::PreparedRequest::with_json_response(
            operations::UPDATE_FILESYSTEM,
            || {
                let url = format!(
                    "{}/filesystems/{}", client.baseurl, crate
                    ::path_segment("filesystem_id", & filesystem_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::PATCH, url).json(&body).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::list_floating_i_ps_paginated`].
    #[inline]
    pub fn list_floating_i_ps_paginated<'a>(
        client: &'a Client,
        page: Option<i64>,
        per_page: Option<i64>,
    ) -> crate::PreparedRequest<types::PaginatedFloatingIPsResponse> {
        crate::PreparedRequest::with_json_response(
            operations::LIST_FLOATING_I_PS_PAGINATED,
            || {
                let url = format!("{}/floating-ips", client.baseurl,);
                Ok(
                    client
                        .request(::reqwest::Method::GET, url)
                        .query(&progenitor_client::QueryParam::new("page", &page))
                        .query(
                            &progenitor_client::QueryParam::new("per_page", &per_page),
                        )
                        .build()?,
                )
            },
        )
    }
    /// Prepares the request of [`Client::create_floating_ip`].
    #[inline]
    pub fn create_floating_ip<'a>(
        client: &'a Client,
        body: &'a types::CreateFloatingIpBody,
    ) -> crate::PreparedRequest<types::SingleFloatingIpResponse> {
        crate::PreparedRequest::with_json_response(
            operations::CREATE_FLOATING_IP,
            || {
                let url = format!("{}/floating-ips", client.baseurl,);
                Ok(client.request(::reqwest::Method::POST, url).json(&body).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::get_floating_ip`].
    #[inline]
    pub fn get_floating_ip<'a>(
        client: &'a Client,
        floating_ip_id: &'a str,
    ) -> crate::PreparedRequest<types::SingleFloatingIpResponse> {
        crate::PreparedRequest::with_json_response(
            operations::GET_FLOATING_IP,
            || {
                let url = format!(
                    "{}/floating-ips/{}", client.baseurl, crate
                    ::path_segment("floating_ip_id", & floating_ip_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::GET, url).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::delete_floating_ip`].
    #[inline]
    pub fn delete_floating_ip<'a>(
        client: &'a Client,
        floating_ip_id: &'a str,
    ) -> crate::PreparedRequest<()> {
        crate::PreparedRequest::with_empty_response(
            operations::DELETE_FLOATING_IP,
            || {
                let url = format!(
                    "{}/floating-ips/{}", client.baseurl, crate
                    ::path_segment("floating_ip_id", & floating_ip_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::DELETE, url).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::update_floating_ip`].
    #[inline]
    pub fn update_floating_ip<'a>(
        client: &'a Client,
        floating_ip_id: &'a str,
        body: &'a types::UpdateFloatingIpBody,
    ) -> crate::PreparedRequest<types::SingleFloatingIpResponse> {
        crate::PreparedRequest::with_json_response(
            operations::UPDATE_FLOATING_IP,
            || {
                let url = format!(
                    "{}/floating-ips/{}", client.baseurl, crate
                    ::path_segment("floating_ip_id", & floating_ip_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::PATCH, url).json(&body).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::list_images_paginated`].
    #[inline]
    pub fn list_images_paginated<'a>(
        client: &'a Client,
        page: Option<i64>,
        per_page: Option<i64>,
        type_: Option<types::ImageType>,
    ) -> crate::PreparedRequest<types::PaginatedImagesResponse> {
        crate::PreparedRequest::with_json_response(
            operations::LIST_IMAGES_PAGINATED,
            || {
                let url = format!("{}/images", client.baseurl,);
                Ok(
                    client
                        .request(::reqwest::Method::GET, url)
                        .query(&progenitor_client::QueryParam::new("page", &page))
                        .query(
                            &progenitor_client::QueryParam::new("per_page", &per_page),
                        )
                        .query(&progenitor_client::QueryParam::new("type", &type_))
                        .build()?,
                )
            },
        )
    }
    /// Prepares the request of [`Client::list_instances_paginated`].
    #[inline]
    pub fn list_instances_paginated<'a>(
        client: &'a Client,
        page: Option<i64>,
        per_page: Option<i64>,
    ) -> crate::PreparedRequest<types::PaginatedInstancesResponse> {
        crate::PreparedRequest::with_json_response(
            operations::LIST_INSTANCES_PAGINATED,
            || {
                let url = format!("{}/instances", client.baseurl,);
                Ok(
                    client
                        .request(::reqwest::Method::GET, url)
                        .query(&progenitor_client::QueryParam::new("page", &page))
                        .query(
                            &progenitor_client::QueryParam::new("per_page", &per_page),
                        )
                        .build()?,
                )
            },
        )
    }
    /// Prepares the request of [`Client::create_instance`].
    #[inline]
    pub fn create_instance<'a>(
        client: &'a Client,
        body: &'a types::CreateInstanceBody,
    ) -> crate::PreparedRequest<types::SingleInstanceResponse> {
        crate::PreparedRequest::with_json_response(
            operations::CREATE_INSTANCE,
            || {
                let url = format!("{}/instances", client.baseurl,);
                Ok(client.request(::reqwest::Method::POST, url).json(&body).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::get_instance`].
    #[inline]
    pub fn get_instance<'a>(
        client: &'a Client,
        instance_id: &'a str,
    ) -> crate::PreparedRequest<types::SingleInstanceResponse> {
        crate::PreparedRequest::with_json_response(
            operations::GET_INSTANCE,
            || {
                let url = format!(
                    "{}/instances/{}", client.baseurl, crate
                    ::path_segment("instance_id", & instance_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::GET, url).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::delete_instance`].
    #[inline]
    pub fn delete_instance<'a>(
        client: &'a Client,
        instance_id: &'a str,
    ) -> crate::PreparedRequest<()> {
        crate::PreparedRequest::with_empty_response(
            operations::DELETE_INSTANCE,
            || {
                let url = format!(
                    "{}/instances/{}", client.baseurl, crate
                    ::path_segment("instance_id", & instance_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::DELETE, url).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::update_instance`].
    #[inline]
    pub fn update_instance<'a>(
        client: &'a Client,
        instance_id: &'a str,
        body: &'a types::UpdateInstanceBody,
    ) -> crate::PreparedRequest<types::SingleInstanceResponse> {
        crate::PreparedRequest::with_json_response(
            operations::UPDATE_INSTANCE,
            || {
                let url = format!(
                    "{}/instances/{}", client.baseurl, crate
                    ::path_segment("instance_id", & instance_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::PATCH, url).json(&body).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::get_instance_actions`].
    #[inline]
    pub fn get_instance_actions<'a>(
        client: &'a Client,
        instance_id: &'a str,
    ) -> crate::PreparedRequest<types::InstanceGetActionsResponse> {
        crate::PreparedRequest::with_json_response(
            operations::GET_INSTANCE_ACTIONS,
            || {
                let url = format!(
                    "{}/instances/{}/actions", client.baseurl, crate
                    ::path_segment("instance_id", & instance_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::GET, url).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::perform_instance_action`].
    #[inline]
    pub fn perform_instance_action<'a>(
        client: &'a Client,
        instance_id: &'a str,
        body: &'a types::PerformInstanceActionBody,
    ) -> crate::PreparedRequest<()> {
        crate::PreparedRequest::with_empty_response(
            operations::PERFORM_INSTANCE_ACTION,
            || {
                let url = format!(
                    "{}/instances/{}/actions", client.baseurl, crate
                    ::path_segment("instance_id", & instance_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::POST, url).json(&body).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::list_instance_snapshots_paginated`].
    #[inline]
    pub fn list_instance_snapshots_paginated<'a>(
        client: &'a Client,
        instance_id: &'a str,
        page: Option<i64>,
        per_page: Option<i64>,
    ) -> crate::PreparedRequest<types::PaginatedSnapshotsResponse> {
        crate::PreparedRequest::with_json_response(
            operations::LIST_INSTANCE_SNAPSHOTS_PAGINATED,
            || {
                let url = format!(
                    "{}/instances/{}/snapshots", client.baseurl, crate
                    ::path_segment("instance_id", & instance_id.to_string()) ?,
                );
                Ok(
                    client
                        .request(::reqwest::Method::GET, url)
                        .query(&progenitor_client::QueryParam::new("page", &page))
                        .query(
                            &progenitor_client::QueryParam::new("per_page", &per_page),
                        )
                        .build()?,
                )
            },
        )
    }
    /// Prepares the request of [`Client::create_instance_snapshot`].
    #[inline]
    pub fn create_instance_snapshot<'a>(
        client: &'a Client,
        instance_id: &'a str,
        body: &'a types::CreateInstanceSnapshotBody,
    ) -> crate::PreparedRequest<types::SingleSnapshotResponse> {
        crate::PreparedRequest::with_json_response(
            operations::CREATE_INSTANCE_SNAPSHOT,
            || {
                let url = format!(
                    "{}/instances/{}/snapshots", client.baseurl, crate
                    ::path_segment("instance_id", & instance_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::POST, url).json(&body).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::get_instance_user_metadata`].
    #[inline]
    pub fn get_instance_user_metadata<'a>(
        client: &'a Client,
        instance_id: &'a str,
    ) -> crate::PreparedRequest<
        ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    > {
        crate::PreparedRequest::with_json_response(
            operations::GET_INSTANCE_USER_METADATA,
            || {
                let url = format!(
                    "{}/instances/{}/user-metadata", client.baseurl, crate
                    ::path_segment("instance_id", & instance_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::GET, url).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::get_quotas`].
    #[inline]
    pub fn get_quotas<'a>(
        client: &'a Client,
    ) -> crate::PreparedRequest<types::QuotasResponse> {
        crate::PreparedRequest::with_json_response(
            operations::GET_QUOTAS,
            || {
                let url = format!("{}/quotas", client.baseurl,);
                Ok(client.request(::reqwest::Method::GET, url).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::get_reservations`].
    #[inline]
    pub fn get_reservations<'a>(
        client: &'a Client,
    ) -> crate::PreparedRequest<types::ReservationsResponse> {
        crate::PreparedRequest::with_json_response(
            operations::GET_RESERVATIONS,
            || {
                let url = format!("{}/reservations", client.baseurl,);
                Ok(client.request(::reqwest::Method::GET, url).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::list_security_groups_paginated`].
    #[inline]
    pub fn list_security_groups_paginated<'a>(
        client: &'a Client,
        page: Option<i64>,
        per_page: Option<i64>,
    ) -> crate::PreparedRequest<types::PaginatedSecurityGroupsResponse> {
        crate::PreparedRequest::with_json_response(
            operations::LIST_SECURITY_GROUPS_PAGINATED,
            || {
                let url = format!("{}/security-groups", client.baseurl,);
                Ok(
                    client
                        .request(::reqwest::Method::GET, url)
                        .query(&progenitor_client::QueryParam::new("page", &page))
                        .query(
                            &progenitor_client::QueryParam::new("per_page", &per_page),
                        )
                        .build()?,
                )
            },
        )
    }
    /// Prepares the request of [`Client::create_security_group`].
    #[inline]
    pub fn create_security_group<'a>(
        client: &'a Client,
        body: &'a types::CreateSecurityGroupBody,
    ) -> crate::PreparedRequest<types::SingleSecurityGroupResponse> {
        crate::PreparedRequest::with_json_response(
            operations::CREATE_SECURITY_GROUP,
            || {
                let url = format!("{}/security-groups", client.baseurl,);
                Ok(client.request(::reqwest::Method::POST, url).json(&body).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::get_security_group`].
    #[inline]
    pub fn get_security_group<'a>(
        client: &'a Client,
        security_group_id: &'a str,
    ) -> crate::PreparedRequest<types::SingleSecurityGroupResponse> {
        crate::PreparedRequest::with_json_response(
            operations::GET_SECURITY_GROUP,
            || {
                let url = format!(
                    "{}/security-groups/{}", client.baseurl, crate
                    ::path_segment("security_group_id", & security_group_id.to_string())
                    ?,
                );
                Ok(client.request(::reqwest::Method::GET, url).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::delete_security_group`].
    #[inline]
    pub fn delete_security_group<'a>(
        client: &'a Client,
        security_group_id: &'a str,
    ) -> crate::PreparedRequest<()> {
        crate::PreparedRequest::with_empty_response(
            operations::DELETE_SECURITY_GROUP,
            || {
                let url = format!(
                    "{}/security-groups/{}", client.baseurl, crate
                    ::path_segment("security_group_id", & security_group_id.to_string())
                    ?,
                );
                Ok(client.request(::reqwest::Method::DELETE, url).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::update_security_group`].
    #[inline]
    pub fn update_security_group<'a>(
        client: &'a Client,
        security_group_id: &'a str,
        body: &'a types::UpdateSecurityGroupBody,
    ) -> crate::PreparedRequest<types::SingleSecurityGroupResponse> {
        crate::PreparedRequest::with_json_response(
            operations::UPDATE_SECURITY_GROUP,
            || {
                let url = format!(
                    "{}/security-groups/{}", client.baseurl, crate
                    ::path_segment("security_group_id", & security_group_id.to_string())
                    ?,
                );
                Ok(client.request(::reqwest::Method::PATCH, url).json(&body).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::list_snapshots_paginated`].
    #[inline]
    pub fn list_snapshots_paginated<'a>(
        client: &'a Client,
        page: Option<i64>,
        per_page: Option<i64>,
    ) -> crate::PreparedRequest<types::PaginatedSnapshotsResponse> {
        crate::PreparedRequest::with_json_response(
            operations::LIST_SNAPSHOTS_PAGINATED,
            || {
                let url = format!("{}/snapshots", client.baseurl,);
                Ok(
                    client
                        .request(::reqwest::Method::GET, url)
                        .query(&progenitor_client::QueryParam::new("page", &page))
                        .query(
                            &progenitor_client::QueryParam::new("per_page", &per_page),
                        )
                        .build()?,
                )
            },
        )
    }
    /// Prepares the request of [`Client::create_snapshot`].
    #[inline]
    pub fn create_snapshot<'a>(
        client: &'a Client,
        body: &'a types::CreateSnapshotBody,
    ) -> crate::PreparedRequest<types::SingleSnapshotResponse> {
        crate::PreparedRequest::with_json_response(
            operations::CREATE_SNAPSHOT,
            || {
                let url = format!("{}/snapshots", client.baseurl,);
                Ok(client.request(::reqwest::Method::POST, url).json(&body).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::get_snapshot`].
    #[inline]
    pub fn get_snapshot<'a>(
        client: &'a Client,
        snapshot_id: &'a str,
    ) -> crate::PreparedRequest<types::SingleSnapshotResponse> {
        crate::PreparedRequest::with_json_response(
            operations::GET_SNAPSHOT,
            || {
                let url = format!(
                    "{}/snapshots/{}", client.baseurl, crate
                    ::path_segment("snapshot_id", & snapshot_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::GET, url).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::delete_snapshot`].
    #[inline]
    pub fn delete_snapshot<'a>(
        client: &'a Client,
        snapshot_id: &'a str,
    ) -> crate::PreparedRequest<()> {
        crate::PreparedRequest::with_empty_response(
            operations::DELETE_SNAPSHOT,
            || {
                let url = format!(
                    "{}/snapshots/{}", client.baseurl, crate
                    ::path_segment("snapshot_id", & snapshot_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::DELETE, url).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::update_snapshot`].
    #[inline]
    pub fn update_snapshot<'a>(
        client: &'a Client,
        snapshot_id: &'a str,
        body: &'a types::UpdateSnapshotBody,
    ) -> crate::PreparedRequest<types::SingleSnapshotResponse> {
        crate::PreparedRequest::with_json_response(
            operations::UPDATE_SNAPSHOT,
            || {
                let url = format!(
                    "{}/snapshots/{}", client.baseurl, crate
                    ::path_segment("snapshot_id", & snapshot_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::PATCH, url).json(&body).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::clone_snapshot`].
    #[inline]
    pub fn clone_snapshot<'a>(
        client: &'a Client,
        snapshot_id: &'a str,
        body: &'a types::CloneSnapshotBody,
    ) -> crate::PreparedRequest<types::SingleSnapshotResponse> {
        crate::PreparedRequest::with_json_response(
            operations::CLONE_SNAPSHOT,
            || {
                let url = format!(
                    "{}/snapshots/{}/clone", client.baseurl, crate
                    ::path_segment("snapshot_id", & snapshot_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::POST, url).json(&body).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::list_ssh_keys_paginated`].
    #[inline]
    pub fn list_ssh_keys_paginated<'a>(
        client: &'a Client,
        page: Option<i64>,
        per_page: Option<i64>,
    ) -> crate::PreparedRequest<types::PaginatedSshKeysResponse> {
        crate::PreparedRequest::with_json_response(
            operations::LIST_SSH_KEYS_PAGINATED,
            || {
                let url = format!("{}/ssh-keys", client.baseurl,);
                Ok(
                    client
                        .request(::reqwest::Method::GET, url)
                        .query(&progenitor_client::QueryParam::new("page", &page))
                        .query(
                            &progenitor_client::QueryParam::new("per_page", &per_page),
                        )
                        .build()?,
                )
            },
        )
    }
    /// Prepares the request of [`Client::create_ssh_key`].
    #[inline]
    pub fn create_ssh_key<'a>(
        client: &'a Client,
        body: &'a types::CreateSshKeyBody,
    ) -> crate::PreparedRequest<types::SshKey> {
        crate::PreparedRequest::with_json_response(
            operations::CREATE_SSH_KEY,
            || {
                let url = format!("{}/ssh-keys", client.baseurl,);
                Ok(client.request(::reqwest::Method::POST, url).json(&body).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::get_ssh_key`].
    #[inline]
    pub fn get_ssh_key<'a>(
        client: &'a Client,
        ssh_key_id: &'a str,
    ) -> crate::PreparedRequest<types::SshKey> {
        crate::PreparedRequest::with_json_response(
            operations::GET_SSH_KEY,
            || {
                let url = format!(
                    "{}/ssh-keys/{}", client.baseurl, crate ::path_segment("ssh_key_id",
                    & ssh_key_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::GET, url).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::delete_ssh_key`].
    #[inline]
    pub fn delete_ssh_key<'a>(
        client: &'a Client,
        ssh_key_id: &'a str,
    ) -> crate::PreparedRequest<()> {
        crate::PreparedRequest::with_empty_response(
            operations::DELETE_SSH_KEY,
            || {
                let url = format!(
                    "{}/ssh-keys/{}", client.baseurl, crate ::path_segment("ssh_key_id",
                    & ssh_key_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::DELETE, url).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::update_ssh_key`].
    #[inline]
    pub fn update_ssh_key<'a>(
        client: &'a Client,
        ssh_key_id: &'a str,
        body: &'a types::UpdateSshKeyBody,
    ) -> crate::PreparedRequest<types::SshKey> {
        crate::PreparedRequest::with_json_response(
            operations::UPDATE_SSH_KEY,
            || {
                let url = format!(
                    "{}/ssh-keys/{}", client.baseurl, crate ::path_segment("ssh_key_id",
                    & ssh_key_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::PATCH, url).json(&body).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::list_volumes_paginated`].
    #[inline]
    pub fn list_volumes_paginated<'a>(
        client: &'a Client,
        page: Option<i64>,
        per_page: Option<i64>,
    ) -> crate::PreparedRequest<types::PaginatedVolumesResponse> {
        crate::PreparedRequest::with_json_response(
            operations::LIST_VOLUMES_PAGINATED,
            || {
                let url = format!("{}/volumes", client.baseurl,);
                Ok(
                    client
                        .request(::reqwest::Method::GET, url)
                        .query(&progenitor_client::QueryParam::new("page", &page))
                        .query(
                            &progenitor_client::QueryParam::new("per_page", &per_page),
                        )
                        .build()?,
                )
            },
        )
    }
    /// Prepares the request of [`Client::create_volume`].
    #[inline]
    pub fn create_volume<'a>(
        client: &'a Client,
        body: &'a types::CreateVolumeBody,
    ) -> crate::PreparedRequest<types::SingleVolumeResponse> {
        crate::PreparedRequest::with_json_response(
            operations::CREATE_VOLUME,
            || {
                let url = format!("{}/volumes", client.baseurl,);
                Ok(client.request(::reqwest::Method::POST, url).json(&body).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::get_volume`].
    #[inline]
    pub fn get_volume<'a>(
        client: &'a Client,
        volume_id: &'a str,
    ) -> crate::PreparedRequest<types::SingleVolumeResponse> {
        crate::PreparedRequest::with_json_response(
            operations::GET_VOLUME,
            || {
                let url = format!(
                    "{}/volumes/{}", client.baseurl, crate ::path_segment("volume_id", &
                    volume_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::GET, url).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::delete_volume`].
    #[inline]
    pub fn delete_volume<'a>(
        client: &'a Client,
        volume_id: &'a str,
    ) -> crate::PreparedRequest<()> {
        crate::PreparedRequest::with_empty_response(
            operations::DELETE_VOLUME,
            || {
                let url = format!(
                    "{}/volumes/{}", client.baseurl, crate ::path_segment("volume_id", &
                    volume_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::DELETE, url).build()?)
            },
        )
    }
    /// Prepares the request of [`Client::update_volume`].
    #[inline]
    pub fn update_volume<'a>(
        client: &'a Client,
        volume_id: &'a str,
        body: &'a types::UpdateVolumeBody,
    ) -> crate::PreparedRequest<types::SingleVolumeResponse> {
        crate::PreparedRequest::with_json_response(
            operations::UPDATE_VOLUME,
            || {
                let url = format!(
                    "{}/volumes/{}", client.baseurl, crate ::path_segment("volume_id", &
                    volume_id.to_string()) ?,
                );
                Ok(client.request(::reqwest::Method::PATCH, url).json(&body).build()?)
            },
        )
    }
}
/// The operations of the document. The constant of an operation is named after its method of the client.
pub mod operations {
    pub const GET_INSTANCES_AVAILABILITY: &crate::Operation = &crate::Operation {
        id: "GetInstancesAvailability",
        method: "GET",
        path: "/availability/{region}/instances",
        is_idempotent: true,
    };
    pub const LIST_FILESYSTEMS_PAGINATED: &crate::Operation = &crate::Operation {
        id: "ListFilesystemsPaginated",
        method: "GET",
        path: "/filesystems",
        is_idempotent: true,
    };
    pub const CREATE_FILESYSTEM: &crate::Operation = &crate::Operation {
        id: "CreateFilesystem",
        method: "POST",
        path: "/filesystems",
        is_idempotent: false,
    };
    pub const GET_FILESYSTEM: &crate::Operation = &crate::Operation {
        id: "GetFilesystem",
        method: "GET",
        path: "/filesystems/{filesystem_id}",
        is_idempotent: true,
    };
    pub const UPDATE_FILESYSTEM: &crate::Operation = &crate::Operation {
        id: "UpdateFilesystem",
        method: "PATCH",
        path: "/filesystems/{filesystem_id}",
        is_idempotent: true,
    };
    pub const DELETE_FILESYSTEM: &crate::Operation = &crate::Operation {
        id: "DeleteFilesystem",
        method: "DELETE",
        path: "/filesystems/{filesystem_id}",
        is_idempotent: true,
    };
    pub const LIST_FLOATING_I_PS_PAGINATED: &crate::Operation = &crate::Operation {
        id: "ListFloatingIPsPaginated",
        method: "GET",
        path: "/floating-ips",
        is_idempotent: true,
    };
    pub const CREATE_FLOATING_IP: &crate::Operation = &crate::Operation {
        id: "CreateFloatingIP",
        method: "POST",
        path: "/floating-ips",
        is_idempotent: false,
    };
    pub const GET_FLOATING_IP: &crate::Operation = &crate::Operation {
        id: "GetFloatingIP",
        method: "GET",
        path: "/floating-ips/{floating_ip_id}",
        is_idempotent: true,
    };
    pub const UPDATE_FLOATING_IP: &crate::Operation = &crate::Operation {
        id: "UpdateFloatingIP",
        method: "PATCH",
        path: "/floating-ips/{floating_ip_id}",
        is_idempotent: true,
    };
    pub const DELETE_FLOATING_IP: &crate::Operation = &crate::Operation {
        id: "DeleteFloatingIP",
        method: "DELETE",
        path: "/floating-ips/{floating_ip_id}",
        is_idempotent: true,
    };
    pub const LIST_IMAGES_PAGINATED: &crate::Operation = &crate::Operation {
        id: "ListImagesPaginated",
        method: "GET",
        path: "/images",
        is_idempotent: true,
    };
    pub const LIST_INSTANCES_PAGINATED: &crate::Operation = &crate::Operation {
        id: "ListInstancesPaginated",
        method: "GET",
        path: "/instances",
        is_idempotent: true,
    };
    pub const CREATE_INSTANCE: &crate::Operation = &crate::Operation {
        id: "CreateInstance",
        method: "POST",
        path: "/instances",
        is_idempotent: false,
    };
    pub const GET_INSTANCE: &crate::Operation = &crate::Operation {
        id: "GetInstance",
        method: "GET",
        path: "/instances/{instance_id}",
        is_idempotent: true,
    };
    pub const UPDATE_INSTANCE: &crate::Operation = &crate::Operation {
        id: "UpdateInstance",
        method: "PATCH",
        path: "/instances/{instance_id}",
        is_idempotent: true,
    };
    pub const DELETE_INSTANCE: &crate::Operation = &crate::Operation {
        id: "DeleteInstance",
        method: "DELETE",
        path: "/instances/{instance_id}",
        is_idempotent: true,
    };
    pub const GET_INSTANCE_ACTIONS: &crate::Operation = &crate::Operation {
        id: "GetInstanceActions",
        method: "GET",
        path: "/instances/{instance_id}/actions",
        is_idempotent: true,
    };
    pub const PERFORM_INSTANCE_ACTION: &crate::Operation = &crate::Operation {
        id: "PerformInstanceAction",
        method: "POST",
        path: "/instances/{instance_id}/actions",
        is_idempotent: false,
    };
    pub const LIST_INSTANCE_SNAPSHOTS_PAGINATED: &crate::Operation = &crate::Operation {
        id: "ListInstanceSnapshotsPaginated",
        method: "GET",
        path: "/instances/{instance_id}/snapshots",
        is_idempotent: true,
    };
    pub const CREATE_INSTANCE_SNAPSHOT: &crate::Operation = &crate::Operation {
        id: "CreateInstanceSnapshot",
        method: "POST",
        path: "/instances/{instance_id}/snapshots",
        is_idempotent: false,
    };
    pub const GET_INSTANCE_USER_METADATA: &crate::Operation = &crate::Operation {
        id: "GetInstanceUserMetadata",
        method: "GET",
        path: "/instances/{instance_id}/user-metadata",
        is_idempotent: true,
    };
    pub const GET_QUOTAS: &crate::Operation = &crate::Operation {
        id: "GetQuotas",
        method: "GET",
        path: "/quotas",
        is_idempotent: true,
    };
    pub const GET_RESERVATIONS: &crate::Operation = &crate::Operation {
        id: "GetReservations",
        method: "GET",
        path: "/reservations",
        is_idempotent: true,
    };
    pub const LIST_SECURITY_GROUPS_PAGINATED: &crate::Operation = &crate::Operation {
        id: "ListSecurityGroupsPaginated",
        method: "GET",
        path: "/security-groups",
        is_idempotent: true,
    };
    pub const CREATE_SECURITY_GROUP: &crate::Operation = &crate::Operation {
        id: "CreateSecurityGroup",
        method: "POST",
        path: "/security-groups",
        is_idempotent: false,
    };
    pub const GET_SECURITY_GROUP: &crate::Operation = &crate::Operation {
        id: "GetSecurityGroup",
        method: "GET",
        path: "/security-groups/{security_group_id}",
        is_idempotent: true,
    };
    pub const UPDATE_SECURITY_GROUP: &crate::Operation = &crate::Operation {
        id: "UpdateSecurityGroup",
        method: "PATCH",
        path: "/security-groups/{security_group_id}",
        is_idempotent: true,
    };
    pub const DELETE_SECURITY_GROUP: &crate::Operation = &crate::Operation {
        id: "DeleteSecurityGroup",
        method: "DELETE",
        path: "/security-groups/{security_group_id}",
        is_idempotent: true,
    };
    pub const LIST_SNAPSHOTS_PAGINATED: &crate::Operation = &crate::Operation {
        id: "ListSnapshotsPaginated",
        method: "GET",
        path: "/snapshots",
        is_idempotent: true,
    };
    pub const CREATE_SNAPSHOT: &crate::Operation = &crate::Operation {
        id: "CreateSnapshot",
        method: "POST",
        path: "/snapshots",
        is_idempotent: false,
    };
    pub const GET_SNAPSHOT: &crate::Operation = &crate::Operation {
        id: "GetSnapshot",
        method: "GET",
        path: "/snapshots/{snapshot_id}",
        is_idempotent: true,
    };
    pub const UPDATE_SNAPSHOT: &crate::Operation = &crate::Operation {
        id: "UpdateSnapshot",
        method: "PATCH",
        path: "/snapshots/{snapshot_id}",
        is_idempotent: true,
    };
    pub const DELETE_SNAPSHOT: &crate::Operation = &crate::Operation {
        id: "DeleteSnapshot",
        method: "DELETE",
        path: "/snapshots/{snapshot_id}",
        is_idempotent: true,
    };
    pub const CLONE_SNAPSHOT: &crate::Operation = &crate::Operation {
        id: "CloneSnapshot",
        method: "POST",
        path: "/snapshots/{snapshot_id}/clone",
        is_idempotent: false,
    };
    pub const LIST_SSH_KEYS_PAGINATED: &crate::Operation = &crate::Operation {
        id: "ListSSHKeysPaginated",
        method: "GET",
        path: "/ssh-keys",
        is_idempotent: true,
    };
    pub const CREATE_SSH_KEY: &crate::Operation = &crate::Operation {
        id: "CreateSSHKey",
        method: "POST",
        path: "/ssh-keys",
        is_idempotent: false,
    };
    pub const GET_SSH_KEY: &crate::Operation = &crate::Operation {
        id: "GetSSHKey",
        method: "GET",
        path: "/ssh-keys/{ssh_key_id}",
        is_idempotent: true,
    };
    pub const UPDATE_SSH_KEY: &crate::Operation = &crate::Operation {
        id: "UpdateSSHKey",
        method: "PATCH",
        path: "/ssh-keys/{ssh_key_id}",
        is_idempotent: true,
    };
    pub const DELETE_SSH_KEY: &crate::Operation = &crate::Operation {
        id: "DeleteSSHKey",
        method: "DELETE",
        path: "/ssh-keys/{ssh_key_id}",
        is_idempotent: true,
    };
    pub const LIST_VOLUMES_PAGINATED: &crate::Operation = &crate::Operation {
        id: "ListVolumesPaginated",
        method: "GET",
        path: "/volumes",
        is_idempotent: true,
    };
    pub const CREATE_VOLUME: &crate::Operation = &crate::Operation {
        id: "CreateVolume",
        method: "POST",
        path: "/volumes",
        is_idempotent: false,
    };
    pub const GET_VOLUME: &crate::Operation = &crate::Operation {
        id: "GetVolume",
        method: "GET",
        path: "/volumes/{volume_id}",
        is_idempotent: true,
    };
    pub const UPDATE_VOLUME: &crate::Operation = &crate::Operation {
        id: "UpdateVolume",
        method: "PATCH",
        path: "/volumes/{volume_id}",
        is_idempotent: true,
    };
    pub const DELETE_VOLUME: &crate::Operation = &crate::Operation {
        id: "DeleteVolume",
        method: "DELETE",
        path: "/volumes/{volume_id}",
        is_idempotent: true,
    };
}
