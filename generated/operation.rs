//! What is known of an operation: from the provider's OpenAPI document, and whether it is idempotent.

/// An operation of the provider's document.
///
/// [`operations`](crate::operations) has a constant for each. Every request carries a reference to its operation, from
/// [`PreparedRequest`](crate::PreparedRequest) down to [`Transport`](crate::Transport).
///
/// ```
/// use genesiscloud_bindings::operations;
///
/// let operation = operations::GET_INSTANCE;
/// assert_eq!((operation.id, operation.method), ("GetInstance", "GET"));
/// assert_eq!(operation.path, "/instances/{instance_id}");
/// assert!(operation.is_idempotent);
/// assert!(!operations::CREATE_INSTANCE.is_idempotent);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The operation id of the document, such as `GetInstance`.
    pub id: &'static str,
    /// The HTTP method in upper case, such as `GET`.
    pub method: &'static str,
    /// The path template relative to the endpoint, such as `/instances/{instance_id}`.
    pub path: &'static str,
    /// Whether sending the request several times has the same effect as sending it once.
    ///
    /// True for the methods that RFC 9110 defines as idempotent, and for each `PATCH` that only sets the properties it
    /// names. An idempotent request may be retried even if an earlier attempt may have been processed.
    pub is_idempotent: bool,
}
