//! Services of the model that cap, lie and repeat, and a test of lists that are read from them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use fastrand::Rng;
use futures::StreamExt;
use http::StatusCode;

use super::{Account, Item, Order};
use crate::list::{List, PageRequest, ReceivedPage};
use crate::{Client, Error, ErrorKind, Result};

/// How a service numbers its pages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quirks {
    /// The most items on a page, whatever is asked for.
    cap: u32,
    /// Whether `per_page` is that of the page, or what was asked for.
    states_size: bool,
    page: Echo,
    total: Total,
    behind_the_last: BehindTheLast,
    ignores_page: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Echo {
    Right,
    Missing,
    CountedFromZero,
}

/// The `total_count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Total {
    Right,
    Missing,
    /// That of the page.
    OfPage,
    AtMost(u64),
    TooMany(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BehindTheLast {
    Empty,
    Refused,
    TheLastAgain,
}

impl Default for Quirks {
    fn default() -> Self {
        let behind_the_last = BehindTheLast::Empty;
        Self {
            cap: 100,
            states_size: false,
            page: Echo::Right,
            total: Total::Right,
            behind_the_last,
            ignores_page: false,
        }
    }
}

impl Quirks {
    fn any(random: &mut Rng) -> Self {
        let total =
            [Total::Right, Total::Missing, Total::OfPage, Total::AtMost(random.u64(..30)), Total::TooMany(1 << 50)];
        let total = total[random.usize(..total.len())];
        Self {
            cap: random.u32(1..15),
            // A smaller page that is not stated, with a total of its own, looks like a whole list.
            states_size: random.bool() || matches!(total, Total::OfPage | Total::AtMost(_)),
            page: [Echo::Right, Echo::Missing, Echo::CountedFromZero][random.usize(..3)],
            total,
            behind_the_last: [BehindTheLast::Empty, BehindTheLast::Refused, BehindTheLast::TheLastAgain]
                [random.usize(..3)],
            ignores_page: false,
        }
    }

    fn size(&self, per_page: u32) -> u32 {
        per_page.min(self.cap)
    }

    pub(super) fn page(&self, items: &[Item], request: PageRequest) -> Result<ReceivedPage<Item>> {
        let PageRequest { page, per_page } = request;
        let asked = per_page.unwrap();
        let size = self.size(asked);
        let last = (items.len() as u32).div_ceil(size).max(1);
        let number = match self.behind_the_last {
            _ if self.ignores_page => 1,
            BehindTheLast::Refused if page > last => {
                return Err(Error::response(StatusCode::NOT_FOUND, Some("02001".into()), "no such page".into()));
            }
            BehindTheLast::TheLastAgain => page.min(last),
            _ => page,
        };
        let here: Vec<_> =
            items.iter().skip((number as usize - 1) * size as usize).take(size as usize).cloned().collect();
        let all = items.len() as u64;
        let total = match self.total {
            Total::Right => Some(all),
            Total::Missing => None,
            Total::OfPage => Some(here.len() as u64),
            Total::AtMost(most) => Some(all.min(most)),
            Total::TooMany(more) => Some(all + more),
        };
        let stated = if self.states_size { size } else { asked };
        let mut received = ReceivedPage::for_test(here, page, stated, total);
        received.request = request;
        received.page = match self.page {
            Echo::Right => received.page,
            Echo::Missing => None,
            Echo::CountedFromZero => Some(i64::from(page) - 1),
        };
        Ok(received)
    }
}

/// How the reading of a list ended.
struct Reading {
    /// What kind of error it ended with.
    error: Option<ErrorKind>,
    is_complete: bool,
    requests: u32,
    /// The size of the account at its end, and of a page.
    items: u32,
    size: u32,
}

async fn read(client: &Client, account: Account, per_page: u32, prefetch: u32, is_verified: bool) -> Reading {
    let (quirks, account) = (account.quirks, Arc::new(Mutex::new(account)));
    let list = List::<Item>::new(client.core(), account.clone()).per_page(per_page).prefetch(prefetch);
    let list = if is_verified { list.verified() } else { list };
    let mut ids = HashSet::new();
    let mut error = None;
    for item in list.collect::<Vec<_>>().await {
        match item {
            Ok(item) => assert!(ids.insert(item.id), "delivered twice"),
            Err(one) => assert!(error.replace(one.kind()).is_none(), "two errors"),
        }
    }
    let account = account.lock().unwrap();
    let is_complete = account.permanent.as_ref().unwrap().is_subset(&ids);
    let (items, size) = (account.items.len() as u32, quirks.size(per_page));
    Reading { error, is_complete, requests: account.requests, items, size }
}

fn runtime_and_client() -> (tokio::runtime::Runtime, Client) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    (runtime, Client::builder().token("secret").endpoint("http://127.0.0.1:1").build().unwrap())
}

