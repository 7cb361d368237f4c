//! Costs that grow no faster than the work: many calls, pages and waits at once, on stepped time.

use std::time::Duration;

use futures::TryStreamExt;
use futures::future::{join, join_all};
use genesiscloud::{Client, ErrorKind, InstanceStatus, Rate, RetryPolicy, WaitErrorKind};
use genesiscloud_sandbox::{Data, Fault, FaultRule, Sandbox};
use genesiscloud_tests::sandbox::stepped;
use genesiscloud_tests::time::Time;

const SECOND: Duration = Duration::from_secs(1);

/// An account with this many instances, all of them active.
async fn account(instances: usize) -> (Sandbox, Time, Client) {
    let mut data = Data::new().with_instances(instances);
    data.instances.iter_mut().for_each(|it| it.status = InstanceStatus::Active);
    let sandbox = stepped(data).await;
    let time = Time::of(&sandbox);
    let client = time.client(&sandbox);
    (sandbox, time, client)
}

#[tokio::test]
async fn the_default_deadline_begins_with_the_first_permit_and_a_set_one_with_the_first_poll() {
    const CALLS: usize = 4_000;
    let (_sandbox, time, client) = account(0).await;
    let all = time.run(join_all((0..CALLS).map(|_| client.quotas().get()))).await;
    let errors: Vec<_> = all.iter().filter_map(|result| result.as_ref().err()).collect();
    assert!(errors.is_empty(), "{} of {CALLS} have no time: {}", errors.len(), errors[0]);
    assert_eq!(time.passed(), Duration::from_millis(399_100), "9 at once, then 10 a second");

    // With ten seconds, 9 at once and one every tenth of a second; at the deadline there is no time left for the last.
    time.advance(SECOND);
    let impatient = client.with_deadline(10 * SECOND);
    let some = time.run(join_all((0..200).map(|_| impatient.quotas().get()))).await;
    assert_eq!(some.iter().filter(|result| result.is_ok()).count(), 9 + 99);
    let error = some.into_iter().find_map(Result::err).unwrap();
    assert_eq!((error.kind(), error.attempts(), error.elapsed()), (ErrorKind::Timeout, 0, 10 * SECOND), "{error}");
    assert!(error.message().contains("which counts waits for permits"), "{error}");
}

#[tokio::test]
async fn the_default_deadline_ends_a_call_300_seconds_after_its_first_permit() {
    let (sandbox, time, client) = account(0).await;
    sandbox.faults().add(FaultRule::new("GetQuotas", Fault::Delay(400 * SECOND)).always()).unwrap();
    let policy = RetryPolicy::default().with_max_attempts(100).with_max_elapsed(1_000 * SECOND);
    let patient = client.with_retry_policy(policy);
    let calls = time.run(join_all((0..109).map(|_| patient.quotas().get()))).await;
    let elapsed: Vec<_> = calls.into_iter().map(|result| result.unwrap_err().elapsed().as_secs()).collect();
    assert_eq!((elapsed[0], elapsed[8], elapsed[108]), (300, 300, 310));
}

/// How long a list of this many pages takes, where each response takes this long.
async fn time_of_list(pages: usize, latency: Duration, has_rate: bool) -> f64 {
    let (sandbox, time, _) = account(pages * 10).await;
    let builder = time.builder(&sandbox);
    let client = if has_rate { builder } else { builder.rate(None) }.build().unwrap();
    sandbox.faults().add(FaultRule::new("*", Fault::Delay(latency)).always()).unwrap();
    let all: Vec<_> = time.run(client.instances().list().per_page(10).try_collect()).await.unwrap();
    assert_eq!((all.len(), sandbox.recorded_requests().len()), (pages * 10, pages));
    time.passed().as_secs_f64()
}

#[tokio::test]
async fn a_list_is_as_fast_as_latency_and_rate_limit_allow() {
    // The first page has the number of pages, so that two round trips are the least.
    let took = time_of_list(20, SECOND / 10, false).await;
    assert!((0.2..0.22).contains(&took), "{took} s");
    for milliseconds in [100, 1_000, 2_000] {
        let latency = Duration::from_millis(milliseconds);
        // With the first page there are nine permits again, and then one each tenth of a second.
        let best = 2.0 * latency.as_secs_f64() + (39.0 - 9.0) / 10.0;
        let ratio = time_of_list(40, latency, true).await / best;
        assert!((0.999..1.05).contains(&ratio), "{latency:?}: {ratio} times the best possible");
    }
}

