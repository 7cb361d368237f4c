//! What the provider's document says of an operation.

use crate::OPERATIONS;

/// An operation of the provider's document.
///
/// ```
/// use genesiscloud_bindings::Operation;
///
/// let operation = Operation::of("get_instance").unwrap();
/// assert_eq!((operation.id, operation.method), ("GetInstance", "GET"));
/// assert_eq!(operation.path, "/instances/{instance_id}");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its id, such as `GetInstance`.
    pub id: &'static str,
    /// Its HTTP method, in capitals.
    pub method: &'static str,
    /// Its path below the endpoint, with the names of its parameters, such as `/instances/{instance_id}`.
    pub path: &'static str,
}

impl Operation {
    /// The operation behind a method of [`Client`](crate::Client), which is how a
    /// [`Transport`](crate::Transport) knows it.
    pub fn of(method_name: &str) -> Option<&'static Self> {
        let letters = || method_name.chars().filter(|letter| *letter != '_');
        OPERATIONS.iter().find(|operation| operation.id.chars().map(|letter| letter.to_ascii_lowercase()).eq(letters()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found_by_the_name_of_its_method() {
        let source = include_str!("bindings.rs");
        let names: Vec<_> = source.lines().filter_map(|line| line.trim().strip_prefix("operation_id: \"")).collect();
        assert_eq!(names.len(), OPERATIONS.len());
        let mut found: Vec<_> =
            names.iter().map(|name| Operation::of(name.trim_end_matches("\",")).unwrap().id).collect();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), OPERATIONS.len());
        assert_eq!(Operation::of("get_nothing"), None);
    }
}
