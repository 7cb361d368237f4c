//! Two programs create instances with the same name and fields, in thousands of random schedules. A search for the result of a
//! lost create must not adopt the other program's instance.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use futures::future::join;
use genesiscloud::{Clock, CreateInstance, Sleep};
use genesiscloud_sandbox::{Data, Fault, FaultRule, IntermediaryPage};
use genesiscloud_tests::sandbox::{KRS, SMALL, key, stepped};
use genesiscloud_tests::time::Time;

const SCHEDULES: u64 = 250;
const SECOND: Duration = Duration::from_secs(1);

/// A clock whose system time is wrong, and is set again and again. Its monotonic time is right.
#[derive(Debug)]
struct WrongClock {
    time: Time,
    random: AtomicI64,
}

impl Clock for WrongClock {
    fn now(&self) -> Instant {
        Clock::now(&self.time)
    }

    fn system_time(&self) -> SystemTime {
        let seed = self.random.fetch_add(1, Ordering::Relaxed).cast_unsigned();
        let seconds = fastrand::Rng::with_seed(seed).u64(..20_000);
        self.time.system_time() - 10_000 * SECOND + Duration::from_secs(seconds)
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.time.sleep(duration)
    }

    fn timeout(&self, duration: Duration) -> Sleep {
        self.time.timeout(duration)
    }
}

/// When the other program creates its instance, relative to this one's create.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Other {
    Never,
    Before(Duration),
    After(Duration),
}

#[derive(Debug, Default)]
struct Counts {
    lost: u32,
    recovered: u32,
    lost_without_twin: u32,
    recovered_without_twin: u32,
    older_adopted: u32,
    younger_adopted: u32,
    wrongly_reported: u32,
}

/// A fault of a create, and whether the create is processed.
fn fault(random: &mut fastrand::Rng) -> (Fault, bool) {
    match random.u8(..7) {
        0 => (Fault::ResetAfterProcessing, true),
        1 => (Fault::CutBody, true),
        2 => (Fault::status(504).html().processed(), true),
        3 => (Fault::intermediary(IntermediaryPage::Maintenance200).processed(), true),
        4 => (Fault::Delay(3600 * SECOND), true),
        5 => (Fault::ResetBeforeRequest, false),
        _ => (Fault::intermediary(IntermediaryPage::Maintenance503), false),
    }
}

async fn run_schedule(seed: u64, has_marker: bool, counts: &mut Counts) {
    let mut random = fastrand::Rng::with_seed(seed);
    // A small account: thousands of its lists are read.
    let sandbox = stepped(Data::new()).await;
    let time = Time::of(&sandbox);
    let key = time.run(key(&time.client(&sandbox))).await;
    sandbox.set_stale_reads(SECOND * random.u32(..8));
    let clock = || WrongClock { time: time.clone(), random: AtomicI64::new(random.clone().i64(..)) };
    let client = time.builder(&sandbox).clock(clock()).build().unwrap();
    let other_client = time.builder(&sandbox).clock(clock()).build().unwrap();
    let new = || {
        let new = CreateInstance::new("trainer", SMALL, "ubuntu-24.04", KRS).ssh_keys([&key]);
        if has_marker { new } else { new.hostname("trainer") }
    };
    let other = match random.u8(..3) {
        0 => Other::Never,
        // Within the tolerance of 5 s and the whole seconds of a `Date`, older and younger cannot be distinguished.
        1 => Other::Before(Duration::from_secs(random.u64(7..7_200))),
        _ => Other::After(Duration::from_secs(random.u64(..50))),
    };
    let mut other_id = None;
    if let Other::Before(age) = other {
        other_id = Some(time.run(other_client.instances().create(new())).await.unwrap().id);
        time.run(time.sleep(age)).await;
    }
    let (fault, is_processed) = fault(&mut random);
    sandbox.faults().add(FaultRule::new("CreateInstance", fault.clone())).unwrap();
    if random.bool() {
        sandbox.faults().add(FaultRule::new("ListInstancesPaginated", Fault::ResetInBody)).unwrap();
    }
    let before: Vec<_> = sandbox.data().instances.into_iter().map(|vm| vm.id).collect();
    let create = client.instances().create_or_recover(new());
    let outcome = match other {
        Other::After(delay) => {
            let later = async {
                time.sleep(delay).await;
                other_client.instances().create(new()).await
            };
            let (outcome, later) = time.run(join(create, later)).await;
            // The fault can hit the other program's create instead, if that is sent first.
            other_id = later.ok().map(|vm| vm.id);
            if other_id.is_none() {
                return;
            }
            outcome
        }
        _ => time.run(create).await,
    };
    counts.lost += u32::from(is_processed);
    counts.lost_without_twin += u32::from(is_processed && other == Other::Never);
    match outcome {
        Ok(vm) if Some(&vm.id) == other_id.as_ref() => match other {
            Other::Before(_) => counts.older_adopted += 1,
            _ => counts.younger_adopted += 1,
        },
        Ok(vm) => {
            assert!(is_processed && !before.contains(&vm.id), "{seed}, {fault}: {vm:?}");
            counts.recovered += 1;
            counts.recovered_without_twin += u32::from(other == Other::Never);
        }
        Err(error) => counts.wrongly_reported += u32::from(!error.is_ambiguous()),
    }
}

async fn run_all(has_marker: bool) -> Counts {
    let mut counts = Counts::default();
    for seed in 0..SCHEDULES {
        run_schedule(seed, has_marker, &mut counts).await;
    }
    println!("with marker: {has_marker}: {counts:?}");
    counts
}

#[tokio::test]
async fn with_a_marker_no_other_instance_is_adopted() {
    let counts = run_all(true).await;
    assert_eq!((counts.older_adopted, counts.younger_adopted, counts.wrongly_reported), (0, 0, 0), "{counts:?}");
    assert!(u64::from(counts.lost) > SCHEDULES / 2 && counts.recovered * 100 >= counts.lost * 95, "{counts:?}");
}

#[tokio::test]
async fn without_a_marker_no_older_instance_is_adopted() {
    let counts = run_all(false).await;
    assert_eq!((counts.older_adopted, counts.wrongly_reported), (0, 0), "{counts:?}");
    let (lost, recovered) = (counts.lost_without_twin, counts.recovered_without_twin);
    assert!(u64::from(lost) > SCHEDULES / 8 && recovered * 100 >= lost * 95, "{counts:?}");
    // A younger one can be: that is the limit of every window of time.
    assert!(counts.younger_adopted > 0, "{counts:?}");
}
