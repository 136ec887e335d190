//! Whatever a file or the environment holds, loading answers in sentences.

use std::collections::BTreeMap;

use aicleaner::settings::{Problem, Sources, known, load};
use proptest::prelude::*;
use serde_json::Value;

use super::load_file;

/// Anything a JSON file can hold, with our own keys among it.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-10i64..2000).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
        prop::sample::select(vec![
            "camera.a", "image.b", "todo.c", "auto", "mdi:sofa", "", "http://h", "7"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((any_key(), inner), 0..8)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

fn any_key() -> impl Strategy<Value = String> {
    let names: Vec<String> = known::IN_FORM
        .iter()
        .chain(known::OUTSIDE_THE_FORM)
        .chain(known::LATER)
        .flat_map(|path| path.split('.'))
        .map(|part| part.trim_end_matches("[]").to_owned())
        .collect();
    prop_oneof![8 => prop::sample::select(names), 1 => ".{0,8}"]
}

/// Options of the right outer shape with anything inside.
fn any_options() -> impl Strategy<Value = Value> {
    let zones = prop::collection::vec(any_json(), 0..5).prop_map(Value::from);
    let pairs = prop::collection::vec((any_key(), any_json()), 0..10);
    (zones, pairs).prop_map(|(zones, pairs)| {
        let mut options: serde_json::Map<_, _> = pairs.into_iter().collect();
        options.entry("zones").or_insert(zones);
        Value::Object(options)
    })
}

/// The value at a problem's path, if the input has it.
fn at<'a>(options: &'a Value, path: &str) -> Option<&'a Value> {
    let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
    options.pointer(&pointer)
}

fn points_into(options: &Value, problem: &Problem) -> bool {
    match at(options, &problem.path) {
        Some(Value::Null) | None => problem.found == "nothing",
        Some(_) => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_options_load_and_each_problem_points_into_them(options in any_options()) {
        let loaded = load_file("a.json", options.to_string(), &[]);
        prop_assert!(!loaded.safe_mode, "{:?}", loaded.problems);
        for problem in &loaded.problems {
            prop_assert!(points_into(&options, problem), "{problem}");
            prop_assert!(!problem.allowed.is_empty() && problem.hint.ends_with('.'), "{problem}");
        }
        let mut slugs: Vec<_> = loaded.settings.zones.iter().map(|z| &z.slug).collect();
        slugs.sort();
        slugs.dedup();
        prop_assert_eq!(slugs.len(), loaded.settings.zones.len());
        for zone in &loaded.settings.zones {
            prop_assert!(!zone.name.is_empty() && !zone.cameras.is_empty());
            prop_assert!((1..=1440).contains(&zone.interval_minutes));
        }
    }

    #[test]
    fn any_bytes_load(bytes in prop::collection::vec(any::<u8>(), 0..300), json in any::<bool>()) {
        load_file(if json { "a.json" } else { "a.yaml" }, bytes, &[]);
    }

    #[test]
    fn any_yaml_like_text_loads(text in "([a-z]{0,5}[:\\-?!&*|>#{}\\[\\],\"'%@` \n\t]{0,3}){0,60}") {
        load_file("a.yaml", text, &[]);
    }

    #[test]
    fn any_variables_load(pairs in prop::collection::btree_map("(MQTT|ZONES|WEB|[A-Z0-9_\\[\\].-]{0,12})(__[A-Z0-9_\\[\\]]{0,8})?", ".*", 0..6)) {
        let environment: BTreeMap<_, _> = pairs
            .into_iter()
            .map(|(key, value)| (format!("AICLEANER_{key}"), value))
            .collect();
        load(&Sources { environment, ..Sources::default() });
    }
}
