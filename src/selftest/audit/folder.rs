//! The app's folder as the store reads it, and the repository around it.

use std::{fs, path::Path};

use config::{Config, File, FileFormat};
use serde_json::{Map, Value};

use super::{none, row};
use crate::{app::VERSION, selftest::criteria::Criterion};

const APP: &str = "aicleaner_v3";

const PRESENTATION: &str = "developers.home-assistant.io, apps/presentation";
const SECURITY: &str = "developers.home-assistant.io, apps/security";
const PUBLISHING: &str = "developers.home-assistant.io, apps/publishing";
const LINTER: &str = "the apps' linter";
const OWN: &str = "this project";

/// Rights that an app can do without.
const RIGHTS: [&str; 14] = [
    "host_network",
    "host_pid",
    "host_ipc",
    "host_uts",
    "host_dbus",
    "privileged",
    "full_access",
    "docker_api",
    "hassio_api",
    "hassio_role",
    "auth_api",
    "devices",
    "kernel_modules",
    "udev",
];
/// Keys that the linter refuses.
const REFUSED: [&str; 7] = [
    "webui",
    "watchdog",
    "codenotary",
    "squash",
    "auto_uart",
    "advanced",
    "build_from",
];

struct App<'a> {
    root: &'a Path,
    manifest: Map<String, Value>,
}

/// What is in the repository at `root`; one row that says so if it is not there.
pub fn rows(root: &Path) -> Vec<Criterion> {
    let app = match App::read(root) {
        Ok(app) => app,
        Err(why) => {
            let limit = "the repository's folder as an argument";
            return vec![Criterion::missing("the app's folder", limit, &why)];
        }
    };
    vec![
        row("no rights beyond need", SECURITY, app.rights()),
        row("an AppArmor profile of its own", SECURITY, app.profile()),
        row("folders are mapped read-only", SECURITY, app.maps()),
        row(
            "access through ingress, no login of its own",
            SECURITY,
            app.ingress(),
        ),
        row("images are signed", SECURITY, app.signed()),
        row(
            "a pre-built image for every architecture",
            PUBLISHING,
            app.image(),
        ),
        row("the version is the program's", PUBLISHING, app.version()),
        row("no refused or deprecated key", LINTER, app.refused()),
        row(
            "the changelog begins with this version",
            PRESENTATION,
            app.changelog(),
        ),
        row("icon and logo", PRESENTATION, app.pictures()),
        row(
            "every option is documented and translated",
            PRESENTATION,
            app.options(),
        ),
        row(
            "licence, support and trouble are documented",
            PRESENTATION,
            app.documents(),
        ),
        row("the image asks the service how it is", OWN, app.health()),
        row("one app and one repository", OWN, app.one()),
    ]
}

impl<'a> App<'a> {
    fn read(root: &'a Path) -> Result<Self, String> {
        let path = root.join(APP).join("config.yaml");
        let text = fs::read_to_string(&path).map_err(|why| format!("{}: {why}", path.display()))?;
        let manifest = yaml(&text)?;
        Ok(Self { root, manifest })
    }

    fn text(&self, path: &str) -> Result<String, String> {
        fs::read_to_string(self.root.join(path)).map_err(|why| format!("{path}: {why}"))
    }

    fn word(&self, key: &str) -> &str {
        let value = self.manifest.get(key);
        value.and_then(Value::as_str).unwrap_or_default()
    }

    fn set(&self, keys: &[&str]) -> Vec<String> {
        let off = [Value::Null, Value::Bool(false), Value::Array(vec![])];
        let is_set = |key: &&&str| self.manifest.get(**key).is_some_and(|v| !off.contains(v));
        keys.iter()
            .filter(is_set)
            .map(|key| (*key).to_owned())
            .collect()
    }

    fn rights(&self) -> Result<String, String> {
        none(&self.set(&RIGHTS))
    }

    fn profile(&self) -> Result<String, String> {
        let profile = self.text("aicleaner_v3/apparmor.txt")?;
        if self.manifest.get("apparmor") == Some(&Value::Bool(false)) {
            return Err("config.yaml switches it off".into());
        }
        let blanket = ["file,", "network,", "capability,", "/** rw,"];
        let lines = profile.lines().map(str::trim);
        let found: Vec<String> = lines
            .filter(|line| blanket.contains(line))
            .map(str::to_owned)
            .collect();
        none(&found).map(|_| "there is one, without a blanket rule".into())
    }

