//! `aicleaner evaluate DIR`: how well a provider judges pictures whose truth is
//! known. Here: the command. What a folder holds is read by `truth`, asking is
//! `judged`'s, the figures are computed in `figures`, and shown by `report`.

mod figures;
mod judged;
mod page;
mod report;
mod truth;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, bail};

use crate::{
    cli,
    settings::{self, Sources},
    vision::{Access, Row, local},
};

/// What is asked for.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// A folder with `tidy/` and `messy/`, with `NAME-before.*` and `NAME-after.*`, or with
    /// pictures of fixed cameras and a truth.json; or with several of these.
    dir: PathBuf,
    /// A provider; its key and model are those of the options.
    #[arg(long, default_value = local::NAME)]
    provider: String,
    /// The figures as JSON.
    #[arg(long)]
    json: bool,
    /// Writes the worst mistakes as a web page.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// How many pictures at most; every n-th is taken. Each costs a call.
    #[arg(long, value_name = "N")]
    most: Option<usize>,
}

/// Judges every picture and prints the figures; exit code 1 if none could be judged.
pub fn evaluate(options: Options, config: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let access = access(&options.provider, config)?;
    let row = Row::named(&options.provider).with_context(|| {
        let known: Vec<&str> = crate::vision::PROVIDERS
            .iter()
            .map(|row| row.name)
            .collect();
        format!(
            "there is no provider {}; there are {}",
            options.provider,
            known.join(", ")
        )
    })?;
    let provider = row.open(&access).map_err(anyhow::Error::msg)?;
    let set = truth::read(&options.dir, options.most)?;
    cli::with_runtime(async move {
        let judged = judged::all(provider.as_ref(), &set).await?;
        let figures = figures::of(&set, &judged, provider.as_ref());
        if let Some(file) = &options.html {
            std::fs::write(file, page::worst(&figures, &set, &judged))
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        let text = if options.json {
            format!("{}\n", serde_json::to_string_pretty(&figures)?)
        } else {
            report::text(&figures)
        };
        cli::print(&text)?;
        Ok(ExitCode::from(u8::from(figures.pictures == 0)))
    })
}

/// How the options reach a provider.
fn access(name: &str, config: Option<PathBuf>) -> anyhow::Result<Access> {
    if name == local::NAME {
        return Ok(Access::default());
    }
    let judging = settings::load(&Sources::of_process(config))
        .settings
        .judging;
    if judging.local_only {
        bail!(
            "local_only is on, so no picture is sent to {name}; switch it off in the options to compare"
        );
    }
    let Some(options) = judging.chain.into_iter().find(|p| p.kind.name() == name) else {
        bail!(
            "the options name no provider {name}; give its key under provider or fallback_providers"
        );
    };
    Ok(Access {
        key: options.api_key,
        model: options.model,
        base_url: options.base_url,
        ..Access::default()
    })
}

#[cfg(test)]
mod tests;
