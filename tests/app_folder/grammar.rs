//! The Supervisor's grammar of options, written from its documentation, and more than two hundred values with the verdict that
//! this documentation gives them (`tests/fixtures/form_cases.json`). A verdict is never taken from what our code does: when a
//! case turns red, the form or the program has changed for the people who filled it in.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    form::{load_options, schema},
    manifest, text,
};

type Verdict = Result<(), String>;

/// What the Supervisor says about `given`, laid over the defaults.
fn supervisor(given: &Value) -> Verdict {
    let manifest = manifest();
    let mut options = manifest["options"].clone();
    merge(&mut options, given);
    group(&manifest["schema"], &options, "")
}

/// Groups are merged deep, all else is replaced.
fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

fn group(schema: &Value, given: &Value, path: &str) -> Verdict {
    let schema = schema.as_object().expect("a group of the schema");
    let given = given.as_object().ok_or(format!("{path}: not a group"))?;
    // Unknown ones are dropped with a warning.
    for (key, kind) in schema {
        let path = format!("{path}.{key}");
        match given.get(key) {
            Some(value) => entry(kind, value, &path)?,
            None if optional(kind) => {}
            None => return Err(format!("{path}: missing")),
        }
    }
    Ok(())
}

fn entry(kind: &Value, given: &Value, path: &str) -> Verdict {
    match kind {
        Value::Object(_) => group(kind, given, path),
        Value::Array(kinds) => {
            let entries = given.as_array().ok_or(format!("{path}: not a list"))?;
            entries
                .iter()
                .try_for_each(|given| entry(&kinds[0], given, path))
        }
        kind => {
            scalar(kind.as_str().expect("a type"), given).map_err(|why| format!("{path}: {why}"))
        }
    }
}

/// A list is optional if its entries are; a group never is.
fn optional(kind: &Value) -> bool {
    match kind {
        Value::String(kind) => kind.ends_with('?'),
        Value::Array(kinds) => optional(&kinds[0]),
        _ => false,
    }
}

fn scalar(kind: &str, given: &Value) -> Verdict {
    let kind = kind.trim_end_matches('?');
    let (word, inside) = match kind.split_once('(') {
        Some((word, rest)) => (word, rest.strip_suffix(')').expect("closed")),
        None => (kind, ""),
    };
    let number = || given.as_f64().ok_or("not a number");
    let fits = match word {
        "str" | "password" => given.is_string(),
        "bool" => given.is_boolean(),
        "int" => given.is_i64() && within(inside, number()?),
        "float" => within(inside, number()?),
        "port" => given.is_i64() && within("1,65535", number()?),
        "list" => given
            .as_str()
            .is_some_and(|given| inside.split('|').any(|word| word == given)),
        "match" => given.as_str().is_some_and(|given| matches(inside, given)),
        other => panic!("{other}: no type of the Supervisor's that we use"),
    };
    if fits {
        Ok(())
    } else {
        Err(format!("{given} is no {kind}"))
    }
}

/// Either end may be left open.
fn within(range: &str, number: f64) -> bool {
    let (low, high) = range.split_once(',').unwrap_or_default();
    let end = |end: &str, open| end.parse().unwrap_or(open);
    (end(low, f64::MIN)..=end(high, f64::MAX)).contains(&number)
}

/// The one shape of expression the form has: `^[…]{least,most}$`.
fn matches(expression: &str, given: &str) -> bool {
    let shape = expression
        .strip_prefix("^[")
        .and_then(|rest| rest.strip_suffix("}$"))
        .and_then(|rest| rest.split_once("]{"));
    let (class, times) = shape.unwrap_or_else(|| panic!("{expression}: teach this test its shape"));
    let mut allowed = BTreeSet::new();
    let class: Vec<char> = class.chars().collect();
    let mut at = 0;
    while at < class.len() {
        if class.get(at + 1) == Some(&'-') && at + 2 < class.len() {
            allowed.extend(class[at]..=class[at + 2]);
            at += 3;
        } else {
            allowed.insert(class[at]);
            at += 1;
        }
    }
    within(times, given.chars().count() as f64) && given.chars().all(|c| allowed.contains(&c))
}

