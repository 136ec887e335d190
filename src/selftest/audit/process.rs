//! A running service, looked at from outside.

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use anyhow::Context;
use procfs::{
    net::TcpState,
    process::{FDTarget, Process},
};
use tokio_util::sync::CancellationToken;

use super::{none, row};
use crate::selftest::{
    criteria::Criterion,
    home::{TestHome, Truth},
    household,
    service::Service,
    test_home::fake_home_assistant::TOKEN,
    truth,
};

const SECURITY: &str = "developers.home-assistant.io, apps/security";
const GUIDE: &str = "the validation guide, 3C";

pub async fn rows(stop: &CancellationToken) -> anyhow::Result<Vec<Criterion>> {
    let folder = tempfile::tempdir().context("cannot make a folder for the service's data")?;
    let home = TestHome::start(household::baseline(), stop.clone()).await?;
    let service = Service::start(&home, folder.path()).await?;
    let wrong = truth::comes_out(&home, Truth::Messy).await;
    let pid = service.pid().context("the service has ended")?;
    let listens = listens(pid)?;
    let ready = service.ready_after;
    let health = service.health().await;
    let log = service.log();
    let ended = service.stop().await?;
    let in_files = holds(folder.path(), TOKEN)?;
    let open = open_to_all(folder.path())?;
    let said: Vec<String> = log
        .lines()
        .filter(|line| line.contains(TOKEN))
        .map(|_| "a line of the log holds the token".to_owned())
        .collect();
    let well = health["status"] == "ok";
    Ok(vec![
        row(
            "it does its work while it is looked at",
            GUIDE,
            none(&wrong),
        ),
        row(
            "it starts in time",
            GUIDE,
            within(ready, Duration::from_secs(30)),
        ),
        row(
            "it says how it is",
            GUIDE,
            well.then(|| "/health: ok".into())
                .ok_or_else(|| format!("/health: {}", health["status"])),
        ),
        row(
            "it listens on two addresses and no other",
            SECURITY,
            if listens.len() == 2 {
                Ok(shown(&listens))
            } else {
                Err(shown(&listens))
            },
        ),
        row("no secret in the log", SECURITY, none(&said)),
        row("no secret in its files", SECURITY, none(&in_files)),
        row("no file that all may write", SECURITY, none(&open)),
        row(
            "it stops in time when it is asked to",
            GUIDE,
            if ended.code == Some(0) {
                within(ended.took, Duration::from_secs(10))
            } else {
                Err(format!("exit code {:?}", ended.code))
            },
        ),
    ])
}

fn within(took: Duration, limit: Duration) -> Result<String, String> {
    let words = format!("{:.2} s", took.as_secs_f64());
    if took < limit { Ok(words) } else { Err(words) }
}

fn shown(addresses: &BTreeSet<String>) -> String {
    addresses.iter().cloned().collect::<Vec<_>>().join(", ")
}

/// Where a process listens.
fn listens(pid: i32) -> anyhow::Result<BTreeSet<String>> {
    let process = Process::new(pid)?;
    let mut own = BTreeSet::new();
    for descriptor in process.fd()? {
        if let FDTarget::Socket(inode) = descriptor?.target {
            own.insert(inode);
        }
    }
    let entries = process.tcp()?.into_iter().chain(process.tcp6()?);
    Ok(entries
        .filter(|entry| entry.state == TcpState::Listen && own.contains(&entry.inode))
        .map(|entry| entry.local_address.to_string())
        .collect())
}

fn files(folder: &Path) -> anyhow::Result<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(self::files(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

/// Files that hold these words.
fn holds(folder: &Path, words: &str) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for path in files(folder)? {
        let bytes = fs::read(&path)?;
        let words = words.as_bytes();
        if bytes.windows(words.len()).any(|window| window == words) {
            found.push(path.display().to_string());
        }
    }
    Ok(found)
}

fn open_to_all(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for path in files(folder)? {
        if fs::metadata(&path)?.permissions().mode() & 0o002 != 0 {
            found.push(path.display().to_string());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn own_listeners_secrets_and_open_files_are_found() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = i32::try_from(std::process::id()).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        assert!(listens(own).unwrap().contains(&address));

        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).unwrap();
        fs::write(inner.join("a"), "xx secret yy").unwrap();
        fs::write(inner.join("b"), "xx").unwrap();
        fs::set_permissions(inner.join("b"), fs::Permissions::from_mode(0o666)).unwrap();
        let found = holds(folder.path(), "secret").unwrap();
        assert!(
            found.len() == 1 && found[0].ends_with("inner/a"),
            "{found:?}"
        );
        let found = open_to_all(folder.path()).unwrap();
        assert!(
            found.len() == 1 && found[0].ends_with("inner/b"),
            "{found:?}"
        );
    }
}
