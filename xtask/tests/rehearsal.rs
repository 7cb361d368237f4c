//! The dress rehearsal of a refresh that CONTRIBUTING.md tells of, in a scratch copy: half a year is taken back, in the
//! document and in the wrapper; then the document is refreshed, and what the to-do list names is done.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const BEFORE: &str = "xtask/fixtures/compute-v1.2024-10.yaml";
const NOW: &str = "xtask/fixtures/compute-v1.2025-05.yaml";

/// A copy of the workspace, always in the same place, so that what is built of others' packages is built once.
struct Scratch {
    tree: PathBuf,
    target: PathBuf,
}

impl Scratch {
    fn new() -> Self {
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rehearsal");
        let scratch = Self { tree: place.join("tree"), target: place.join("target") };
        drop(fs::remove_dir_all(&scratch.tree));
        copy(&root(), &scratch.tree);
        scratch
    }

    fn cargo(&self, arguments: &[&str]) -> Result<String, String> {
        println!("   cargo {}", arguments.join(" "));
        let mut cargo = Command::new(env!("CARGO"));
        // Of the package whose test this is, and not of those in the copy.
        let of_this = std::env::vars_os().map(|(name, _)| name);
        for name in of_this.filter(|name| name.to_string_lossy().starts_with("CARGO_")) {
            if name != "CARGO_HOME" {
                cargo.env_remove(name);
            }
        }
        let output =
            cargo.current_dir(&self.tree).env("CARGO_TARGET_DIR", &self.target).args(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match output.status.success() {
            true => Ok(text(&output.stdout)),
            false => Err(format!("cargo {}:\n{}{}", arguments.join(" "), text(&output.stdout), text(&output.stderr))),
        }
    }

    fn green(&self, arguments: &[&str]) -> String {
        self.cargo(arguments).unwrap_or_else(|told| panic!("{told}"))
    }

    fn edit(&self, path: &str, edit: impl FnOnce(String) -> String) {
        let place = self.tree.join(path);
        let before = fs::read_to_string(&place).unwrap();
        let after = edit(before.clone());
        assert_ne!(before, after, "{path} is not what this rehearsal takes back; adapt it");
        fs::write(place, after).unwrap();
    }

    /// Does what the list says of a file: makes it what it has become in the meantime.
    fn catch_up(&self, path: &str) {
        let (now, place) = (root().join(path), self.tree.join(path));
        match now.exists() {
            true => drop(fs::copy(now, place).unwrap()),
            false => fs::remove_file(place).unwrap(),
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to, kind) = (entry.path(), to.join(entry.file_name()), entry.file_type().unwrap());
        if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(from).unwrap(), to).unwrap();
        } else if kind.is_dir() {
            if !["target", ".git", ".schemathesis"].iter().any(|name| entry.file_name() == *name) {
                copy(&from, &to);
            }
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

/// The text without what is from one mark up to the next.
fn without(text: &str, from: &str, to: &str) -> String {
    let start = text.find(from).unwrap_or_else(|| panic!("no {from:?}"));
    let end = start + text[start..].find(to).unwrap_or_else(|| panic!("no {to:?} after {from:?}"));
    format!("{}{}", &text[..start], &text[end..])
}

/// The service of an operation that is gone by now.
const CATALOG: &str = r#"//! What can be installed.

use genesiscloud_bindings::types::Catalog;

use super::{listed, service};
use crate::List;

service! {
    /// What can be installed.
    Catalogs
}

listed!(Catalog, "ListCatalog", list_catalog, catalog);

impl Catalogs {
    /// All of it.
    pub fn list(&self) -> List<Catalog> {
        List::new(&self.client, ())
    }
}
"#;

/// Takes the wrapper back to what the document of October 2024 offered.
fn take_back(scratch: &Scratch) {
    let services = "wrapper/src/services";
    for name in
        ["filesystems", "floating_ips", "images", "instances", "security_groups", "snapshots", "ssh_keys", "volumes"]
    {
        scratch
            .edit(&format!("{services}/{name}.rs"), |text| text.replace("Paginated\"", "\"").replace("_paginated", ""));
    }
    scratch.edit(&format!("{services}/instances.rs"), |text| {
        text.replace("GetInstanceActions", "ListInstanceActions")
            .replace("get_instance_actions", "list_instance_actions")
    });
    scratch.edit(&format!("{services}/instances/requests.rs"), |text| {
        let text = text.replace(", replicated_region: None", "");
        without(&text, "\n    /// A region to copy the snapshot to as well.", "}\n\n/// Ids as the API takes them.")
    });
    scratch.edit(&format!("{services}/snapshots.rs"), |text| {
        let text = without(&text, "    /// Copies a snapshot into a region", "    /// Waits for one");
        let at = text.find("/// What the copy of a snapshot is to be.").expect("the request of a copy");
        text[..at].replace("CloneSnapshotBody, ", "")
    });
    fs::remove_file(scratch.tree.join(format!("{services}/quotas.rs"))).unwrap();
    fs::remove_file(scratch.tree.join(format!("{services}/reservations.rs"))).unwrap();
    fs::write(scratch.tree.join(format!("{services}/catalog.rs")), CATALOG).unwrap();
    scratch.edit(&format!("{services}/mod.rs"), |text| {
        let lines = text.lines().filter(|line| !line.contains("uotas") && !line.contains("eservations"));
        lines.collect::<Vec<_>>().join("\n").replace("pub mod availability;", "pub mod availability;\npub mod catalog;")
    });
    scratch.edit("wrapper/src/client.rs", |text| {
        let text = text.replace(" Quotas, Reservations,", "");
        without(&text, "    /// What the account may have.", "    /// This client with another retry policy")
    });
    scratch.edit("wrapper/src/lib.rs", |text| {
        let text = text.replace(" Quota,", "").replace(" QuotaFlavor,", "").replace("    QuotaFlavor,", "   ");
        let text = text.replace(" Reservation,", "").replace(" ReservationQuota,", "");
        text.replace("CloneSnapshot, ", "")
    });
    scratch.edit("wrapper/src/wait/awaited.rs", |text| text.replace(", FilesystemStatus::Error => Failed", ""));
    scratch.edit(USES_QUOTAS, |text| {
        let text = without(&text, "        let quotas = client", "        Self { client, regions");
        text.replace("quota: quota.map(|quota| (quota.capacity, quota.used))", "quota: None")
    });
}

/// What a new operation could be used for beside its own method is no matter of a list.
const USES_QUOTAS: &str = "wrapper/src/create/room.rs";

#[test]
#[ignore = "builds the workspace a second time, which takes minutes; `cargo xtask ci` runs it"]
fn half_a_year_is_caught_up_with_by_the_list() {
    let scratch = Scratch::new();
    println!("== October 2024");
    scratch.green(&["xtask", "refresh", "--from", BEFORE]);
    take_back(&scratch);
    scratch.green(&["xtask", "generate", "--check"]);
    scratch.green(&["xtask", "coverage"]);
    scratch.green(&["check", "--package", "genesiscloud"]);

    println!("== May 2025");
    let said = scratch.green(&["xtask", "refresh", "--from", NOW]);
    let (report, list) = said.split_once("\nTo do:\n").expect("a list");
    println!("{list}");
    assert!(report.contains("30 breaking, 13 compatible, 2 to note."), "{report}");
    assert!(scratch.cargo(&["xtask", "coverage"]).unwrap_err().contains("GetQuotas"), "there is something to do");
    assert!(scratch.cargo(&["check", "--package", "genesiscloud"]).is_err(), "there is something to do");

    println!("== the list");
    let is_of_path = |letter: char| letter.is_alphanumeric() || "/._-".contains(letter);
    let words = list.split(|letter| !is_of_path(letter));
    let files: BTreeSet<_> = words.filter(|word| word.ends_with(".rs") && word.contains('/')).collect();
    for file in &files {
        println!("   {file}");
        scratch.catch_up(file);
    }
    scratch.catch_up(USES_QUOTAS);
    scratch.green(&["xtask", "generate", "--check"]);
    scratch.green(&["xtask", "coverage"]);
    let tests = scratch.green(&["test", "--workspace"]);
    assert!(tests.contains("test result: ok.") && !tests.contains("FAILED"), "{tests}");
    // Nothing that the list forgot, but for what it cannot know.
    for file in ["client.rs", "lib.rs", "services/quotas.rs", "services/instances/requests.rs", "wait/awaited.rs"] {
        assert!(files.contains(&*format!("wrapper/src/{file}")), "{file} is not named in {files:?}");
    }
}
