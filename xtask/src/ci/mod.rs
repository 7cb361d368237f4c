//! `cargo xtask ci`: the checks that a change must pass, step by step. `--full` adds those that take long: packages, all sets
//! of features, minimal versions, the tests that are ignored otherwise, and the size of a program.

mod examples;
mod licenses;
mod minimal_versions;
mod steps;
mod tools;

use std::process::Command;

use self::steps::Steps;
use crate::bench::consumer;
use crate::files::{self, Mode};
use crate::process::{cargo, stdout};
use crate::{bench, coverage, generate, layers};

/// Packages that must not be dependencies of the wrapper.
const GENERATOR: [&str; 5] = ["progenitor", "progenitor-impl", "typify", "openapiv3", "genesiscloud-codegen"];

/// The tests that are ignored otherwise, by their file and name, and where cargo finds them.
const LONG_TESTS: [(&str, &str, &[&str]); 5] = [
    ("tests/it/explore.rs", "the_stories_keep_all_invariants_at_length", OPTIMIZED),
    ("tests/it/ledger_kills.rs", "nothing_is_lost_by_a_kill_at_any_moment", OPTIMIZED),
    ("xtask/src/refresh/rehearsal.rs", "all_errors_of_the_compiler_are_at_places_of_the_list", REHEARSAL),
    ("xtask/src/refresh/rehearsal.rs", "after_an_additive_change_all_tests_pass_but_what_the_list_names", REHEARSAL),
    (
        "xtask/tests/random_documents/main.rs",
        "five_hundred_random_documents",
        &["--package", "xtask", "--test", "random_documents"],
    ),
];
const OPTIMIZED: &[&str] = &["--release", "--test", "it"];
const REHEARSAL: &[&str] = &["--package", "xtask", "--bin", "xtask"];

const DENY: &[&str] = &["--", "-D", "warnings"];
const WRAPPER: &[&str] = &["--locked", "--package", "genesiscloud"];
const NO_TLS: &[&str] = &["--no-default-features"];
const NATIVE_TLS: &[&str] = &["--no-default-features", "--features", "native-tls"];

/// Runs all steps up to the first one that fails.
pub(crate) fn run(is_full: bool) -> Result<String, String> {
    let mut ci = Steps::new(is_full);
    code(&mut ci)?;
    dependencies(&mut ci)?;

    ci.cargo(&[&["clippy", "--locked", "--workspace", "--all-targets"], DENY].concat())?;
    ci.cargo(&[&["clippy"], WRAPPER, NO_TLS, DENY].concat())?;
    ci.cargo_with(&[("RUSTDOCFLAGS", "-D warnings".as_ref())], &["doc", "--locked", "--workspace", "--no-deps"])?;

    examples::run(&mut ci)?;
    ci.cargo(&["test"])?;

    ci.in_full("all sets of features", feature_sets)?;
    ci.in_full("tests with other features", other_features)?;
    ci.in_full("tests that take minutes", long_tests)?;
    ci.in_full("the public API since the last release", public_api)?;
    ci.in_full("packages", package)?;
    ci.in_full("minimal versions", |ci| {
        ci.with_nightly("minimal versions", |ci| ci.step("minimal versions", minimal_versions::check))
    })?;
    ci.in_full("the price of a call", |ci| ci.step("cargo xtask bench --guard", || bench::run(&[], true)))?;
    ci.in_full("the size of a program", |ci| ci.step("the size of a program", consumer::check_size))?;
    Ok(ci.summary())
}

/// The checks of this program. They are called: as commands, cargo would build this program again, with the features that its
/// package alone asks for.
fn code(ci: &mut Steps) -> Result<(), String> {
    ci.cargo(&["fmt", "--all", "--check"])?;
    ci.step("cargo xtask generate --check", || generate::run(Mode::Check))?;
    ci.step("cargo xtask coverage", coverage::run)?;
    ci.step("cargo xtask layers", || layers::run(&files::root()))
}

