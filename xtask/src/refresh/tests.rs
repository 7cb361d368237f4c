//! Refreshes of a scratch copy, from files and from a server on loopback that does what servers do.

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::provenance::Provenance;
use super::{Limits, Source, refresh};
use crate::files;

const OTHER: &str = include_str!("../../fixtures/compute-v1.2024-10.yaml");

/// What a refresh reads and writes, in a repository of its own.
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
        tree.git(&["-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "--message", "as it is"]);
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
        refresh(self.root(), &Source::read(Some(from))?, limits, "2026-11-25T16:00:00Z".parse().unwrap())
    }

    /// Fails, in one sentence, and leaves everything as it was.
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
        // In .git, which its status does not look into.
        let path = self.root().join(".git").join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// Answers one connection after the other as it is told, and keeps the heads of the requests.
struct Server {
    address: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn answering(answers: impl IntoIterator<Item = String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/openapi.yaml", listener.local_addr().unwrap());
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let heads = Arc::clone(&seen);
        let mut answers: VecDeque<_> = answers.into_iter().collect();
        std::thread::spawn(move || {
            while let Some(answer) = answers.pop_front() {
                let Ok((mut connection, _)) = listener.accept() else { return };
                heads.lock().unwrap().push(head(&connection));
                // Who does not want it any more closes first.
                drop(connection.write_all(answer.as_bytes()));
            }
        });
        Self { address, seen }
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

fn head(connection: &TcpStream) -> String {
    let lines = BufReader::new(connection).lines().map_while(Result::ok);
    lines.take_while(|line| !line.is_empty()).map(|line| line.to_lowercase() + "\n").collect()
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

#[test]
fn a_changed_document_is_written_reported_and_known_the_next_time() {
    let tree = Tree::new();
    let server = Server::answering([
        answer("200 OK", "etag: \"one\"\r\n", OTHER),
        answer("304 Not Modified", "", ""),
        answer("200 OK", "", OTHER),
    ]);
    let said = tree.refresh(&server.address).unwrap();
    assert!(said.contains("breaking   operation-removed: GetQuotas GET /quotas is gone."), "{said}");
    assert!(said.contains("- [ ] ListCatalog (GET /catalog): no service calls `raw.list_catalog`"), "{said}");
    assert!(said.contains("look at `\"GetQuotas\"` and `GetQuotasBody` and `get_quotas` in "), "{said}");
    assert!(said.contains("there are 43 operations now, and were 45: see "), "{said}");

    assert_eq!(tree.read(files::DOCUMENT), OTHER);
    assert_eq!(tree.read(files::BINDINGS), genesiscloud_codegen::generate(OTHER).unwrap());
    let changelog = tree.read(files::CHANGELOG);
    assert!(changelog.contains("### The provider's document of 2026-11-25\n"), "{changelog}");
    assert!(changelog.contains("- `GetQuotas` GET /quotas is gone."), "{changelog}");
    let provenance = Provenance::of_tree(tree.root()).unwrap();
    assert_eq!((provenance.source.as_str(), provenance.etag.as_deref()), (server.address.as_str(), Some("\"one\"")));
    assert!(provenance.is_of(OTHER) && !provenance.is_of("another"));

    // Told by the ETag, or seen.
    let before = tree.git(&["status", "--porcelain"]);
    for _ in 0..2 {
        let said = tree.refresh(&server.address).unwrap();
        assert!(said.ends_with("; nothing to do"), "{said}");
    }
    assert_eq!(tree.git(&["status", "--porcelain"]), before);
    let asked: Vec<_> = server.seen().iter().map(|head| head.contains("if-none-match: \"one\"\n")).collect();
    assert_eq!(asked, [false, true, true]);
}

#[test]
fn what_servers_do_wrong_is_one_sentence_and_changes_nothing() {
    let tree = Tree::new();
    let fails = |answer: String| {
        let server = Server::answering([answer]);
        tree.fails(&server.address).replace(&server.address, "URL")
    };
    assert_eq!(fails(answer("500 Internal Server Error", "", "oops")), "URL: the answer is 500 Internal Server Error");
    assert_eq!(fails(answer("304 Not Modified", "", "")), "URL: the answer is 304 Not Modified");
    let page = "<!doctype html><title>Sign in</title>";
    assert_eq!(
        fails(answer("200 OK", "content-type: text/html\r\n", page)),
        "URL: it is a page in HTML or XML, and no OpenAPI document"
    );
    // Cut off, where its length is known, and where it is not.
    let whole = answer("200 OK", "", OTHER);
    let sentence = fails(whole[..whole.len() / 2].to_owned());
    assert_eq!(sentence, "URL: the answer breaks off before its end");
    assert_eq!(
        fails(format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{OTHER}")),
        "URL: the answer does not say how long it is, so it may have been cut off"
    );
    // Nothing at all.
    assert!(fails(String::new()).starts_with("URL: "), "{sentence}");
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert!(tree.fails(&format!("http://{nobody}/")).contains("refused"));

    let server = Server::answering([answer("200 OK", "", OTHER)]);
    let limits = Limits { size: 1_000, ..Limits::default() };
    let sentence = tree.fails_within(&server.address, &limits);
    assert!(sentence.ends_with(": it is larger than 1000 bytes, which no such document is"), "{sentence}");
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let tree = Tree::new();
    // It takes connections, and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let limits = Limits { time: Duration::from_millis(50), ..Limits::default() };
    assert_eq!(tree.fails_within(&address, &limits), format!("{address}: no whole answer within 50ms"));
}

#[test]
fn an_answer_that_drips_is_given_up_as_well() {
    let tree = Tree::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        head(&connection);
        drop(connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n"));
        // A byte, and then nothing, until the other side is gone.
        drop(connection.write_all(b"o"));
        drop(std::io::Read::read(&mut connection, &mut [0]));
    });
    let limits = Limits { time: Duration::from_millis(100), ..Limits::default() };
    assert_eq!(tree.fails_within(&address, &limits), format!("{address}: no whole answer within 100ms"));
}

#[test]
fn no_secret_of_an_address_is_written_down() {
    let tree = Tree::new();
    let server = Server::answering([answer("200 OK", "", OTHER)]);
    let with_user = server.address.replace("http://", "http://user:s3cret@");
    assert!(!tree.fails(&with_user).contains("s3cret"));
    tree.refresh(&format!("{}?token=s3cret", server.address)).unwrap();
    assert!(server.seen()[0].starts_with("get /openapi.yaml?token=s3cret "), "{:?}", server.seen());
    for path in files::WRITTEN {
        assert!(!tree.read(path).contains("s3cret"), "{path}");
    }
}

#[test]
fn a_tree_that_does_not_know_its_document_is_mended() {
    let tree = Tree::new();
    let from = tree.file("same.yaml", &tree.read(files::DOCUMENT));
    assert!(tree.refresh(&from).unwrap().ends_with("; nothing to do"));
    let changelog = tree.read(files::CHANGELOG);
    for spoil in [fs::remove_file, |path| fs::write(path, "{}"), |path| fs::write(path, "no JSON")] {
        let path: std::path::PathBuf = tree.root().join(files::PROVENANCE);
        spoil(path).unwrap();
        assert!(super::provenance::check(tree.root()).is_err());
        tree.refresh(&from).unwrap();
        super::provenance::check(tree.root()).unwrap();
    }
    fs::write(tree.root().join(files::BINDINGS), "").unwrap();
    tree.refresh(&from).unwrap();
    assert_eq!(tree.git(&["status", "--porcelain", "generated"]), "");
    assert_eq!(tree.read(files::CHANGELOG), changelog, "nothing has changed for users");
}

#[test]
fn redirects_are_followed_where_they_stay() {
    let tree = Tree::new();
    let elsewhere = Server::answering([answer("200 OK", "", OTHER)]);
    let away = answer("302 Found", &format!("location: {}\r\n", elsewhere.address), "");
    let server = Server::answering([away]);
    let sentence = tree.fails(&server.address);
    assert!(sentence.ends_with("which is elsewhere; if that is right, give it with --from"), "{sentence}");
    assert_eq!(elsewhere.seen(), [""; 0], "it was not asked");

    let around = || answer("301 Moved Permanently", "location: /v2/openapi.yaml\r\n", "");
    let server = Server::answering(std::iter::repeat_with(around).take(6));
    assert!(tree.fails(&server.address).ends_with("it redirects more than 5 times"));
    let server = Server::answering([around(), answer("200 OK", "", OTHER)]);
    tree.refresh(&server.address).unwrap();
    assert!(server.seen()[1].starts_with("get /v2/openapi.yaml "), "{:?}", server.seen());
}

#[test]
fn a_bad_document_is_one_sentence_with_its_place_and_changes_nothing() {
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
        "FILE: the document says it is OpenAPI 2.0.0, and only 3.0 and 3.1 can be generated"
    );
    assert_eq!(
        fails(&with("{$ref: '#/components/schemas/Image.Type'}", "{$ref: '#/components/schemas/Nothing'}")),
        "FILE: paths./images.get.parameters.0.schema refers to `#/components/schemas/Nothing`, which is not there"
    );
    assert_eq!(
        fails(&with("operationId: GetVolume", "operationId: GetSnapshot")),
        "FILE: operation id GetSnapshot is used twice"
    );
    let sentence = fails(&with("Instance.Name: {type: string}", "Instance.Name: {type: string, enum: ['%', '&']}"));
    assert!(sentence.starts_with("FILE: schema Instance.Name cannot be generated: "), "{sentence}");
    assert!(tree.fails("no-such-file.yaml").starts_with("no-such-file.yaml: "));
    assert_eq!(
        tree.fails("ftp://host/a.yaml"),
        "ftp://host/a.yaml: only http and https can be fetched, and this is ftp"
    );
    fs::write(tree.root().join(".git/latin.yaml"), b"a: \xe4").unwrap();
    assert!(tree.fails(tree.root().join(".git/latin.yaml").to_str().unwrap()).contains(": it is no text: "));
}

#[test]
fn what_cannot_be_written_leaves_all_as_it_was() {
    let tree = Tree::new();
    let from = tree.file("other.yaml", OTHER);
    // Where the last of the files is to be written, something is in the way.
    fs::create_dir(tree.root().join(format!("{}.new", files::CHANGELOG))).unwrap();
    assert!(tree.fails(&from).starts_with("CHANGELOG.md: "));
}

#[test]
fn yaml_json_and_3_1_give_the_same() {
    let document: serde_json::Value = genesiscloud_codegen::document::parse(OTHER).unwrap();
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
        assert_eq!(tree.read(files::DOCUMENT), text, "{name} is kept as it came");
    }
}
