//! No file of the repository holds what opens something.

use std::{fs, path::Path};

use super::root;

/// What keys look like: their beginning, and how many letters, digits, `_` and
/// `-` come after it at least.
const SHAPES: [(&str, usize); 8] = [
    ("AIza", 30),
    ("sk-", 32),
    ("ghp_", 30),
    ("github_pat_", 30),
    ("xoxb-", 20),
    ("AKIA", 16),
    ("glpat-", 18),
    // A token of Home Assistant's or another signed one.
    ("eyJ", 60),
];

/// The first thing in a text that looks like a key.
fn key_in(text: &str) -> Option<&str> {
    if let Some(at) = text.find(concat!("PRIVATE KEY", "-----\n")) {
        return Some(&text[at..at + 11]);
    }
    SHAPES.iter().find_map(|(beginning, length)| {
        text.match_indices(beginning).find_map(|(at, _)| {
            let before = text[..at].chars().next_back();
            let rest = &text[at + beginning.len()..];
            let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            // Keys are random: words with hyphens, or one sign many times, are none.
            let signs: std::collections::BTreeSet<char> = rest[..end].chars().collect();
            let random = rest[..end].chars().any(|c| c.is_ascii_digit())
                && rest[..end].chars().any(|c| c.is_ascii_uppercase())
                && signs.len() > 12;
            (end >= *length && random && !before.is_some_and(is_part))
                .then(|| &text[at..at + beginning.len() + end])
        })
    })
}

fn searched(folder: &Path, found: &mut Vec<String>, files: &mut usize) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            let ours = !["target", ".git", "node_modules", "__pycache__", ".venv"].contains(&name);
            if ours {
                searched(&path, found, files);
            }
            continue;
        }
        let login = ["secrets.yaml", ".env", "id_rsa", "id_ed25519"].contains(&name);
        // Pictures and models are no texts.
        let text = fs::read_to_string(&path).unwrap_or_default();
        *files += usize::from(!text.is_empty());
        if let Some(key) = key_in(&text) {
            found.push(format!("{}: {key}", path.display()));
        } else if login {
            found.push(path.display().to_string());
        }
    }
}

#[test]
fn original_20_no_file_holds_a_key_or_a_login() {
    let random = "Zq3Xk9-Lm2_Tb7Rw5Yd8Hf1Vn4Jc6Ps0GaEuIo";
    for (beginning, _) in SHAPES {
        let planted = format!("key: \"{beginning}{random}{random}\"\n");
        assert!(key_in(&planted).is_some(), "{beginning} is not found");
    }
    let (mut found, mut files) = (Vec::new(), 0);
    searched(root(), &mut found, &mut files);
    assert!(files > 300, "{files}");
    assert_eq!(found, [""; 0]);
}
