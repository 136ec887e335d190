//! Which lines there are.

use tokio::time::Instant;

use crate::{
    doctor::{Line, Verdict, WHOLE, home, options},
    domain::{todo::ListId, zone::ZoneOptions},
    settings::{Document, Sources, load, load_document},
};

#[tokio::test]
async fn a_camera_and_a_list_of_two_zones_are_tried_once() {
    crate::cli::install_tls();
    let mut settings = load(&Sources::default()).settings;
    let zone = |name: &str| ZoneOptions {
        name: name.into(),
        slug: name.into(),
        cameras: vec!["file:/no/such/picture.jpg".into()],
        todo_list: Some(ListId("todo.home".into())),
        ..ZoneOptions::default()
    };
    settings.zones = vec![zone("kitchen"), zone("bath")];
    let home = home::Home::visit(&settings);
    let lines = home.lines(&settings, Instant::now() + WHOLE).await;
    home.leave().await;
    let parts: Vec<_> = lines.iter().skip(3).map(|l| &*l.part).collect();
    assert_eq!(parts.len(), 2, "{parts:?}");
    assert!(parts[0].starts_with("camera ") && parts[1] == "list todo.home");
    assert!(lines[3..].iter().all(|l| l.verdict == Verdict::Wrong));
}

#[test]
fn each_problem_of_the_options_is_a_line() {
    let options = serde_json::json!({ "interval_minutes": 0, "log_level": "loud" });
    let document = Document(options.as_object().unwrap().clone());
    let lines = options_of(&document);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines.iter().all(|l| l.verdict == Verdict::Wrong));
    assert!(lines[0].sentence.contains("interval_minutes"), "{lines:?}");
    let none = options_of(&Document::default());
    assert_eq!((none.len(), none[0].verdict), (1, Verdict::Off));
}

fn options_of(document: &Document) -> Vec<Line> {
    options(&load_document(&Sources::default(), document))
}
