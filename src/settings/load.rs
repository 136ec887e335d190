//! Where options come from: the Supervisor's file or a config file, and the
//! environment on top. Loading never fails: what cannot be read becomes a
//! problem and safe mode, so that the page comes up and says so.
//!
//! Environment: `AICLEANER_` and the option in capitals, groups parted by two
//! underscores, such as `AICLEANER_MQTT__HOST`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use config::{Config, ConfigError, Environment, Map, Source, Value, ValueKind};

use super::{
    check::{Surroundings, check},
    file,
    model::Settings,
    options::Document,
    problem::{Notice, Problem, Report},
    secret::Secret,
};

/// Where to look. Taken once from the process; tests fill it themselves. Not
/// `Debug`: the environment holds secrets.
#[derive(Clone, Default)]
pub struct Sources {
    /// `--config FILE`; it must exist.
    pub config_file: Option<PathBuf>,
    /// The environment, or the part of it that is ours.
    pub environment: BTreeMap<String, String>,
    /// Where `aicleaner.yaml` is looked for; empty: the working directory.
    pub working_dir: PathBuf,
}

impl Sources {
    /// The process's own surroundings.
    pub fn of_process(config_file: Option<PathBuf>) -> Self {
        let ours = |(key, value): (std::ffi::OsString, std::ffi::OsString)| {
            let key = key.into_string().ok()?;
            let wanted = key.starts_with(PREFIX) || key == SUPERVISOR_TOKEN;
            wanted.then(|| (key, value.to_string_lossy().into_owned()))
        };
        Self {
            config_file,
            environment: std::env::vars_os().filter_map(ours).collect(),
            working_dir: PathBuf::new(),
        }
    }

    /// A variable that has something in it.
    fn variable(&self, name: &str) -> Option<&str> {
        let value = self.environment.get(name)?;
        (!value.trim().is_empty()).then_some(value)
    }
}

/// What loading found.
#[derive(Debug)]
pub struct Loaded {
    pub settings: Settings,
    /// Everything that is wrong, at once; each Display is a sentence for the user.
    pub problems: Vec<Problem>,
    pub notices: Vec<Notice>,
    /// The file could not be read: no zones, everything else at its default
    /// or from the environment.
    pub safe_mode: bool,
    /// Every zone of the options is in the settings. If not, a zone that is
    /// missing has not been removed by the user.
    pub zones_complete: bool,
    /// The file that was read, or should have been.
    pub file: Option<PathBuf>,
    /// What it held, before the environment was laid over it.
    pub document: Document,
}

const PREFIX: &str = "AICLEANER_";
const SUPERVISOR_TOKEN: &str = "SUPERVISOR_TOKEN";
const SUPERVISOR_URL: &str = "AICLEANER_SUPERVISOR_URL";
const CONFIG: &str = "AICLEANER_CONFIG";
/// The config file that is looked for in the working directory.
pub const DEFAULT_FILE: &str = "aicleaner.yaml";
const DATA_DIR: &str = "AICLEANER_DATA_DIR";
/// Variables with our prefix that are not options.
const NOT_OPTIONS: [&str; 2] = [SUPERVISOR_URL, CONFIG];

/// Loads the settings. Reads at most one file, does no other IO.
pub fn load(sources: &Sources) -> Loaded {
    load_from(sources, |chosen| chosen.map_or(Ok(Map::new()), file::read))
}

/// As `load`, with these options in place of what the file holds.
pub fn load_document(sources: &Sources, document: &Document) -> Loaded {
    load_from(sources, |_| {
        file::layer(document).map_err(|found| Problem {
            path: "options".to_owned(),
            found,
            allowed: "a group of options".to_owned(),
            hint: "Shorten them. Until then no room is watched.".to_owned(),
        })
    })
}

