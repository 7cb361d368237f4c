//! A server of a test's own, which it can kill and start again.

use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::time::{Duration, Instant};

/// A server of the test's own, on loopback. It is killed when dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) port: u16,
    folder: tempfile::TempDir,
}

const PROGRAMS: [&str; 2] = ["redis-server", "valkey-server"];

impl Server {
    /// Starts a server; `None` if there is no program for it, which is said once.
    pub(crate) fn start() -> Option<Self> {
        Self::start_at(free_port(), &[])
    }

    /// The same, at a port, with more options.
    pub(crate) fn start_at(port: u16, options: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let process = spawn(port, &folder, options).or_else(|| {
            leave_out();
            None
        })?;
        Some(Self { process, port, folder }.ready())
    }

    fn ready(self) -> Self {
        let start = Instant::now();
        while self.client().get_connection().and_then(|mut it| redis::cmd("PING").query::<String>(&mut it)).is_err() {
            assert!(start.elapsed() < Duration::from_secs(20), "the server does not start");
            std::thread::sleep(Duration::from_millis(10));
        }
        self
    }

    /// Kills it, as `kill -9` does.
    pub(crate) fn kill(mut self) -> Killed {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        Killed(self)
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    fn client(&self) -> redis::Client {
        redis::Client::open(self.url()).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended if this fails.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A server that was killed.
pub(crate) struct Killed(Server);

impl Killed {
    /// Starts it again, with what it has on its disk.
    pub(crate) fn restart(self) -> Server {
        let Self(mut server) = self;
        server.process = spawn(server.port, &server.folder, &[]).unwrap();
        server.ready()
    }
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn spawn(port: u16, folder: &tempfile::TempDir, options: &[&str]) -> Option<Child> {
    PROGRAMS.iter().find_map(|program| {
        let mut command = Command::new(program);
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "always"]);
        command.args(["--port", &port.to_string(), "--dir"]).arg(folder.path());
        command.args(options).stdout(Stdio::null()).spawn().ok()
    })
}

fn leave_out() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let line =
            "left out: tests against a store (no REDIS_URL, and neither redis-server nor valkey-server on PATH)\n";
        // Unlike what macros print, it is shown for tests that pass.
        io::stderr().write_all(line.as_bytes()).unwrap();
    });
}
