//! The command line: which world to start, and what its end means.
//!
//! Exit codes: 0 fine, 1 failure or problems found, 64 wrong command line.

mod loopback;
mod remove;

use std::{
    ffi::OsString, io::Write, net::SocketAddr, path::PathBuf, process::ExitCode, time::Duration,
};

use anyhow::Context;
use clap::{Parser, Subcommand};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::{
    app::{self, Sockets, VERSION, World},
    clock::Clock,
    demo, doctor, evaluate, selftest,
    settings::{self, Problem, Sources},
    telemetry::logs::Logs,
};

const WRONG_COMMAND_LINE: u8 = 64;

#[derive(Parser)]
#[command(name = "aicleaner", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// A config file (YAML or JSON), outside Home Assistant's app store; else
    /// `AICLEANER_CONFIG`, else aicleaner.yaml in the working directory.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// The service (default).
    Run,
    /// The whole product on embedded parts: no key, no broker, no Home Assistant.
    Demo(demo::Options),
    /// How well a provider judges pictures whose truth is known.
    Evaluate(evaluate::Options),
    /// Prove, on this machine, that the service does what it should: drives it
    /// through its real inputs in a test home and prints a report; exit code 0 only for PASS.
    SelfTest(selftest::Options),
    /// Validate the options and print every problem; exit code 1 if there is one.
    CheckConfig {
        /// The file to check instead of the one the service would read.
        file: Option<PathBuf>,
    },
    /// Take every entity and retained message of ours out of Home Assistant and the broker, before an uninstall.
    Remove,
    /// Try everything the service needs once, and say how it is, one line each;
    /// exit code 1 if something is wrong.
    Doctor {
        /// Print JSON instead of lines.
        #[arg(long)]
        json: bool,
    },
    /// Ask the running service for a consistent copy of its database; the app's
    /// backup hook. Always exit code 0: the backup goes on.
    BackupPrepare,
    /// Ask the running service over loopback how it is; for the container's HEALTHCHECK.
    Healthcheck,
}

/// Runs the command that `arguments` name.
pub fn main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(message) => {
            // Help and version are no mistakes.
            let code = if message.use_stderr() {
                WRONG_COMMAND_LINE
            } else {
                0
            };
            return if message.print().is_ok() {
                ExitCode::from(code)
            } else {
                ExitCode::FAILURE
            };
        }
    };
    install_tls();
    let result = match cli.command.unwrap_or(Command::Run) {
        Command::Run => run(cli.config),
        Command::Demo(options) => demo::demo(options),
        Command::Evaluate(options) => evaluate::evaluate(options, cli.config),
        Command::SelfTest(options) => selftest::self_test(options),
        Command::CheckConfig { file } => check_config(file.or(cli.config)),
        Command::Remove => remove::remove(cli.config),
        Command::Doctor { json } => doctor(cli.config, json),
        Command::BackupPrepare => Ok(backup_prepare(cli.config)),
        Command::Healthcheck => healthcheck(cli.config),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            // The log may not have begun yet.
            complain(&format!("aicleaner: {error:#}\n"));
            ExitCode::FAILURE
        }
    }
}

/// The one TLS provider; twice is harmless.
pub fn install_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

fn run(config: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let sources = Sources::of_process(config);
    let mut loaded = settings::load(&sources);
    let logs = Logs::start(loaded.settings.log_level);
    info!("AICleaner {VERSION}, {}", std::env::consts::ARCH);
    for problem in &loaded.problems {
        error!("{problem}");
    }
    for notice in &loaded.notices {
        info!("{notice}");
    }
    if let Some(file) = &loaded.file {
        info!("The options are those of {}.", file.display());
    } else {
        info!("There is no config file; see --help for where it is looked for.");
    }
    with_runtime(async move {
        let sockets = bind_here(&mut loaded).await?;
        let stop = stop_on_signal()?;
        let clock = Clock::wall();
        let file = loaded.file.clone();
        let home = |settings: &_, around| app::real_home(settings, around, sources, file, logs);
        let world = World::start(loaded, home, sockets, clock, stop).await;
        world.ended().await;
        info!("Stopped.");
        Ok(ExitCode::SUCCESS)
    })
}

