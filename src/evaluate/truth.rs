//! What a folder of pictures says about itself.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::domain::task::Region;

/// Pictures and what is true of them.
#[derive(Debug, Default)]
pub struct Set {
    pub pictures: Vec<Picture>,
    /// Positions of (before, after) in `pictures`.
    pub pairs: Vec<(usize, usize)>,
}

#[derive(Debug)]
pub struct Picture {
    pub path: PathBuf,
    pub truth: Truth,
}

#[derive(Debug)]
pub enum Truth {
    Tidy,
    Messy,
    /// One of a pair; nothing is known beyond its order.
    Paired,
    Scene(Scene),
}

/// One look of a fixed camera.
#[derive(Debug, Clone)]
pub struct Scene {
    pub room: String,
    /// A clean picture that the others are compared with.
    pub is_reference: bool,
    /// How far its light is from the references': `moderate`, `severe`, …
    pub severity: String,
    /// What else is in the picture: a person, a moved chair; empty: nothing.
    pub aside: String,
    pub things: Vec<Option<Region>>,
}

/// A line of truth.json, as `tools/rooms` writes it.
#[derive(Deserialize)]
struct Line {
    room: String,
    #[serde(default)]
    light: String,
    #[serde(default)]
    severity: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    aside: String,
    #[serde(default)]
    things: Vec<Thing>,
}

#[derive(Deserialize)]
struct Thing {
    /// x, y, width, height as fractions; null: hidden.
    #[serde(rename = "box")]
    seen: Option<[f32; 4]>,
}

/// Reads a folder and, for truth.json and pairs, the folders in it.
pub fn read(dir: &Path, most: Option<usize>) -> anyhow::Result<Set> {
    let mut set = Set::default();
    let inside = entries(dir)?;
    for (name, tidy) in [("tidy", true), ("messy", false)] {
        let folder = dir.join(name);
        if folder.is_dir() {
            for path in thinned(pictures(&folder)?, most.map(|n| n / 2)) {
                let truth = if tidy { Truth::Tidy } else { Truth::Messy };
                set.pictures.push(Picture { path, truth });
            }
        }
    }
    let mut folders = vec![dir.to_owned()];
    folders.extend(inside.into_iter().filter(|path| path.is_dir()));
    for folder in folders {
        if folder.join("truth.json").is_file() {
            scenes(&folder, most, &mut set)?;
        } else {
            pairs(&folder, &mut set)?;
        }
    }
    if set.pictures.is_empty() {
        bail!(
            "{} holds no pictures to evaluate: name folders tidy and messy, or files NAME-before.jpg and NAME-after.jpg, or give a truth.json (docs/judge.md describes it)",
            dir.display()
        );
    }
    Ok(set)
}

fn scenes(folder: &Path, most: Option<usize>, set: &mut Set) -> anyhow::Result<()> {
    let file = folder.join("truth.json");
    let text = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let lines: BTreeMap<String, Line> = serde_json::from_slice(&text)
        .with_context(|| format!("{} is not as it should be", file.display()))?;
    // Without a role, the first clean picture of each light is a reference.
    let roles = lines.values().any(|line| line.role == "reference");
    let mut lit: Vec<(String, String)> = Vec::new();
    let (mut references, mut looks) = (Vec::new(), Vec::new());
    for (name, line) in lines {
        let path = folder.join(&name);
        if !path.is_file() {
            bail!("{} speaks of {name}, which is not there", file.display());
        }
        let light = (line.room.clone(), line.light.clone());
        let is_reference = if roles {
            line.role == "reference"
        } else {
            line.things.is_empty() && line.light != "night" && !lit.contains(&light) && {
                lit.push(light);
                true
            }
        };
        let scene = Scene {
            room: line.room,
            is_reference,
            severity: line.severity,
            aside: line.aside,
            things: line
                .things
                .iter()
                .map(|thing| thing.seen.map(region))
                .collect(),
        };
        let picture = Picture {
            path,
            truth: Truth::Scene(scene),
        };
        if is_reference {
            references.push(picture);
        } else {
            looks.push(picture);
        }
    }
    set.pictures.extend(references);
    set.pictures.extend(thinned(looks, most));
    Ok(())
}

fn region([x, y, width, height]: [f32; 4]) -> Region {
    Region {
        x,
        y,
        width,
        height,
    }
}

/// `NAME-before.*` beside `NAME-after.*`.
fn pairs(folder: &Path, set: &mut Set) -> anyhow::Result<()> {
    let mut named: BTreeMap<String, [Option<PathBuf>; 2]> = BTreeMap::new();
    for path in pictures(folder)? {
        let stem = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        for (at, end) in ["-before", "-after"].into_iter().enumerate() {
            if let Some(name) = stem.strip_suffix(end) {
                named.entry(name.to_owned()).or_default()[at] = Some(path.clone());
            }
        }
    }
    for (name, sides) in named {
        let [Some(before), Some(after)] = sides else {
            bail!(
                "{}: {name} has no {}",
                folder.display(),
                match sides {
                    [None, _] => "-before picture",
                    _ => "-after picture",
                }
            );
        };
        set.pairs.push((set.pictures.len(), set.pictures.len() + 1));
        for path in [before, after] {
            set.pictures.push(Picture {
                path,
                truth: Truth::Paired,
            });
        }
    }
    Ok(())
}

/// Every n-th, so that at most so many remain.
fn thinned<T>(all: Vec<T>, most: Option<usize>) -> Vec<T> {
    let step = most.map_or(1, |most| all.len().div_ceil(most.max(1)).max(1));
    all.into_iter().step_by(step).collect()
}

fn pictures(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = entries(folder)?;
    paths.retain(|path| {
        let ending = path
            .extension()
            .and_then(|e| e.to_str())
            .unwrap_or_default();
        path.is_file()
            && matches!(
                ending.to_ascii_lowercase().as_str(),
                "jpg" | "jpeg" | "png" | "webp"
            )
    });
    Ok(paths)
}

/// In name order.
fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let unreadable = || format!("cannot read the folder {}", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        paths.push(entry.with_context(unreadable)?.path());
    }
    paths.sort();
    Ok(paths)
}
