//! Refreshes of a copy of the repository, from files and from a mock server on loopback.

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use super::provenance::Provenance;
use super::scratch::Diagnostic;
use super::{Check, Limits, Options, Source, refresh};
use crate::files;

const OTHER: &str = include_str!("../../fixtures/compute-v1.2024-10.yaml");

/// A repository with the files that a refresh reads and writes.
struct Tree(tempfile::TempDir);

impl Tree {
    fn new() -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        let (root, from) = (tree.root(), files::root());
        let copy = |path: &str| {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::copy(from.join(path), root.join(path)).unwrap();
        };
        files::WRITTEN.iter().for_each(|path| copy(path));
        for folder in ["wrapper/src", "sandbox/src", "tests/support"] {
            files::sources(&from, folder).unwrap().iter().for_each(|(path, _)| copy(path));
        }
        tree.git(&["init", "--quiet"]);
        tree.git(&["add", "--all"]);
        tree.git(&["-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "--message", "initial"]);
        tree
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git").current_dir(self.root()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn read(&self, path: &str) -> String {
        files::read(self.root(), path).unwrap()
    }

    fn refresh(&self, from: &str) -> Result<String, String> {
        self.refresh_within(from, &Limits::default())
    }

    fn refresh_within(&self, from: &str, limits: &Limits) -> Result<String, String> {
        self.refresh_with(from, limits, Options::default())
    }

    /// The files of this repository are not complete, so that nothing is compiled.
    fn refresh_with(&self, from: &str, limits: &Limits, options: Options) -> Result<String, String> {
        let now = "2026-11-25T16:00:00Z".parse().unwrap();
        refresh(self.root(), &Source::read(Some(from))?, limits, now, options, &|_, _| Ok(Vec::new()))
    }

    fn refresh_checked(&self, from: &str, options: Options, check: Check<'_>) -> Result<String, String> {
        let now = "2026-11-25T16:00:00Z".parse().unwrap();
        refresh(self.root(), &Source::read(Some(from))?, &Limits::default(), now, options, check)
    }

    /// Expects a failure in one sentence that changes no file, with these errors of the compiler.
    fn fails_checked(&self, from: &str, check: Check<'_>) -> String {
        let sentence = self.refresh_checked(from, Options::default(), check).unwrap_err();
        assert!(!sentence.contains('\n'), "{sentence}");
        assert_eq!(self.git(&["status", "--porcelain"]), "", "after: {sentence}");
        sentence
    }

    /// Expects a failure in one sentence that changes no file.
    fn fails(&self, from: &str) -> String {
        self.fails_within(from, &Limits::default())
    }

    fn fails_within(&self, from: &str, limits: &Limits) -> String {
        let sentence = self.refresh_within(from, limits).unwrap_err();
        assert!(!sentence.contains('\n'), "{sentence}");
        assert_eq!(self.git(&["status", "--porcelain"]), "", "after: {sentence}");
        sentence
    }

    /// A file beside the repository.
    fn file(&self, name: &str, text: &str) -> String {
        // In .git, which `git status` ignores.
        let path = self.root().join(".git").join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// A mock server that sends the given responses one after the other, and records the heads of the requests.
struct Server {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn responding(responses: impl IntoIterator<Item = String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/openapi.yaml", listener.local_addr().unwrap());
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let heads = Arc::clone(&requests);
        let mut responses: VecDeque<_> = responses.into_iter().collect();
        std::thread::spawn(move || {
            while let Some(response) = responses.pop_front() {
                let Ok((mut connection, _)) = listener.accept() else { return };
                heads.lock().unwrap().push(head(&connection));
                // The client may have closed the connection.
                drop(connection.write_all(response.as_bytes()));
            }
        });
        Self { address, requests }
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn head(connection: &TcpStream) -> String {
    let lines = BufReader::new(connection).lines().map_while(Result::ok);
    lines.take_while(|line| !line.is_empty()).map(|line| line.to_lowercase() + "\n").collect()
}

fn response(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

#[test]
fn a_changed_document_is_written_and_reported_once() {
    let tree = Tree::new();
    let server = Server::responding([
        response("200 OK", "etag: \"one\"\r\n", OTHER),
        response("304 Not Modified", "", ""),
        response("200 OK", "", OTHER),
    ]);
    let report = tree.refresh(&server.address).unwrap();
    assert!(report.contains("breaking   operation-removed: GetQuotas GET /quotas was removed."), "{report}");
    assert!(
        report.contains("- [ ] ListCatalog (GET /catalog): the wrapper does not call `requests::list_catalog`"),
        "{report}"
    );
    let task =
        "- [ ] `requests::get_quotas` is gone (also `operations::GET_QUOTAS`, `raw().get_quotas`)\n  - wrapper/src/";
    assert!(report.contains(task), "{report}");
    assert!(report.contains("- [ ] the text \"GetQuotas\" is gone from the document: see sandbox/src/"), "{report}");

    assert_eq!(tree.read(files::DOCUMENT), OTHER);
    assert_eq!(tree.read(files::BINDINGS), genesiscloud_codegen::generate(OTHER).unwrap());
    let changelog = tree.read(files::CHANGELOG);
    assert!(changelog.contains("### The provider's document of 2026-11-25\n"), "{changelog}");
    assert!(changelog.contains("- `GetQuotas` GET /quotas was removed."), "{changelog}");
    let provenance = Provenance::of_tree(tree.root()).unwrap();
    assert_eq!((provenance.source.as_str(), provenance.etag.as_deref()), (server.address.as_str(), Some("\"one\"")));
    assert!(provenance.is_of(OTHER) && !provenance.is_of("another"));

    // Known by the ETag, or by the content.
    let before = tree.git(&["status", "--porcelain"]);
    for _ in 0..2 {
        let report = tree.refresh(&server.address).unwrap();
        assert!(report.ends_with("; nothing to do"), "{report}");
    }
    assert_eq!(tree.git(&["status", "--porcelain"]), before);
    let conditional: Vec<_> = server.requests().iter().map(|head| head.contains("if-none-match: \"one\"\n")).collect();
    assert_eq!(conditional, [false, true, true]);
}

#[test]
fn an_invalid_response_is_reported_in_one_sentence_and_changes_nothing() {
    let tree = Tree::new();
    let fails = |response: String| {
        let server = Server::responding([response]);
        tree.fails(&server.address).replace(&server.address, "URL")
    };
    assert_eq!(
        fails(response("500 Internal Server Error", "", "oops")),
        "URL: the response is 500 Internal Server Error"
    );
    assert_eq!(fails(response("304 Not Modified", "", "")), "URL: the response is 304 Not Modified");
    let page = "<!doctype html><title>Sign in</title>";
    assert_eq!(
        fails(response("200 OK", "content-type: text/html\r\n", page)),
        "URL: it is HTML or XML, not an OpenAPI document"
    );
    // Truncated, with and without a known length.
    let whole = response("200 OK", "", OTHER);
    let sentence = fails(whole[..whole.len() / 2].to_owned());
    assert_eq!(sentence, "URL: the response ended early");
    assert_eq!(
        fails(format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{OTHER}")),
        "URL: the response has no length, so it may be truncated"
    );
    // No response.
    assert!(fails(String::new()).starts_with("URL: "), "{sentence}");
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert!(tree.fails(&format!("http://{unused}/")).contains("refused"));

    let server = Server::responding([response("200 OK", "", OTHER)]);
    let limits = Limits { size: 1_000, ..Limits::default() };
    let sentence = tree.fails_within(&server.address, &limits);
    assert!(sentence.ends_with(": it is larger than the limit of 1000 bytes"), "{sentence}");
}

#[test]
fn a_missing_response_times_out() {
    let tree = Tree::new();
    // It accepts connections, and sends nothing.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let limits = Limits { time: Duration::from_millis(50), ..Limits::default() };
    assert_eq!(tree.fails_within(&address, &limits), format!("{address}: no complete response within 50ms"));
}

#[test]
fn an_incomplete_response_times_out() {
    let tree = Tree::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        head(&connection);
        drop(connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n"));
        // One byte, and then nothing until the client disconnects.
        drop(connection.write_all(b"o"));
        drop(std::io::Read::read(&mut connection, &mut [0]));
    });
    let limits = Limits { time: Duration::from_millis(100), ..Limits::default() };
    assert_eq!(tree.fails_within(&address, &limits), format!("{address}: no complete response within 100ms"));
}

#[test]
fn secrets_in_a_url_are_not_stored() {
    let tree = Tree::new();
    let server = Server::responding([response("200 OK", "", OTHER)]);
    let with_user = server.address.replace("http://", "http://user:s3cret@");
    assert!(!tree.fails(&with_user).contains("s3cret"));
    tree.refresh(&format!("{}?token=s3cret", server.address)).unwrap();
    assert!(server.requests()[0].starts_with("get /openapi.yaml?token=s3cret "), "{:?}", server.requests());
    for path in files::WRITTEN {
        assert!(!tree.read(path).contains("s3cret"), "{path}");
    }
}

#[test]
fn an_invalid_provenance_is_repaired() {
    let tree = Tree::new();
    let from = tree.file("same.yaml", &tree.read(files::DOCUMENT));
    assert!(tree.refresh(&from).unwrap().ends_with("; nothing to do"));
    let changelog = tree.read(files::CHANGELOG);
    for damage in [fs::remove_file, |path| fs::write(path, "{}"), |path| fs::write(path, "no JSON")] {
        let path: std::path::PathBuf = tree.root().join(files::PROVENANCE);
        damage(path).unwrap();
        assert!(super::provenance::check(tree.root()).is_err());
        tree.refresh(&from).unwrap();
        super::provenance::check(tree.root()).unwrap();
    }
    fs::write(tree.root().join(files::BINDINGS), "").unwrap();
    tree.refresh(&from).unwrap();
    assert_eq!(tree.git(&["status", "--porcelain", "generated"]), "");
    assert_eq!(tree.read(files::CHANGELOG), changelog, "nothing changed for users");
}

#[test]
fn redirects_are_followed_within_the_same_origin() {
    let tree = Tree::new();
    let elsewhere = Server::responding([response("200 OK", "", OTHER)]);
    let away = response("302 Found", &format!("location: {}\r\n", elsewhere.address), "");
    let server = Server::responding([away]);
    let sentence = tree.fails(&server.address);
    assert!(sentence.ends_with("which is another origin; if that is right, pass it with --from"), "{sentence}");
    assert_eq!(elsewhere.requests(), [""; 0], "no request is sent there");

    let around = || response("301 Moved Permanently", "location: /v2/openapi.yaml\r\n", "");
    let server = Server::responding(std::iter::repeat_with(around).take(6));
    assert!(tree.fails(&server.address).ends_with("it redirects more than 5 times"));
    let server = Server::responding([around(), response("200 OK", "", OTHER)]);
    tree.refresh(&server.address).unwrap();
    assert!(server.requests()[1].starts_with("get /v2/openapi.yaml "), "{:?}", server.requests());
}

#[test]
fn an_invalid_document_is_reported_in_one_sentence_with_its_place_and_changes_nothing() {
    let tree = Tree::new();
    let fails = |text: &str| {
        let path = tree.file("bad.yaml", text);
        tree.fails(&path).replace(&path, "FILE")
    };
    let with = |from: &str, to: &str| {
        assert!(OTHER.contains(from), "{from}");
        OTHER.replacen(from, to, 1)
    };
    let sentence = fails("paths:\n  a: [1\n");
    assert!(sentence.starts_with("FILE: the document is not YAML: ") && sentence.contains("line"), "{sentence}");
    assert_eq!(fails("a: 1"), "FILE: the document is not an OpenAPI document: it has no `openapi: 3.0.x` or `3.1.x`");
    assert_eq!(
        fails(&with("openapi: 3.0.3", "openapi: 2.0.0")),
        "FILE: the document declares OpenAPI 2.0.0; only 3.0 and 3.1 are supported"
    );
    assert_eq!(
        fails(&with("{$ref: '#/components/schemas/Image.Type'}", "{$ref: '#/components/schemas/Nothing'}")),
        "FILE: paths./images.get.parameters.0.schema refers to `#/components/schemas/Nothing`, which does not exist"
    );
    assert_eq!(
        fails(&with("operationId: GetVolume", "operationId: GetSnapshot")),
        "FILE: operation id GetSnapshot is used twice"
    );
    let sentence = fails(&with("Instance.Name: {type: string}", "Instance.Name: {type: string, enum: ['%', '&']}"));
    assert!(sentence.starts_with("FILE: components.schemas.Instance.Name has the values `%` and `&`, "), "{sentence}");
    assert!(tree.fails("no-such-file.yaml").starts_with("no-such-file.yaml: "));
    assert_eq!(
        tree.fails("ftp://host/a.yaml"),
        "ftp://host/a.yaml: only http and https can be fetched, and this is ftp"
    );
    fs::write(tree.root().join(".git/latin.yaml"), b"a: \xe4").unwrap();
    assert!(tree.fails(tree.root().join(".git/latin.yaml").to_str().unwrap()).contains(": it is not UTF-8: "));
}

#[test]
fn a_failed_write_changes_no_file() {
    let tree = Tree::new();
    let from = tree.file("other.yaml", OTHER);
    // A folder is in the way of the last file.
    fs::create_dir(tree.root().join(format!("{}.new", files::CHANGELOG))).unwrap();
    assert!(tree.fails(&from).starts_with("CHANGELOG.md: "));
}

#[test]
fn yaml_json_and_openapi_3_1_generate_the_same_bindings() {
    let document: Value = genesiscloud_codegen::document::parse(OTHER).unwrap();
    let json = serde_json::to_string_pretty(&document).unwrap();
    let raised = json
        .replace("\"openapi\": \"3.0.3\"", "\"openapi\": \"3.1.0\"")
        .replace("\"type\": \"string\",\n            \"nullable\": true", "\"type\": [\"string\", \"null\"]");
    assert!(raised.contains("\"null\"]") && raised.contains("3.1.0"));
    let expected = genesiscloud_codegen::generate(OTHER).unwrap();
    for (name, text) in [("a.yaml", OTHER), ("a.json", &json), ("b.json", &raised)] {
        let tree = Tree::new();
        tree.refresh(&tree.file(name, text)).unwrap();
        assert_eq!(tree.read(files::BINDINGS), expected, "{name}");
        assert_eq!(tree.read(files::DOCUMENT), text, "{name} is stored as fetched");
    }
}

#[test]
fn a_dry_run_reports_the_same_and_writes_nothing() {
    let tree = Tree::new();
    let from = tree.file("other.yaml", OTHER);
    let dry = Options { is_dry_run: true, ..Options::default() };
    let report = tree.refresh_with(&from, &Limits::default(), dry).unwrap();
    assert_eq!(tree.git(&["status", "--porcelain"]), "");
    let (changes, todo) = report.split_once("\nNothing was written.\n").unwrap();
    let written = tree.refresh(&from).unwrap();
    assert!(written.starts_with(changes) && written.ends_with(todo), "{report}\n{written}");
}

#[test]
fn a_document_of_another_api_is_refused_unless_forced() {
    const ANOTHER: &str = "
openapi: 3.0.3
info: { title: Pet Store, version: '1' }
paths:
  /pets: { get: { operationId: ListPets, responses: { '204': { description: none } } } }
components: { schemas: {} }
";
    let tree = Tree::new();
    let from = tree.file("pets.yaml", ANOTHER);
    let vendored = genesiscloud_codegen::read(&tree.read(files::DOCUMENT)).unwrap();
    let operations = genesiscloud_codegen::document::operations(&vendored).len();
    let sentence = tree.fails(&from);
    assert!(
        sentence
            .contains(&format!("it has 0 of the {operations} operations of this API, and its title is \"Pet Store\"")),
        "{sentence}"
    );
    assert!(sentence.contains("--force"), "{sentence}");
    let forced = Options { is_forced: true, ..Options::default() };
    tree.refresh_with(&from, &Limits::default(), forced).unwrap();
    // A document of which most operations are the same is not another API's, whatever its title.
    let tree = Tree::new();
    let renamed = tree.read(files::DOCUMENT).replacen("\n  title: ", "\n  title: Renamed ", 1);
    tree.refresh(&tree.file("renamed.yaml", &renamed)).unwrap();
}

#[test]
fn a_document_that_was_edited_is_not_overwritten_unless_forced() {
    let tree = Tree::new();
    let edited = tree.read(files::DOCUMENT) + "\n# edited\n";
    fs::write(tree.root().join(files::DOCUMENT), &edited).unwrap();
    tree.git(&["-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "--all", "--message", "edited"]);
    let from = tree.file("other.yaml", OTHER);
    let sentence = tree.fails(&from);
    assert!(sentence.starts_with("openapi/compute-v1.yaml was edited since it was received"), "{sentence}");
    let forced = Options { is_forced: true, ..Options::default() };
    tree.refresh_with(&from, &Limits::default(), forced).unwrap();
    assert_eq!(tree.read(files::DOCUMENT), OTHER);
}

fn error(file: &str, line: usize, message: &str) -> Diagnostic {
    Diagnostic { file: file.to_owned(), line, message: message.to_owned() }
}

#[test]
fn bindings_that_do_not_compile_are_refused() {
    let tree = Tree::new();
    let from = tree.file("other.yaml", OTHER);
    let bindings = genesiscloud_codegen::generate(OTHER).unwrap();
    let line = 1 + bindings.lines().position(|line| line.contains("pub struct Volume {")).unwrap();
    let of_wrapper = error("wrapper/src/bindings.rs", 1, "no");
    let of_bindings = error("/target/out/bindings.rs", line + 1, "field `id` is already declared (E0124)");
    assert_eq!(
        tree.fails_checked(&from, &|_, _| Ok(vec![of_wrapper.clone(), of_bindings.clone()])),
        format!("{from}: its bindings do not compile: field `id` is already declared (E0124) in `types::Volume`")
    );
    assert_eq!(
        tree.fails_checked(&from, &|_, _| Err("cargo cannot be run: no such file".to_owned())),
        format!(
            "{from}: the new bindings cannot be type-checked, so that nothing was written: cargo cannot be run: no such file"
        )
    );
}

#[test]
fn errors_of_the_compiler_elsewhere_are_in_the_list() {
    let tree = Tree::new();
    let from = tree.file("other.yaml", OTHER);
    let quotas = tree.read("wrapper/src/resources/quotas.rs");
    let line = 1 + quotas.lines().position(|line| line.contains("requests::get_quotas")).unwrap();
    let known =
        error("wrapper/src/resources/quotas.rs", line, "cannot find function `get_quotas` in module `requests`");
    let unknown = error("wrapper/src/lib.rs", 1, "no");
    let check = |_: &Path, files: &[(&str, &str)]| {
        assert_eq!(files.iter().map(|(path, _)| *path).collect::<Vec<_>>(), files::WRITTEN, "all of them are checked");
        assert_eq!(tree.git(&["status", "--porcelain"]), "", "nothing is written yet");
        Ok(vec![known.clone(), unknown.clone()])
    };
    let dry = Options { is_dry_run: true, ..Options::default() };
    for options in [dry, Options::default()] {
        let report = tree.refresh_checked(&from, options, &check).unwrap();
        assert!(report.contains(&format!("`raw().get_quotas`)\n  - {known}\n")), "{report}");
        let other = format!("- [ ] found by the compiler, at no place of a changed name:\n  - {unknown}\n\n");
        assert!(report.contains(&other), "{report}");
        // The compiler's part comes first.
        assert!(report.find(&other) < report.find("What no compiler sees:"), "{report}");
    }
    assert_eq!(tree.read(files::DOCUMENT), OTHER);
}

#[test]
fn a_document_with_the_same_bindings_is_not_type_checked() {
    let tree = Tree::new();
    let comment = tree.read(files::DOCUMENT) + "\n# A comment.\n";
    let from = tree.file("comment.yaml", &comment);
    let report = tree.refresh_checked(&from, Options::default(), &|_, _| Err("it was checked".to_owned())).unwrap();
    assert!(report.contains("To do:\n\n- [ ] "), "{report}");
    assert_eq!(tree.read(files::DOCUMENT), comment);
}
