//! Lists read from a model of the service whose account changes between the pages, by any order it may sort by; held
//! against what was there all the time, beside what a plain loop over the pages finds.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};

use fastrand::Rng;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};

use super::private::Listed as _;
use super::{List, Page, PageRequest, private};
use crate::{Client, ErrorKind, Result};

/// What the model lists.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Thing {
    id: String,
    name: String,
    created: u64,
    updated: u64,
}

impl Thing {
    pub(crate) fn new(number: u32) -> Self {
        let id = format!("{number:08x}-0000-4000-8000-000000000000");
        Self { id, name: String::new(), created: 0, updated: 0 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    OldestFirst,
    NewestFirst,
    ById,
    ByName,
    /// Things move when they change.
    LastChangedFirst,
    LastChangedLast,
}

impl Order {
    const ALL: [Self; 6] =
        [Self::OldestFirst, Self::NewestFirst, Self::ById, Self::ByName, Self::LastChangedFirst, Self::LastChangedLast];

    fn sort(self, things: &mut [Thing]) {
        match self {
            Self::OldestFirst => things.sort_by_key(|thing| thing.created),
            Self::NewestFirst => things.sort_by_key(|thing| u64::MAX - thing.created),
            Self::ById => things.sort_by(|a, b| a.id.cmp(&b.id)),
            Self::ByName => things.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id))),
            Self::LastChangedFirst => things.sort_by_key(|thing| u64::MAX - thing.updated),
            Self::LastChangedLast => things.sort_by_key(|thing| thing.updated),
        }
    }
}

/// What happens in the account.
#[derive(Clone, Copy, Debug)]
struct Weather {
    /// Percent of the pages before which something changes.
    changes: u8,
    /// After so many changes it is quiet.
    at_most: u32,
    creations: bool,
    deletions: bool,
}

pub(crate) struct Account {
    order: Order,
    weather: Weather,
    random: Rng,
    things: Vec<Thing>,
    time: u64,
    changes: u32,
    /// What has been there from the first page on.
    lasting: Option<HashSet<String>>,
    requests: u32,
}

impl Account {
    fn new(seed: u64, order: Order) -> Self {
        let mut random = Rng::with_seed(seed);
        let (creations, deletions) = [(true, true), (false, true), (true, false), (true, true)][random.usize(..4)];
        // Either some changes, or few at a time without end.
        let (changes, at_most) = match random.u8(..10) {
            0 => (random.u8(1..15), u32::MAX),
            _ => (random.u8(5..60), random.u32(1..10)),
        };
        let weather = Weather { changes, at_most, creations, deletions };
        let (time, changes, lasting, requests) = (0, 0, None, 0);
        let mut account = Self { order, weather, random, things: vec![], time, changes, lasting, requests };
        (0..account.random.u32(..60)).for_each(|_| account.create());
        account
    }

    fn create(&mut self) {
        self.time += 1;
        let mut thing = Thing::new(self.random.u32(..));
        thing.name = format!("worker-{}", self.random.u8(..20));
        (thing.created, thing.updated) = (self.time, self.time);
        self.things.push(thing);
    }

    fn change(&mut self) {
        let Weather { changes, at_most, creations, deletions } = self.weather;
        while self.changes < at_most && self.random.u8(..100) < changes {
            self.changes += 1;
            self.time += 1;
            let some = self.random.usize(..self.things.len().max(1));
            match self.random.u8(..5) {
                0 | 1 if creations => self.create(),
                2 | 3 if deletions && !self.things.is_empty() => {
                    let gone = self.things.remove(some);
                    self.lasting.as_mut().map(|lasting| lasting.remove(&gone.id));
                }
                _ => {
                    let time = self.time;
                    self.things.get_mut(some).into_iter().for_each(|thing| thing.updated = time);
                }
            }
        }
    }

    fn page(&mut self, PageRequest { page, per_page }: PageRequest) -> Page<Thing> {
        self.requests += 1;
        self.change();
        self.lasting.get_or_insert_with(|| self.things.iter().map(|thing| thing.id.clone()).collect());
        self.order.sort(&mut self.things);
        let per_page = per_page.unwrap();
        let before = (page as usize - 1) * per_page as usize;
        let items = self.things.iter().skip(before).take(per_page as usize).cloned().collect();
        Page { items, page, per_page, total_count: self.things.len() as u64 }
    }
}

impl private::Listed for Thing {
    type Filter = Arc<Mutex<Account>>;

