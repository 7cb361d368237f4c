//! A model test of lists: they are read from a model of the service whose account changes between the pages, in each order
//! that it may sort by, and compared with the items that existed all the time, and with a plain loop over the pages.

mod quirks;

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};

use fastrand::Rng;
use futures::StreamExt;

use self::quirks::Quirks;
use super::private::Listable as _;
use super::{List, Page, PageRequest, ReceivedPage, private};
use crate::core::Core;
use crate::{Call, Client, ErrorKind, Result};

/// An item of the model.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item {
    id: String,
    name: String,
    created: u64,
    updated: u64,
}

impl Item {
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
    /// Items move when they are updated.
    LastUpdatedFirst,
    LastUpdatedLast,
}

impl Order {
    const ALL: [Self; 6] =
        [Self::OldestFirst, Self::NewestFirst, Self::ById, Self::ByName, Self::LastUpdatedFirst, Self::LastUpdatedLast];

    fn sort(self, items: &mut [Item]) {
        match self {
            Self::OldestFirst => items.sort_by_key(|item| item.created),
            Self::NewestFirst => items.sort_by_key(|item| u64::MAX - item.created),
            Self::ById => items.sort_by(|a, b| a.id.cmp(&b.id)),
            Self::ByName => items.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id))),
            Self::LastUpdatedFirst => items.sort_by_key(|item| u64::MAX - item.updated),
            Self::LastUpdatedLast => items.sort_by_key(|item| item.updated),
        }
    }
}

/// The changes in the account.
#[derive(Clone, Copy, Debug)]
struct Churn {
    /// Percent of the pages before which someitem changes.
    changes: u8,
    /// The number of changes, after which there are none.
    at_most: u32,
    creations: bool,
    deletions: bool,
}

pub(crate) struct Account {
    order: Order,
    churn: Churn,
    random: Rng,
    items: Vec<Item>,
    time: u64,
    changes: u32,
    /// The ids of the items that have existed since the first page.
    permanent: Option<HashSet<String>>,
    requests: u32,
    quirks: Quirks,
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
        let churn = Churn { changes, at_most, creations, deletions };
        let (time, changes, permanent, requests, quirks) = (0, 0, None, 0, Quirks::default());
        let mut account = Self { order, churn, random, items: vec![], time, changes, permanent, requests, quirks };
        (0..account.random.u32(..60)).for_each(|_| account.create());
        account
    }

    fn create(&mut self) {
        self.time += 1;
        let mut item = Item::new(self.random.u32(..));
        item.name = format!("worker-{}", self.random.u8(..20));
        (item.created, item.updated) = (self.time, self.time);
        self.items.push(item);
    }

    fn change(&mut self) {
        let Churn { changes, at_most, creations, deletions } = self.churn;
        while self.changes < at_most && self.random.u8(..100) < changes {
            self.changes += 1;
            self.time += 1;
            let some = self.random.usize(..self.items.len().max(1));
            match self.random.u8(..5) {
                0 | 1 if creations => self.create(),
                2 | 3 if deletions && !self.items.is_empty() => {
                    let gone = self.items.remove(some);
                    self.permanent.as_mut().map(|permanent| permanent.remove(&gone.id));
                }
                _ => {
                    let time = self.time;
                    self.items.get_mut(some).into_iter().for_each(|item| item.updated = time);
                }
            }
        }
    }

    fn page(&mut self, request: PageRequest) -> Result<ReceivedPage<Item>> {
        self.requests += 1;
        self.change();
        self.permanent.get_or_insert_with(|| self.items.iter().map(|item| item.id.clone()).collect());
        self.order.sort(&mut self.items);
        self.quirks.page(&self.items, request)
    }
}

impl private::Listable for Item {
    type Filter = Arc<Mutex<Account>>;

