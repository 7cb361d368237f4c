//! The changes made to the generated code: what no document could make progenitor write.

mod docs;
mod enums;
mod integers;
mod own_client;
mod segments;

use crate::Result;

/// One change to the generated code.
#[derive(Debug)]
pub struct Pass {
    /// What it is called where people talk about it.
    pub name: &'static str,
    /// Why it is needed, in one sentence.
    pub reason: &'static str,
    apply: fn(&mut syn::File) -> Result<()>,
}

/// All passes, in the order they run.
pub const PASSES: &[Pass] = &[
    Pass {
        name: "open-enums",
        reason: "A value added tomorrow must not break the decoding of everything around it.",
        apply: enums::open,
    },
    Pass {
        name: "lenient-integers",
        reason: "The service has sent integers as 80, 80.0 and \"80\".",
        apply: integers::lenient,
    },
    Pass {
        name: "checked-segments",
        reason: "An id such as `..` in a path would reach another endpoint.",
        apply: segments::checked,
    },
    Pass {
        name: "no-own-client",
        reason: "A client made without the seam has no credentials, and a timeout nobody can change.",
        apply: own_client::removed,
    },
    Pass {
        name: "prose-docs",
        reason: "The JSON schema of each type, repeated above it, hides the sentence that explains it.",
        apply: docs::prose,
    },
];

/// Applies all passes.
pub(crate) fn apply(file: &mut syn::File) -> Result<()> {
    PASSES.iter().try_for_each(|pass| (pass.apply)(file))
}

/// The items of `pub mod types`, where all generated types are.
fn types_mut(file: &mut syn::File) -> impl Iterator<Item = &mut Vec<syn::Item>> {
    file.items.iter_mut().filter_map(|item| match item {
        syn::Item::Mod(module) if module.ident == "types" => module.content.as_mut().map(|(_, items)| items),
        _ => None,
    })
}

#[cfg(test)]
mod test {
    /// The code after one pass, formatted.
    pub(super) fn after(pass: fn(&mut syn::File) -> crate::Result<()>, code: &str) -> String {
        let mut file = syn::parse_str(code).unwrap();
        pass(&mut file).unwrap();
        prettyplease::unparse(&file)
    }

    /// The same code, formatted: what `after` is compared with.
    pub(super) fn formatted(code: &str) -> String {
        prettyplease::unparse(&syn::parse_str(code).unwrap())
    }
}
