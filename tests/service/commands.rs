//! The commands that end by themselves.

use std::fs;

use serde_json::Value;

use crate::program::{Service, aicleaner, room};

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = aicleaner().args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn the_demo_judges_its_own_rooms() {
    let (code, out, _) = run(&["demo", "--once", "--json"]);
    assert_eq!(code, Some(0));
    let report: Value = serde_json::from_str(&out).unwrap();
    let zones = report["zones"].as_array().unwrap();
    let names: Vec<_> = zones.iter().map(|z| z["zone"].as_str().unwrap()).collect();
    assert_eq!(names, ["Living room", "Kitchen", "Bedroom"]);
    // The living room ends as a mess, the bedroom tidied.
    let score = |n: usize| zones[n]["score"].as_i64().unwrap();
    assert!(score(0) + 25 <= score(2), "{out}");
    assert!(!zones[0]["tasks"].as_array().unwrap().is_empty());
    assert_eq!(zones[2]["tasks"].as_array().unwrap().len(), 0);
    let (code, table, _) = run(&["demo", "--once"]);
    assert_eq!(code, Some(0));
    assert!(table.contains("Living room"), "{table}");
}

#[test]
fn the_demo_judges_the_last_of_the_users_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let zone = folder.path().join("Attic");
    fs::create_dir(&zone).unwrap();
    fs::copy(room("living_room/day-20.jpg"), zone.join("1.jpg")).unwrap();
    fs::copy(room("living_room/day-00.jpg"), zone.join("2.jpg")).unwrap();
    let path = folder.path().to_str().unwrap();
    let score = || {
        let (code, out, err) = run(&["demo", "--once", "--json", "--images", path]);
        let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
        assert_eq!(report["zones"][0]["zone"], "Attic");
        (code, report["zones"][0]["score"].as_i64(), out)
    };
    let (_, tidy, _) = score();
    fs::rename(zone.join("1.jpg"), zone.join("3.jpg")).unwrap();
    let (_, messy, _) = score();
    assert!(messy < tidy);
    fs::write(zone.join("4.jpg"), "no picture").unwrap();
    let (code, none, out) = score();
    assert_eq!((code, none), (Some(1), None));
    assert!(out.contains("did not deliver"), "{out}");
}

#[test]
fn mistakes_are_named_and_have_their_exit_code() {
    assert_eq!(run(&["--no-such-option"]).0, Some(64));
    assert_eq!(run(&["demo", "--json"]).0, Some(64));
    assert_eq!(run(&["--help"]).0, Some(0));
    assert_eq!(
        run(&["--version"]).1,
        concat!("aicleaner ", env!("CARGO_PKG_VERSION"), "\n")
    );
    let (code, _, err) = run(&["demo", "--once", "--images", "/no/such/folder"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("/no/such/folder"), "{err}");
}

#[test]
fn check_config_prints_every_problem() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("aicleaner.yaml");
    fs::write(&file, "interval_minutes: 0\ndevice_id: Not Allowed\n").unwrap();
    let (code, out, _) = run(&["check-config", file.to_str().unwrap()]);
    assert_eq!(code, Some(1));
    assert!(
        out.contains("interval_minutes") && out.contains("device_id"),
        "{out}"
    );
    fs::write(&file, "interval_minutes: 30\n").unwrap();
    assert_eq!(run(&["check-config", file.to_str().unwrap()]).0, Some(0));
}

#[test]
fn original_17_the_health_check_asks_the_running_service() {
    let mut service = Service::new();
    service.options("{}");
    service.start();
    service.until_ready();
    let ask = |port: u16| {
        aicleaner()
            .arg("healthcheck")
            .env("AICLEANER_DATA_DIR", service.folder.path())
            .env("AICLEANER_WEB__PROBES", format!("127.0.0.1:{port}"))
            .output()
            .unwrap()
            .status
            .code()
    };
    assert_eq!(ask(service.probes), Some(0));
    // Nobody listens where the page is not.
    assert_eq!(ask(1), Some(1));
}

#[test]
fn the_doctor_says_what_is_wrong_and_ends_with_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("aicleaner.yaml");
    let picture = room("living_room/day-00.jpg");
    let options = |camera: &str| {
        format!(
            "data_dir: '{}'\nzones: [{{name: Kitchen, cameras: ['file:{camera}']}}]\n",
            folder.path().join("state").display()
        )
    };
    fs::write(&file, options(picture.to_str().unwrap())).unwrap();
    let config = ["--config", file.to_str().unwrap()];
    let (code, out, err) = run(&["doctor", config[0], config[1]]);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.ends_with("Everything works.\n"), "{out}");
    let parts: Vec<_> = out
        .lines()
        .map(|line| {
            line.split_whitespace()
                .take(2)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    for part in [
        "ok options",
        "ok store",
        "ok certificates",
        "ok time",
        "off supervisor",
        "off home",
        "off mqtt",
        "ok camera",
        "ok provider",
    ] {
        assert!(parts.iter().any(|found| found == part), "{part} in\n{out}");
    }

    fs::write(&file, options("/no/such.jpg")).unwrap();
    let (code, out, _) = run(&["doctor", "--json", config[0], config[1]]);
    assert_eq!(code, Some(1));
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["well"], false);
    let wrong: Vec<_> = report["lines"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["verdict"] == "wrong")
        .collect();
    assert_eq!(wrong.len(), 1, "{out}");
    let sentence = wrong[0]["sentence"].as_str().unwrap();
    assert!(
        sentence.contains("/no/such.jpg") && sentence.contains("check the path"),
        "{sentence}"
    );
}
