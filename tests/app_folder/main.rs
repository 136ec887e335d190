//! What the Supervisor reads, held to the program and to Home Assistant's rules.

mod form;
mod grammar;
mod secrets;
mod tables;

use std::{
    fs,
    path::{Path, PathBuf},
};

use config::{Config, File, FileFormat};
use serde_json::{Value, json};

const FOLDER: &str = "aicleaner_v3";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn yaml(path: &str) -> Value {
    parsed(&text(path), path)
}

fn parsed(yaml: &str, from: &str) -> Value {
    Config::builder()
        .add_source(File::from_str(yaml, FileFormat::Yaml))
        .build()
        .and_then(Config::try_deserialize)
        .unwrap_or_else(|error| panic!("{from}: {error}"))
}

fn manifest() -> Value {
    yaml("aicleaner_v3/config.yaml")
}

/// A value of `[package.metadata.aicleaner]`: where owner and image stand.
fn named(key: &str) -> String {
    let cargo = text("Cargo.toml");
    let (_, section) = cargo.split_once("[package.metadata.aicleaner]").unwrap();
    let line = section
        .lines()
        .find(|line| line.starts_with(&format!("{key} =")))
        .unwrap();
    line.split('"').nth(1).unwrap().to_owned()
}

/// Every file the Supervisor's store scan would see.
fn scanned(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if !path.is_dir() {
            files.push(path);
        } else if !(name.starts_with('.') || ["rootfs", "target"].contains(&name)) {
            scanned(&path, files);
        }
    }
}

fn object(value: &Value) -> &serde_json::Map<String, Value> {
    value
        .as_object()
        .unwrap_or_else(|| panic!("not a group: {value}"))
}

#[test]
fn original_4_the_store_finds_one_app_and_one_repository() {
    let mut files = Vec::new();
    scanned(root(), &mut files);
    let matching = |stem: &str| -> Vec<_> {
        files
            .iter()
            .filter(|path| path.file_stem().unwrap() == stem)
            .filter(|path| {
                ["yaml", "yml", "json"]
                    .iter()
                    .any(|ext| path.extension().is_some_and(|e| e == *ext))
            })
            .map(|path| path.strip_prefix(root()).unwrap().to_owned())
            .collect()
    };
    assert_eq!(matching("config"), [Path::new("aicleaner_v3/config.yaml")]);
    assert_eq!(matching("repository"), [Path::new("repository.json")]);
}

#[test]
fn original_5_names_and_addresses_agree() {
    let manifest = manifest();
    let repository: Value = serde_json::from_str(&text("repository.json")).unwrap();
    let dockerfile = text("Dockerfile");
    let address = named("repository");
    assert_eq!(manifest["slug"], FOLDER);
    assert_eq!(manifest["image"], named("image"));
    assert_eq!(manifest["url"], address);
    assert_eq!(repository["url"], address);
    assert!(repository["name"].is_string() && repository["maintainer"].is_string());
    assert!(address.contains(&named("owner")) && named("image").contains(&named("owner")));
    for label in ["io.hass.url", "org.opencontainers.image.source"] {
        assert!(
            dockerfile.contains(&format!("{label}=\"{address}\"")),
            "{label}"
        );
    }
    for label in ["io.hass.name", "org.opencontainers.image.title"] {
        assert!(
            dockerfile.contains(&format!("{label}={}", manifest["name"])),
            "{label}"
        );
    }
    let labelled = format!("io.hass.description={}", manifest["description"]);
    assert!(dockerfile.contains(&labelled), "{labelled}");
    for readme in [
        "README.md",
        "aicleaner_v3/README.md",
        "aicleaner_v3/DOCS.md",
    ] {
        // The root README belongs to the repository, not to the app folder.
        if !root().join(readme).exists() {
            assert_eq!(readme, "README.md");
            continue;
        }
        let content = text(readme);
        assert!(
            content.contains(&address),
            "{readme} does not link to {address}"
        );
        for (_, rest) in content
            .match_indices("https://github.com/")
            .map(|(at, _)| content.split_at(at))
        {
            let to_us = rest.starts_with(&address)
                || rest.starts_with("https://github.com/home-assistant/");
            assert!(to_us, "{readme}: {}", &rest[..60.min(rest.len())]);
        }
    }
}

#[test]
fn the_version_is_the_same_everywhere() {
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(manifest()["version"], version);
    assert!(text("Dockerfile").contains(&format!("ARG BUILD_VERSION={version}\n")));
    let changelog = text("aicleaner_v3/CHANGELOG.md");
    assert!(!changelog.contains('\r'));
    let headings: Vec<_> = changelog
        .lines()
        .filter(|line| line.starts_with("## "))
        .collect();
    assert_eq!(headings[0], format!("## {version}"));
    for heading in headings {
        let plain = heading[3..].chars().all(|c| c.is_ascii_digit() || c == '.');
        assert!(
            plain,
            "{heading}: hashes, a blank and the version, nothing else"
        );
    }
}

