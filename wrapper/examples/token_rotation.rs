//! A rotation of the token: a program reads its token from a file, as Kubernetes and Vault mount one. The token is revoked while a
//! request is on its way; the client reads the file again and sends the request once more, with no restart and no error. The service is
//! a sandbox inside this program.

#[macro_use]
mod support;

use std::error::Error;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use genesiscloud::{Client, CreateVolume, Region, TokenFile};
use genesiscloud_sandbox::{Data, Sandbox};

const NEW_TOKEN: &str = "the-new-token-0123456789abcdef";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("token");
    fs::write(&path, "the-old-token-0123456789abcdef")?;

    // The rotation happens when the first request has arrived: the sandbox accepts the new token alone.
    let (is_rotated, file) = (AtomicBool::new(false), path.clone());
    let rotate = move |_: &_| {
        if !is_rotated.swap(true, Ordering::Relaxed) {
            fs::write(&file, NEW_TOKEN).expect("the file can be written");
        }
    };
    let sandbox = Sandbox::builder().token(NEW_TOKEN).data(Data::new()).on_request(rotate).start().await?;
    let client = Client::builder().token_provider(TokenFile::new(&path)).endpoint(sandbox.endpoint()).build()?;

    // A create as well: what was refused with 401 was not processed.
    let volume = client.volumes().create(CreateVolume::new("data", Region::NordNoKrs1, 50)).await?;
    client.volumes().get(&volume.id).await?;

    println!("Two calls, while the token in the file is replaced:");
    for request in sandbox.recorded_requests() {
        let token = request.header("authorization").unwrap_or_default().trim_start_matches("Bearer ");
        let (name, status) = (&token[..token.len().min(13)], request.status.unwrap_or_default());
        println!("  {:<12} with {name}…  {status}", request.operation.as_deref().unwrap_or_default());
    }
    println!("Volumes of the account: {}", sandbox.data().volumes.len());
    Ok(())
}
