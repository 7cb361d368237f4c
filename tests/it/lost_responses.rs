//! Creates whose requests are processed and whose responses are lost: as many instances are made as are wanted, none of them
//! twice, and after their deletion none is left.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::future::try_join_all;
use futures::{StreamExt, TryStreamExt, stream};
use genesiscloud::{Client, CreateInstance, Result};
use genesiscloud_sandbox::{Data, Fault, FaultRule, IntermediaryPage, RandomFaults, Sandbox};
use genesiscloud_tests::sandbox::{KRS, SMALL, stepped};
use genesiscloud_tests::time::Time;

const SECOND: Duration = Duration::from_secs(1);

/// What is in an account after all instances are created, and after those that are known are deleted.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    made: usize,
    /// Of how many of those wanted there is more than one.
    doubled: usize,
    left: usize,
}

/// Creates instances, so many at once, and deletes those whose ids are known.
async fn create_and_delete(sandbox: &Sandbox, wanted: usize, at_once: usize) -> Result<Outcome> {
    let time = Time::of(sandbox);
    let client = time.client(sandbox);
    let names = (0..wanted).map(|number| format!("worker-{number}"));
    let creates = names.map(|name| {
        let new = CreateInstance::new(name, SMALL, "ubuntu-24.04", KRS).password("Passw0rd");
        client.instances().create_or_recover(new)
    });
    let ids = stream::iter(creates).buffer_unordered(at_once).map_ok(|vm| vm.id);
    let ids = time.run(ids.try_collect::<BTreeSet<_>>()).await?;

    let made = sandbox.data().instances;
    assert!(made.iter().map(|vm| &vm.id).collect::<BTreeSet<_>>().is_superset(&ids.iter().collect()));
    let mut names = BTreeMap::<_, usize>::new();
    made.iter().for_each(|vm| *names.entry(&vm.name).or_default() += 1);
    time.run(try_join_all(ids.iter().map(|id| delete(&client, id)))).await?;
    let doubled = names.values().filter(|count| **count > 1).count();
    Ok(Outcome { made: made.len(), doubled, left: sandbox.data().instances.len() })
}

async fn delete(client: &Client, id: &str) -> Result<()> {
    client.instances().wait(id).await?;
    client.instances().delete(id).await?;
    client.instances().wait(id).until_gone().await?;
    Ok(())
}

/// The faults of the creates, in the order of their arrival.
fn creates(sandbox: &Sandbox) -> Vec<Option<String>> {
    let requests = sandbox.recorded_requests().into_iter();
    let creates = requests.filter(|request| request.operation.as_deref() == Some("CreateInstance"));
    creates.map(|request| request.fault).collect()
}

#[tokio::test]
async fn of_20_instances_with_5_lost_responses_none_is_doubled_or_left() {
    let sandbox = stepped(Data::new()).await;
    // A rule does not count the requests that an earlier one applies to: creates 3 and 4, 7 and 8, and 11.
    for (fault, skip, times) in
        [(Fault::ResetAfterProcessing, 2, 2), (Fault::status(503).processed(), 4, 2), (Fault::CutBody, 6, 1)]
    {
        sandbox.faults().add(FaultRule::new("CreateInstance", fault).skip(skip).times(times)).unwrap();
    }
    let outcome = create_and_delete(&sandbox, 20, 1).await.unwrap();
    assert_eq!(outcome, Outcome { made: 20, doubled: 0, left: 0 });
    let lost = creates(&sandbox).into_iter().zip(1..).filter_map(|(fault, number)| fault.map(|_| number));
    assert_eq!(lost.collect::<Vec<_>>(), [3, 4, 7, 8, 11]);
}

/// Every way in which the response to a create that was processed is lost.
fn losses() -> Vec<Fault> {
    let gateway = [502, 503, 504].map(|status| Fault::status(status).html().processed());
    let pages = [IntermediaryPage::Maintenance200, IntermediaryPage::Firewall403, IntermediaryPage::Gateway524];
    let pages = pages.map(|page| Fault::intermediary(page).processed());
    let cut = [Fault::ResetAfterProcessing, Fault::ResetInBody, Fault::CutBody];
    [gateway, pages, cut].concat()
}

#[tokio::test]
async fn of_200_instances_with_many_lost_responses_none_is_doubled_or_left() {
    let mut data = Data::new();
    // So that any number can be made.
    data.quotas.clear();
    let types = data.availability.iter_mut().flat_map(|region| &mut region.instance_types);
    types.for_each(|it| it.count = Some(1000.0));
    let sandbox = stepped(data).await;
    sandbox.set_stale_reads(8 * SECOND);
    // A list and a deletion now and then lose their responses too.
    for (operation, skip) in [("ListInstancesPaginated", 5), ("ListInstancesPaginated", 20), ("DeleteInstance", 30)] {
        sandbox.faults().add(FaultRule::new(operation, Fault::ResetAfterProcessing).skip(skip).times(2)).unwrap();
    }
    sandbox.faults().set_random(RandomFaults::new(200, 0.4, losses()).on("CreateInstance")).unwrap();
    let outcome = create_and_delete(&sandbox, 200, 10).await.unwrap();
    assert_eq!(outcome, Outcome { made: 200, doubled: 0, left: 0 });
    assert_eq!(sandbox.faults().remaining_rules(), 0);
    let lost: Vec<_> = creates(&sandbox).into_iter().flatten().collect();
    let kinds = lost.iter().collect::<BTreeSet<_>>().len();
    assert!(kinds == losses().len() && lost.len() > 60, "{lost:?}");
}
