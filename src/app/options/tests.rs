use std::{collections::BTreeMap, fs, sync::Mutex as Shelf};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::*;
use crate::{settings::model::LogLevel, vision};

/// A Supervisor's form: what is written, with `!secret token` resolved.
#[derive(Default)]
struct Form {
    written: Shelf<Value>,
    refuses: Shelf<Option<String>>,
}

impl OptionsKeeper for Form {
    fn place(&self) -> String {
        "the form".into()
    }

    fn written(&self) -> Boxed<'_, Result<Document, String>> {
        let options = self.written.lock().unwrap().clone();
        Box::pin(async move { Ok(document(&options)) })
    }

    fn effective(&self) -> Boxed<'_, Result<Document, String>> {
        let options = self.written.lock().unwrap().to_string();
        let resolved = options.replace("!secret token", "resolved");
        Box::pin(async move { Ok(document(&serde_json::from_str(&resolved).unwrap())) })
    }

    fn write(&self, document: Document) -> Boxed<'_, Result<(), String>> {
        let refusal = self.refuses.lock().unwrap().clone();
        if refusal.is_none() {
            *self.written.lock().unwrap() = Value::Object(document.0);
        }
        Box::pin(async move { refusal.map_or(Ok(()), Err) })
    }

    fn cost(&self) -> Boxed<'_, Option<String>> {
        Box::pin(async { None })
    }
}

fn document(options: &Value) -> Document {
    Document(options.as_object().unwrap().clone())
}

/// What the engine was told.
#[derive(Default)]
struct Heard {
    options: Vec<NewOptions>,
    unused: Vec<Option<String>>,
}

struct Home {
    options: Arc<Options>,
    form: Arc<Form>,
    heard: Arc<Shelf<Heard>>,
    /// What the Supervisor wrote at the start.
    file: PathBuf,
}

fn home(options: &Value) -> Home {
    let form = Arc::new(Form::default());
    *form.written.lock().unwrap() = options.clone();
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("options.json"), options.to_string()).unwrap();
    let data = folder.path().to_str().unwrap().to_owned();
    let sources = Sources {
        environment: BTreeMap::from([
            ("SUPERVISOR_TOKEN".into(), "t".into()),
            ("AICLEANER_DATA_DIR".into(), data),
        ]),
        ..Sources::default()
    };
    let loaded = crate::settings::load(&sources);
    // From here on the file is what the last start made of it.
    let file = folder.path().join("options.json");
    fs::write(&file, "{ stale").unwrap();
    let (inbox, mut messages) = mpsc::channel(8);
    let heard = Arc::new(Shelf::new(Heard::default()));
    let notes = heard.clone();
    tokio::spawn(async move {
        let _folder = folder;
        while let Some(message) = messages.recv().await {
            let mut notes = notes.lock().unwrap();
            match message {
                Message::Options(new, done) => {
                    notes.options.push(new);
                    done.send(()).unwrap();
                }
                Message::Unused(sentence) => notes.unused.push(sentence),
                other => panic!("{other:?}"),
            }
        }
    });
    let editing = Editing {
        keeper: form.clone(),
        sources,
        logs: Logs::start(LogLevel::Info),
    };
    Home {
        options: Arc::new(Options::new(
            editing,
            Box::new(|_| vision::built_in()),
            &loaded,
            inbox,
        )),
        form,
        heard,
        file,
    }
}

fn one_zone() -> Value {
    json!({
        "zones": [{ "name": "Kitchen", "cameras": ["camera.kitchen"] }],
        "provider": "auto", "interval_minutes": 60, "mqtt": {}, "log_level": "info"
    })
}

async fn edit(home: &Home, mut change: Value) -> Result<OptionsShown, NotChanged> {
    let shown = home.options.show().await.unwrap();
    change["revision"] = shown.revision.into();
    home.options
        .change(serde_json::from_value(change).unwrap())
        .await
}

#[tokio::test]
async fn a_change_is_saved_and_used_at_once() {
    let home = home(&one_zone());
    let zones =
        json!([{ "at": 0, "name": "Galley" }, { "name": "Bath", "cameras": ["camera.bath"] }]);
    let change = json!({ "zones": zones, "set": { "interval_minutes": 5, "provider": "local" } });
    let shown = edit(&home, change).await.unwrap();
    assert_eq!(shown.unused, None);
    assert_eq!(shown.problems, []);
    let written = home.form.written.lock().unwrap().clone();
    assert_eq!(written["zones"][0]["name"], "Galley");
    assert_eq!(written["mqtt"], json!({}), "the rest is as it was");
    let heard = home.heard.lock().unwrap();
    let new = heard.options.last().unwrap();
    let names: Vec<_> = new
        .zones
        .iter()
        .map(|z| (&*z.name, z.interval_minutes))
        .collect();
    assert_eq!(names, [("Galley", 5), ("Bath", 5)]);
    assert!(new.complete && new.problems.is_empty() && new.judge.is_some());
    assert_eq!(
        heard.unused,
        [] as [Option<String>; 0],
        "nothing was ever unused"
    );
}