    fn maps(&self) -> Result<String, String> {
        let maps = self.manifest.get("map").and_then(Value::as_array);
        let maps = maps.map_or(&[][..], Vec::as_slice);
        let writes = |map: &&Value| {
            let words = map.as_str().is_some_and(|map| map.ends_with(":rw"));
            words || map["read_only"] == false
        };
        let found: Vec<String> = maps.iter().filter(writes).map(Value::to_string).collect();
        none(&found).map(|_| format!("{} mapped, none to be written", maps.len()))
    }

    fn ingress(&self) -> Result<String, String> {
        if self.manifest.get("ingress") == Some(&Value::Bool(true)) {
            Ok("ingress: true".into())
        } else {
            Err("config.yaml does not switch ingress on".into())
        }
    }

    fn signed(&self) -> Result<String, String> {
        let workflow = ".github/workflows/release.yml";
        let text = self.text(workflow)?;
        let signs = text.contains("cosign") || text.contains("attest");
        signs
            .then(|| format!("{workflow} signs"))
            .ok_or_else(|| format!("{workflow} signs nothing"))
    }

    fn image(&self) -> Result<String, String> {
        let image = self.word("image");
        let archs = self.manifest.get("arch").and_then(Value::as_array);
        let archs = archs.map_or(0, Vec::len);
        if image.is_empty() || image.contains([':', '{']) || archs == 0 {
            return Err(format!("image {image:?}, {archs} architectures"));
        }
        Ok(format!("{image}, {archs} architectures"))
    }

    fn version(&self) -> Result<String, String> {
        let version = self.word("version");
        if version == VERSION {
            Ok(version.into())
        } else {
            Err(format!("config.yaml says {version}, the program {VERSION}"))
        }
    }

    fn refused(&self) -> Result<String, String> {
        none(&self.set(&REFUSED))
    }

    fn changelog(&self) -> Result<String, String> {
        let text = self.text("aicleaner_v3/CHANGELOG.md")?;
        let first = text.lines().find_map(|line| line.strip_prefix("## "));
        match first {
            Some(VERSION) => Ok(VERSION.into()),
            first => Err(format!("it begins with {first:?}")),
        }
    }

    fn pictures(&self) -> Result<String, String> {
        for (name, wanted) in [("icon.png", (128, 128)), ("logo.png", (250, 100))] {
            let path = self.root.join(APP).join(name);
            match image::image_dimensions(&path) {
                Ok(size) if size == wanted => {}
                Ok(size) => return Err(format!("{name} is {size:?}, not {wanted:?}")),
                Err(why) => return Err(format!("{name}: {why}")),
            }
        }
        Ok("128 × 128 and 250 × 100".into())
    }

    fn options(&self) -> Result<String, String> {
        let docs = self.text("aicleaner_v3/DOCS.md")?;
        let words = yaml(&self.text("aicleaner_v3/translations/en.yaml")?)?;
        let schema = self.manifest.get("schema").and_then(Value::as_object);
        let schema = schema.ok_or("config.yaml has no schema")?;
        let mut found = Vec::new();
        for option in schema.keys() {
            if !docs.contains(&format!("`{option}`")) {
                found.push(format!("{option} is not in DOCS.md"));
            }
            let translated = words.get("configuration").and_then(|all| all.get(option));
            if translated.is_none() {
                found.push(format!("{option} has no translation"));
            }
        }
        none(&found).map(|_| format!("{} options", schema.len()))
    }

    fn documents(&self) -> Result<String, String> {
        let docs = self.text("aicleaner_v3/DOCS.md")?.to_lowercase();
        self.text("aicleaner_v3/README.md")?;
        let missing = |word: &&&str| !docs.contains(**word);
        let wanted = ["## licence", "/issues", "## troubleshooting"];
        let found: Vec<String> = wanted
            .iter()
            .filter(missing)
            .map(|word| format!("DOCS.md says nothing of \"{word}\""))
            .collect();
        none(&found).map(|_| "README.md and DOCS.md say it".into())
    }

    fn health(&self) -> Result<String, String> {
        let text = self.text("Dockerfile")?;
        let asks = text.contains("\nHEALTHCHECK ");
        asks.then(|| "HEALTHCHECK in the Dockerfile".into())
            .ok_or_else(|| "the Dockerfile has no HEALTHCHECK".into())
    }

