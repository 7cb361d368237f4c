//! Tokens that change: providers, files, and clients with another token.

use std::collections::VecDeque;
use std::fs;
use std::future::{Future, pending};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::{join_all, try_join};
use futures::{FutureExt, TryStreamExt};
use genesiscloud::{
    AccessToken, Client, CreateVolume, ErrorKind, RetryPolicy, TokenFile, TokenProvider, VolumeStatus, WaitErrorKind,
};
use genesiscloud_sandbox::{Data, Sandbox};
use genesiscloud_tests::fixtures;
use genesiscloud_tests::mock_api::{MockApi, MockResponse, SentRequest};
use genesiscloud_tests::sandbox::{KRS, stepped, volume};
use genesiscloud_tests::time::Time;
use serde_json::json;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;

const SECOND: Duration = Duration::from_secs(1);

type Provided = Result<AccessToken, String>;

/// A provider of these in turn, and then of the last one, that counts its calls.
#[derive(Clone, Default)]
struct InTurn {
    provided: Arc<Mutex<VecDeque<Provided>>>,
    calls: Arc<AtomicUsize>,
}

impl InTurn {
    fn of(provided: impl IntoIterator<Item = Provided>) -> Self {
        Self { provided: Arc::new(Mutex::new(provided.into_iter().collect())), calls: Arc::default() }
    }

    fn tokens<const N: usize>(tokens: [&str; N]) -> Self {
        Self::of(tokens.map(|token| Ok(token.into())))
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    fn provider(&self) -> impl TokenProvider + use<> {
        let Self { provided, calls } = self.clone();
        move || {
            calls.fetch_add(1, Ordering::Relaxed);
            let mut provided = provided.lock().unwrap();
            let next = if provided.len() > 1 { provided.pop_front() } else { provided.front().cloned() };
            async { next.unwrap() }
        }
    }
}

/// A service that accepts one token at a time.
struct Service {
    mock: MockApi,
    accepted: Arc<Mutex<String>>,
    /// Whose clock is that of the clients.
    _sandbox: Sandbox,
    time: Time,
}

impl Service {
    async fn accepting(token: &str) -> Self {
        let accepted = Arc::new(Mutex::new(token.to_owned()));
        let now_accepted = Arc::clone(&accepted);
        let mock = MockApi::responding_by(move |request| {
            if token_of(request) != *now_accepted.lock().unwrap() {
                return MockResponse::json(401, &json!({ "code": "01204", "message": "permission denied" }));
            }
            match request.method.as_str() {
                "POST" => MockResponse::json(201, &json!({ "volume": fixtures::full::volume() })),
                _ if request.path.ends_with("/quotas") => MockResponse::json(200, &json!({ "quotas": [] })),
                _ => MockResponse::json(200, &json!({ "volumes": [], "page": 1, "per_page": 100, "total_count": 0 })),
            }
        })
        .await;
        let sandbox = stepped(Data::new()).await;
        let time = Time::of(&sandbox);
        Self { mock, accepted, _sandbox: sandbox, time }
    }

    fn accept(&self, token: &str) {
        token.clone_into(&mut self.accepted.lock().unwrap());
    }

    fn client(&self, provider: impl TokenProvider) -> Client {
        let builder = Client::builder().token_provider(provider).endpoint(self.mock.endpoint());
        builder.clock(self.time.clone()).retry_policy(RetryPolicy::never()).rate(None).build().unwrap()
    }

