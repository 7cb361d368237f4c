//! Names for the operations as commands: `x-cli-name` in the document that the sandbox serves, from which restish takes the names
//! of its commands. The provider's introduction to the API writes `restish gc list-instances`, so the name follows from the
//! operation's id by one rule.

use serde_json::Value;

/// Adds `x-cli-name` to each operation of the document.
pub(crate) fn add(document: &mut Value) {
    let paths = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    for operation in paths.filter_map(Value::as_object_mut).flat_map(|path| path.values_mut()) {
        if let Some(name) = operation["operationId"].as_str().map(command_name) {
            operation["x-cli-name"] = name.into();
        }
    }
}

/// The id in lower case with its words joined by hyphens, without the ending `Paginated`.
fn command_name(operation_id: &str) -> String {
    let letters: Vec<_> = operation_id.strip_suffix("Paginated").unwrap_or(operation_id).chars().collect();
    let mut name = String::new();
    for (at, letter) in letters.iter().enumerate() {
        if at > 0 && begins_word(letters[at - 1], *letter, &letters[at + 1..]) {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// Whether a letter begins a word: a capital after a small letter, or the last one of several before small letters. A plural `s`
/// belongs to the abbreviation before it, as in `IPs`.
fn begins_word(before: char, letter: char, after: &[char]) -> bool {
    let is_plural = after.first() == Some(&'s') && !after.get(1).is_some_and(char::is_ascii_lowercase);
    let is_before_small = after.first().is_some_and(char::is_ascii_lowercase) && !is_plural;
    letter.is_ascii_uppercase() && (!before.is_ascii_uppercase() || is_before_small)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::OpenApiDocument;

    #[test]
    fn commands_are_named_as_in_the_introduction_of_the_provider() {
        for (id, name) in [
            ("ListInstancesPaginated", "list-instances"),
            ("CreateInstance", "create-instance"),
            ("ListFloatingIPsPaginated", "list-floating-ips"),
            ("CreateFloatingIP", "create-floating-ip"),
            ("ListSSHKeysPaginated", "list-ssh-keys"),
            ("GetInstancesAvailability", "get-instances-availability"),
            ("ListVMsOfGPUs", "list-vms-of-gpus"),
        ] {
            assert_eq!(command_name(id), name);
        }
    }

    #[test]
    fn each_operation_of_the_served_document_has_a_name_of_its_own() {
        let mut document = OpenApiDocument::vendored().value().clone();
        add(&mut document);
        let mut ids = BTreeMap::new();
        for operation in
            document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values())
        {
            let (id, name) = (operation["operationId"].to_string(), operation["x-cli-name"].as_str().unwrap());
            assert!(name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-'), "{name}");
            assert_eq!(ids.insert(name.to_owned(), id), None, "{name} is the name of two operations");
        }
        assert_eq!(ids.len(), OpenApiDocument::vendored().operation_ids().count());
    }
}
