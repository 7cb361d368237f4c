//! An audit log: one line of JSON for each call that changes something, with what it was about and how it ended.
//!
//! It starts a sandbox inside this program, so it needs no account, and nothing costs money. A program would write the lines
//! into a file.

#[macro_use]
mod support;

use std::io::Write;
use std::sync::Mutex;
use std::time::SystemTime;

use genesiscloud::chrono::{DateTime, SecondsFormat, Utc};
use genesiscloud::serde_json::json;
use genesiscloud::{CallEnd, CallOutcome, Client, CreateVolume, ErrorKind, Observer, Region, Result, UpdateVolume};
use genesiscloud_sandbox::{Fault, FaultRule, Sandbox};

/// Writes the log.
struct AuditLog<W>(Mutex<W>);

impl<W: Write + Send + 'static> Observer for AuditLog<W> {
    fn on_call_end(&self, end: &CallEnd<'_>) {
        if end.call.method == "GET" {
            return;
        }
        let line = json!({
            "time": DateTime::<Utc>::from(SystemTime::now()).to_rfc3339_opts(SecondsFormat::Millis, true),
            "operation": end.call.operation,
            "resource_id": end.call.resource_id.or(end.created_id),
            "status": end.status.map(|status| status.as_u16()),
            "code": end.code.map(|code| code.as_str()),
            "outcome": end.outcome.to_string(),
            // Whether it took effect is then not known.
            "is_certain": end.outcome != CallOutcome::Cancelled && !is_ambiguous(end),
            "request_id": end.request_id,
            "attempts": end.attempts,
        });
        // The call has been made, whatever becomes of its line.
        if let Ok(mut log) = self.0.lock()
            && let Err(error) = writeln!(log, "{line}")
        {
            eprintln!("the audit log cannot be written: {error}");
        }
    }
}

fn is_ambiguous(end: &CallEnd<'_>) -> bool {
    end.outcome.kind() == Some(ErrorKind::Ambiguous)
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await;
    let log = AuditLog(Mutex::new(support::stdout()));
    let client = Client::builder().token(sandbox.token()).endpoint(sandbox.endpoint()).observer(log).build()?;
    work(&client).await?;
    // The response to this create is lost.
    sandbox.faults().add(FaultRule::new("CreateVolume", Fault::ResetAfterProcessing))?;
    client.volumes().create(CreateVolume::new("lost", Region::NordNoKrs1, 50)).await.unwrap_err();
    Ok(())
}

async fn work(client: &Client) -> Result<()> {
    let disk = client.volumes().create(CreateVolume::new("data", Region::NordNoKrs1, 50)).await?;
    client.volumes().update(&disk.id, UpdateVolume::new().name("results")).await?;
    client.volumes().get(&disk.id).await?; // changes nothing, so it has no line
    client.volumes().delete(&disk.id).await?;
    client.volumes().delete("no-such-volume").await.unwrap_err();
    Ok(())
}
