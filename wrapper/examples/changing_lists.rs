//! Lists of an account that changes while they are read: at the second page an instance of the first is deleted, so that all behind it
//! move up. A loop over the pages misses one that exists all the time; the SDK's lists do not. Then a list with an item that
//! cannot be decoded. Everything happens in sandboxes inside this program.

#[macro_use]
mod support;

use std::collections::BTreeSet;
use std::error::Error;

use futures::TryStreamExt;
use genesiscloud::{Client, Instance};
use genesiscloud_sandbox::{Fault, FaultRule, Sandbox};

const PER_PAGE: u32 = 50;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("An instance is deleted while 250 are listed, 50 per page:");
    println!("  {:<24} {:>10} {:>8} {:>9}", "", "delivered", "missing", "requests");

    let (sandbox, client) = account(Fault::ItemDeleted).await?;
    let mut read = vec![];
    for number in 1.. {
        let page = client.instances().list_page(number, PER_PAGE).await?;
        if page.items.is_empty() {
            break;
        }
        read.extend(page.items);
    }
    report("a loop over the pages", &sandbox, &read);

    let (sandbox, client) = account(Fault::ItemDeleted).await?;
    report("list()", &sandbox, &client.instances().list().per_page(PER_PAGE).into_vec().await?);

    let (sandbox, client) = account(Fault::ItemDeleted).await?;
    let verified = client.instances().list().per_page(PER_PAGE).verified();
    report("list().verified()", &sandbox, &verified.try_collect::<Vec<_>>().await?);

    let (_sandbox, client) = account(Fault::UndecodableItem).await?;
    let mut list = client.instances().list().per_page(PER_PAGE);
    let (mut delivered, mut errors) = (0, vec![]);
    while let Some(instance) = list.next().await {
        instance.map_or_else(|error| errors.push(error), |_| delivered += 1);
    }
    println!("\nOne item of the second page cannot be decoded: {delivered} are delivered, and in its place");
    errors.iter().for_each(|error| println!("  {error}"));
    Ok(())
}

/// An account with 250 instances, and a fault at its second page.
async fn account(fault: Fault) -> Result<(Sandbox, Client), Box<dyn Error>> {
    let sandbox = Sandbox::start().await;
    sandbox.faults().add(FaultRule::new("ListInstancesPaginated", fault).skip(1))?;
    let client = Client::builder().token(sandbox.token()).endpoint(sandbox.endpoint()).build()?;
    Ok((sandbox, client))
}

/// Prints which of the instances that exist still were not delivered.
fn report(how: &str, sandbox: &Sandbox, read: &[Instance]) {
    let delivered: BTreeSet<_> = read.iter().map(|instance| &*instance.id).collect();
    let existing = sandbox.data().instances;
    let missing = existing.iter().filter(|instance| !delivered.contains(&*instance.id)).count();
    let requests = sandbox.recorded_requests().len();
    println!("  {how:<24} {:>10} {missing:>8} {requests:>9}", read.len());
}
