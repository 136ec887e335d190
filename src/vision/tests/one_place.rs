//! What a provider may retire stands in one file: models, addresses and names
//! of errors.

use std::{fs, path::Path};

use super::PROVIDERS;

#[test]
fn a_provider_s_models_and_addresses_stand_in_its_own_file_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    walk(&root, &mut sources);
    let mut looked_at = 0;
    for row in PROVIDERS {
        let Some(card) = row.card() else { continue };
        for word in [card.model, card.base_url].into_iter().flatten() {
            // Prices are listed by model; texts of tests may name any.
            let named_in: Vec<_> = sources
                .iter()
                .filter(|(path, source)| {
                    !path.contains("test") && !path.contains("price") && source.contains(word)
                })
                .map(|(path, _)| path.as_str())
                .collect();
            let own = [
                format!("vision/{}.rs", row.name),
                format!("vision/{}/mod.rs", row.name),
            ];
            assert!(
                named_in.len() == 1 && own.contains(&named_in[0].to_owned()),
                "{word}: {named_in:?}"
            );
            looked_at += 1;
        }
    }
    assert_eq!(looked_at, 7, "four default models and three addresses");
}

fn walk(folder: &Path, sources: &mut Vec<(String, String)>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, sources);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            // Code only: what follows is the file's own tests.
            let source = fs::read_to_string(&path).unwrap();
            let code = source
                .split("#[cfg(test)]\nmod tests")
                .next()
                .unwrap_or_default();
            sources.push((name, code.to_owned()));
        }
    }
}
