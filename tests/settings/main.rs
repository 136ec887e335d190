//! The settings as a user meets them: files and variables in, settings and
//! sentences out.

mod bounds;
mod defects_of_the_original;
mod encryption;
mod properties;
mod providers;
mod rules;
mod secrets;
mod sources;
mod timing;

use std::fs;

use aicleaner::settings::{Loaded, Sources, load};
use serde_json::Value;
use tempfile::TempDir;

/// A folder with an options file, as the app finds it in `/data`.
fn app(options: &Value) -> (TempDir, Sources) {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("options.json"), options.to_string()).unwrap();
    let sources = sources(&[
        ("SUPERVISOR_TOKEN", "supervisor-token"),
        ("AICLEANER_DATA_DIR", folder.path().to_str().unwrap()),
    ]);
    (folder, sources)
}

fn sources(environment: &[(&str, &str)]) -> Sources {
    Sources {
        config_file: None,
        environment: environment
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        working_dir: "/nowhere".into(),
    }
}

fn load_options(options: &Value) -> Loaded {
    let (_folder, sources) = app(options);
    load(&sources)
}

/// A config file outside the app.
fn load_file(name: &str, content: impl AsRef<[u8]>, environment: &[(&str, &str)]) -> Loaded {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join(name);
    fs::write(&file, content).unwrap();
    load(&Sources {
        config_file: Some(file),
        ..sources(environment)
    })
}

fn paths(loaded: &Loaded) -> Vec<&str> {
    loaded.problems.iter().map(|p| p.path.as_str()).collect()
}
