//! Error responses: the documented error codes, each with its status.

use hyper::StatusCode;
use serde_json::{Value, json};

/// An error as the client receives it.
#[derive(Clone, Debug)]
pub(crate) struct ErrorResponse {
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
}

impl ErrorResponse {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// Creates the error for a resource of another region, which the request names in this field.
    pub(crate) fn region_mismatch(field: &str) -> Self {
        Self::new(ErrorCode::REGION_MISMATCH, format!("regions mismatch (check {field})"))
    }

    pub(crate) fn body(&self) -> Value {
        json!({ "code": self.code.code, "message": self.message })
    }
}

/// Uses the default message of the code.
impl From<ErrorCode> for ErrorResponse {
    fn from(code: ErrorCode) -> Self {
        Self::new(code, code.message)
    }
}

/// Returns the error unless the condition holds.
pub(crate) fn ensure(holds: bool, error: impl Into<ErrorResponse>) -> Result<(), ErrorResponse> {
    if holds { Ok(()) } else { Err(error.into()) }
}

/// An error code of the provider's table, or one of the sandbox where the table has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ErrorCode {
    pub(crate) code: &'static str,
    pub(crate) status: StatusCode,
    message: &'static str,
}

impl ErrorCode {
    /// Finds a code. Of those that are sent with several statuses, it returns the first.
    pub(crate) fn find(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|known| known.code == code).copied()
    }
}

