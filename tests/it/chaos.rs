//! Ten thousand calls by eight tasks at once, with random faults, intermediaries and stale reads: each ends in success or a
//! truthful error, and the account afterwards is what the results claim.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::TryStreamExt;
use futures::future::join_all;
use genesiscloud::{Client, CreateVolume, Error, ErrorKind, RetryPolicy, UpdateVolume};
use genesiscloud_sandbox::{Data, Fault, IntermediaryPage, RandomFaults, Sandbox};
use genesiscloud_tests::sandbox::{KRS, stepped};
use genesiscloud_tests::time::Time;

const TASKS: u32 = 8;
const CALLS_OF_TASK: u32 = 1_250;
const SHARE: f64 = 0.2;
/// For how long reads may not show a change.
const STALE: Duration = Duration::from_secs(3);

fn faults() -> Vec<Fault> {
    // Of those whose status means that they were not passed on, none is processed.
    let pages = [
        IntermediaryPage::Maintenance200,
        IntermediaryPage::Login200,
        IntermediaryPage::CaptivePortal302,
        IntermediaryPage::Firewall403,
        IntermediaryPage::Proxy404Json,
        IntermediaryPage::Proxy200Json,
        IntermediaryPage::SeeOther303,
        IntermediaryPage::Gateway522,
    ];
    let pages = pages.into_iter().flat_map(|page| [Fault::intermediary(page), Fault::intermediary(page).processed()]);
    let others = [
        Fault::status(408),
        Fault::status(429),
        Fault::status(429).retry_after("2"),
        Fault::status(500),
        Fault::status(500).processed(),
        Fault::status(502).html(),
        Fault::status(503).empty(),
        Fault::status(504).html().processed(),
        Fault::Delay(Duration::from_secs(3)),
        Fault::Delay(Duration::from_secs(100)),
        Fault::SlowBody(Duration::from_secs(20)),
        Fault::ResetBeforeRequest,
        Fault::ResetAfterProcessing,
        Fault::ResetInBody,
        Fault::CutBody,
        Fault::WrongContentType,
    ];
    pages.chain([Fault::intermediary(IntermediaryPage::Proxy401Html)]).chain(others).collect()
}

/// What the results of the calls so far claim.
#[derive(Default)]
struct Claims {
    /// Volumes that exist, with the names that they may have.
    there: BTreeMap<String, BTreeSet<String>>,
    gone: BTreeSet<String>,
    /// Volumes that may be gone: the effect of a deletion is not known.
    perhaps_gone: BTreeSet<String>,
    /// Names of creates that may have created one volume each.
    perhaps_made: BTreeSet<String>,
    /// Names of creates that created none.
    never_made: BTreeSet<String>,
    /// Since when volumes exist.
    since: BTreeMap<String, Duration>,
    errors: BTreeMap<String, u32>,
}

impl Claims {
    fn error(&mut self, error: &Error) {
        assert!(error.elapsed() <= Duration::from_millis(300_050), "{error}");
        *self.errors.entry(format!("{} {:?}", error.operation().unwrap(), error.kind())).or_default() += 1;
    }

    /// A random one of those that exist.
    fn any(&self, random: &mut fastrand::Rng) -> Option<String> {
        self.there.keys().nth(random.usize(..self.there.len().max(1))).cloned()
    }

    async fn create(&mut self, client: &Client, time: &Time, name: String) {
        match client.volumes().create_or_recover(CreateVolume::new(&name, KRS, 1).marker(&name)).await {
            Ok(volume) => {
                self.since.insert(volume.id.clone(), time.passed());
                self.there.insert(volume.id, [name].into());
            }
            Err(error) => {
                self.error(&error);
                match error.unconfirmed().map(|lost| lost.candidates()) {
                    // The search failed.
                    Some(None) => drop(self.perhaps_made.insert(name)),
                    Some(Some(found)) if !found.is_empty() => panic!("made twice: {error}"),
                    Some(Some(_)) | None => drop(self.never_made.insert(name)),
                }
            }
        }
    }

    /// Whether all reads show a volume.
    fn is_settled(&self, time: &Time, id: &str) -> bool {
        time.passed() - self.since[id] > STALE
    }

    async fn update(&mut self, client: &Client, id: &str, name: String) {
        let names = self.there.get_mut(id).unwrap();
        match client.volumes().update(id, UpdateVolume::new().name(&name)).await {
            Ok(volume) => *names = [volume.name].into(),
            Err(error) => {
                if perhaps_done(&error) {
                    names.insert(name);
                }
                self.error(&error);
            }
        }
    }

    async fn delete(&mut self, client: &Client, id: String) {
        let was_there = self.there.remove(&id);
        match client.volumes().delete(&id).await {
            Ok(()) => drop(self.gone.insert(id)),
            Err(error) => {
                self.error(&error);
                match was_there {
                    Some(names) if !perhaps_done(&error) => drop(self.there.insert(id, names)),
                    Some(_) => drop(self.perhaps_gone.insert(id)),
                    // A second deletion, after one whose effect is not known.
                    None if error.is_not_found() && !error.is_from_intermediary() => drop(self.gone.insert(id)),
                    None => drop(self.perhaps_gone.insert(id)),
                }
            }
        }
    }

