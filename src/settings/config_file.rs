//! The config file as the editor's keeper of options, outside a Supervisor:
//! read as a document, written whole or not at all. Blocking.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use serde_json::Value;
use yaml_rust2::{Yaml, YamlEmitter, yaml::Hash};

use super::{file, options::Document};

/// What the file holds; a file that is not there yet holds nothing.
pub fn read(path: &Path) -> Result<Document, String> {
    if !path.exists() {
        return Ok(Document::default());
    }
    file::read(path)
        .map(|layer| file::document(&layer))
        .map_err(|problem| problem.to_string())
}

/// Writes the file anew; the one before stays beside it as `.bak`. At every
/// moment there is a whole file: the old or the new one. The error is a sentence.
pub fn write(path: &Path, document: &Document) -> Result<(), String> {
    // Behind a link the file itself is meant, not the link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let text = if file::is_json(&path) {
        let pretty = serde_json::to_string_pretty(&document.0);
        pretty.map_err(|error| error.to_string())? + "\n"
    } else {
        yaml(document)?
    };
    replace(&path, &text).map_err(|error| {
        let remedy = match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                "make the file and its folder writable"
            }
            // A file that is a mount of its own cannot be replaced.
            io::ErrorKind::ResourceBusy => "mount its folder into the container, not the file alone",
            io::ErrorKind::StorageFull => "free some space",
            _ => "look whether the folder is there and the disk is healthy",
        };
        format!(
            "{} could not be written ({error}); nothing was changed. To save from the page, {remedy}.",
            path.display()
        )
    })
}

/// Whether saving loses what only a person reads.
pub fn has_comments(path: &Path) -> bool {
    !file::is_json(path)
        && fs::read_to_string(path).is_ok_and(|text| {
            text.lines()
                .any(|line| line.trim_start().starts_with('#') || line.contains(" #"))
        })
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let fresh = beside(".new");
    let written = (|| {
        let mut file = fs::File::create(&fresh)?;
        file.write_all(text.as_bytes())?;
        if let Ok(old) = fs::metadata(path) {
            file.set_permissions(old.permissions())?;
            fs::copy(path, beside(".bak"))?;
        }
        file.sync_all()?;
        fs::rename(&fresh, path)
    })();
    if written.is_err() {
        // What is half written is of no use to anybody.
        fs::remove_file(&fresh).ok();
    }
    written
}

fn yaml(document: &Document) -> Result<String, String> {
    let mut text = String::new();
    let value = node(&Value::Object(document.0.clone()));
    YamlEmitter::new(&mut text)
        .dump(&value)
        .map_err(|error| error.to_string())?;
    let body = text.strip_prefix("---\n").unwrap_or(&text);
    Ok(format!("{body}\n"))
}

fn node(value: &Value) -> Yaml {
    match value {
        Value::Null => Yaml::Null,
        Value::Bool(yes) => Yaml::Boolean(*yes),
        Value::Number(number) => number
            .as_i64()
            .map_or_else(|| Yaml::Real(number.to_string()), Yaml::Integer),
        Value::String(text) => Yaml::String(text.clone()),
        Value::Array(entries) => Yaml::Array(entries.iter().map(node).collect()),
        Value::Object(group) => Yaml::Hash(
            group
                .iter()
                .map(|(key, value)| (Yaml::String(key.clone()), node(value)))
                .collect::<Hash>(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use serde_json::json;
    use tempfile::TempDir;

    use super::*;

    fn document() -> Document {
        let value = json!({
            "zones": [{
                "name": "Küche: \"new\"", "cameras": ["camera.kitchen", "file:/a b#c.jpg"],
                "purpose": "yes", "interval_minutes": 15, "todo_list": "todo.x"
            }],
            "mqtt": { "password": "00123", "username": "- 'x", "host": "null" },
            "log_level": "~", "ratio": 0.5, "on": true, "empty": []
        });
        Document(value.as_object().unwrap().clone())
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let dir = TempDir::new().unwrap();
        for name in ["aicleaner.yaml", "options.json"] {
            let path = dir.path().join(name);
            write(&path, &document()).unwrap();
            assert_eq!(read(&path).unwrap().0, document().0, "{name}");
            write(&path, &document()).unwrap();
        }
        assert_eq!(read(&dir.path().join("none.yaml")), Ok(Document::default()));
    }

    #[test]
    fn the_file_before_is_kept_and_its_permissions_stay() {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("aicleaner.yaml");
        let old = "# my rooms\nlog_level: debug\n";
        fs::write(&path, old).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(has_comments(&path));
        write(&path, &document()).unwrap();
        assert!(!has_comments(&path) || document().0["zones"].to_string().contains(" #"));
        let kept = fs::read_to_string(dir.path().join("aicleaner.yaml.bak")).unwrap();
        assert_eq!(kept, old);
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
    }

    #[test]
    fn a_file_that_cannot_be_written_stays_as_it_is() {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("aicleaner.yaml");
        fs::write(&path, "log_level: debug\n").unwrap();
        // Something is in the way of the new file.
        fs::create_dir(dir.path().join("aicleaner.yaml.new")).unwrap();
        let why = write(&path, &document()).unwrap_err();
        assert!(why.contains("nothing was changed"), "{why}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "log_level: debug\n");
    }

    #[test]
    fn behind_a_link_the_file_is_written() {
        let dir = TempDir::new().unwrap();
        let (path, link) = (dir.path().join("real.yaml"), dir.path().join("link.yaml"));
        fs::write(&path, "log_level: debug\n").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        write(&link, &document()).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(read(&path).unwrap().0, document().0);
    }
}
