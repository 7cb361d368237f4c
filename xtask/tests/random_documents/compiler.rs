//! Compiles bindings and programs that use them with rustc, against dependencies that cargo has built.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// An error of the compiler.
#[derive(Clone, Debug)]
pub(crate) struct Diagnostic {
    pub(crate) message: String,
    /// In the file that was compiled.
    pub(crate) line: Option<usize>,
}

/// The compiler, with the dependencies of the bindings.
pub(crate) struct Compiler {
    dependencies: Vec<String>,
    /// The folder `generated/` of this checkout.
    generated: PathBuf,
}

impl Compiler {
    /// Builds the dependencies of the bindings, without the generator.
    pub(crate) fn new() -> Self {
        let root = root();
        let cargo = |arguments: &[&str]| {
            let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
            let output = Command::new(program).current_dir(&root).args(arguments).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        let metadata: Value =
            serde_json::from_str(&cargo(&["metadata", "--locked", "--no-deps", "--format-version", "1"])).unwrap();
        let package = metadata["packages"].as_array().unwrap().iter().find(|it| it["name"] == "genesiscloud-bindings");
        let wanted: BTreeSet<String> = package.unwrap()["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|dependency| dependency["kind"].is_null() && dependency["optional"] == false)
            .map(|dependency| dependency["name"].as_str().unwrap().replace('-', "_"))
            .collect();
        let build = ["build", "--locked", "--package", "genesiscloud-bindings", "--no-default-features"];
        let artifacts = cargo(&[&build[..], &["--message-format", "json"]].concat());
        let mut dependencies = Vec::new();
        let mut folders = BTreeSet::new();
        for artifact in artifacts.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
            let name = artifact["target"]["name"].as_str().unwrap_or_default().replace('-', "_");
            let files = artifact["filenames"].as_array().into_iter().flatten().filter_map(Value::as_str);
            for file in files.filter(|file| file.ends_with(".rlib")) {
                folders.insert(Path::new(file).parent().unwrap().to_str().unwrap().to_owned());
                if wanted.contains(&name) {
                    dependencies.extend(["--extern".to_owned(), format!("{name}={file}")]);
                }
            }
        }
        assert_eq!(dependencies.len(), 2 * wanted.len(), "each dependency is built once: {dependencies:?}");
        dependencies.extend(folders.into_iter().flat_map(|folder| ["-L".to_owned(), format!("dependency={folder}")]));
        Self { dependencies, generated: root.join("generated") }
    }

    /// Compiles bindings of a document in a folder. The modules that use generated types by name are left out: so does the
    /// wrapper, and a change of a type is not a fault of the bindings.
    pub(crate) fn bindings(&self, folder: &Path, document: &str, bindings: &str) -> Result<(), Vec<Diagnostic>> {
        let generated = folder.join("generated");
        copy(&self.generated, &generated);
        let root = fs::read_to_string(self.generated.join("lib.rs")).unwrap();
        let uses_types = |line: &&str| ["constructors;", "instance_phase"].iter().any(|module| line.contains(module));
        let root: Vec<_> = root.lines().filter(|line| !uses_types(line)).collect();
        fs::write(generated.join("lib.rs"), root.join("\n")).unwrap();
        fs::write(generated.join("bindings.rs"), bindings).unwrap();
        fs::create_dir_all(folder.join("openapi")).unwrap();
        fs::write(folder.join("openapi/compute-v1.yaml"), document).unwrap();
        let kind = ["--crate-type", "lib", "--crate-name", "genesiscloud_bindings"];
        self.run(&generated.join("lib.rs"), &[&kind[..], &["--out-dir", folder.to_str().unwrap()]].concat())
    }

    /// Compiles a program that uses the bindings in the same folder.
    pub(crate) fn program(&self, folder: &Path, program: &str) -> Result<(), Vec<Diagnostic>> {
        let (source, output) = (folder.join("consumer.rs"), folder.join("consumer"));
        fs::write(&source, program).unwrap();
        let bindings = format!("genesiscloud_bindings={}", folder.join("libgenesiscloud_bindings.rlib").display());
        self.run(&source, &["--extern", &bindings, "-o", output.to_str().unwrap()])
    }

    /// Runs the program in this folder, and returns what it printed.
    pub(crate) fn run_program(&self, folder: &Path) -> Output {
        Command::new(folder.join("consumer")).output().unwrap()
    }

    fn run(&self, source: &Path, arguments: &[&str]) -> Result<(), Vec<Diagnostic>> {
        let output = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
            .args(["--edition", "2024", "--cap-lints", "allow", "--error-format", "json"])
            .args(&self.dependencies)
            .args(arguments)
            .arg(source)
            .output()
            .unwrap();
        if output.status.success() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&output.stderr);
        let messages = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let errors = messages.filter(|message| message["level"] == "error").map(|message| {
            let spans = message["spans"].as_array().into_iter().flatten();
            let primary = spans.filter(|span| span["is_primary"] == true).map(outermost);
            let own = primary.into_iter().find(|span| span["file_name"].as_str().map(Path::new) == Some(source));
            let line = own.and_then(|span| span["line_start"].as_u64()).map(|line| line as usize);
            Diagnostic { message: message["message"].as_str().unwrap_or_default().to_owned(), line }
        });
        let errors: Vec<_> = errors.filter(|error| !error.message.starts_with("aborting due to")).collect();
        assert!(!errors.is_empty(), "{text}");
        Err(errors)
    }
}

/// The place where a macro was written, for a place inside its expansion.
fn outermost(mut span: &Value) -> &Value {
    while span["expansion"]["span"].is_object() {
        span = &span["expansion"]["span"];
    }
    span
}

/// The root of the checkout from which cargo runs the tests.
pub(crate) fn root() -> PathBuf {
    Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).parent().unwrap().to_owned()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}