    /// The tokens of the requests so far.
    fn tokens(&self) -> Vec<String> {
        self.mock.requests().iter().map(token_of).collect()
    }
}

fn token_of(request: &SentRequest) -> String {
    request.headers["authorization"].strip_prefix("Bearer ").unwrap().to_owned()
}

#[tokio::test]
async fn many_calls_at_once_cause_one_call_of_the_provider() {
    let service = Service::accepting("token-a").await;
    let (calls, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let (counted, opened) = (Arc::clone(&calls), Arc::clone(&gate));
    let client = service.client(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        let opened = Arc::clone(&opened);
        async move {
            opened.notified().await;
            Ok::<_, String>("token-a")
        }
    });
    let all = join_all((0..20).map(|_| client.quotas().get()));
    let (all, ()) = tokio::join!(all, async {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        assert_eq!((calls.load(Ordering::Relaxed), service.tokens().len()), (1, 0));
        gate.notify_one();
    });
    assert!(all.iter().all(Result::is_ok));
    // Also when many are refused at once.
    service.accept("token-b");
    gate.notify_one();
    let errors: Vec<_> = join_all((0..20).map(|_| client.quotas().get())).await;
    assert!(errors.iter().all(|error| error.as_ref().is_err_and(|error| error.status().unwrap() == 401)));
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_refused_token_is_replaced_and_the_request_sent_once_more() {
    let service = Service::accepting("token-b").await;
    let provider = InTurn::tokens(["token-a", "token-b"]);
    let client = service.client(provider.provider());
    client.volumes().create(CreateVolume::new("data", KRS, 1)).await.unwrap();
    assert_eq!(service.tokens(), ["token-a", "token-b"]);
    client.quotas().get().await.unwrap();
    client.raw().get_quotas().await.unwrap();
    client.volumes().list().try_collect::<Vec<_>>().await.unwrap();
    assert_eq!((service.tokens().len(), provider.calls()), (5, 2));
    let bodies: Vec<_> = service.mock.requests().into_iter().take(2).map(|request| request.body).collect();
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn a_token_that_is_refused_again_ends_the_call() {
    let service = Service::accepting("none").await;
    // A different one each time: there is no third attempt.
    let provider = InTurn::tokens(["token-a", "token-b", "token-c"]);
    let error = service.client(provider.provider()).quotas().get().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), provider.calls()), (ErrorKind::Unauthenticated, 2, 2));
    assert!(error.to_string().contains("the token is not accepted (401, code 01204): permission denied"), "{error}");
}

#[tokio::test]
async fn a_provider_that_has_no_other_token_is_called_once_a_second() {
    let service = Service::accepting("none").await;
    let provider = InTurn::tokens(["token-a"]);
    let client = service.client(provider.provider());
    for (calls, requests) in [(2, 1), (2, 2), (2, 3)] {
        let error = client.quotas().get().await.unwrap_err();
        assert_eq!((error.status().unwrap().as_u16(), error.attempts()), (401, 1));
        assert_eq!((provider.calls(), service.tokens().len()), (calls, requests));
    }
    service.time.advance(SECOND);
    client.quotas().get().await.unwrap_err();
    assert_eq!(provider.calls(), 3);
}

#[tokio::test]
async fn a_token_is_used_until_it_expires() {
    let service = Service::accepting("token-a").await;
    let minute = |token: &str| Ok(AccessToken::new(token).expires_in(60 * SECOND));
    let provider = InTurn::of([minute("token-a"), minute("token-b"), Ok("token-c\n".into())]);
    let client = service.client(provider.provider());
    client.quotas().get().await.unwrap();
    service.time.advance(60 * SECOND - Duration::from_nanos(1));
    client.quotas().get().await.unwrap();
    assert_eq!(provider.calls(), 1);
    service.accept("token-b");
    service.time.advance(Duration::from_nanos(1));
    client.quotas().get().await.unwrap();
    service.accept("token-c");
    service.time.advance(60 * SECOND);
    client.quotas().get().await.unwrap();
    // This one does not expire.
    service.time.advance(10_000 * SECOND);
    client.quotas().get().await.unwrap();
    assert_eq!(service.tokens(), ["token-a", "token-a", "token-b", "token-c", "token-c"]);
    assert_eq!(provider.calls(), 3);
}

#[tokio::test]
async fn a_provider_that_fails_is_an_error_before_anything_is_sent() {
    let service = Service::accepting("token-a").await;
    for (provided, says) in [
        (Err("the vault is sealed"), "the token provider failed: the vault is sealed; nothing was sent"),
        (Ok("two words"), "the token provider failed: the token that it provided has white space"),
        (Ok(" \n"), "the token that it provided is empty"),
        (Ok("Bearer token-a"), "starts with `Bearer `"),
    ] {
        let provided = provided.map(AccessToken::from).map_err(str::to_owned);
        let provider = InTurn::of([provided, Ok("token-a".into())]);
        let client = service.client(provider.provider());
        let error = client.quotas().get().await.unwrap_err();
        assert!(error.to_string().starts_with("GetQuotas: there is no token: "), "{error}");
        assert!(error.message().contains(says), "{error}");
        assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::Unauthenticated, None, 0));
        assert!(error.is_retryable() && !error.is_ambiguous() && service.tokens().is_empty());
        assert!(!error.to_string().contains("token-a"), "{error}");
    }
    // The next call calls it again.
    let provider = InTurn::of([Err("busy".into()), Ok("token-a".into())]);
    let client = service.client(provider.provider());
    let create = || client.volumes().create(CreateVolume::new("data", KRS, 1));
    assert!(!create().await.unwrap_err().is_ambiguous());
    create().await.unwrap();
    assert_eq!(service.tokens(), ["token-a"]);
}

