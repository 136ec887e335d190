use super::*;
use crate::domain::{
    check::{CheckError, ErrorClass},
    health::Health,
    sample,
    score::Score,
    view::{ReadingView, ZoneView},
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn view(slugs: &[&str]) -> View {
    let mut health = Health::default();
    health.note(Component::Store, Condition::Ok, at(0));
    health.note(Component::Mqtt, Condition::Off("no broker".into()), at(0));
    health.note(
        Component::Provider,
        Condition::Degraded("no answer".into()),
        at(0),
    );
    View {
        health,
        queue: 2,
        zones: slugs.iter().map(|slug| unread(slug)).collect(),
        ..sample::view(&[])
    }
}

/// A zone before its first reading.
fn unread(slug: &str) -> ZoneView {
    ZoneView {
        reading: None,
        tasks: vec![],
        ..sample::zone(slug)
    }
}

fn has(text: &str, line: &str) -> bool {
    text.lines().any(|l| l == line)
}

#[test]
fn the_names_are_these() {
    let metrics = Metrics::new(&["local"]);
    let mut view = view(&["kitchen"]);
    view.zones[0].reading = Some(reading(0, 70));
    let text = metrics.text(&view, at(1)).unwrap();
    let names: Vec<&str> = text
        .lines()
        .filter_map(|l| l.strip_prefix("# TYPE aicleaner_"))
        .collect();
    insta::assert_snapshot!(names.join("\n"), @r"
    budget_calls_left gauge
    check_stage_seconds histogram
    checks_total counter
    component_up gauge
    gate_total counter
    home_assistant_reconnects_total counter
    home_assistant_requests_total counter
    mqtt_commands_dropped_total counter
    mqtt_events_dropped_total counter
    mqtt_publishes_total counter
    mqtt_reconnects_total counter
    provider_requests_total counter
    queue_depth gauge
    queue_dropped_total counter
    queue_merged_total counter
    reading_age_seconds gauge
    score gauge
    tasks_open gauge
    todo_operations_total counter
    ");
    #[cfg(target_os = "linux")]
    assert!(text.contains("\nprocess_resident_memory_bytes "));
}

/// The dashboard asks for nothing that does not exist.
#[test]
fn the_grafana_dashboard_names_metrics_of_ours() {
    let board = include_str!("../../../monitoring/grafana.json");
    let mut view = view(&["kitchen"]);
    view.zones[0].reading = Some(reading(0, 70));
    let text = Metrics::new(&["local"]).text(&view, at(1)).unwrap();
    let named: BTreeSet<&str> = board
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|word| word.starts_with("aicleaner_") || word.starts_with("process_"))
        .map(|word| word.strip_suffix("_bucket").unwrap_or(word))
        .collect();
    assert!(named.len() > 10, "{named:?}");
    for name in named {
        assert!(text.contains(&format!("# TYPE {name} ")), "{name}");
    }
}

#[test]
fn counters_exist_at_zero_before_anything_happened() {
    let text = Metrics::new(&["local"])
        .text(&view(&["hall"]), at(0))
        .unwrap();
    for line in [
        r#"aicleaner_checks_total{outcome="failed",trigger="manual",zone="hall"} 0"#,
        r#"aicleaner_gate_total{reason="unchanged"} 0"#,
        r#"aicleaner_gate_total{reason="blurred"} 0"#,
        r#"aicleaner_provider_requests_total{class="ok",model="",provider="local"} 0"#,
        r#"aicleaner_todo_operations_total{operation="add",result="ok"} 0"#,
        r#"aicleaner_check_stage_seconds_count{stage="judge"} 0"#,
        "aicleaner_mqtt_events_dropped_total 0",
        "aicleaner_mqtt_commands_dropped_total 0",
    ] {
        assert!(has(&text, line), "{line} not in\n{text}");
    }
    // No score was ever read, so none is shown.
    assert!(!text.contains("aicleaner_score{"));
}

#[test]
fn what_happened_is_counted() {
    let metrics = Metrics::new(&["local"]);
    let failed = Outcome::Failed(CheckError {
        class: ErrorClass::Camera,
        sentence: "no picture".into(),
    });
    metrics
        .clone()
        .check_ended("hall", Trigger::Manual, &failed);
    metrics.check_ended("hall", Trigger::Schedule, &Outcome::Unchanged);
    metrics.stage_took(Stage::Judge, Duration::from_millis(30));
    metrics.gate_unusable(&Unusable::Black);
    metrics.todo_operation(TodoOperation::Add, Answer::Refused);
    let text = metrics.text(&view(&["hall"]), at(0)).unwrap();
    for line in [
        r#"aicleaner_checks_total{outcome="failed",trigger="manual",zone="hall"} 1"#,
        r#"aicleaner_checks_total{outcome="unchanged",trigger="schedule",zone="hall"} 1"#,
        r#"aicleaner_check_stage_seconds_bucket{stage="judge",le="0.025"} 0"#,
        r#"aicleaner_check_stage_seconds_bucket{stage="judge",le="0.05"} 1"#,
        r#"aicleaner_gate_total{reason="black"} 1"#,
        r#"aicleaner_todo_operations_total{operation="add",result="refused"} 1"#,
    ] {
        assert!(has(&text, line), "{line} not in\n{text}");
    }
}

#[test]
fn gauges_say_what_the_view_says() {
    let metrics = Metrics::new(&["local"]);
    let mut view = view(&["hall"]);
    view.zones[0].reading = Some(reading(100, 64));
    let text = metrics.text(&view, at(190)).unwrap();
    for line in [
        r#"aicleaner_score{zone="hall"} 64"#,
        r#"aicleaner_reading_age_seconds{zone="hall"} 90"#,
        r#"aicleaner_tasks_open{zone="hall"} 0"#,
        "aicleaner_queue_depth 2",
        r#"aicleaner_component_up{component="store"} 1"#,
        r#"aicleaner_component_up{component="mqtt"} 1"#,
        r#"aicleaner_component_up{component="provider"} 0"#,
        r#"aicleaner_component_up{component="home_assistant"} 0"#,
    ] {
        assert!(has(&text, line), "{line} not in\n{text}");
    }
}

#[test]
fn a_removed_zone_takes_its_label_sets_with_it() {
    let metrics = Metrics::new(&["local"]);
    let text = metrics.text(&view(&["hall", "attic"]), at(0)).unwrap();
    assert!(text.contains(r#"zone="attic""#));
    // A check that was still running when its zone went away.
    metrics.zones_are(["hall"]);
    metrics.check_ended("attic", Trigger::Event, &Outcome::Unchanged);
    let text = metrics.text(&view(&["hall"]), at(0)).unwrap();
    assert!(
        text.contains(r#"zone="hall""#) && !text.contains("attic"),
        "{text}"
    );
}

fn reading(second: i64, score: u8) -> ReadingView {
    let reading = sample::zone("any").reading.unwrap();
    ReadingView {
        at: at(second),
        score: Score::try_from(score).unwrap(),
        ..reading
    }
}
