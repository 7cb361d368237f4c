//! Ten thousand calls with random faults: each ends in success or a truthful error, and the account afterwards is what the
//! results claim.

use std::collections::{BTreeMap, BTreeSet};
use std::future::ready;
use std::time::Duration;

use futures::TryStreamExt;
use genesiscloud::{Client, CreateVolume, Error, ErrorKind, RetryPolicy, UpdateVolume};
use genesiscloud_sandbox::{Data, Fault, RandomFaults, Sandbox};
use genesiscloud_tests::sandbox::{KRS, stepped};
use genesiscloud_tests::time::Time;

const CALLS: u32 = 10_000;
const SHARE: f64 = 0.2;

fn faults() -> [Fault; 16] {
    [
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
    ]
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
    /// The number of results of lost creates that were found.
    found: u32,
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

    async fn create(&mut self, client: &Client, name: String) {
        match client.volumes().create(CreateVolume::new(&name, KRS, 1)).await {
            Ok(volume) => drop(self.there.insert(volume.id, [name].into())),
            Err(error) => {
                self.error(&error);
                match error.unconfirmed().and_then(|lost| lost.name()) {
                    Some(name) => self.look_for(client, name).await,
                    None => drop(self.never_made.insert(name)),
                }
            }
        }
    }

    /// Searches for the result of a lost create, as its error asks for.
    async fn look_for(&mut self, client: &Client, name: &str) {
        let found = client.volumes().list().per_page(100).try_filter(|volume| ready(volume.name == name));
        match found.try_collect::<Vec<_>>().await {
            Ok(found) if found.is_empty() => drop(self.never_made.insert(name.to_owned())),
            Ok(found) => {
                assert_eq!(found.len(), 1, "made twice: {found:?}");
                self.there.insert(found[0].id.clone(), [name.to_owned()].into());
                self.found += 1;
            }
            Err(error) => {
                self.error(&error);
                self.perhaps_made.insert(name.to_owned());
            }
        }
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
                    None if error.is_not_found() => drop(self.gone.insert(id)),
                    None => drop(self.perhaps_gone.insert(id)),
                }
            }
        }
    }

    async fn get(&mut self, client: &Client, id: &str) {
        match client.volumes().get(id).await {
            Ok(volume) => assert!(self.there[id].contains(&volume.name), "{volume:?}"),
            Err(error) => {
                assert!(!error.is_not_found(), "{id} is said to exist: {error}");
                self.error(&error);
            }
        }
    }

    async fn list(&mut self, client: &Client) {
        match client.volumes().list().per_page(100).try_collect::<Vec<_>>().await {
            Ok(volumes) => {
                let listed: BTreeSet<_> = volumes.iter().map(|volume| &volume.id).collect();
                assert_eq!(listed.len(), volumes.len(), "one came twice");
                // If there are several pages, a deletion meanwhile shifts the others.
                assert!(listed.len() < 100, "{} on one page", listed.len());
                assert!(self.there.keys().all(|id| listed.contains(id)), "one was lost");
            }
            Err(error) => self.error(&error),
        }
    }

    fn hold(&self, sandbox: &Sandbox) {
        let data = sandbox.data();
        let left: BTreeMap<_, _> = data.volumes.iter().map(|it| (it.id.as_str(), it)).collect();
        for (id, names) in &self.there {
            let volume = left.get(id.as_str()).unwrap_or_else(|| panic!("{id} is said to exist"));
            assert!(names.contains(&volume.name) && volume.status.to_string() != "deleting", "{names:?}: {volume:?}");
        }
        let mut perhaps_made = self.perhaps_made.clone();
        for volume in left.values().filter(|it| !self.there.contains_key(&it.id)) {
            let is_going = volume.status.to_string() == "deleting";
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
        || matches!(
            error.kind(),
            ErrorKind::Ambiguous | ErrorKind::Timeout | ErrorKind::ConnectionLost | ErrorKind::Server
        )
}

#[tokio::test]
async fn the_results_of_ten_thousand_calls_match_the_account() {
    let sandbox = stepped(Data::new()).await;
    sandbox.faults().set_random(RandomFaults::new(11, SHARE, faults())).unwrap();
    let time = Time::of(&sandbox);
    let patient = time.client(&sandbox);
    let impatient = patient.with_retry_policy(RetryPolicy::never());
    let (mut claims, mut random) = (Claims::default(), fastrand::Rng::with_seed(7));
    time.run(async {
        for number in 0..CALLS {
            let client = if random.u8(..10) == 0 { &impatient } else { &patient };
            let any = claims.any(&mut random);
            if let Some(id) = claims.perhaps_gone.pop_first() {
                claims.delete(client, id).await;
                continue;
            }
            let what = if claims.there.len() < 40 { random.u8(..100) } else { 60 };
            match (what, any) {
                (0..25, _) | (_, None) => claims.create(client, format!("v-{number}")).await,
                (25..50, Some(id)) => claims.update(client, &id, format!("v-{number}")).await,
                (50..75, Some(id)) => claims.delete(client, id).await,
                (75..95, Some(id)) => claims.get(client, &id).await,
                (_, Some(_)) => claims.list(client).await,
            }
        }
    })
    .await;
    sandbox.faults().clear();
    claims.hold(&sandbox);

    let requests = sandbox.recorded_requests();
    let hit = requests.iter().filter(|request| request.fault.is_some()).count();
    let share = hit as f64 / requests.len() as f64;
    assert!(requests.len() > CALLS as usize && (0.18..0.22).contains(&share), "{} requests, {share}", requests.len());
    // There were enough faults for every kind of result.
    assert!(claims.found > 100 && claims.never_made.len() > 100 && claims.gone.len() > 1000, "{:?}", claims.errors);
}