    async fn get(&mut self, client: &Client, time: &Time, id: &str) {
        let was_settled = self.is_settled(time, id);
        match client.volumes().get(id).await {
            Ok(volume) => assert!(self.there[id].contains(&volume.name), "{volume:?}"),
            Err(error) => {
                let is_said_to_be_gone = error.is_not_found() && !error.is_from_intermediary();
                assert!(!is_said_to_be_gone || !was_settled, "{id} is said to exist: {error}");
                self.error(&error);
            }
        }
    }

    async fn list(&mut self, client: &Client, time: &Time) {
        let settled: Vec<_> = self.there.keys().filter(|id| self.is_settled(time, id)).cloned().collect();
        match client.volumes().list().per_page(100).try_collect::<Vec<_>>().await {
            Ok(volumes) => {
                let listed: BTreeSet<_> = volumes.iter().map(|volume| &volume.id).collect();
                assert_eq!(listed.len(), volumes.len(), "one came twice");
                // If there are several pages, a deletion meanwhile shifts the others.
                assert!(listed.len() < 100, "{} on one page", listed.len());
                assert!(settled.iter().all(|id| listed.contains(id)), "one was lost");
            }
            Err(error) => self.error(&error),
        }
    }

    /// Takes over the claims of another task.
    fn add(&mut self, other: Self) {
        self.there.extend(other.there);
        self.gone.extend(other.gone);
        self.perhaps_gone.extend(other.perhaps_gone);
        self.perhaps_made.extend(other.perhaps_made);
        self.never_made.extend(other.never_made);
        for (error, count) in other.errors {
            *self.errors.entry(error).or_default() += count;
        }
    }

    fn hold(&self, sandbox: &Sandbox) {
        let data = sandbox.data();
        let left: BTreeMap<_, _> = data.volumes.iter().map(|it| (it.id.as_str(), it)).collect();
        for (id, names) in &self.there {
            let volume = left.get(id.as_str()).unwrap_or_else(|| panic!("{id} is said to exist"));
            assert!(names.contains(&volume.name) && volume.status != "deleting", "{names:?}: {volume:?}");
        }
        let mut perhaps_made = self.perhaps_made.clone();
        for volume in left.values().filter(|it| !self.there.contains_key(&it.id)) {
            let is_going = volume.status == "deleting";
            assert!(!self.gone.contains(&volume.id) || is_going, "said to be gone: {volume:?}");
            let is_explained = is_going || self.perhaps_gone.contains(&volume.id) || perhaps_made.remove(&volume.name);
            assert!(is_explained, "unexplained: {volume:?}");
            assert!(!self.never_made.contains(&volume.name), "said not to be made: {volume:?}");
        }
    }
}

/// Whether the effect of an update or a deletion is not known after this error. A call that ended with a 429 may have been
/// processed by an earlier attempt.
fn perhaps_done(error: &Error) -> bool {
    let was_repeated = error.kind() == ErrorKind::Throttled && error.attempts() > 1;
    was_repeated
        || error.is_from_intermediary()
        || matches!(
            error.kind(),
            ErrorKind::Ambiguous
                | ErrorKind::Decode
                | ErrorKind::Timeout
                | ErrorKind::ConnectionLost
                | ErrorKind::Server
        )
}

/// Makes the calls of one task, with volumes of its own.
async fn calls(task: u32, patient: &Client, time: &Time) -> Claims {
    let impatient = patient.with_retry_policy(RetryPolicy::never());
    let (mut claims, mut random) = (Claims::default(), fastrand::Rng::with_seed(7 + u64::from(task)));
    for number in 0..CALLS_OF_TASK {
        let client = if random.u8(..10) == 0 { &impatient } else { patient };
        let name = format!("v-{task}-{number}");
        if let Some(id) = claims.perhaps_gone.pop_first() {
            claims.delete(client, id).await;
            continue;
        }
        let any = claims.any(&mut random);
        // All volumes of all tasks are on one page.
        let what = if claims.there.len() < 8 { random.u8(..100) } else { 60 };
        match (what, any) {
            (0..25, _) | (_, None) => claims.create(client, time, name).await,
            (25..50, Some(id)) => claims.update(client, &id, name).await,
            (50..75, Some(id)) => claims.delete(client, id).await,
            (75..95, Some(id)) => claims.get(client, time, &id).await,
            (_, Some(_)) => claims.list(client, time).await,
        }
    }
    claims
}

#[tokio::test]
async fn the_results_of_ten_thousand_calls_match_the_account() {
    let sandbox = stepped(Data::new()).await;
    sandbox.set_stale_reads(STALE);
    sandbox.faults().set_random(RandomFaults::new(11, SHARE, faults())).unwrap();
    let time = Time::of(&sandbox);
    let client = time.client(&sandbox);
    let tasks = (0..TASKS).map(|task| calls(task, &client, &time));
    let mut claims = Claims::default();
    time.run(join_all(tasks)).await.into_iter().for_each(|of_task| claims.add(of_task));
    sandbox.faults().clear();
    claims.hold(&sandbox);

    let requests = sandbox.recorded_requests();
    let hit = requests.iter().filter(|request| request.fault.is_some()).count();
    let share = hit as f64 / requests.len() as f64;
    assert!(requests.len() > 10_000 && (0.18..0.22).contains(&share), "{} requests, {share}", requests.len());
    // There were enough faults for every kind of result.
    assert!(claims.never_made.len() > 100 && claims.gone.len() > 1000, "{:?}", claims.errors);
}
