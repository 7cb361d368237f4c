//! Costs that grow no faster than the work: many calls, pages and waits at once, on stepped time.

use std::time::Duration;

use futures::future::join_all;
use genesiscloud::{Client, ErrorKind, InstanceStatus, RetryPolicy};
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
