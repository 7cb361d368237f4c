//! Lists the instances of an account with the SDK.

use futures::TryStreamExt;
use genesiscloud::Client;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    let mut instances = client.instances().list();
    while let Some(instance) = instances.try_next().await? {
        println!("{} {} {}", instance.id, instance.name, instance.status);
    }
    Ok(())
}
