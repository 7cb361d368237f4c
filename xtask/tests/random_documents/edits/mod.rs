//! The edits from which random documents are made: what a provider changes, and what documents of others contain.

mod fields;
mod operations;
mod schemas;
mod whole;

use crate::draft::Draft;

/// An edit: it returns what it did, or nothing if the document has no place for it.
pub(crate) type Edit = fn(&mut Draft) -> Option<String>;

/// All edits, each with its name.
pub(crate) fn all() -> Vec<(&'static str, Edit)> {
    [fields::EDITS, operations::EDITS, schemas::EDITS, whole::EDITS].concat()
}

/// Makes up to five edits, at least one, and returns what they did.
pub(crate) fn edit(draft: &mut Draft) -> Vec<String> {
    let edits = all();
    let count = draft.rng.usize(1..=5);
    let mut done = Vec::new();
    while done.len() < count {
        let (name, edit) = edits[draft.rng.usize(..edits.len())];
        done.extend(edit(draft).map(|what| format!("{name}: {what}")));
    }
    done
}
