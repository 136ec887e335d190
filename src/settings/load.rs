//! Where options come from: the Supervisor's file or a config file, and the
//! environment on top. Loading never fails: what cannot be read becomes a
//! problem and safe mode, so that the page comes up and says so.
//!
//! Environment: `AICLEANER_` and the option in capitals, groups parted by two
//! underscores, such as `AICLEANER_MQTT__HOST`.

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use config::{Config, ConfigError, Environment, File, FileFormat, Map, Source, Value, ValueKind};

use super::{
    check::{Surroundings, check},
    model::Settings,
    problem::{NOTHING, Notice, Problem, Report},
    secret::Secret,
};

/// Where to look. Taken once from the process; tests fill it themselves.
#[derive(Debug, Clone, Default)]
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
}

const PREFIX: &str = "AICLEANER_";
const SUPERVISOR_TOKEN: &str = "SUPERVISOR_TOKEN";
const SUPERVISOR_URL: &str = "AICLEANER_SUPERVISOR_URL";
const CONFIG: &str = "AICLEANER_CONFIG";
const DATA_DIR: &str = "AICLEANER_DATA_DIR";
/// Variables with our prefix that are not options.
const NOT_OPTIONS: [&str; 2] = [SUPERVISOR_URL, CONFIG];
/// Options files are a few KiB; more is some other file.
const LARGEST: usize = 256 * 1024;
/// YAML may nest by `- - - -` in one line; its parser recurses.
const DEEPEST: usize = 32;

/// Loads the settings. Reads at most one file, does no other IO.
pub fn load(sources: &Sources) -> Loaded {
    let mut report = Report::default();
    let supervisor = sources.variable(SUPERVISOR_TOKEN).map(|token| {
        let url = sources.variable(SUPERVISOR_URL);
        let url = url.unwrap_or("http://supervisor").trim_end_matches('/');
        (url.to_owned(), Secret::from(token.to_owned()))
    });
    let (file, data_dir) = choose(sources, supervisor.is_some());
    let read = file.as_deref().map_or(Ok(Map::new()), read);
    let safe_mode = read.is_err();
    let from_file = read.unwrap_or_else(|problem| {
        report.problems.push(problem);
        Map::new()
    });
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
        zones_complete: complete && !safe_mode,
        file,
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
        let default = sources.working_dir.join("aicleaner.yaml");
        default.exists().then_some(default)
    });
    (file, data_dir)
}

/// The options in a file, or why there are none.
fn read(path: &Path) -> Result<Map<String, Value>, Problem> {
    let unreadable = |found: String, hint: &str| Problem {
        path: path.display().to_string(),
        found,
        allowed: "a file with options, YAML or JSON".to_owned(),
        hint: format!("{hint} Until then no room is watched."),
    };
    let bytes = fs::read(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => unreadable(NOTHING.to_owned(), "Create it, or name another file."),
        _ => unreadable(
            format!("a file that cannot be read ({error})"),
            "Check its permissions.",
        ),
    })?;
    if bytes.len() > LARGEST {
        let found = format!("{} KiB", bytes.len() / 1024);
        return Err(unreadable(found, "Check that it is the right file."));
    }
    let json = path
        .extension()
        .is_some_and(|ext| ext.eq_ignore_ascii_case("json"));
    parse(&bytes, json).map_err(|found| unreadable(found, "Correct it there."))
}

/// Options from a file's bytes; the error says what was found instead, with
/// line and column.
fn parse(bytes: &[u8], json: bool) -> Result<Map<String, Value>, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        // The valid part is text; its lines tell where it ends.
        let line = String::from_utf8_lossy(&bytes[..error.valid_up_to()])
            .matches('\n')
            .count()
            + 1;
        format!("bytes that are not UTF-8 text at line {line}")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (format, name) = if json {
        (FileFormat::Json, "JSON")
    } else {
        (FileFormat::Yaml, "YAML")
    };
    if !json {
        check_yaml_lines(text)?;
        if text
            .lines()
            .all(|line| line.trim().is_empty() || line.trim().starts_with('#'))
        {
            return Ok(Map::new());
        }
    }
    File::from_str(text, format)
        .collect()
        .map_err(|error| match error {
            ConfigError::FileParse { cause, .. } => {
                format!("broken {name}{}", place(&cause.to_string()))
            }
            _ => format!("{name} that is not a group of options"),
        })
}

/// What the YAML parser does not refuse but we must: nesting without bound,
/// and `!secret`, which only Home Assistant's own files resolve.
fn check_yaml_lines(text: &str) -> Result<(), String> {
    for (number, line) in (1..).zip(text.lines()) {
        let starts = line
            .split_ascii_whitespace()
            .take_while(|word| matches!(*word, "-" | "?"));
        if starts.count() > DEEPEST {
            return Err(format!("lists nested too deep at line {number}"));
        }
        let value = line
            .split_once(": ")
            .map_or(line, |(_, value)| value)
            .trim_start();
        if value.trim_start_matches("- ").starts_with("!secret ") {
            return Err(format!(
                "!secret at line {number}, which only Home Assistant's own files know"
            ));
        }
    }
    Ok(())
}

/// Where a parser stopped and, if it says so without quoting the file, why.
fn place(message: &str) -> String {
    let Some((why, position)) = message.split_once(" line ") else {
        return String::new();
    };
    let why = why.split(" at byte").next().unwrap_or(why);
    let why = why.strip_suffix(" at").unwrap_or(why).trim();
    let why = if why.contains('"') {
        String::new()
    } else {
        format!(" ({why})")
    };
    let position: Vec<_> = position
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .take(2)
        .collect();
    match position[..] {
        [line, column] => format!(" at line {line}, column {column}{why}"),
        _ => why,
    }
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