/// Keys of the Supervisor's validator that we may want, and their defaults:
/// the linter refuses a key that says what is so anyway.
#[test]
fn the_manifest_passes_the_linters_rules() {
    let defaults = json!({
        "apparmor": true, "boot": "auto", "startup": "application", "stage": "stable",
        "init": true, "ingress_port": 8099, "panel_admin": true, "panel_icon": "mdi:puzzle",
        "timeout": 10, "backup": "hot", "options": {}, "schema": {}, "ulimits": {},
        "ingress_entry": "", "ingress_stream": false, "host_network": false, "tmpfs": false,
        "homeassistant_api": false, "hassio_api": false, "hassio_role": "default", "ingress": false
    });
    let known = [
        "name",
        "version",
        "slug",
        "description",
        "url",
        "image",
        "arch",
        "homeassistant",
        "homeassistant_api",
        "services",
        "ingress",
        "panel_icon",
        "panel_title",
        "timeout",
        "tmpfs",
        "ports",
        "ports_description",
        "options",
        "schema",
        "backup_pre",
        "backup_exclude",
        "stage",
        "breaking_versions",
        "map",
    ];
    let manifest = manifest();
    for (key, value) in object(&manifest) {
        // Deprecated ones (watchdog, advanced, codenotary, webui …) are not among the known.
        assert!(
            known.contains(&key.as_str()),
            "{key}: unknown, deprecated or not wanted"
        );
        assert_ne!(
            Some(value),
            defaults.get(key),
            "{key} only repeats its default"
        );
    }
    assert_eq!(manifest["arch"], json!(["aarch64", "amd64"]));
    assert_eq!(manifest["services"], json!(["mqtt:want"]));
    // The Supervisor maps read-only unless told otherwise.
    assert_eq!(manifest["map"], json!([{ "type": "ssl" }]));
    assert!(manifest["homeassistant"].is_string() && manifest["version"].is_string());
    let image = manifest["image"].as_str().unwrap();
    assert!(!image.contains(':') && image.to_lowercase() == image);
    assert!((10..=300).contains(&manifest["timeout"].as_i64().unwrap()));
    assert_eq!(
        object(&manifest["ports"]).keys().collect::<Vec<_>>(),
        object(&manifest["ports_description"])
            .keys()
            .collect::<Vec<_>>()
    );
}

#[test]
fn pictures_have_the_sizes_of_the_store() {
    for (name, size) in [("icon.png", (128, 128)), ("logo.png", (250, 100))] {
        let path = root().join(FOLDER).join(name);
        assert_eq!(image::image_dimensions(&path).unwrap(), size, "{name}");
    }
}

#[test]
fn the_profile_has_one_head_and_no_blanket_rule() {
    let profile = text("aicleaner_v3/apparmor.txt");
    let heads: Vec<_> = profile
        .lines()
        .filter(|line| line.starts_with("profile "))
        .collect();
    assert_eq!(heads.len(), 1);
    assert!(
        heads[0].starts_with("profile aicleaner_v3 flags=(attach_disconnected,mediate_deleted)")
    );
    for line in profile.lines().map(str::trim) {
        assert!(
            !["file,", "network,", "capability,", "/** rw,"].contains(&line),
            "{line}"
        );
    }
    // Ports and helpers the program needs are spelled out.
    for rule in [
        "network inet stream,",
        "/usr/bin/aicleaner rix,",
        "/data/** rwkl,",
        "/ssl/** r,",
    ] {
        assert!(profile.contains(rule), "{rule}");
    }
}

#[test]
fn original_6_the_image_runs_one_program_and_asks_it_how_it_is() {
    let dockerfile = text("Dockerfile");
    let toolchain = text("rust-toolchain.toml");
    let channel = toolchain.split('"').nth(1).unwrap();
    for line in [
        format!("ARG BUILDER=rust:{channel}-"),
        "ARG BUILD_FROM=scratch\n".to_owned(),
        "FROM ${BUILD_FROM}\n".to_owned(),
        "CMD [\"/usr/bin/aicleaner\", \"healthcheck\"]".to_owned(),
        "ENTRYPOINT [\"/usr/bin/aicleaner\"]\nCMD [\"run\"]".to_owned(),
        "io.hass.type=\"app\"".to_owned(),
        "io.hass.arch=".to_owned(),
        "target-feature=+crt-static".to_owned(),
        "/etc/ssl/certs/ca-certificates.crt".to_owned(),
    ] {
        assert!(dockerfile.contains(&line), "{line}");
    }
    assert!(
        !dockerfile.contains("# syntax="),
        "an outside front end is not needed"
    );
}

/// The live files change while they are read; the copy made by the hook is whole.
#[test]
fn backups_hold_the_copy_and_not_the_live_files() {
    let manifest = manifest();
    assert_eq!(manifest["backup_pre"], "/usr/bin/aicleaner backup-prepare");
    let [pattern, clean_pictures] = manifest["backup_exclude"].as_array().unwrap().as_slice()
    else {
        panic!("two patterns")
    };
    // Matched from the right, part by part: references/ZONE/PICTURE.
    assert_eq!(clean_pictures, "references/*/*");
    let beginning = pattern.as_str().unwrap().strip_suffix('*').unwrap();
    for left_out in [
        "aicleaner.db",
        "aicleaner.db-wal",
        "aicleaner.db-shm",
        "aicleaner.db.corrupt-20261122T174100Z",
    ] {
        assert!(left_out.starts_with(beginning), "{left_out}");
    }
    assert!(!"aicleaner-backup.db".starts_with(beginning));
}
