//! The search for a placement where an instance becomes active: what fails after it was created is deleted before the next is
//! created, round after round, and within a scope.

use std::time::Duration;

use futures::future::{Either, join, select};
use genesiscloud::{
    Client, Clock, CreateInstance, ErrorKind, Instance, InstanceStatus, NoCapacity, PlacementFailure, PlacementSearch,
    Region, ScopeError, ScopeFailure,
};
use genesiscloud_sandbox::{Data, Fault, FaultRule, Sandbox};
use genesiscloud_tests::sandbox::{KRS, SMALL, key, stepped};
use genesiscloud_tests::time::Time;

const SECOND: Duration = Duration::from_secs(1);
const LARGE: &str = "vcpu-4_memory-12g_disk-80g_nvidia3080-1";

struct Account {
    sandbox: Sandbox,
    time: Time,
    client: Client,
    key: String,
}

impl Account {
    async fn new() -> Self {
        let sandbox = stepped(Data::new()).await;
        let time = Time::of(&sandbox);
        let client = time.client(&sandbox);
        let key = time.run(key(&client)).await;
        Self { sandbox, time, client, key }
    }

    /// Makes everything unavailable, or available again.
    fn set_available(&self, available: bool) {
        let mut data = self.sandbox.data();
        data.availability.iter_mut().flat_map(|region| &mut region.instance_types).for_each(|one| {
            one.available = available;
        });
        self.sandbox.seed(data);
    }

    fn parameters(&self) -> CreateInstance {
        CreateInstance::new("mine", SMALL, "ubuntu-24.04", KRS).ssh_keys([&self.key])
    }

    /// A search at two placements.
    fn search(&self) -> PlacementSearch {
        self.client.instances().first_available(self.parameters(), [(KRS, LARGE), (KRS, SMALL)])
    }

    fn add(&self, rule: FaultRule) {
        self.sandbox.faults().add(rule).unwrap();
    }

    async fn ready(&self) -> Result<Instance, NoCapacity> {
        self.time.run(self.search().create_ready()).await
    }

    fn instances(&self) -> Vec<Instance> {
        self.sandbox.data().instances
    }

    /// How many requests of this operation were sent.
    fn sent(&self, operation: &str) -> usize {
        let requests = self.sandbox.recorded_requests();
        requests.iter().filter(|request| request.operation.as_deref() == Some(operation)).count()
    }

    /// The creates and deletions that were sent, in their order.
    fn creates_and_deletes(&self) -> Vec<String> {
        let requests = self.sandbox.recorded_requests();
        let operations = requests.into_iter().filter_map(|request| request.operation);
        operations.filter(|operation| ["CreateInstance", "DeleteInstance"].contains(&operation.as_str())).collect()
    }
}

#[tokio::test]
async fn an_active_instance_is_returned_and_kept() {
    let account = Account::new().await;
    let vm = account.ready().await.unwrap();
    assert_eq!((vm.status, vm.type_.as_str()), (InstanceStatus::Active, LARGE));
    assert_eq!(account.creates_and_deletes(), ["CreateInstance"]);
    assert!(account.time.run(account.client.wait_for_cleanup()).await.is_empty());
    assert_eq!(account.instances().len(), 1);
}

#[tokio::test]
async fn an_instance_that_ends_in_error_is_deleted_and_the_next_placement_tried() {
    let account = Account::new().await;
    account.add(FaultRule::new("CreateInstance", Fault::EndsInError));
    let vm = account.ready().await.unwrap();
    assert_eq!((vm.status, vm.type_.as_str()), (InstanceStatus::Active, SMALL));
    assert_eq!(account.creates_and_deletes(), ["CreateInstance", "DeleteInstance", "CreateInstance"]);
    assert_eq!(account.instances().iter().map(|left| &left.id).collect::<Vec<_>>(), [&vm.id]);
    assert_eq!((account.sent("GetQuotas"), account.sent("GetInstancesAvailability")), (1, 1));
    // Without waiting, the same create succeeds.
    account.add(FaultRule::new("CreateInstance", Fault::EndsInError));
    let vm = account.time.run(account.search().create()).await.unwrap();
    assert_eq!((vm.status, vm.type_.as_str()), (InstanceStatus::Creating, LARGE));
}

#[tokio::test]
async fn an_instance_that_vanishes_is_followed_by_the_next_placement() {
    let account = Account::new().await;
    let vanishing = async {
        account.time.sleep(5 * SECOND).await;
        let mut data = account.sandbox.data();
        assert_eq!(data.instances.len(), 1);
        data.instances.clear();
        account.sandbox.seed(data);
    };
    let (vm, ()) = account.time.run(join(account.search().create_ready(), vanishing)).await;
    assert_eq!(vm.unwrap().type_, SMALL);
    assert_eq!((account.instances().len(), account.sent("CreateInstance")), (1, 2));
}