macro_rules! codes {
    ($($name:ident $code:literal $status:ident $message:literal;)*) => {
        impl ErrorCode {
            $(pub(crate) const $name: Self =
                Self { code: $code, status: StatusCode::$status, message: $message };)*

            const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

// The documentation lists the statuses 400, 401, 403, 404, 429 and 5xx, but not which code has which status. The
// sandbox uses 404 for a resource named in the path, 403 for what this account or this resource never permits, and 400
// for the rest. A request that never reaches the API gets the status that HTTP defines for it (405, 413, 415).
codes! {
    INVALID_ROUTE "02001" NOT_FOUND "invalid route";
    METHOD_NOT_ALLOWED "02001" METHOD_NOT_ALLOWED "method not allowed on this route";
    MALFORMED_REQUEST "02002" BAD_REQUEST "malformed request";
    UNSUPPORTED_MEDIA_TYPE "02002" UNSUPPORTED_MEDIA_TYPE "the body must be application/json";
    TOO_LARGE "02002" PAYLOAD_TOO_LARGE "the body is too large";
    MISSING_PARAMETERS "02003" BAD_REQUEST "missing parameters";
    BAD_REQUEST "02004" BAD_REQUEST "bad request";
    INVALID_SSH_KEY "02005" BAD_REQUEST "at least one of the SSH keys does not exist";
    INVALID_IMAGE "02006" BAD_REQUEST "there is no such image, or it is not ready";
    INVALID_SECURITY_GROUP "02007" BAD_REQUEST "at least one of the security groups does not exist";
    INSTANCE_NOT_FOUND "02008" NOT_FOUND "instance not found";
    NOT_ALLOWED "02009" FORBIDDEN "not allowed";
    QUOTA_REACHED "02010" BAD_REQUEST "max quota reached";
    SNAPSHOT_BEING_CREATED "02011" BAD_REQUEST "a snapshot of the instance is already being created";
    INSTANCE_SNAPSHOTS_REACHED "02012" BAD_REQUEST "max instance snapshots quota reached";
    ONLY_ACTIVE_DELETED "02013" BAD_REQUEST "only active instances can be deleted";
    NO_TOKEN "02014" UNAUTHORIZED "auth token not provided";
    SNAPSHOT_NOT_FOUND "02015" NOT_FOUND "snapshot not found";
    SNAPSHOT_IN_USE "02016" BAD_REQUEST "the snapshot is in use";
    LEGACY_DISK "02017" BAD_REQUEST "legacy large disk instance types are not supported";
    WEAK_PASSWORD "02018" BAD_REQUEST "the password needs 8 to 72 characters with upper case, lower case and digits";
    PAYMENT_METHOD_REQUIRED "02019" FORBIDDEN "payment method required";
    CONFIG_NOT_ALLOWED "02020" BAD_REQUEST "there is no such instance type in this region";
    VOLUME_NOT_FOUND "02021" NOT_FOUND "volume not found";
    VOLUME_ATTACHED "02022" BAD_REQUEST "the volume is attached to an instance";
    ONLY_ACTIVE_UPDATED "02023" BAD_REQUEST "only active instances can be updated";
    DEFAULT_SECURITY_GROUP "02024" FORBIDDEN "default security groups cannot be changed";
    SECURITY_GROUP_NOT_FOUND "02025" NOT_FOUND "security group not found";
    SECURITY_GROUP_LOCKED "02026" BAD_REQUEST "the security group is locked while its rules are being applied";
    SECURITY_GROUP_IN_USE "02027" BAD_REQUEST "instances use the security group";
    INVALID_RULE "02028" BAD_REQUEST "at least one of the rules is invalid";
    ALREADY_STARTED "02029" BAD_REQUEST "the instance is already started";
    GROUP_NOT_ATTACHED "02030" BAD_REQUEST "at least one of the security groups cannot be attached";
    GROUP_NOT_DETACHED "02031" BAD_REQUEST "at least one of the security groups cannot be detached";
    VOLUME_NOT_ATTACHED "02032" BAD_REQUEST "at least one of the volumes cannot be attached";
    VOLUME_NOT_DETACHED "02033" BAD_REQUEST "at least one of the volumes cannot be detached";
    INSTANCE_NOT_UPDATED "02034" BAD_REQUEST "the disk of an instance cannot shrink";
    IMAGE_DOES_NOT_FIT "02035" BAD_REQUEST "the image cannot run on this instance type";
    NO_CAPACITY "02036" BAD_REQUEST "the instance type is temporarily out of stock in this region";
    ONLY_ACTIVE_SNAPSHOTTED "02037" BAD_REQUEST "only active instances can be snapshotted";
    PROTECTED "02038" FORBIDDEN "the instance is termination protected";
    NOT_STARTED "02039" BAD_REQUEST "only stopped instances can be started";
    SUSPENDED "02040" FORBIDDEN "the account is suspended";
    BANNED "02041" FORBIDDEN "the account is banned";
    DISABLED "02042" FORBIDDEN "the account is disabled";
    PERMISSION_DENIED "02043" FORBIDDEN "permission denied";
    API_DISABLED "02044" SERVICE_UNAVAILABLE "the API is currently disabled";
    NOT_ON_DEMAND "02045" BAD_REQUEST "the instance type cannot be billed on demand";
    VOLUME_LOCKED "02046" BAD_REQUEST "a volume can only be attached and detached while it is created";
    SSH_KEY_NOT_FOUND "02047" NOT_FOUND "ssh key not found";
    SSH_KEY_MALFORMED "02048" BAD_REQUEST "the key must be a public key in OpenSSH form";
    PUBLIC_IPS_REACHED "02049" BAD_REQUEST "max static public ip quota reached";
    NOT_VERIFIED "02050" FORBIDDEN "the account is not verified";
    REGION_MISMATCH "02051" BAD_REQUEST "regions mismatch";
    INVALID_PLACEMENT "02052" BAD_REQUEST "there is no such placement option";
    PRIVATE_KEY "02053" BAD_REQUEST "this is a private key: send the public one, and do not use this one any more";
    VOLUME_TYPE_UNAVAILABLE "02054" BAD_REQUEST "this volume type is not available in this region";

    // In the text of the provider's documentation, but not in its table.
    WRONG_TOKEN "01204" UNAUTHORIZED "permission denied";
    // The documentation has no code for these. Clients must decide by the status.
    FILESYSTEM_NOT_FOUND "02404" NOT_FOUND "filesystem not found";
    FLOATING_IP_NOT_FOUND "02404" NOT_FOUND "floating ip not found";
    IMAGE_NOT_FOUND "02404" NOT_FOUND "image not found";
    MISDIRECTED "02421" MISDIRECTED_REQUEST "the sandbox does not serve this host: it must be named by --allow-host";
    TOO_MANY_REQUESTS "02429" TOO_MANY_REQUESTS "too many requests";
}