#[tokio::test]
async fn a_list_takes_one_place_beyond_its_first_eight_in_the_queue_for_permits() {
    let (sandbox, time, client) = account(400).await;
    let list = client.instances().list().per_page(10);
    let call = async {
        // Once the list has used up the burst.
        while sandbox.recorded_requests().len() < 9 {
            pause(&time).await;
        }
        let started = time.passed();
        client.quotas().get().await.unwrap();
        time.passed() - started
    };
    let (all, waited) = time.run(join(list.try_collect::<Vec<_>>(), call)).await;
    assert_eq!(all.unwrap().len(), 400);
    assert!(waited <= SECOND, "a call waits behind the pages of a list for {waited:?}");
}

/// Waits until another tenth of a second has passed.
async fn pause(time: &Time) {
    genesiscloud::Clock::sleep(time, SECOND / 10).await;
}

#[tokio::test]
async fn a_program_that_reads_slowly_holds_few_pages() {
    let (sandbox, time, _) = account(1_000).await;
    let client = time.builder(&sandbox).rate(None).build().unwrap();
    let mut list = client.instances().list().per_page(10);
    time.run(async {
        for read in 1..=1_000 {
            list.try_next().await.unwrap().unwrap();
            pause(&time).await;
            let ahead = sandbox.recorded_requests().len() - usize::div_ceil(read, 10);
            // It awaits the second page alone.
            let most = if read <= 200 { 20 } else { 8 };
            assert!(ahead <= most, "{ahead} pages ahead of item {read}");
        }
    })
    .await;
}

/// What waits cost that end without their condition.
#[derive(Debug)]
struct Cost {
    requests: usize,
    /// How often each resource was polled.
    polls: u32,
}

/// This many waits, one for each instance of an account, whose time limits lie `apart`, in ten groups.
async fn cost_of_waits(waits: usize, rate: Rate, within: Duration, apart: Duration) -> Cost {
    let (sandbox, time, _) = account(waits).await;
    let client = time.builder(&sandbox).rate(rate).build().unwrap();
    let instances: Vec<_> = sandbox.data().instances.into_iter().map(|it| it.id).collect();
    let wait = async |(number, id): (u32, &String)| {
        let within = within + apart * (number % 10);
        let wait = client.instances().wait(id).until(InstanceStatus::Stopped).within(within).await;
        let error = wait.unwrap_err();
        assert_eq!(error.kind(), WaitErrorKind::TimedOut, "{error}");
        assert!(error.elapsed() >= within, "the last poll is not before the end: {error}");
        error.polls()
    };
    let polls = time.run(join_all((0..).zip(&instances).map(wait))).await;
    Cost { requests: sandbox.recorded_requests().len(), polls: polls.into_iter().max().unwrap() }
}

/// The list takes less time than the pause between polls, and then more, as that of 10,000 instances at the usual rate.
#[tokio::test]
async fn a_poll_of_many_waits_reads_each_page_once_however_long_it_takes() {
    for rate in [Rate::default(), Rate::per_second(2), Rate::per_second(1)] {
        let cost = cost_of_waits(500, rate, 60 * SECOND, Duration::ZERO).await;
        let ratio = cost.requests as f64 / f64::from(5 * cost.polls);
        assert!((1.0..1.05).contains(&ratio), "{rate:?}: {ratio} times the pages of {cost:?}");
    }
}

#[tokio::test]
async fn time_limits_of_waits_that_lie_apart_cost_one_more_list() {
    let rate = Rate::per_second(1);
    let together = cost_of_waits(500, rate, 20 * SECOND, Duration::ZERO).await;
    for apart in [1, 10, 100] {
        let cost = cost_of_waits(500, rate, 20 * SECOND, Duration::from_millis(apart)).await;
        assert!(cost.requests <= together.requests + 5, "{apart} ms apart: {cost:?}, and {together:?} together");
    }
}

#[tokio::test]
async fn a_page_that_hangs_does_not_delay_the_waits_on_other_pages() {
    let (sandbox, time, _) = account(300).await;
    let client = time.builder(&sandbox).rate(Rate::per_second(1)).build().unwrap();
    let instances: Vec<_> = sandbox.data().instances.into_iter().map(|it| it.id).collect();
    let wait = |id| client.instances().wait(id).until(InstanceStatus::Stopped).within(20 * SECOND);
    let hang = async {
        pause(&time).await;
        sandbox.faults().add(FaultRule::new("ListInstancesPaginated", Fault::Delay(50 * SECOND))).unwrap();
    };
    let (ends, ()) = time.run(join(join_all(instances.iter().map(wait)), hang)).await;
    // The second page hangs, which is requested one second after the first.
    let polls: Vec<_> = ends.into_iter().map(|end| end.unwrap_err().polls()).collect();
    assert!(polls[0] >= 4 && polls[299] >= 4 && polls[150] <= 2, "{polls:?}");
}