#[tokio::test]
async fn every_failure_after_the_create_is_reported() {
    let account = Account::new().await;
    account.add(FaultRule::new("CreateInstance", Fault::EndsInError).always());
    let error = account.ready().await.unwrap_err();
    assert_eq!((error.placements().len(), error.rounds(), error.stopped_by().is_none()), (2, 1, true), "{error}");
    let is_not_ready = |reason: &PlacementFailure| matches!(reason, PlacementFailure::NotReady(_));
    assert!(error.placements().iter().all(|placement| is_not_ready(&placement.reason)), "{error}");
    assert!(error.orphaned_instance().is_none() && account.instances().is_empty());
    assert!(error.to_string().contains("; it is deleted"), "{error}");
    assert_eq!(genesiscloud::Error::from(error).kind(), ErrorKind::NoCapacity);
}

#[tokio::test]
async fn an_instance_that_cannot_be_deleted_ends_the_search_and_is_reported() {
    let account = Account::new().await;
    account.add(FaultRule::new("CreateInstance", Fault::EndsInError));
    account.add(FaultRule::new("DeleteInstance", Fault::status(403)).always());
    let error = account.ready().await.unwrap_err();
    let left = account.instances();
    assert_eq!((left.len(), account.sent("CreateInstance")), (1, 1), "never two");
    assert_eq!(error.orphaned_instance().unwrap().id(), Some(left[0].id.as_str()));
    let expected = format!("INSTANCE {} (mine) STILL EXISTS AND IS BILLED", left[0].id);
    assert!(error.to_string().starts_with(&expected), "{error}");
    assert!(genesiscloud::Error::from(error).to_string().contains(&expected));
}

#[tokio::test]
async fn an_instance_that_takes_too_long_is_deleted_and_ends_the_search() {
    let account = Account::new().await;
    let error = account.time.run(account.search().ready_within(10 * SECOND).create_ready()).await.unwrap_err();
    assert_eq!(error.stopped_by().unwrap().kind(), ErrorKind::Timeout, "{error}");
    assert!(account.instances().is_empty() && error.orphaned_instance().is_none());
    assert_eq!(account.sent("CreateInstance"), 1);
}

#[tokio::test]
async fn rounds_go_on_until_there_is_capacity() {
    let account = Account::new().await;
    account.set_available(false);
    let search = account.search().within(600 * SECOND).every(60 * SECOND);
    let restocked = async {
        account.time.sleep(100 * SECOND).await;
        account.set_available(true);
    };
    let (vm, ()) = account.time.run(join(search.create(), restocked)).await;
    assert_eq!(vm.unwrap().type_, LARGE);
    assert_eq!(account.time.passed(), 120 * SECOND);
    // Each round reads quotas and availability again, and nothing was created in vain.
    let read = (account.sent("GetQuotas"), account.sent("GetInstancesAvailability"), account.sent("CreateInstance"));
    assert_eq!(read, (3, 3, 1));
}

#[tokio::test]
async fn rounds_end_at_the_deadline() {
    let account = Account::new().await;
    account.set_available(false);
    let search = || account.search().every(60 * SECOND);
    let error = account.time.run(search().within(200 * SECOND).create_ready()).await.unwrap_err();
    assert_eq!((error.rounds(), error.placements().len()), (4, 2), "{error}");
    assert_eq!(account.time.passed(), 180 * SECOND, "no pause that ends after the deadline");
    assert!(error.to_string().starts_with("no placement succeeded in 4 rounds, in the last one: "), "{error}");
    // Without time, there is one round.
    for search in [search(), search().within(Duration::ZERO), search().within(60 * SECOND)] {
        assert_eq!(account.time.run(search.create()).await.unwrap_err().rounds(), 1);
    }
    assert_eq!((account.time.passed(), account.sent("CreateInstance")), (180 * SECOND, 0));
}

#[tokio::test]
async fn no_create_begins_after_the_deadline() {
    let account = Account::new().await;
    account.add(FaultRule::new("CreateInstance", Fault::EndsInError).always());
    // An instance fails after 15 s and takes some to go: the second round is cut short.
    let search = account.search().within(70 * SECOND).every(SECOND);
    let error = account.time.run(search.create_ready()).await.unwrap_err();
    assert_eq!((error.rounds(), error.placements().len(), account.sent("CreateInstance")), (2, 1, 3), "{error}");
    assert!(account.instances().is_empty());
}

