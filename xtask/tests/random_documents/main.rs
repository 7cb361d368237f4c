//! Documents that are made from the provider's by edits at random: each is refused in one sentence with nothing written, or
//! gives bindings that compile; and the report calls breaking what breaks in a program that uses the bindings, and nothing
//! else.
//!
//! The second half needs a judge that does not share the code of the report. It is a program that names every public item of
//! the old bindings and prints its value on the wire, compiled and run against the new ones.

mod compiler;
mod consumer;
mod draft;
mod edits;
mod inventory;
mod samples;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use genesiscloud_codegen::document;
use serde_json::Value;

use crate::compiler::{Compiler, root};
use crate::consumer::Item;
use crate::draft::Draft;
use crate::inventory::Inventory;
use crate::verdict::{Broken, Finding};

/// What is the same for all documents.
struct Judge {
    compiler: Compiler,
    old_document: Value,
    old_bindings: String,
    /// The labels of the items of the old bindings, and what the program prints of each when nothing has changed.
    before: BTreeMap<String, Value>,
    old_path: String,
}

/// What became of a document.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Refused(String),
    Compiled { broken: usize, breaking: usize },
}

impl Judge {
    fn new() -> Self {
        let old_path = root().join("openapi/compute-v1.yaml").to_str().unwrap().to_owned();
        let text = fs::read_to_string(&old_path).unwrap();
        let bindings = genesiscloud_codegen::generate(&text).unwrap();
        let (compiler, old) = (Compiler::new(), Inventory::read(&bindings));
        let folder = tempfile::tempdir().unwrap();
        compiler.bindings(folder.path(), &text, &bindings).unwrap();
        let items = consumer::items(&old, &old);
        let (seen, broken) = observed(&compiler, folder.path(), &items);
        assert_eq!(broken.len(), 0, "{broken:#?}");
        let before = seen.into_iter().map(|(at, value)| (items[at].label.clone(), value)).collect();
        Self { compiler, old_document: document::parse(&text).unwrap(), old_bindings: bindings, before, old_path }
    }

    /// Makes the document of this seed, and returns what became of it, or what is wrong with that.
    fn judge(&self, seed: u64) -> (Vec<String>, Result<Outcome, String>) {
        let mut draft = Draft { document: self.old_document.clone(), rng: fastrand::Rng::with_seed(seed) };
        let edits = edits::edit(&mut draft);
        let folder = tempfile::tempdir().unwrap();
        let outcome = self.judge_document(folder.path(), &draft.document.to_string());
        (edits, outcome)
    }

    fn judge_document(&self, folder: &Path, document: &str) -> Result<Outcome, String> {
        let new_path = folder.join("document.json");
        fs::write(&new_path, document).unwrap();
        let bindings = match genesiscloud_codegen::generate(document) {
            Ok(bindings) => bindings,
            Err(error) => return refused(folder, &new_path, error.to_string()),
        };
        self.compiler
            .bindings(folder, document, &bindings)
            .map_err(|errors| format!("the bindings do not compile: {errors:?}"))?;
        let (old, new) = (Inventory::read(&self.old_bindings), Inventory::read(&bindings));
        let items = consumer::items(&old, &new);
        let (seen, mut broken) = observed(&self.compiler, folder, &items);
        broken.extend(seen.into_iter().filter_map(|(at, value)| changed(&items[at], &self.before, value)));

        let report = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(["diff", &self.old_path, new_path.to_str().unwrap(), "--format", "json"])
            .output()
            .unwrap();
        if report.status.code() == Some(2) {
            return Err(format!("no report: {}", String::from_utf8_lossy(&report.stderr)));
        }
        let findings = Finding::breaking(&String::from_utf8(report.stdout).unwrap());
        match verdict::disagreements(&broken, &findings) {
            disagreements if disagreements.is_empty() => {
                Ok(Outcome::Compiled { broken: broken.len(), breaking: findings.len() })
            }
            disagreements => Err(disagreements.join("\n")),
        }
    }
}