fn load_from(
    sources: &Sources,
    read: impl FnOnce(Option<&Path>) -> Result<Map<String, Value>, Problem>,
) -> Loaded {
    let mut report = Report::default();
    let supervisor = sources.variable(SUPERVISOR_TOKEN).map(|token| {
        let url = sources.variable(SUPERVISOR_URL);
        let url = url.unwrap_or("http://supervisor").trim_end_matches('/');
        (url.to_owned(), Secret::from(token.to_owned()))
    });
    let (chosen, data_dir) = choose(sources, supervisor.is_some());
    let read = read(chosen.as_deref());
    let safe_mode = read.is_err();
    let from_file = read.unwrap_or_else(|problem| {
        report.problems.push(problem);
        Map::new()
    });
    let document = file::document(&from_file);
    let tree = layered(from_file, &sources.environment, &mut report);
    let surroundings = Surroundings {
        supervisor,
        data_dir,
    };
    let (mut settings, complete) = check(&tree, surroundings, &mut report);
    if safe_mode {
        settings.zones.clear();
    }
    Loaded {
        settings,
        problems: report.problems,
        notices: report.notices,
        safe_mode,
        // Zones stand in the file alone: without one nobody took any away.
        zones_complete: complete && !safe_mode && chosen.is_some(),
        file: chosen,
        document,
    }
}

/// The file to read and the folder for state: a named file, else the
/// Supervisor's `options.json`, else `aicleaner.yaml` if there is one.
fn choose(sources: &Sources, supervised: bool) -> (Option<PathBuf>, PathBuf) {
    let named = sources
        .config_file
        .clone()
        .or_else(|| sources.variable(CONFIG).map(PathBuf::from));
    let app_data = PathBuf::from(sources.variable(DATA_DIR).unwrap_or("/data"));
    let options = app_data.join("options.json");
    let in_app = supervised || options.exists();
    let data_dir = if in_app {
        app_data
    } else {
        PathBuf::from("data")
    };
    let file = named.or_else(|| {
        if in_app {
            return Some(options);
        }
        let default = sources.working_dir.join(DEFAULT_FILE);
        default.exists().then_some(default)
    });
    (file, data_dir)
}

/// The environment laid over the file.
fn layered(
    from_file: Map<String, Value>,
    environment: &BTreeMap<String, String>,
    report: &mut Report,
) -> Map<String, Value> {
    let ours: Map<String, String> = environment
        .iter()
        .filter(|(key, _)| key.starts_with(PREFIX) && !NOT_OPTIONS.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    // `try_parsing` stays off: it turns the password "00123" into 123.
    let environment = Environment::with_prefix("AICLEANER")
        .prefix_separator("_")
        .separator("__")
        .ignore_empty(true)
        .source(Some(ours));
    let layers = [Ok(from_file), environment.collect()];
    let mut builder = Config::builder();
    for layer in layers {
        match layer {
            Ok(layer) => builder = builder.add_source(Plain::of(layer, report)),
            Err(error) => report.notice("environment", error.to_string()),
        }
    }
    match builder.build().map(|config| config.cache.kind) {
        Ok(ValueKind::Table(tree)) => tree,
        // Without any option there is no table yet.
        Ok(_) => Map::new(),
        Err(error) => {
            report.notice("options", error.to_string());
            Map::new()
        }
    }
}

/// A layer whose keys are plain names. `config` takes any other key for a
/// path: `zones[99999999]` would grow a list of that length.
#[derive(Debug, Clone)]
struct Plain(Map<String, Value>);

impl Plain {
    fn of(layer: Map<String, Value>, report: &mut Report) -> Self {
        let (plain, odd): (Map<_, _>, Map<_, _>) = layer
            .into_iter()
            .partition(|(key, value)| is_plain(key, value.origin().is_some()));
        for key in odd.into_keys() {
            report.notice(key, "no such option; check its spelling.");
        }
        Self(plain)
    }
}

/// Letters, digits and `_`; for a variable also the `.` that parts groups.
fn is_plain(key: &str, from_environment: bool) -> bool {
    let name = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    if from_environment {
        key.split('.').all(name)
    } else {
        name(key)
    }
}

impl Source for Plain {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone())
    }
}
