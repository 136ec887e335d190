use serde_json::json;

use super::*;

fn document(value: Value) -> Document {
    match value {
        Value::Object(options) => Document(options),
        other => panic!("{other}"),
    }
}

fn edit(value: Value) -> Edit {
    serde_json::from_value(value).unwrap()
}

fn home() -> Document {
    document(json!({
        "zones": [
            {
                "name": "Kitchen", "pets": "cat",
                "cameras": ["http://me:pa55@cam/1.jpg?k=1", "http://me:pa55@cam/1.jpg?k=2"]
            },
            { "name": "Bath", "cameras": "camera.bath", "todo_list": "todo.bath" }
        ],
        "interval_minutes": 60, "api_key": "k3y", "mqtt": { "host": "b", "password": "pa55" }
    }))
}

#[test]
fn the_page_sees_no_key_and_no_password() {
    let shown = shown_to_the_page(&home());
    assert_eq!(shown["zones"][0]["cameras"][0], "http://…@cam/1.jpg?…");
    assert_eq!(shown["zones"][1]["cameras"], json!(["camera.bath"]));
    assert_eq!(shown["options"]["interval_minutes"], 60);
    let text = shown.to_string();
    assert!(!text.contains("pa55") && !text.contains("k3y"), "{text}");
    assert!(!format!("{:?}", home()).contains("pa55"));
}

#[test]
fn what_was_shown_and_sent_back_changes_nothing() {
    let shown = shown_to_the_page(&home());
    let mut zones = shown["zones"].clone();
    // The page does not know this one.
    zones[0].as_object_mut().unwrap().remove("pets");
    let back = edit(json!({ "revision": "", "zones": zones }));
    let mut expected = home();
    expected.0["zones"][1]["cameras"] = json!(["camera.bath"]);
    assert_eq!(back.made_to(&home()).unwrap(), expected);
}

#[test]
fn an_edit_changes_what_it_mentions_alone() {
    let zones = json!([
        { "at": 1, "name": "Bathroom", "todo_list": "" },
        { "name": "Attic", "cameras": ["camera.attic"] },
        { "at": 0, "cameras": ["http://…@cam/1.jpg?…", "camera.new"], "interval_minutes": 15 },
    ]);
    let change =
        edit(json!({ "revision": "", "zones": zones, "set": { "interval_minutes": null } }));
    let changed = change.made_to(&home()).unwrap();
    assert_eq!(
        Value::Object(changed.0),
        json!({
            "zones": [
                { "name": "Bathroom", "cameras": "camera.bath" },
                { "name": "Attic", "cameras": ["camera.attic"] },
                {
                    "name": "Kitchen", "pets": "cat", "interval_minutes": 15,
                    "cameras": ["http://me:pa55@cam/1.jpg?k=1", "camera.new"]
                },
            ],
            "api_key": "k3y", "mqtt": { "host": "b", "password": "pa55" }
        })
    );
    assert!(change.concerns("zones[2].name") && change.concerns("interval_minutes"));
    assert!(!change.concerns("mqtt.host"));
}

#[test]
fn an_edit_that_cannot_be_meant_is_refused() {
    for (change, words) in [
        (json!({ "set": { "api_key": "x" } }), "api_key cannot"),
        (json!({ "set": { "mqtt": {} } }), "mqtt cannot"),
        (json!({ "zones": [{ "at": 7 }] }), "no zone number 8"),
        (
            json!({ "zones": [{ "at": 0 }, { "at": 0 }] }),
            "no zone number 1",
        ),
        (
            json!({ "zones": [{ "at": 0, "nmae": "x" }] }),
            "no option nmae",
        ),
    ] {
        let mut change = change;
        change["revision"] = "".into();
        let why = edit(change).made_to(&home()).unwrap_err();
        assert!(why.contains(words), "{why}");
    }
}

#[test]
fn a_secret_is_found_wherever_it_stands() {
    assert_eq!(home().secret_in_use(), None);
    for (path, value) in [
        ("api_key", json!({ "api_key": "!secret gemini" })),
        (
            "zones[0].cameras[1]",
            json!({ "zones": [{ "cameras": ["camera.a", "!secret cam"] }] }),
        ),
        (
            "mqtt.password",
            json!({ "mqtt": { "password": "!secret mqtt" } }),
        ),
    ] {
        assert_eq!(document(value).secret_in_use().as_deref(), Some(path));
    }
    let harmless = document(json!({ "purpose": "our !secret place" }));
    assert_eq!(harmless.secret_in_use(), None);
}

#[test]
fn revisions_tell_documents_apart() {
    let mut other = home();
    assert_eq!(other.revision(), home().revision());
    other.0["zones"][0]["name"] = "Kitchenette".into();
    assert_ne!(other.revision(), home().revision());
}

#[test]
fn what_is_saved_and_not_used_is_said_in_words() {
    let running = home();
    let mut saved = home();
    saved.0.insert("device_id".into(), "".into());
    saved.0.insert("advanced".into(), json!({}));
    assert_eq!(running.unused(&saved).sentence(), None);

    saved.0["interval_minutes"] = 30.into();
    let unused = running.unused(&saved);
    assert!(
        unused
            .sentence()
            .unwrap()
            .contains("interval_minutes were changed elsewhere")
    );
    saved.0["mqtt"]["host"] = "other".into();
    let unused = running.unused(&saved);
    assert_eq!(
        (unused.live, unused.restart),
        (vec!["interval_minutes".into()], vec!["mqtt".into()])
    );

    let mut running = running;
    running.use_live(&saved);
    let words = running.unused(&saved).sentence().unwrap();
    assert_eq!(
        words,
        "The saved options mqtt are used from the next start on; restart AICleaner to use them."
    );
    // An option that is taken away is taken away from the running service, too.
    saved.0.remove("zones");
    running.use_live(&saved);
    assert!(!running.0.contains_key("zones"));
}