#[tokio::test]
async fn a_provider_that_panics_is_an_error() {
    let service = Service::accepting("token-a").await;
    let at_once = service.client(|| -> std::future::Ready<Provided> { panic!("at once") });
    let later = service.client(|| async { if true { panic!("later") } else { Provided::Ok("token-a".into()) } });
    for client in [at_once, later] {
        let error = client.quotas().get().await.unwrap_err();
        assert!(error.message().contains("the token provider failed: it panicked"), "{error}");
    }
}

#[tokio::test]
async fn a_token_outlives_a_provider_that_fails() {
    let service = Service::accepting("token-a").await;
    let a = Ok(AccessToken::new("token-a").expires_in(10 * SECOND));
    let provider = InTurn::of([a, Err("sealed".into()), Err("sealed".into()), Ok("token-b".into())]);
    let client = service.client(provider.provider());
    for (calls, seconds) in [(1, 10), (2, 0), (2, 1), (3, 0)] {
        client.quotas().get().await.unwrap();
        assert_eq!(provider.calls(), calls);
        service.time.advance(seconds * SECOND);
    }
    // Once it is refused, the provider decides.
    service.accept("token-b");
    client.quotas().get().await.unwrap();
    assert_eq!(provider.calls(), 4);
    let failing = InTurn::of([Ok("token-a".into()), Err("sealed".into())]);
    let client = service.client(failing.provider());
    assert_eq!(client.quotas().get().await.unwrap_err().status().unwrap(), 401);
    let error = client.quotas().get().await.unwrap_err();
    assert_eq!((error.status(), error.kind()), (None, ErrorKind::Unauthenticated), "{error}");
}

#[tokio::test]
async fn errors_show_no_old_and_no_new_token() {
    let (old, new, derived) = ("s3cr3t-old-token", "s3cr3t-new-token", "s3cr3t-derived-token");
    let echo = json!({ "code": "02004", "message": format!("{old}, {new}, {derived}") });
    let mock = MockApi::new().await;
    let refused = MockResponse::json(401, &json!({ "code": "01204", "message": "no" }));
    mock.respond_in_turn([refused, MockResponse::json(400, &echo)]);
    let provider = InTurn::of([Ok(old.into()), Ok(new.into()), Err(format!("{new} has ended"))]);
    let builder = Client::builder().token_provider(provider.provider()).endpoint(mock.endpoint()).rate(None);
    let client = builder.build().unwrap();
    let error = client.quotas().get().await.unwrap_err();
    assert_eq!(error.message(), format!("<redacted>, <redacted>, {derived}"));
    let error = client.with_token(derived).unwrap().quotas().get().await.unwrap_err();
    assert_eq!(error.message(), "<redacted>, <redacted>, <redacted>");
    let again = client.with_token(derived).unwrap().with_token("s3cr3t-other-token").unwrap();
    assert_eq!(again.quotas().get().await.unwrap_err().message(), "<redacted>, <redacted>, <redacted>");
    // What the provider says of them.
    mock.respond_with(MockResponse::json(401, &echo));
    client.quotas().get().await.unwrap_err();
    let error = client.quotas().get().await.unwrap_err();
    assert!(error.message().contains("<redacted> has ended") && !format!("{error:?}").contains("s3cr3t"), "{error}");
}