/// Two workers are enough for a Pi; pictures and the store have threads of their own.
pub(crate) fn with_runtime<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(8)
        .enable_all()
        .build()
        .context("the system gave no threads")?;
    let result = runtime.block_on(work);
    // A picture being judged at this moment is of no use any more.
    runtime.shutdown_background();
    result
}

/// Listens where the options say, or on loopback if this computer has no such
/// address: a wrong option must not keep the service from coming up.
async fn bind_here(loaded: &mut settings::Loaded) -> anyhow::Result<Sockets> {
    let (ingress, probes) = (loaded.settings.web.ingress, loaded.settings.web.probes);
    let error = match bind(ingress, probes).await {
        Ok(sockets) => return Ok(sockets),
        Err(error) => error,
    };
    let no_such_address = error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|e| e.kind() == std::io::ErrorKind::AddrNotAvailable);
    if !no_such_address {
        return Err(error);
    }
    let problem = Problem {
        path: "web".into(),
        found: format!("{ingress} and {probes}"),
        allowed: "addresses of this computer".into(),
        hint: "Until then the page and the probes answer on this computer alone.".into(),
    };
    error!("{problem}");
    loaded.problems.push(problem);
    let loopback = |port| SocketAddr::from(([127, 0, 0, 1], port));
    bind(loopback(ingress.port()), loopback(probes.port())).await
}

/// Listens on both addresses.
pub(crate) async fn bind(ingress: SocketAddr, probes: SocketAddr) -> anyhow::Result<Sockets> {
    let listen = async |address: SocketAddr, what: &str| {
        TcpListener::bind(address).await.with_context(|| {
            format!("cannot listen on {address} for {what}; is another AICleaner running?")
        })
    };
    Ok(Sockets {
        ingress: listen(ingress, "the page").await?,
        probes: listen(probes, "/health and /metrics").await?,
    })
}

/// A token that SIGTERM and SIGINT cancel.
pub(crate) fn stop_on_signal() -> anyhow::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let stop = CancellationToken::new();
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let mut signal = signal(kind).context("the system does not deliver signals")?;
        let stop = stop.clone();
        tokio::spawn(async move {
            signal.recv().await;
            #[cfg(feature = "mutants")]
            crate::mutants::at_the_end();
            stop.cancel();
        });
    }
    Ok(stop)
}

fn check_config(file: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let (text, usable) = settings::check_config(&Sources::of_process(file));
    print(&text)?;
    Ok(ExitCode::from(u8::from(!usable)))
}

fn doctor(config: Option<PathBuf>, json: bool) -> anyhow::Result<ExitCode> {
    let sources = Sources::of_process(config);
    with_runtime(async move {
        let report = Box::pin(doctor::examine(&sources)).await;
        if json {
            print(&format!("{:#}\n", report.json()))?;
        } else {
            print(&report.text())?;
        }
        Ok(ExitCode::from(u8::from(!report.is_well())))
    })
}

/// Asks the service over the probes' port of the settings.
fn healthcheck(config: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let settings = settings::load(&Sources::of_process(config)).settings;
    let port = settings.web.probes.port();
    let answer = loopback::ask(port, "GET", "/health", Duration::from_secs(5))
        .with_context(|| format!("nothing answers on port {port}"))?;
    print(&format!("{}\n", answer.status))?;
    Ok(ExitCode::from(u8::from(answer.code != Some(200))))
}

fn backup_prepare(config: Option<PathBuf>) -> ExitCode {
    let settings = settings::load(&Sources::of_process(config)).settings;
    let port = settings.web.ingress.port();
    // The service itself gives up a little sooner.
    let asked = loopback::ask(port, "POST", "/api/v1/backup", Duration::from_secs(15));
    // The Supervisor gives the whole backup up if this ends with a failure.
    match asked {
        Ok(answer) if answer.code == Some(200) => {}
        Ok(answer) => complain(&format!("aicleaner: {}\n", answer.body.trim())),
        Err(error) => complain(&format!(
            "aicleaner: no fresh copy of the database for the backup, as nothing answers on port {port}: {error}\n"
        )),
    }
    ExitCode::SUCCESS
}

/// Writes to standard output; a reader that went away is no failure of ours.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(e).context("cannot print"),
        _ => Ok(()),
    }
}

fn complain(text: &str) {
    // Nowhere left to tell if this fails.
    let _ = std::io::stderr().write_all(text.as_bytes());
}