    fn fetch(_: Client, account: Self::Filter, page: PageRequest) -> BoxFuture<'static, Result<Page<Self>>> {
        async move {
            // Requests that are under way together arrive in any order.
            let detour = account.lock().unwrap().random.u8(..8);
            for _ in 0..detour {
                tokio::task::yield_now().await;
            }
            Ok(account.lock().unwrap().page(page))
        }
        .boxed()
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn created_at(&self) -> chrono::DateTime<chrono::Utc> {
        chrono::DateTime::UNIX_EPOCH
    }
}

/// A loop over the pages, as everybody writes it.
async fn plain(client: Client, account: Arc<Mutex<Account>>, per_page: u32) -> Vec<Result<Thing>> {
    let mut all = vec![];
    for page in 1.. {
        let request = PageRequest { page, per_page: Some(per_page) };
        let Page { items, total_count, .. } = Thing::fetch(client.clone(), account.clone(), request).await.unwrap();
        let is_last = items.is_empty() || all.len() + items.len() >= total_count as usize;
        all.extend(items.into_iter().map(Ok));
        if is_last {
            break;
        }
    }
    all
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Plain,
    Always,
    Verified,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    schedules: u32,
    with_miss: u32,
    with_double: u32,
    unsettled: u32,
    requests: u32,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.schedules += other.schedules;
        self.with_miss += other.with_miss;
        self.with_double += other.with_double;
        self.unsettled += other.unsettled;
        self.requests += other.requests;
    }
}

async fn read(client: &Client, way: Way, order: Order, seed: u64, tally: &mut Tally) {
    let account = Arc::new(Mutex::new(Account::new(seed, order)));
    let mut random = Rng::with_seed(seed ^ 1);
    let (per_page, prefetch) = (random.u32(1..12), random.u32(1..6));
    let list = || List::<Thing>::new(client, account.clone()).per_page(per_page).prefetch(prefetch);
    let all = match way {
        Way::Plain => plain(client.clone(), account.clone(), per_page).await,
        Way::Always => list().collect().await,
        Way::Verified => list().verified().collect().await,
    };
    let account = account.lock().unwrap();
    let mut came = HashSet::new();
    let mut is_double = false;
    for thing in all {
        match thing {
            Ok(thing) => is_double |= !came.insert(thing.id),
            Err(error) => {
                assert!(error.kind() == ErrorKind::Unsettled && !is_double);
                tally.unsettled += 1;
                return;
            }
        }
    }
    tally.schedules += 1;
    tally.with_double += u32::from(is_double);
    tally.with_miss += u32::from(!account.lasting.as_ref().unwrap().is_subset(&came));
    tally.requests += account.requests;
}

/// For each order and way, 1,000 schedules; the same for each way.
#[test]
fn nothing_comes_twice_and_a_verified_list_misses_nothing() {
    // With neither clock nor network: to look for their news a million times takes minutes.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let client = Client::builder().token("secret").endpoint("http://127.0.0.1:1").build().unwrap();
    let mut tallies = BTreeMap::<(Order, Way), Tally>::new();
    for order in Order::ALL {
        for way in [Way::Plain, Way::Always, Way::Verified] {
            let tally = tallies.entry((order, way)).or_default();
            for seed in 0..1_000 {
                runtime.block_on(read(&client, way, order, seed, tally));
            }
        }
    }
    for ((order, way), tally) in &tallies {
        println!("{order:?}, {way:?}: {tally:?}");
    }
    let of = |way: Way| {
        let mut sum = Tally::default();
        tallies.iter().filter(|((_, of), _)| *of == way).for_each(|(_, tally)| sum.add(tally));
        println!("{way:?}: {sum:?}");
        sum
    };
    let (plain, always, verified) = (of(Way::Plain), of(Way::Always), of(Way::Verified));
    assert_eq!((plain.schedules, always.schedules, verified.schedules + verified.unsettled), (6_000, 6_000, 6_000));
    assert_eq!((always.with_double, verified.with_double), (0, 0));
    // What the documentation of `List` says: percents of the schedules, and tenths of the requests of the plain loop.
    let percent = |count: u32| (count + 30) / 60;
    let tenths = |tally: &Tally| (tally.requests * 10 + plain.requests / 2) / plain.requests;
    assert_eq!((percent(plain.with_miss), percent(plain.with_double), percent(always.with_miss)), (20, 19, 3));
    assert_eq!((verified.with_miss, verified.unsettled), (0, 6));
    assert_eq!((tenths(&always), tenths(&verified)), (12, 26));
}