#[tokio::test]
async fn options_that_would_not_work_are_not_saved() {
    let home = home(&one_zone());
    for (zones, path) in [
        (
            json!([{ "at": 0, "cameras": ["light.x"] }]),
            "zones[0].cameras[0]",
        ),
        (json!([{ "at": 0 }, { "name": "Bath" }]), "zones[1].cameras"),
        (
            json!([{ "at": 0 }, { "name": "kitchen!", "cameras": ["camera.b"] }]),
            "zones[1].name",
        ),
    ] {
        let Err(NotChanged::Invalid(problems)) = edit(&home, json!({ "zones": zones })).await
        else {
            panic!("{path} was taken")
        };
        let paths: Vec<_> = problems.iter().map(|p| &*p.path).collect();
        assert_eq!(paths, [path]);
    }
    assert_eq!(*home.form.written.lock().unwrap(), one_zone());
    assert!(home.heard.lock().unwrap().options.is_empty());
}

#[tokio::test]
async fn a_problem_elsewhere_is_no_reason_to_refuse() {
    let mut options = one_zone();
    options["mqtt"] = json!({ "port": 5 });
    let home = home(&options);
    edit(&home, json!({ "zones": [{ "at": 0, "name": "Galley" }] }))
        .await
        .unwrap();
    let heard = home.heard.lock().unwrap();
    let problems = &heard.options[0].problems;
    assert!(problems[0].starts_with("mqtt.host:"), "{problems:?}");
}

#[tokio::test]
async fn whoever_was_overtaken_overwrites_nothing() {
    let home = home(&one_zone());
    let shown = home.options.show().await.unwrap();
    home.form.written.lock().unwrap()["zones"][0]["name"] = "Cellar".into();
    let change = Edit {
        revision: shown.revision,
        zones: Some(vec![]),
        set: serde_json::Map::default(),
    };
    let Err(NotChanged::Overtaken(why)) = home.options.change(change).await else {
        panic!("it was overwritten")
    };
    assert!(
        why.contains("the form") && why.contains("nothing was saved"),
        "{why}"
    );
    let written = home.form.written.lock().unwrap().clone();
    assert_eq!(written["zones"][0]["name"], "Cellar");
}

#[tokio::test]
async fn a_secret_in_use_locks_the_editor() {
    let mut options = one_zone();
    options["mqtt"] = json!({ "host": "b", "username": "u", "password": "!secret token" });
    let home = home(&options);
    let shown = home.options.show().await.unwrap();
    let locked = shown.locked.clone().unwrap();
    assert!(
        locked.contains("mqtt.password is a !secret") && locked.contains("the form"),
        "{locked}"
    );
    let refused = edit(&home, json!({ "zones": [] })).await;
    assert_eq!(refused.unwrap_err(), NotChanged::Refused(locked));
    assert_eq!(*home.form.written.lock().unwrap(), options);
    assert!(!serde_json::to_string(&shown).unwrap().contains("token"));
}

#[tokio::test(start_paused = true)]
async fn what_is_saved_elsewhere_is_shown_and_used_when_somebody_says_so() {
    let home = home(&one_zone());
    let stop = CancellationToken::new();
    let watch = tokio::spawn(home.options.clone().watch(stop.clone()));
    {
        let mut form = home.form.written.lock().unwrap();
        form["zones"][0]["interval_minutes"] = 10.into();
        form["device_id"] = "second".into();
    }
    while home.heard.lock().unwrap().unused.is_empty() {
        sleep(Duration::from_secs(1)).await;
    }
    let told = home.heard.lock().unwrap().unused[0].clone().unwrap();
    assert!(
        told.contains("device_id") && told.contains("zones"),
        "{told}"
    );
    assert!(
        home.heard.lock().unwrap().options.is_empty(),
        "it is not used by itself"
    );

    let shown = home.options.use_saved().await.unwrap();
    let left = shown.unused.unwrap();
    assert!(
        left.contains("device_id") && !left.contains("zones"),
        "{left}"
    );
    assert_eq!(
        home.heard.lock().unwrap().options[0].zones[0].interval_minutes,
        10
    );
    // Told once, however often it is looked at.
    sleep(WATCH * 5).await;
    assert_eq!(home.heard.lock().unwrap().unused.len(), 2);
    stop.cancel();
    watch.await.unwrap();
}

#[tokio::test]
async fn what_the_keeper_refuses_is_said_and_nothing_is_used() {
    let home = home(&one_zone());
    let refusal = "The Supervisor does not take these options: no.";
    *home.form.refuses.lock().unwrap() = Some(refusal.into());
    let refused = edit(&home, json!({ "zones": [{ "at": 0, "name": "Galley" }] })).await;
    assert_eq!(
        refused.unwrap_err(),
        NotChanged::Unavailable(refusal.into())
    );
    assert!(home.heard.lock().unwrap().options.is_empty());
}

#[tokio::test]
async fn the_judge_changes_with_the_provider_alone() {
    let home = home(&one_zone());
    for (set, another) in [
        (json!({ "interval_minutes": 5 }), false),
        (json!({ "provider": "local" }), true),
        (json!({ "local_only": true }), true),
        (json!({ "log_level": "debug" }), false),
    ] {
        edit(&home, json!({ "set": set })).await.unwrap();
        let heard = home.heard.lock().unwrap();
        assert_eq!(
            heard.options.last().unwrap().judge.is_some(),
            another,
            "{set}"
        );
    }
}

/// In an earlier generation the page wrote the Supervisor's own file, which the
/// next start overwrote.
#[tokio::test]
async fn original_24_the_supervisors_file_is_neither_written_nor_read_again() {
    let home = home(&one_zone());
    edit(&home, json!({ "zones": [{ "at": 0, "name": "Galley" }] }))
        .await
        .unwrap();
    assert_eq!(fs::read_to_string(&home.file).unwrap(), "{ stale");
    assert_eq!(
        home.heard.lock().unwrap().options[0].zones[0].name,
        "Galley"
    );
}
