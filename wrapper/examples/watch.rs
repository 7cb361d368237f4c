//! A watch: the instances of a sandbox as a table that is drawn again at each change, or as one line for each change where the
//! output is no terminal. A few instances are created, used and deleted meanwhile, and the program ends with the last.

use std::error::Error;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;
use std::time::Duration;

use console::{Term, is_dumb, pad_str, style, truncate_str};
use futures::future::try_join_all;
use genesiscloud::{Change, Client, CreateInstance, Instance, InstancePhase, Region, Store};
use genesiscloud_sandbox::{Clock, Data, Fault, FaultRule, Sandbox};

const CPU: &str = "vcpu-2_memory-4g_disk-80g";
const GPU: &str = "vcpu-4_memory-12g_disk-80g_nvidia3080-1";

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    match run().await {
        // The reader of the output has closed it.
        Err(error) if is_closed_pipe(&*error) => Ok(ExitCode::SUCCESS),
        outcome => outcome.map(|()| ExitCode::SUCCESS),
    }
}

fn is_closed_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::builder().data(Data::new()).clock(Clock::running(25.0)).start().await?;
    sandbox.faults().add(FaultRule::new("CreateInstance", Fault::LateAddress(Duration::from_secs(30))).skip(1))?;
    sandbox.faults().add(FaultRule::new("CreateInstance", Fault::EndsInError).skip(3))?;
    let client = Client::builder().token(sandbox.token()).endpoint(sandbox.endpoint()).build()?;

    let mut changes = client.instances().watch().every(Duration::from_millis(100));
    let mut screen = Screen { terminal: Term::stdout(), store: changes.store(), drawn: 0 };
    let mut work = tokio::spawn(work(client));
    let mut is_done = false;
    while !is_done || !screen.store.list().is_empty() {
        tokio::select! {
            change = changes.next() => screen.show(change.ok_or("the watch has ended")?)?,
            done = &mut work, if !is_done => is_done = done?.map(|()| true)?,
        }
    }
    let lists = sandbox.recorded_requests().iter().filter(|it| it.target.contains("/instances?")).count();
    writeln!(io::stdout(), "All instances are gone. The list was read {lists} times.")?;
    Ok(())
}

/// What is to be seen: instances that become active and are deleted, one that is stopped before, and one that fails.
async fn work(client: Client) -> genesiscloud::Result<()> {
    let instances = client.instances();
    let one = async |number: usize| {
        tokio::time::sleep(Duration::from_millis(300) * number as u32).await;
        let instance_type = if number.is_multiple_of(2) { GPU } else { CPU };
        let new = CreateInstance::new(format!("trainer-{number}"), instance_type, "ubuntu-24.04", Region::NordNoKrs1);
        let vm = instances.create(new.password("Passw0rd")).await?;
        // One of them fails, and is deleted as well.
        if let Ok(vm) = instances.wait(&vm.id).until_addressed().await {
            tokio::time::sleep(Duration::from_millis(500)).await;
            if number == 3 {
                instances.stop(&vm.id).await?;
                instances.wait(&vm.id).until_matching(|vm| vm.phase() == InstancePhase::Stopped).await?;
            }
        }
        instances.delete(&vm.id).await?;
        Ok::<_, genesiscloud::Error>(instances.wait(&vm.id).until_gone().await?)
    };
    try_join_all((1..=6).map(one)).await.map(drop)
}

/// Where the instances are shown.
struct Screen {
    terminal: Term,
    store: Store<Instance>,
    /// The lines of the table that stands there.
    drawn: usize,
}

impl Screen {
    fn show(&mut self, change: genesiscloud::Result<Change<Instance>>) -> io::Result<()> {
        if self.terminal.is_term() && !is_dumb() {
            return self.draw(change.err());
        }
        let mut output = io::stdout();
        match change {
            Ok(Change::Applied(vm)) => writeln!(output, "{:<10}  {:<10}  {}", vm.name, vm.status, address(&vm)),
            Ok(Change::Gone(vm)) => writeln!(output, "{:<10}  gone", vm.name),
            Ok(_) => writeln!(output, "instances: {}; what follows are changes", self.store.list().len()),
            Err(error) => writeln!(output, "{error}"),
        }
    }

    /// Draws the table over the one before.
    fn draw(&mut self, error: Option<genesiscloud::Error>) -> io::Result<()> {
        let (height, width) = (usize::from(self.terminal.size().0), usize::from(self.terminal.size().1));
        let all = self.store.list();
        let mut lines = vec![style(row("NAME", "STATUS", "PUBLIC IP", "TYPE")).bold().to_string()];
        lines.extend(all.iter().map(|vm| {
            let status = pad_str(vm.status.as_str(), STATUS, console::Alignment::Left, Some("…"));
            row(&vm.name, &coloured(vm.phase(), &status), address(vm), &vm.type_)
        }));
        lines.truncate(height.saturating_sub(2).max(1));
        lines.push(match error {
            Some(error) => style(error.to_string()).red().to_string(),
            None => style(format!("instances: {}", all.len())).dim().to_string(),
        });
        self.terminal.clear_last_lines(self.drawn)?;
        for line in &lines {
            self.terminal.write_line(&truncate_str(line, width.saturating_sub(1), "…"))?;
        }
        self.drawn = lines.len();
        Ok(())
    }
}

/// The width of the column with statuses.
const STATUS: usize = 16;

fn row(name: &str, status: &str, address: &str, instance_type: &str) -> String {
    let pad = |text, width| pad_str(text, width, console::Alignment::Left, Some("…"));
    format!("{}  {}  {}  {instance_type}", pad(name, 12), pad(status, STATUS), pad(address, 15))
}

fn address(vm: &Instance) -> &str {
    vm.public_ip.as_deref().unwrap_or("–")
}

fn coloured(phase: InstancePhase, text: &str) -> String {
    match phase {
        InstancePhase::Running => style(text).green(),
        InstancePhase::Failed => style(text).red(),
        InstancePhase::Stopped => style(text).dim(),
        _ => style(text).yellow(),
    }
    .to_string()
}