    fn fetch(_: &Core, account: &Self::Filter, page: PageRequest) -> Call<ReceivedPage<Self>> {
        let account = Arc::clone(account);
        Call::new(async move {
            // Requests that are in flight together arrive in any order.
            let detour = account.lock().unwrap().random.u8(..8);
            for _ in 0..detour {
                tokio::task::yield_now().await;
            }
            account.lock().unwrap().page(page)
        })
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

/// A plain loop over the pages.
async fn plain(client: Client, account: Arc<Mutex<Account>>, per_page: u32) -> Vec<Result<Item>> {
    let mut all = vec![];
    for page in 1.. {
        let request = PageRequest { page, per_page: Some(per_page) };
        let Page { items, total_count, .. } =
            Item::fetch(client.core(), &account, request).await.unwrap().into_page().unwrap();
        let is_last = items.is_empty() || all.len() + items.len() >= total_count as usize;
        all.extend(items.into_iter().map(Ok));
        if is_last {
            break;
        }
    }
    all
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reading {
    Plain,
    Default,
    Verified,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    schedules: u32,
    with_missing: u32,
    with_duplicate: u32,
    unverified: u32,
    requests: u32,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.schedules += other.schedules;
        self.with_missing += other.with_missing;
        self.with_duplicate += other.with_duplicate;
        self.unverified += other.unverified;
        self.requests += other.requests;
    }
}

async fn read(client: &Client, reading: Reading, order: Order, seed: u64, tally: &mut Tally) {
    let account = Arc::new(Mutex::new(Account::new(seed, order)));
    let mut random = Rng::with_seed(seed ^ 1);
    let (per_page, prefetch) = (random.u32(1..12), random.u32(1..6));
    let list = || List::<Item>::new(client.core(), account.clone()).per_page(per_page).prefetch(prefetch);
    let all = match reading {
        Reading::Plain => plain(client.clone(), account.clone(), per_page).await,
        Reading::Default => list().collect().await,
        Reading::Verified => list().verified().collect().await,
    };
    let account = account.lock().unwrap();
    let mut came = HashSet::new();
    let mut is_duplicate = false;
    for item in all {
        match item {
            Ok(item) => is_duplicate |= !came.insert(item.id),
            Err(error) => {
                assert!(error.kind() == ErrorKind::ListUnverified && !is_duplicate);
                tally.unverified += 1;
                return;
            }
        }
    }
    tally.schedules += 1;
    tally.with_duplicate += u32::from(is_duplicate);
    tally.with_missing += u32::from(!account.permanent.as_ref().unwrap().is_subset(&came));
    tally.requests += account.requests;
}

/// 1,000 schedules for each order and way of reading; the same schedules for each way.
#[test]
fn no_item_is_delivered_twice_and_a_verified_list_misses_none() {
    // Without clock and network, which would take minutes.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let client = Client::builder().token("secret").endpoint("http://127.0.0.1:1").build().unwrap();
    let mut tallies = BTreeMap::<(Order, Reading), Tally>::new();
    for order in Order::ALL {
        for reading in [Reading::Plain, Reading::Default, Reading::Verified] {
            let tally = tallies.entry((order, reading)).or_default();
            for seed in 0..1_000 {
                runtime.block_on(read(&client, reading, order, seed, tally));
            }
        }
    }
    for ((order, reading), tally) in &tallies {
        println!("{order:?}, {reading:?}: {tally:?}");
    }
    let of = |reading: Reading| {
        let mut sum = Tally::default();
        tallies.iter().filter(|((_, of), _)| *of == reading).for_each(|(_, tally)| sum.add(tally));
        println!("{reading:?}: {sum:?}");
        sum
    };
    let (plain, default, verified) = (of(Reading::Plain), of(Reading::Default), of(Reading::Verified));
    assert_eq!((plain.schedules, default.schedules, verified.schedules + verified.unverified), (6_000, 6_000, 6_000));
    assert_eq!((default.with_duplicate, verified.with_duplicate), (0, 0));
    // The figures in the documentation of `List`: percent of the schedules, and tenths of the plain loop's requests.
    let percent = |count: u32| (count + 30) / 60;
    let tenths = |tally: &Tally| (tally.requests * 10 + plain.requests / 2) / plain.requests;
    assert_eq!(
        (percent(plain.with_missing), percent(plain.with_duplicate), percent(default.with_missing)),
        (20, 19, 3)
    );
    assert_eq!((verified.with_missing, verified.unverified), (0, 6));
    assert_eq!((tenths(&default), tenths(&verified)), (12, 27));
}
