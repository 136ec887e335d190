//! Home Assistant's review list for apps, gone through: the folder that the
//! store reads, the repository around it, and a running service. Each row says
//! where the rule is from and what was found.

mod folder;
mod process;

use std::path::Path;

use tokio_util::sync::CancellationToken;

use super::criteria::{Criterion, Verdict};

/// The part of a report that tells of it.
pub const AUDIT: &str = "audit";

/// Goes through it all; the repository is at `root`.
pub async fn run(root: &Path, stop: &CancellationToken) -> anyhow::Result<Vec<Criterion>> {
    let mut rows = folder::rows(root);
    rows.extend(process::rows(stop).await?);
    Ok(rows.into_iter().map(|row| row.of(AUDIT)).collect())
}

/// One row: the rule and its source, and what was found; an error is what is wrong.
fn row(rule: &str, source: &str, found: Result<String, String>) -> Criterion {
    let verdict = if found.is_ok() {
        Verdict::Pass
    } else {
        Verdict::Fail
    };
    let (Ok(figure) | Err(figure)) = found;
    Criterion {
        figure,
        verdict,
        ..Criterion::missing(rule, source, "")
    }
}

/// What was found where nothing should be.
fn none(found: &[String]) -> Result<String, String> {
    if found.is_empty() {
        Ok("none".into())
    } else {
        Err(found.join("; "))
    }
}
