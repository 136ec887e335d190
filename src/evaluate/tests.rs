use std::{fs, path::Path};

use super::*;
use crate::vision::local::Local;

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("assets/rooms")
        .join(name)
}

async fn figures_of(dir: &Path) -> (figures::Figures, String) {
    let set = truth::read(dir, None).unwrap();
    let provider = Local::new();
    let judged = judged::all(&provider, &set).await.unwrap();
    let figures = figures::of(&set, &judged, &provider);
    let page = page::worst(&figures, &set, &judged);
    (figures, page)
}

#[tokio::test]
async fn folders_and_pairs_are_judged() {
    let dir = tempfile::tempdir().unwrap();
    let put = |from: &str, to: &str| {
        let to = dir.path().join(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(shipped(from), to).unwrap();
    };
    put("bedroom/day-00.jpg", "tidy/1.jpg");
    put("living_room/day-00.jpg", "tidy/2.jpg");
    put("living_room/night-00.jpg", "tidy/3.jpg");
    put("bedroom/day-20.jpg", "messy/1.jpg");
    put("kitchen/day-00.jpg", "messy/wrong.jpg");
    put("kitchen/day-20.jpg", "kitchen-before.jpg");
    put("kitchen/day-03.jpg", "kitchen-after.jpg");
    let (figures, page) = figures_of(dir.path()).await;
    assert_eq!((figures.pictures, figures.refused.len()), (6, 1));
    assert!(
        figures.refused[0].contains("too dark"),
        "{:?}",
        figures.refused
    );
    assert_eq!((figures.pairs_ordered, figures.pairs_total), (1, 1));
    // One of two messy ones is a tidy kitchen, which looks busier than the tidy rooms.
    assert_eq!(figures.balanced_accuracy, Some(0.75));
    assert_eq!(figures.auc, Some(1.0));
    assert!(figures.ms_per_picture > 0.0);
    assert!(page.contains("messy, but scored") && page.contains("wrong.jpg"));
    assert!(report::text(&figures).contains("pairs in the right order"));
}

#[tokio::test]
async fn a_sequence_is_compared_with_its_clean_pictures() {
    let (figures, _) = figures_of(&shipped("")).await;
    assert_eq!(figures.false_change_rate, Some(0.0));
    assert_eq!(figures.false_task_rate, Some(0.0));
    assert!(
        figures.rank_correlations.values().all(|r| *r > 0.9),
        "{figures:?}"
    );
    assert!(
        figures.region_recall.unwrap() > 0.8 && figures.region_precision.unwrap() > 0.7,
        "{figures:?}"
    );
    assert!(figures.auc.is_none() && figures.pairs_total == 0);
}

#[test]
fn a_folder_without_truth_is_named_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let said = truth::read(dir.path(), None).unwrap_err().to_string();
    assert!(said.contains("tidy and messy"), "{said}");
    fs::write(dir.path().join("sofa-before.jpg"), b"").unwrap();
    let said = truth::read(dir.path(), None).unwrap_err().to_string();
    assert!(said.contains("sofa has no -after picture"), "{said}");
    fs::write(dir.path().join("truth.json"), b"{}{").unwrap();
    let said = truth::read(dir.path(), None).unwrap_err().to_string();
    assert!(said.contains("truth.json is not as it should be"), "{said}");
}