#[tokio::test]
async fn a_search_that_is_dropped_deletes_the_instance_it_waits_for() {
    let account = Account::new().await;
    let search = account.search().create_ready();
    let end = account.time.sleep(10 * SECOND);
    assert!(matches!(account.time.run(select(search, end)).await, Either::Right(_)));
    assert!(account.time.run(account.client.wait_for_cleanup()).await.is_empty());
    assert_eq!((account.instances().len(), account.sent("CreateInstance")), (0, 1));
}

#[tokio::test]
async fn what_cannot_be_deleted_or_placed_is_refused_before_sending() {
    let account = Account::new().await;
    let sent = account.sandbox.recorded_requests().len();
    let new = account.parameters().is_protected(true);
    let protected = account.client.instances().first_available(new, [(KRS, SMALL)]);
    let unplaced = || account.client.instances().first_available(account.parameters(), Vec::<(Region, &str)>::new());
    for search in [protected, unplaced()] {
        let error = search.create_ready().await.unwrap_err();
        assert_eq!(error.stopped_by().unwrap().kind(), ErrorKind::InvalidInput, "{error}");
    }
    let error = unplaced().scoped().run(async |_| Ok::<_, &str>(())).await.unwrap_err();
    assert!(matches!(error.failure(), Some(ScopeFailure::Create(error)) if error.kind() == ErrorKind::InvalidInput));
    assert_eq!(account.sandbox.recorded_requests().len(), sent);
}

#[tokio::test]
async fn a_scope_goes_on_to_the_next_placement_and_deletes_what_it_used() {
    let account = Account::new().await;
    account.add(FaultRule::new("CreateInstance", Fault::EndsInError));
    let scope = account.search().scoped().keep_on_error();
    let used = account.time.run(scope.run(async |vm| {
        assert_eq!(vm.status, InstanceStatus::Active);
        Ok::<_, &str>(vm.type_)
    }));
    assert_eq!(used.await.unwrap(), SMALL);
    let expected = ["CreateInstance", "DeleteInstance", "CreateInstance", "DeleteInstance"];
    assert_eq!(account.creates_and_deletes(), expected);
    assert!(account.instances().is_empty());
}

#[tokio::test]
async fn a_scope_keeps_trying_and_stops_when_it_is_to() {
    let account = Account::new().await;
    account.set_available(false);
    let search = || account.search().within(600 * SECOND).every(60 * SECOND);
    let stopped = search().scoped().stop_when(account.time.sleep(90 * SECOND));
    let outcome: Result<(), ScopeError<&str>> = account.time.run(stopped.run(async |_| unreachable!())).await;
    assert!(matches!(outcome.unwrap_err().failure(), Some(ScopeFailure::Stopped)));
    assert_eq!(account.time.passed(), 90 * SECOND, "it does not wait for the next round");

    let restocked = async {
        account.time.sleep(100 * SECOND).await;
        account.set_available(true);
    };
    let scope = search().scoped().run(async |vm| Ok::<_, &str>(vm.type_));
    let (used, ()) = account.time.run(join(scope, restocked)).await;
    assert_eq!((used.unwrap().as_str(), account.instances().len()), (LARGE, 0));

    account.set_available(false);
    let scope = account.search().scoped();
    let outcome: Result<(), ScopeError<&str>> = account.time.run(scope.run(async |_| unreachable!())).await;
    let error = outcome.unwrap_err();
    let is_no_capacity = matches!(error.failure(), Some(ScopeFailure::Create(error)) if error.is_out_of_resources());
    assert!(is_no_capacity && !error.may_be_billed(), "{error}");
}

#[tokio::test]
async fn a_scope_reports_an_instance_of_a_failed_placement_that_it_cannot_delete() {
    let account = Account::new().await;
    account.add(FaultRule::new("CreateInstance", Fault::EndsInError));
    account.add(FaultRule::new("DeleteInstance", Fault::status(403)).always());
    let scope = account.search().scoped();
    let outcome: Result<(), ScopeError<&str>> = account.time.run(scope.run(async |_| unreachable!())).await;
    let error = outcome.unwrap_err();
    let left = account.instances();
    assert_eq!(error.orphans()[0].id(), Some(left[0].id.as_str()));
    assert!(error.may_be_billed() && matches!(error.failure(), Some(ScopeFailure::NotReady(_))));
    assert_eq!((left.len(), account.sent("CreateInstance")), (1, 1));
}