    fn one(&self) -> Result<String, String> {
        let folders = fs::read_dir(self.root).map_err(|why| why.to_string())?;
        let named = |folder: &Path, start: &str| {
            let files = fs::read_dir(folder).into_iter().flatten().flatten();
            let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
            let ends = [".yaml", ".yml", ".json"];
            names
                .filter(|name| ends.iter().any(|end| *name == format!("{start}{end}")))
                .count()
        };
        let inner = folders.flatten().map(|entry| entry.path());
        let apps: usize = inner
            .filter(|path| path.is_dir() && path.file_name().is_none_or(|n| n != "target"))
            .map(|path| named(&path, "config"))
            .sum();
        let repositories = named(self.root, "repository");
        let found = format!("{apps} and {repositories}");
        if (apps, repositories) == (1, 1) {
            Ok(found)
        } else {
            Err(found)
        }
    }
}

fn yaml(text: &str) -> Result<Map<String, Value>, String> {
    Config::builder()
        .add_source(File::from_str(text, FileFormat::Yaml))
        .build()
        .and_then(Config::try_deserialize)
        .map_err(|why| why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selftest::criteria::Verdict;

    /// A copy of what is looked at.
    fn copy() -> tempfile::TempDir {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let copy = tempfile::tempdir().unwrap();
        for folder in [
            "aicleaner_v3",
            "aicleaner_v3/translations",
            ".github/workflows",
        ] {
            fs::create_dir_all(copy.path().join(folder)).unwrap();
            for file in fs::read_dir(here.join(folder)).unwrap() {
                let path = file.unwrap().path();
                if path.is_file() {
                    let into = copy.path().join(folder).join(path.file_name().unwrap());
                    fs::copy(&path, into).unwrap();
                }
            }
        }
        for file in ["Dockerfile", "repository.json"] {
            fs::copy(here.join(file), copy.path().join(file)).unwrap();
        }
        copy
    }

    fn failed(root: &Path) -> Vec<String> {
        let rows = rows(root).into_iter();
        rows.filter(|row| row.verdict != Verdict::Pass)
            .map(|row| format!("{}: {}", row.name, row.figure))
            .collect()
    }

    #[test]
    fn this_repository_is_clean() {
        assert_eq!(failed(Path::new(env!("CARGO_MANIFEST_DIR"))), [""; 0]);
    }

    #[test]
    fn each_rule_is_broken_by_its_own_fault() {
        let table = [
            (
                "config.yaml",
                "\nhost_network: true\n",
                "no rights beyond need",
            ),
            (
                "config.yaml",
                "\nmap:\n  - type: share\n    read_only: false\n",
                "folders are mapped",
            ),
            (
                "config.yaml",
                "\ningress: false\n",
                "access through ingress",
            ),
            (
                "config.yaml",
                "\nimage: ghcr.io/x/{arch}-y\n",
                "a pre-built image",
            ),
            ("config.yaml", "\nversion: \"0.1.0\"\n", "the version"),
            ("config.yaml", "\nwatchdog: http://x\n", "no refused"),
            ("apparmor.txt", "\n  file,\n", "an AppArmor profile"),
        ];
        for (file, more, rule) in table {
            let copy = copy();
            let path = copy.path().join(APP).join(file);
            let text = fs::read_to_string(&path).unwrap();
            // A key that is there already would be there twice.
            let key = more.trim().split(':').next().unwrap();
            let start = format!("{key}:");
            let mut within = false;
            let kept: Vec<&str> = text
                .lines()
                .filter(|line| {
                    within = line.starts_with(&start) || within && line.starts_with([' ', '-']);
                    !within
                })
                .collect();
            fs::write(&path, kept.join("\n") + more).unwrap();
            let failed = failed(copy.path());
            assert!(
                failed.len() == 1 && failed[0].starts_with(rule),
                "{rule}: {failed:?}"
            );
        }
        for (file, rule) in [
            ("Dockerfile", "the image asks"),
            ("repository.json", "one app"),
            ("aicleaner_v3/icon.png", "icon and logo"),
            ("aicleaner_v3/CHANGELOG.md", "the changelog"),
            ("aicleaner_v3/README.md", "licence"),
            ("aicleaner_v3/translations/en.yaml", "every option"),
            (".github/workflows/release.yml", "images are signed"),
            ("aicleaner_v3/config.yaml", "the app's folder"),
        ] {
            let copy = copy();
            fs::remove_file(copy.path().join(file)).unwrap();
            let failed = failed(copy.path());
            assert!(
                failed.len() == 1 && failed[0].starts_with(rule),
                "{rule}: {failed:?}"
            );
        }
    }
}