/// What the packages depend on.
fn dependencies(ci: &mut Steps) -> Result<(), String> {
    ci.step("licenses", licenses::check)?;
    ci.step("the wrapper does not depend on the generator", no_generator)?;
    ci.step("the number of crates of a program", consumer::check_crates)?;
    ci.tool("deny", &["--workspace", "--locked", "check", "bans", "licenses", "sources"])?;
    ci.tool("machete", &[])
}

/// Lints the published libraries with each set of features.
fn feature_sets(ci: &mut Steps) -> Result<(), String> {
    const PACKAGES: [&str; 4] = ["genesiscloud-bindings", "genesiscloud", "genesiscloud-redis", "genesiscloud-sandbox"];
    let packages = PACKAGES.map(|package| ["--package", package]).concat();
    let without_native_tls: &[&str] = if tools::has_native_tls() { &[] } else { &["--skip", "native-tls"] };
    ci.tool(
        "hack",
        &[
            &["clippy", "--locked", "--feature-powerset", "--exclude-features", "default"],
            &packages[..],
            without_native_tls,
            DENY,
        ]
        .concat(),
    )
}

/// Tests what features change. Clippy has compiled the sets of features that are not tested here.
fn other_features(ci: &mut Steps) -> Result<(), String> {
    // What takes long does not depend on features, and runs with all tests.
    const SKIPPED: &[&str] = &["--", "--skip", "redact", "--skip", "excerpt", "--skip", "fuzz", "--skip", "model"];
    ci.cargo(&[&["test"], WRAPPER, NO_TLS, &["--lib"], SKIPPED].concat())?;
    for features in ["", "explore", "program"] {
        let only = ["clippy", "--locked", "--package", "genesiscloud-sandbox", "--no-default-features", "--features"];
        ci.cargo(&[&only[..], &[features], DENY].concat())?;
    }
    ci.with_native_tls("tests with native-tls", |ci| {
        ci.cargo(&[&["clippy"], WRAPPER, NATIVE_TLS, DENY].concat())?;
        ci.cargo(&[&["test"], WRAPPER, NATIVE_TLS, &["--test", "tls"]].concat())?;
        // Both features; and those of other crates. The test expects the messages of each backend.
        for features in ["native-tls", "reqwest/native-tls"] {
            ci.cargo(&[&["test"], WRAPPER, &["--features", features, "--test", "tls"]].concat())?;
        }
        Ok(())
    })
}

fn long_tests(ci: &mut Steps) -> Result<(), String> {
    for (_, name, target) in LONG_TESTS {
        ci.cargo(&[&["test", "--locked"], target, &[name, "--", "--ignored"]].concat())?;
    }
    // Needs a store, and says so where there is none.
    let rate = [("GENESISCLOUD_FLEET_RATE", "50".as_ref())];
    ci.cargo_with(&rate, &["test", "--locked", "--package", "genesiscloud-redis", "--test", "fleet"])
}

/// Compares the public API with that of the last release: breaking changes need the version for them. The bindings are left out,
/// whose API any change of the provider's document may change.
fn public_api(ci: &mut Steps) -> Result<(), String> {
    let mut git = Command::new("git");
    git.current_dir(files::root()).args(["describe", "--tags", "--abbrev=0", "--match", "v*"]);
    let Ok(release) = stdout(&mut git) else {
        ci.leave_out("cargo semver-checks (there is no release yet)");
        return Ok(());
    };
    let packages =
        ["--package", "genesiscloud", "--package", "genesiscloud-redis", "--package", "genesiscloud-sandbox"];
    ci.tool("semver-checks", &[&["--baseline-rev", release.trim()], &packages[..]].concat())
}