#[tokio::test]
async fn the_call_that_waits_for_the_provider_can_be_dropped() {
    let service = Service::accepting("token-a").await;
    let (calls, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let (counted, opened) = (Arc::clone(&calls), Arc::clone(&gate));
    let client = service.client(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        let opened = Arc::clone(&opened);
        async move {
            opened.notified().await;
            Ok::<_, String>("token-a")
        }
    });
    let mut first = client.quotas().get();
    assert!((&mut first).now_or_never().is_none());
    tokio::task::yield_now().await;
    drop(first);
    let mut second = client.quotas().get();
    assert!((&mut second).now_or_never().is_none());
    gate.notify_one();
    second.await.unwrap();
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn the_wait_for_the_provider_has_limits() {
    let sandbox = stepped(Data::new()).await;
    let time = Time::of(&sandbox);
    let client = time.builder(&sandbox).token_provider(pending::<Provided>).build().unwrap();
    let error = time.run(client.with_deadline(5 * SECOND).quotas().get()).await.unwrap_err();
    assert_eq!((error.kind(), time.passed(), error.attempts()), (ErrorKind::Timeout, 5 * SECOND, 0));
    assert!(error.message().contains("while waiting for the token provider; nothing was sent"), "{error}");
    // The default deadline begins with the first permit; the provider has a time limit of its own.
    let error = time.run(client.quotas().get()).await.unwrap_err();
    assert_eq!((error.kind(), time.passed()), (ErrorKind::Unauthenticated, 30 * SECOND), "{error}");
    assert!(error.message().contains("it did not respond within 30s"), "{error}");
    assert!(sandbox.recorded_requests().is_empty());
    // A request that was refused has been sent.
    let is_first = Arc::new(Mutex::new(true));
    let provider = move || {
        let is_first = std::mem::take(&mut *is_first.lock().unwrap());
        async move {
            if !is_first {
                pending::<()>().await;
            }
            Provided::Ok("a-revoked-token".into())
        }
    };
    let client = time.builder(&sandbox).token_provider(provider).build().unwrap();
    let error = time.run(client.with_deadline(5 * SECOND).quotas().get()).await.unwrap_err();
    assert_eq!((error.status().unwrap().as_u16(), error.attempts(), time.passed()), (401, 1, 35 * SECOND), "{error}");
}

#[tokio::test]
async fn a_token_that_expires_while_a_call_waits_for_its_permit_is_not_sent() {
    let sandbox = stepped(Data::new()).await;
    let time = Time::of(&sandbox);
    let token = AccessToken::new(sandbox.token()).expires_in(3 * SECOND);
    let provider = InTurn::of([Ok(token)]);
    let rate = genesiscloud::Rate::per_second(1).with_burst(1);
    let client = time.builder(&sandbox).token_provider(provider.provider()).rate(rate).build().unwrap();
    let all = time.run(join_all((0..7).map(|_| client.quotas().get()))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!((time.passed(), provider.calls()), (6 * SECOND, 3));
}

/// A runtime that is driven only while something runs on it.
fn undriven() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A provider whose first call has no end.
fn first_hangs(token: String) -> (impl TokenProvider, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let provider = move || {
        let (is_first, token) = (counted.fetch_add(1, Ordering::Relaxed) == 0, token.clone());
        async move {
            if is_first {
                pending::<()>().await;
            }
            Ok::<_, String>(token)
        }
    };
    (provider, calls)
}

#[test]
fn a_runtime_that_stands_still_or_ends_does_not_hold_up_the_token_of_another() {
    for ends in [false, true] {
        let service = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let sandbox = service.block_on(stepped(Data::new()));
        let time = Time::of(&sandbox);
        let (provider, calls) = first_hangs(sandbox.token().to_owned());
        let client = time.builder(&sandbox).token_provider(provider).build().unwrap();
        let (mut first, second) = (undriven(), undriven());
        let mut beside = client.quotas().get();
        first.block_on(async {
            assert!((&mut beside).now_or_never().is_none());
            tokio::task::yield_now().await;
        });
        assert_eq!(calls.load(Ordering::Relaxed), 1);
        if ends {
            first = undriven();
        }
        second.block_on(time.run(client.quotas().get())).unwrap();
        // That it does not get on is noticed after two seconds, and its end at once.
        assert_eq!(time.passed(), if ends { Duration::ZERO } else { 2 * SECOND });
        // The other call, on a runtime that is driven again.
        first.block_on(time.run(beside)).unwrap();
        assert_eq!(calls.load(Ordering::Relaxed), 2);
    }
}

#[tokio::test]
async fn a_file_is_read_again_once_a_second() {
    let service = Service::accepting("token-a").await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    fs::write(&path, "token-a\n").unwrap();
    let client = service.client(TokenFile::new(&path));
    let get = || client.quotas().get();
    get().await.unwrap();
    // Of the same length, and within the same second.
    fs::write(&path, "token-b\n").unwrap();
    get().await.unwrap();
    service.accept("token-b");
    service.time.advance(SECOND);
    get().await.unwrap();
    assert_eq!(service.tokens(), ["token-a", "token-a", "token-b"]);
    // It is read at once if the service refuses the token.
    fs::write(&path, "token-c\n").unwrap();
    service.accept("token-c");
    get().await.unwrap();
    assert_eq!(service.tokens()[3..], ["token-b", "token-c"]);
    // A file that is gone, or being written, leaves the token as it was.
    for content in [None, Some("")] {
        match content {
            None => fs::remove_file(&path).unwrap(),
            Some(content) => fs::write(&path, content).unwrap(),
        }
        service.time.advance(SECOND);
        get().await.unwrap();
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_mounted_secret_is_read_again_when_its_link_changes() {
    use std::os::unix::fs::symlink;

    let service = Service::accepting("token-a").await;
    let mount = tempfile::tempdir().unwrap();
    let at = |name: &str| mount.path().join(name);
    for (version, token) in [("..1", "token-a"), ("..2", "token-b")] {
        fs::create_dir(at(version)).unwrap();
        fs::write(at(version).join("token"), token).unwrap();
    }
    symlink("..1", at("..data")).unwrap();
    symlink("..data/token", at("token")).unwrap();
    let client = service.client(TokenFile::new(at("token")));
    client.quotas().get().await.unwrap();
    symlink("..2", at("..data_tmp")).unwrap();
    fs::rename(at("..data_tmp"), at("..data")).unwrap();
    fs::remove_dir_all(at("..1")).unwrap();
    service.accept("token-b");
    service.time.advance(SECOND);
    client.quotas().get().await.unwrap();
    assert_eq!(service.tokens(), ["token-a", "token-b"]);
}

#[tokio::test]
async fn a_missing_file_is_an_error_that_names_it() {
    let service = Service::accepting("token-a").await;
    let error = service.client(TokenFile::new("/nowhere/token")).quotas().get().await.unwrap_err();
    assert!(error.message().contains("cannot read /nowhere/token: "), "{error}");
}

#[tokio::test]
async fn a_client_with_another_token_shares_all_but_that() {
    let service = Service::accepting("token-b").await;
    let client = service.client(InTurn::tokens(["token-a"]).provider());
    let derived = client.with_token(" token-b\n").unwrap();
    derived.quotas().get().await.unwrap();
    assert_eq!(client.quotas().get().await.unwrap_err().status().unwrap(), 401);
    // A token that is fixed is not replaced.
    service.accept("token-c");
    assert_eq!(derived.quotas().get().await.unwrap_err().attempts(), 1);
    assert_eq!(service.tokens(), ["token-b", "token-a", "token-b"]);
    assert_eq!(client.with_token("two words").unwrap_err().kind(), ErrorKind::Config);

    let sandbox = stepped(Data::new()).await;
    let time = Time::of(&sandbox);
    let client = time.builder(&sandbox).rate(genesiscloud::Rate::per_second(1).with_burst(1)).build().unwrap();
    let derived = client.with_token(sandbox.token()).unwrap();
    time.run(try_join(client.quotas().get(), derived.quotas().get())).await.unwrap();
    assert_eq!(time.passed(), SECOND, "one limiter");
}

#[tokio::test]
async fn waits_of_clients_with_different_tokens_do_not_share_polls() {
    let sandbox = stepped(Data::realistic()).await;
    let time = Time::of(&sandbox);
    let client = time.client(&sandbox);
    let other = client.with_token("another-token").unwrap();
    let wait = |client: &Client| client.volumes().wait(volume(1)).until(VolumeStatus::Created);
    let (own, others) = time.run(async { tokio::join!(wait(&client), wait(&other)) }).await;
    assert_eq!(own.unwrap().id, volume(1));
    assert_eq!(others.unwrap_err().kind(), WaitErrorKind::PollFailed);
}

#[tokio::test]
async fn a_wait_goes_on_with_the_next_token() {
    let sandbox = stepped(Data::new()).await;
    let time = Time::of(&sandbox);
    let provider = InTurn::of([
        Ok(AccessToken::new(sandbox.token()).expires_in(3 * SECOND)),
        // Polls are not retried, and go on.
        Ok(AccessToken::new("an-old-token").expires_in(SECOND)),
        Ok(sandbox.token().into()),
    ]);
    let client = time.builder(&sandbox).token_provider(provider.provider()).build().unwrap();
    let waiting = async {
        let disk = client.volumes().create(CreateVolume::new("data", KRS, 1)).await?;
        client.volumes().wait(disk.id).await.map_err(genesiscloud::Error::from)
    };
    assert_eq!(time.run(waiting).await.unwrap().status, VolumeStatus::Created);
    assert_eq!((time.passed(), provider.calls()), (6 * SECOND, 3));
}

fn is_send<F: Future + Send>(_: &F) {}

#[test]
fn a_call_with_a_provider_can_be_spawned() {
    let client = Client::builder().token_provider(TokenFile::new("token")).build().unwrap();
    is_send(&client.quotas().get());
    assert!(!format!("{client:?}").contains("token"));
}
