//! Records, as the script takes them.

use std::io;

use genesiscloud::{LedgerRecord, ResourceKind};

/// The name of what the script does with a record, and its arguments.
pub(super) fn arguments(record: LedgerRecord) -> io::Result<Vec<String>> {
    let arguments = match record {
        LedgerRecord::Planned(planned) => {
            let json = serde_json::to_string(&planned)?;
            vec!["planned".to_owned(), planned.key, name_of(planned.kind)?, json]
        }
        LedgerRecord::Created { key, id } => vec!["created".to_owned(), key, id],
        LedgerRecord::NotCreated { key } => vec!["not_created".to_owned(), key],
        LedgerRecord::Claimed { key } => vec!["claim".to_owned(), key],
        LedgerRecord::DeletionAccepted { kind, id } => vec!["deletion_accepted".to_owned(), name_of(kind)?, id],
        LedgerRecord::Gone { kind, id } => vec!["gone".to_owned(), name_of(kind)?, id],
        _ => return Err(io::Error::new(io::ErrorKind::Unsupported, "this crate does not know this record")),
    };
    Ok(arguments)
}

/// One word, the same in all versions.
fn name_of(kind: ResourceKind) -> io::Result<String> {
    match serde_json::to_value(kind)? {
        serde_json::Value::String(name) => Ok(name),
        _ => Err(io::Error::new(io::ErrorKind::Unsupported, "this crate does not know this kind")),
    }
}