/// Packages and verifies in a new folder each time. Cargo caches unpacked packages by the path of the folder, the name and the
/// version, and would otherwise verify these packages with the contents of an earlier run.
fn package(ci: &mut Steps) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| format!("cannot create a folder for packages: {error}"))?;
    let published =
        ["genesiscloud-codegen", "genesiscloud-bindings", "genesiscloud", "genesiscloud-redis", "genesiscloud-sandbox"];
    let mut arguments = vec!["package", "--locked", "--allow-dirty"];
    arguments.extend(published.iter().flat_map(|package| ["--package", package]));
    // Packages do not have the profiles of the workspace. The result is not run, so it needs no debug information.
    let variables = [("CARGO_TARGET_DIR", folder.path().as_os_str()), ("CARGO_PROFILE_DEV_DEBUG", "0".as_ref())];
    ci.cargo_with(&variables, &arguments)
}

fn no_generator() -> Result<String, String> {
    let arguments = ["tree", "--locked", "--package", "genesiscloud", "--edges", "normal,build", "--prefix", "none"];
    let tree = stdout(cargo().args(arguments))?;
    match tree.lines().find(|line| GENERATOR.iter().any(|name| line.split(' ').next() == Some(name))) {
        Some(found) => Err(format!("the wrapper depends on {found}")),
        None => Ok("it does not".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::examples::EXAMPLES;
    use super::*;

    #[test]
    fn a_failed_step_is_reported_with_the_durations_of_all_steps() {
        let mut ci = Steps::new(false);
        ci.step("one", || Ok(String::new())).unwrap();
        let report = ci.step("two", || Err("no".to_owned())).unwrap_err();
        assert!(report.contains("  one\n") && report.contains("  total\n"), "{report}");
        assert!(report.ends_with("failed: two: no"), "{report}");
    }

    #[test]
    fn every_example_is_run() {
        let sources = files::sources(&files::root(), "wrapper/examples").unwrap();
        let names = sources.iter().filter_map(|(path, _)| path.strip_prefix("wrapper/examples/")?.strip_suffix(".rs"));
        // A folder has what they share.
        let found: BTreeSet<_> = names.filter(|name| !name.contains('/')).collect();
        assert_eq!(found, EXAMPLES.into());
    }

    #[test]
    fn every_page_of_the_guide_and_the_readme_name_programs_that_exist() {
        let page = |path: &str| std::fs::read_to_string(files::root().join(path)).unwrap();
        let programs = |text: &str| -> BTreeSet<String> {
            let named = text.split("cargo run ").skip(1).filter_map(|rest| rest.split(['`', ' ', '\n']).nth(1));
            named.map(str::to_owned).collect()
        };
        let known = EXAMPLES.iter().copied().chain(["genesiscloud-sandbox"]).map(str::to_owned).collect();
        assert_eq!(programs(&page("README.md")), known);
        let guide = std::fs::read_dir(files::root().join("wrapper/src/guide")).unwrap();
        for path in guide.map(|entry| entry.unwrap().path()).filter(|path| path.extension() == Some("md".as_ref())) {
            let named = programs(&std::fs::read_to_string(&path).unwrap());
            assert!(!named.is_empty() && named.is_subset(&known), "{}: {named:?}", path.display());
        }
    }

    /// The names of the ignored tests in some code.
    fn ignored(code: &str) -> Vec<&str> {
        let (mut lines, mut names) = (code.lines().map(str::trim_start), vec![]);
        while lines.any(|line| line.starts_with("#[ignore")) {
            names.extend(lines.find_map(|line| line.split_once("fn ")?.1.split('(').next()));
        }
        names
    }

    #[test]
    fn every_ignored_test_belongs_to_the_full_half() {
        let mut found = Vec::new();
        for folder in ["generated", "openapi/codegen", "redis", "sandbox", "tests", "wrapper", "xtask"] {
            for (path, code) in files::sources(&files::root(), folder).unwrap() {
                found.extend(ignored(&code).into_iter().map(|name| format!("{path} {name}")));
            }
        }
        assert_eq!(found, LONG_TESTS.map(|(file, name, _)| format!("{file} {name}")));
    }

    #[test]
    fn the_wrapper_does_not_depend_on_the_generator() {
        no_generator().unwrap();
    }
}
