//! The error codes of the API's documentation.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

macro_rules! codes {
    ($($variant:ident $code:literal $description:literal,)*) => {
        /// The API's error codes: why it rejected a request.
        ///
        /// The codes are stable, unlike the messages beside them. Source: the table of error codes in the provider's
        /// documentation, 02001 to 02054. A code outside it is kept as [`Unknown`](Self::Unknown). The documentation asks
        /// clients to go by the HTTP status then, as [`Error::kind`](crate::Error::kind) does.
        ///
        /// ```
        /// use genesiscloud::ErrorCode;
        /// assert_eq!(ErrorCode::from("02021"), ErrorCode::VolumeNotFound);
        /// assert_eq!(ErrorCode::from("2021"), ErrorCode::VolumeNotFound);
        /// assert_eq!(ErrorCode::VolumeNotFound.to_string(), "02021");
        /// assert_eq!(ErrorCode::from("01204").to_string(), "01204");
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $(#[doc = concat!($code, ": ", $description, ".")] $variant,)*
            /// A code that the documentation does not list, as received.
            Unknown(String),
        }

        impl ErrorCode {
            /// The documented codes, in ascending order.
            pub const DOCUMENTED: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the code as the API writes it, such as `02021`.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $code,)*
                    Self::Unknown(code) => code,
                }
            }

            /// Whether it has the form of the API's codes. Intermediaries respond with codes of their own, such as `404`.
            pub(crate) fn is_of_the_api(&self) -> bool {
                self.as_str().len() == 5 && self.as_str().bytes().all(|byte| byte.is_ascii_digit())
            }

            /// Whether it reports a state that ends by itself, so that the same request may be accepted later.
            pub(crate) fn is_of_passing_state(&self) -> bool {
                matches!(
                    self,
                    Self::SnapshotAlreadyBeingCreated
                        | Self::OnlyActiveInstancesCanBeDeleted
                        | Self::OnlyActiveInstancesCanBeUpdated
                        | Self::SecurityGroupLocked
                        | Self::OnlyActiveInstancesCanBeSnapshotted
                        | Self::VolumeLocked
                )
            }

            /// Returns what the code means, for people; empty for a code that is not documented.
            pub fn description(&self) -> &'static str {
                match self {
                    $(Self::$variant => $description,)*
                    Self::Unknown(_) => "",
                }
            }
        }

        impl From<&str> for ErrorCode {
            /// Parses a code with or without its leading zeros.
            fn from(code: &str) -> Self {
                match format!("{code:0>5}").as_str() {
                    $($code => Self::$variant,)*
                    _ => Self::Unknown(code.to_owned()),
                }
            }
        }
    };
}

codes! {
    InvalidRoute "02001" "there is no such route",
    MalformedRequest "02002" "the request is malformed",
    MissingParameters "02003" "parameters are missing",
    BadRequest "02004" "bad request",
    InvalidSshKey "02005" "an SSH key is invalid",
    InvalidImage "02006" "the image is invalid",
    InvalidSecurityGroup "02007" "a security group is invalid",
    InstanceNotFound "02008" "there is no such instance",
    NotAllowed "02009" "this is not allowed",
    MaxQuotaReached "02010" "the quota is used up",
    SnapshotAlreadyBeingCreated "02011" "a snapshot of it is already being created",
    MaxInstanceSnapshotsReached "02012" "the quota of snapshots of this instance is used up",
    OnlyActiveInstancesCanBeDeleted "02013" "only an active instance can be deleted",
    AuthTokenNotProvided "02014" "the request carries no token",
    SnapshotNotFound "02015" "there is no such snapshot",
    SnapshotInUse "02016" "the snapshot is in use and cannot be deleted",
    LegacyLargeDiskTypesNotSupported "02017" "legacy instance types with large disks are not supported",
    WeakPassword "02018" "the password is too weak",
    PaymentMethodRequired "02019" "the account needs a payment method",
    InstanceConfigNotAllowed "02020" "this instance type is not allowed, or not in this region",
    VolumeNotFound "02021" "there is no such volume",
    VolumeAttached "02022" "the volume is attached and cannot be deleted",
    OnlyActiveInstancesCanBeUpdated "02023" "only an active instance can be updated",
    DefaultSecurityGroup "02024" "default security groups cannot be changed or deleted",
    SecurityGroupNotFound "02025" "there is no such security group",
    SecurityGroupLocked "02026" "the security group is locked for now",
    SecurityGroupInUse "02027" "instances use the security group, so it cannot be deleted",
    InvalidSecurityGroupRule "02028" "at least one of the rules is invalid",
    InstanceAlreadyStarted "02029" "the instance is started already",
    SecurityGroupCannotBeAttached "02030" "at least one of the security groups cannot be attached",
    SecurityGroupCannotBeDetached "02031" "at least one of the security groups cannot be detached",
    VolumeCannotBeAttached "02032" "at least one of the volumes cannot be attached",
    VolumeCannotBeDetached "02033" "at least one of the volumes cannot be detached",
    InstanceCannotBeUpdated "02034" "the instance cannot be updated",
    ImageDoesNotFitInstance "02035" "the image does not run on this instance type",
    OutOfStock "02036" "this instance type is out of stock for now",
    OnlyActiveInstancesCanBeSnapshotted "02037" "a snapshot can only be taken of an active instance",
    TerminationProtected "02038" "the instance is protected from deletion",
    InstanceCannotBeStarted "02039" "the instance cannot be started",
    AccountSuspended "02040" "the account is suspended",
    AccountBanned "02041" "the account is banned",
    AccountDisabled "02042" "the account is disabled",
    PermissionDenied "02043" "the token does not permit this",
    ApiDisabled "02044" "the API is switched off for now",
    OnDemandBillingNotAllowed "02045" "this instance type cannot be billed on demand",
    VolumeLocked "02046" "the volume is locked and cannot be attached or detached for now",
    SshKeyNotFound "02047" "there is no such SSH key",
    SshKeyMalformed "02048" "the SSH key is malformed",
    MaxStaticPublicIpsReached "02049" "the quota of static public IPs is used up",
    AccountNotVerified "02050" "the account is not verified",
    RegionMismatch "02051" "the resources are in different regions",
    InvalidPlacementOption "02052" "there is no such placement option",
    PrivateKeyProvided "02053" "this is a private key; a public key is required",
    VolumeTypeUnavailable "02054" "this volume type is not available",
}

/// Parses as `From<&str>` does; it cannot fail.
impl FromStr for ErrorCode {
    type Err = Infallible;

    fn from_str(code: &str) -> Result<Self, Infallible> {
        Ok(Self::from(code))
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorCode;

    #[test]
    fn all_54_codes_parse_with_and_without_leading_zeros() {
        let expected = (2001..=2054).collect::<Vec<_>>();
        let codes = ErrorCode::DOCUMENTED.iter().map(|code| code.as_str().parse().unwrap()).collect::<Vec<u32>>();
        assert_eq!(codes, expected);
        for code in ErrorCode::DOCUMENTED {
            assert_eq!(&ErrorCode::from(code.as_str()), code);
            assert_eq!(code.to_string().parse().as_ref(), Ok(code));
            assert_eq!(&ErrorCode::from(code.as_str().trim_start_matches('0')), code);
            assert!(!code.description().is_empty());
        }
    }

    #[test]
    fn undocumented_codes_are_kept_as_received() {
        for code in ["01204", "1204", "02055", "020080", "E_QUOTA", ""] {
            assert_eq!(ErrorCode::from(code), ErrorCode::Unknown(code.to_owned()));
            assert_eq!(ErrorCode::from(code).to_string(), code);
        }
    }
}