/// 6,000 services with lists that do not change: each list is complete, unless nothing shows that it is not, or it ends with an
/// error.
#[test]
fn a_list_is_complete_whatever_the_numbers_beside_its_items_say() {
    let (runtime, client) = runtime_and_client();
    let (mut complete, mut errors, mut cut_short) = (0, 0, 0);
    for seed in 0..6_000 {
        let mut random = Rng::with_seed(seed);
        let mut account = Account::new(seed, Order::OldestFirst);
        (account.churn.changes, account.quirks) = (0, Quirks::any(&mut random));
        let (quirks, is_verified, prefetch) = (account.quirks, random.bool(), random.u32(1..6));
        let end = runtime.block_on(read(&client, account, random.u32(1..12), prefetch, is_verified));
        let shown = format!("{seed} {quirks:?} {is_verified}");
        let pages = end.items.div_ceil(end.size).max(1);
        let is_full = end.items > 0 && end.items.is_multiple_of(end.size);
        let repeats_last = quirks.behind_the_last == BehindTheLast::TheLastAgain;
        let is_overstated = matches!(quirks.total, Total::TooMany(_));
        match end.error {
            Some(ErrorKind::ListUnverified) => assert!(is_verified && is_overstated, "{shown}"),
            // One full page, or one that should not be the last, comes again.
            Some(kind) => {
                assert!(kind == ErrorKind::Decode && repeats_last, "{shown}");
                assert!(is_overstated || (is_full && pages == 1), "{shown}");
            }
            None if !end.is_complete => {
                assert!(!is_verified && matches!(quirks.total, Total::OfPage | Total::AtMost(_)), "{shown}");
                cut_short += 1;
            }
            None => complete += 1,
        }
        errors += u32::from(end.error.is_some());
        // A page more to find the end, those in flight by then, and what it takes to see that all are the same.
        let once = pages + 1 + prefetch + if repeats_last { 10 } else { 0 };
        let passes = if !is_verified {
            1
        } else if end.error.is_some() {
            10
        } else {
            2
        };
        assert!(end.requests <= once * passes, "{shown}: {} requests for {pages} pages", end.requests);
    }
    println!("{complete} complete, {errors} with an error, {cut_short} cut short");
    assert!(complete > 4_000 && cut_short < 800, "{complete} {errors} {cut_short}");
}

/// The same while the accounts change.
#[test]
fn a_verified_list_of_such_a_service_misses_no_item() {
    let (runtime, client) = runtime_and_client();
    let (mut verified, mut unverified, mut missing) = (0, 0, 0);
    for order in Order::ALL {
        for seed in 0..1_000 {
            let mut random = Rng::with_seed(seed);
            let mut account = Account::new(seed, order);
            account.quirks = Quirks::any(&mut random);
            let end = runtime.block_on(read(&client, account, random.u32(1..12), random.u32(1..6), true));
            match end.error {
                Some(_) => unverified += 1,
                None => verified += 1,
            }
            missing += u32::from(end.error.is_none() && !end.is_complete);
        }
    }
    println!("{verified} verified, {unverified} not; {missing} verified lists miss an item");
    assert!(missing == 0 && verified > 3_000, "{verified} {unverified} {missing}");
}

/// A service that ignores the number of the page is noticed within a few requests.
#[test]
fn a_service_that_ignores_the_page_number_is_noticed() {
    let (runtime, client) = runtime_and_client();
    for seed in 0..2_000 {
        let mut random = Rng::with_seed(seed);
        let mut account = Account::new(seed, Order::OldestFirst);
        let mut quirks = Quirks { ignores_page: true, ..Quirks::any(&mut random) };
        quirks.total = [Total::Right, Total::TooMany(1 << 50)][random.usize(..2)];
        (account.churn.changes, account.quirks) = (0, quirks);
        let (per_page, prefetch, is_verified) = (random.u32(1..12), random.u32(1..9), random.bool());
        let is_one_page = account.items.len() as u32 <= quirks.size(per_page);
        let end = runtime.block_on(read(&client, account, per_page, prefetch, is_verified));
        let shown = format!("{seed} {quirks:?} {is_verified}");
        if !is_one_page {
            assert_eq!(end.error, Some(ErrorKind::Decode), "{shown}");
        }
        assert!(end.requests <= 3 * (12 + prefetch), "{shown}: {}", end.requests);
    }
}
