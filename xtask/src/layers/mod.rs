//! `cargo xtask layers`: checks that imports run in one direction.
//!
//! A file [imports] the files that define the items it names, in `use` declarations and in paths. A re-export is no
//! import by itself: the file that uses the item imports the file that defines it. The declaration `mod x;` is no import
//! either. Code for tests and fuzzing does not count. A call of a method does not count unless it names the type.
//!
//! The check fails if files of a crate import one another in a [cycle](cycles), or if a module of the wrapper imports one of
//! a higher [layer](LAYERS).

mod cycles;
mod imports;

use std::path::Path;

use self::imports::Import;
use crate::files;
use crate::modules::{self, SourceFile};

/// The folders of the crates, each with a `lib.rs` or a `main.rs` or both.
const CRATES: [&str; 5] = ["wrapper/src", "sandbox/src", "redis/src", "xtask/src", "openapi/codegen/src"];

/// The crate whose modules are layered.
const LAYERED: &str = "wrapper/src";

/// The modules at the root of that crate, from the lowest layer to the highest. A module imports only from its own layer and
/// lower ones. `lib.rs` itself imports from all layers.
const LAYERS: &[&[&str]] = &[
    &["error", "clock", "random"],
    &["ledger"],
    &["blocking_thread", "config", "liveness", "proxy", "tls"],
    &["transport"],
    &["core"],
    &["call"],
    &["list"],
    &["resource"],
    &["wait"],
    &["watch"],
    &["client"],
    &["blocking"],
    &["resources"],
    &["lifecycle"],
    &["guide"],
];

/// Checks the workspace at this root.
///
/// # Errors
/// The cycles and the imports that run up, if there are any.
pub(crate) fn run(root: &Path) -> Result<String, String> {
    let (mut problems, mut file_count, mut import_count) = (Vec::new(), 0, 0);
    for folder in CRATES {
        let sources = files::sources(root, folder)?;
        for name in ["lib.rs", "main.rs"].map(|name| format!("{folder}/{name}")) {
            if sources.iter().any(|(path, _)| *path == name) {
                let files = modules::read(&sources, &name)?;
                let imports = imports::of_crate(&files);
                problems.extend(cycles::describe(&imports));
                if folder == LAYERED {
                    problems.extend(upward(&files, &imports));
                }
                file_count += files.len();
                import_count += imports.len();
            }
        }
    }
    if problems.is_empty() {
        Ok(format!("{import_count} imports between {file_count} files run in one direction"))
    } else {
        Err(format!("{}\nproblems with imports: {}", problems.join("\n"), problems.len()))
    }
}

/// Returns the imports from a higher layer, and the modules that are in no layer.
fn upward(files: &[SourceFile], imports: &[Import]) -> Vec<String> {
    let layer = |path: &str| {
        let module = files.iter().find(|file| file.path == path)?.module.first()?;
        LAYERS.iter().position(|layer| layer.contains(&module.as_str()))
    };
    let mut problems = Vec::new();
    for file in files {
        if let [module] = &file.module[..]
            && layer(&file.path).is_none()
        {
            problems.push(format!("{} is in no layer: add `{module}` to LAYERS in xtask/src/layers/mod.rs", file.path));
        }
    }
    for Import { from, to, module, name } in imports {
        if let (Some(lower), Some(higher)) = (layer(from), layer(to))
            && lower < higher
        {
            problems.push(format!("{from} imports {module}::{name}, which lies above it"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Runs the check on a workspace whose wrapper has these files.
    fn check(files: &[(&str, &str)]) -> Result<String, String> {
        let root = tempfile::tempdir().unwrap();
        for folder in CRATES {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        for (path, text) in files {
            let path = root.path().join(LAYERED).join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        run(root.path())
    }

    #[test]
    fn imports_in_one_direction_pass() {
        let files = [
            ("lib.rs", "mod call; mod core; pub use call::Call;"),
            ("core.rs", "pub struct Core;"),
            ("call.rs", "use crate::core::Core; pub struct Call(Core);"),
        ];
        assert_eq!(check(&files).unwrap(), "1 imports between 3 files run in one direction");
    }

    #[test]
    fn a_cycle_is_reported_with_what_ties_it() {
        let files = [
            ("lib.rs", "mod list;"),
            ("list/mod.rs", "mod reader; mod survey;"),
            ("list/reader.rs", "use super::survey::Survey; pub struct Batch; fn read(_: Survey) {}"),
            ("list/survey.rs", "pub struct Survey; fn plan() -> super::reader::Batch { todo!() }"),
        ];
        assert_eq!(
            check(&files).unwrap_err(),
            "cycle in wrapper/src/list: reader.rs, survey.rs\n    \
             reader.rs → survey.rs: Survey; survey.rs → reader.rs: Batch\n\
             problems with imports: 1"
        );
    }

    #[test]
    fn an_import_of_a_higher_layer_is_reported() {
        let files = [
            ("lib.rs", "mod list; mod wait;"),
            ("list/mod.rs", "mod page;"),
            ("list/page.rs", "use crate::wait::Waiter;"),
            ("wait/mod.rs", "mod poll; pub use poll::Waiter;"),
            ("wait/poll.rs", "pub struct Waiter;"),
        ];
        assert_eq!(
            check(&files).unwrap_err(),
            "wrapper/src/list/page.rs imports wait::poll::Waiter, which lies above it\nproblems with imports: 1"
        );
    }

    #[test]
    fn a_module_without_a_layer_is_reported() {
        let error = check(&[("lib.rs", "mod more;"), ("more.rs", "")]).unwrap_err();
        let expected = "wrapper/src/more.rs is in no layer: add `more` to LAYERS in xtask/src/layers/mod.rs";
        assert!(error.starts_with(expected), "{error}");
    }
}
