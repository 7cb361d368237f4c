//! Lists the instances of an account with the SDK.

use genesiscloud::Client;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    let mut instances = client.instances().list();
    while let Some(instance) = instances.next().await {
        let instance = instance?;
        println!("{} {} {}", instance.id, instance.name, instance.status);
    }
    Ok(())
}
