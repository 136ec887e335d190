//! The service that is tested: this very program, as a child process, started
//! as the Supervisor starts it.

use std::{
    fs::{self, OpenOptions},
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    process::{Child, Command},
    time::{sleep, timeout},
};

use super::home::TestHome;

/// For the first answer of `/ready`.
const READY: Duration = Duration::from_secs(30);
/// Between two questions.
const POLL: Duration = Duration::from_millis(10);
/// After SIGTERM, before it is killed.
const STOP: Duration = Duration::from_secs(15);

/// What of the environment the service may inherit; nothing else may leak in.
const INHERITED: &[&str] = &[
    "PATH",
    #[cfg(feature = "mutants")]
    crate::mutants::VARIABLE,
];

pub struct Service {
    child: Child,
    folder: PathBuf,
    probes: u16,
    client: reqwest::Client,
    /// From the start of the process until it was ready.
    pub ready_after: Duration,
}

/// How a service ended.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    pub took: Duration,
    /// `None`: by a signal.
    pub code: Option<i32>,
}

impl Service {
    /// Starts it in this folder, which keeps its data and its log, and waits
    /// until it is ready.
    pub async fn start(home: &TestHome, folder: &Path) -> anyhow::Result<Self> {
        fs::write(folder.join("options.json"), home.options().to_string())
            .with_context(|| format!("cannot write to {}", folder.display()))?;
        let [page, probes] = free_ports()?;
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(log_of(folder))?;
        let program = std::env::current_exe().context("cannot find this program")?;
        let begun = Instant::now();
        let child = Command::new(program)
            .arg("run")
            .env_clear()
            .envs(
                INHERITED
                    .iter()
                    .filter_map(|name| Some((name, std::env::var_os(name)?))),
            )
            .envs(home.environment(folder))
            .env("AICLEANER_WEB__INGRESS", format!("127.0.0.1:{page}"))
            .env("AICLEANER_WEB__PROBES", format!("127.0.0.1:{probes}"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("cannot start the service")?;
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(5))
            .build()?;
        let mut service = Self {
            child,
            folder: folder.to_owned(),
            probes,
            client,
            ready_after: Duration::ZERO,
        };
        while !service.is_ready().await {
            if let Some(status) = service.child.try_wait()? {
                bail!(
                    "the service ended at its start: {status}; its log:\n{}",
                    service.log()
                );
            }
            if begun.elapsed() > READY {
                bail!(
                    "the service was not ready within {READY:?}; its log:\n{}",
                    service.log()
                );
            }
            sleep(POLL).await;
        }
        service.ready_after = begun.elapsed();
        Ok(service)
    }

    /// `None` once it has ended.
    pub fn pid(&self) -> Option<i32> {
        self.child.id().and_then(|id| i32::try_from(id).ok())
    }

    pub async fn is_ready(&self) -> bool {
        let answer = self.get("/ready").await;
        answer.is_some_and(|(status, _)| status == 200)
    }

    /// A sum over all label sets of a metric; `None` if nothing answers or there is none.
    pub async fn metric(&self, name: &str) -> Option<f64> {
        let (_, text) = self.get("/metrics").await?;
        sum(&text, name)
    }

    /// As `metric`, of the label sets that contain `label`, such as `outcome="failed"`.
    pub async fn metric_with(&self, name: &str, label: &str) -> Option<f64> {
        let (_, text) = self.get("/metrics").await?;
        let lines: Vec<&str> = text.lines().filter(|line| line.contains(label)).collect();
        sum(&lines.join("\n"), name)
    }

    /// `/health` as it stands; null if nothing answers.
    pub async fn health(&self) -> serde_json::Value {
        let answer = self.get("/health").await;
        answer
            .and_then(|(_, text)| serde_json::from_str(&text).ok())
            .unwrap_or_default()
    }

    async fn get(&self, path: &str) -> Option<(u16, String)> {
        let url = format!("http://127.0.0.1:{}{path}", self.probes);
        let answer = self.client.get(url).send().await.ok()?;
        Some((answer.status().as_u16(), answer.text().await.ok()?))
    }

    /// Everything it has logged, over all its lives in this folder.
    pub fn log(&self) -> String {
        let bytes = fs::read(log_of(&self.folder)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Whether the process is there, which it must be all the time.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// SIGTERM, as `docker stop` sends it. One that has ended before took no time.
    pub async fn stop(mut self) -> anyhow::Result<Ended> {
        let begun = Instant::now();
        if let Some(status) = self.child.try_wait()? {
            let (took, code) = (Duration::ZERO, status.code());
            return Ok(Ended { took, code });
        }
        let pid = self.pid().and_then(Pid::from_raw);
        let pid = pid.context("the service has no process id")?;
        kill_process(pid, Signal::TERM).context("SIGTERM could not be sent")?;
        let Ok(status) = timeout(STOP, self.child.wait()).await else {
            self.child.kill().await?;
            bail!("the service did not stop within {STOP:?}");
        };
        Ok(Ended {
            took: begun.elapsed(),
            code: status?.code(),
        })
    }

    /// Without a warning, as a power cut would. What was written stays written.
    pub async fn kill(mut self) -> anyhow::Result<()> {
        self.child
            .kill()
            .await
            .context("the service cannot be killed")
    }
}

fn log_of(folder: &Path) -> PathBuf {
    folder.join("service.log")
}

/// Two ports that nobody uses at the moment.
fn free_ports() -> anyhow::Result<[u16; 2]> {
    let [one, two] = [
        TcpListener::bind("127.0.0.1:0")?,
        TcpListener::bind("127.0.0.1:0")?,
    ];
    Ok([one.local_addr()?.port(), two.local_addr()?.port()])
}

/// The sum of a metric's label sets in Prometheus' text format.
fn sum(text: &str, name: &str) -> Option<f64> {
    let values: Vec<f64> = text
        .lines()
        .filter_map(|line| {
            let rest = line.strip_prefix(name)?;
            let is_it = rest.starts_with(' ') || rest.starts_with('{');
            is_it.then(|| rest.rsplit(' ').next())??.parse().ok()
        })
        .collect();
    (!values.is_empty()).then(|| values.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_the_sum_of_its_label_sets() {
        let text = "# HELP checks_total x\nchecks_total{zone=\"a b\"} 2\nchecks_total{zone=\"c\"} 3\nchecks_total_x 9\nup 1\n";
        assert_eq!(sum(text, "checks_total"), Some(5.0));
        assert_eq!(sum(text, "up"), Some(1.0));
        assert_eq!(sum(text, "down"), None);
    }
}