/// `value` at `option`, with what its group needs beside it.
fn at(option: &str, value: &Value) -> Value {
    let group = |mut beside: Map<String, Value>, key: &str| {
        beside.insert(key.to_owned(), value.clone());
        Value::Object(beside)
    };
    match option.split_once("[].") {
        Some(("zones", key)) => {
            let zone = json!({ "name": "Bath", "cameras": ["camera.bath"] });
            json!({ "zones": [group(zone.as_object().unwrap().clone(), key)] })
        }
        Some((list, key)) => {
            let link = json!({ "provider": "ollama" });
            json!({ list: [group(link.as_object().unwrap().clone(), key)] })
        }
        None => match option.split_once('.') {
            Some((outer, key)) => json!({ outer: group(Map::new(), key) }),
            None if option == "default_todo_list" => {
                let camera = json!({ "default_camera": "camera.bath" });
                group(camera.as_object().unwrap().clone(), option)
            }
            None => group(Map::new(), option),
        },
    }
}

/// Options and verdict; `None` as option where a case is about the whole.
fn cases() -> Vec<(Option<String>, Value, bool, String)> {
    let file: Value = serde_json::from_str(&text("tests/fixtures/form_cases.json")).unwrap();
    let mut cases = Vec::new();
    for row in file["values"].as_array().unwrap() {
        let option = row["option"].as_str().unwrap();
        for (key, verdict) in [("accepted", true), ("refused", false)] {
            for value in row[key].as_array().unwrap() {
                let rule = row["rule"].as_str().unwrap().to_owned();
                cases.push((Some(option.to_owned()), at(option, value), verdict, rule));
            }
        }
    }
    for row in file["documents"].as_array().unwrap() {
        let rule = row["rule"].as_str().unwrap().to_owned();
        let verdict = row["accepted"].as_bool().unwrap();
        cases.push((None, row["options"].clone(), verdict, rule));
    }
    cases
}

#[test]
fn the_form_lets_through_what_its_grammar_says_and_nothing_else() {
    let cases = cases();
    assert!(cases.len() >= 200, "{}", cases.len());
    for (_, options, accepted, rule) in &cases {
        let verdict = supervisor(options);
        assert_eq!(verdict.is_ok(), *accepted, "{options}\n{rule}\n{verdict:?}");
    }
    let tried: BTreeSet<String> = cases.into_iter().filter_map(|case| case.0).collect();
    let offered: BTreeSet<String> = schema()
        .into_keys()
        .map(|path| path.strip_suffix("[]").unwrap_or(&path).to_owned())
        .collect();
    assert_eq!(tried, offered, "every option has its cases");
}

/// Config files and variables pass no form: the program holds them to the same rules. It is kinder in three things: blanks
/// around a word do not count, an empty text is no text, and one text may stand for a list of one.
#[test]
fn the_program_names_the_place_of_what_the_form_refuses() {
    let schema = schema();
    let kinder = |option: &str, value: &Value| {
        let one_for_a_list = schema.contains_key(&format!("{option}[]"));
        let text = |text: &str| text.is_empty() || text.trim() != text || one_for_a_list;
        value.as_str().is_some_and(text)
    };
    let mut unnamed = Vec::new();
    for (option, options, accepted, _) in cases() {
        let Some(option) = option.filter(|_| !accepted) else {
            continue;
        };
        let place = option.replace("[]", "[0]");
        let pointer = format!("/{}", place.replace("[0]", "/0").replace('.', "/"));
        if kinder(
            &option,
            options.pointer(&pointer).expect("put there by `at`"),
        ) {
            continue;
        }
        let (problems, _) = load_options(&options);
        if !problems.iter().any(|problem| problem.starts_with(&place)) {
            unnamed.push(format!("{options}: {problems:?}"));
        }
    }
    assert!(unnamed.is_empty(), "{}", unnamed.join("\n"));
}

/// What stands in the documentation can be copied into the form, and into a config file.
#[test]
fn the_documented_examples_are_options() {
    let docs = text("aicleaner_v3/DOCS.md");
    let examples: Vec<&str> = docs
        .split("```yaml\n")
        .skip(1)
        .map(|rest| rest.split_once("```").unwrap().0)
        .collect();
    assert!(examples.len() >= 2);
    for example in examples {
        let options = super::parsed(example, "DOCS.md");
        assert_eq!(supervisor(&options), Ok(()), "{example}");
        assert_eq!(load_options(&options), (vec![], vec![]), "{example}");
    }
}