/// Compiles the program, without the items that do not compile, and runs it.
fn observed(compiler: &Compiler, folder: &Path, items: &[Item]) -> (BTreeMap<usize, Value>, Vec<Broken>) {
    let mut places: BTreeSet<usize> = (0..items.len()).collect();
    let mut broken = Vec::new();
    while let Err(errors) = compiler.program(folder, &consumer::program(items, &places)) {
        let mut failed = BTreeMap::new();
        for error in errors {
            let place = error.line.and_then(|line| consumer::place_of_line(line, &places));
            let place = place.unwrap_or_else(|| panic!("an error outside of items: {error:?}"));
            failed.entry(place).or_insert(error.message);
        }
        places.retain(|place| !failed.contains_key(place));
        broken.extend(failed.into_iter().map(|(at, reason)| Broken {
            item: items[at].clone(),
            is_at_run: false,
            reason,
        }));
    }
    let output = compiler.run_program(folder);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let seen = lines.lines().map(|line| serde_json::from_str::<(usize, Value)>(line).unwrap()).collect();
    (seen, broken)
}

/// Returns an item whose value has changed.
fn changed(item: &Item, before: &BTreeMap<String, Value>, after: Value) -> Option<Broken> {
    let before = &before[&item.label];
    let is_same = if item.is_sent { *before == after } else { contains(&after, before) };
    (!is_same).then(|| Broken { item: item.clone(), is_at_run: true, reason: format!("{before} became {after}") })
}

/// Whether a value is another one, with fields that were added.
fn contains(after: &Value, before: &Value) -> bool {
    match (after, before) {
        (Value::Object(after), Value::Object(before)) => {
            before.iter().all(|(key, value)| after.get(key).is_some_and(|after| contains(after, value)))
        }
        (Value::Array(after), Value::Array(before)) => {
            after.len() == before.len() && after.iter().zip(before).all(|(after, before)| contains(after, before))
        }
        (after, before) => after == before,
    }
}

/// Expects that a refresh refuses the document for this reason, in one sentence, and writes nothing.
fn refused(folder: &Path, document: &Path, reason: String) -> Result<Outcome, String> {
    let one_sentence = !reason.contains('\n') && reason.len() < 600 && !reason.contains("Object {");
    if !one_sentence {
        return Err(format!("refused in more than one sentence: {reason}"));
    }
    let files = [
        "openapi/compute-v1.yaml",
        "openapi/provenance.json",
        "generated/bindings.rs",
        "CHANGELOG.md",
        "xtask/Cargo.toml",
    ];
    let checkout = folder.join("checkout");
    for file in files {
        fs::create_dir_all(checkout.join(file).parent().unwrap()).unwrap();
        fs::copy(root().join(file), checkout.join(file)).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .env("CARGO_MANIFEST_DIR", checkout.join("xtask"))
        .args(["refresh", "--force", "--from", document.to_str().unwrap()])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    if output.status.code() != Some(1) || said.lines().count() != 1 || !said.trim_end().ends_with(&reason) {
        return Err(format!("a refresh says {said:?}, and not {reason:?}"));
    }
    let is_same = |file: &str| fs::read(root().join(file)).unwrap() == fs::read(checkout.join(file)).unwrap();
    match files.into_iter().all(is_same) {
        true => Ok(Outcome::Refused(reason)),
        false => Err("a refused document was written".to_owned()),
    }
}

/// Judges the documents of these seeds, on all processors, and fails with all that is wrong.
fn judge_all(seeds: std::ops::Range<u64>) {
    let judge = Judge::new();
    let next = AtomicU64::new(seeds.start);
    let work = || {
        let mut judged = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return judged;
            }
            let (edits, outcome) = judge.judge(seed);
            println!("seed {seed}: {edits:#?}\n{outcome:?}");
            judged.push((seed, edits, outcome));
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let judged: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let wrong: Vec<String> = judged
        .iter()
        .filter_map(|(seed, edits, outcome)| Some(format!("seed {seed}: {edits:#?}\n{}\n", outcome.as_ref().err()?)))
        .collect();
    assert!(wrong.is_empty(), "{} of {} documents:\n{}", wrong.len(), judged.len(), wrong.join("\n"));
    let compiled = judged.iter().filter(|(_, _, outcome)| matches!(outcome, Ok(Outcome::Compiled { .. }))).count();
    println!("{compiled} of {} documents were not refused", judged.len());
}

#[test]
fn random_documents_are_refused_or_compile_and_the_report_tells_what_breaks() {
    judge_all(1004..1016);
}

#[test]
#[ignore = "takes half an hour: 500 documents, or those of the seeds in SEEDS, such as 1000..1010"]
fn five_hundred_random_documents() {
    let seeds = std::env::var("SEEDS").unwrap_or_else(|_| "1000..1500".to_owned());
    let (first, end) = seeds.split_once("..").expect("two numbers with `..` between them");
    judge_all(first.parse().unwrap()..end.parse().unwrap());
}
