//! The figures as text.

use std::fmt::Write as _;

use super::figures::Figures;

pub fn text(figures: &Figures) -> String {
    let mut out = format!(
        "{} judged {} pictures, {:.0} ms each",
        figures.provider, figures.pictures, figures.ms_per_picture
    );
    if let Some(memory) = figures.memory_mib {
        let _ = write!(out, ", {memory:.0} MiB at most");
    }
    out.push_str("\n\n");
    let mut line = |what: &str, value: Option<String>| {
        if let Some(value) = value {
            let _ = writeln!(out, "{what:<44}{value}");
        }
    };
    let number = |value: Option<f64>| value.map(|v| format!("{v:.3}"));
    line(
        "AUC, messy against tidy",
        figures
            .auc
            .zip(figures.auc_ci)
            .map(|(auc, [low, high])| format!("{auc:.3}  (95 %: {low:.3}–{high:.3})")),
    );
    line(
        "balanced accuracy at a score of 50",
        number(figures.balanced_accuracy),
    );
    line(
        "pairs in the right order",
        (figures.pairs_total > 0)
            .then(|| format!("{} of {}", figures.pairs_ordered, figures.pairs_total)),
    );
    for (severity, by_count) in &figures.auc_by_things {
        for (count, auc) in by_count {
            let things = if *count == 1 { "thing" } else { "things" };
            line(
                &format!("AUC, {count} {things} against none, {severity}"),
                Some(format!("{auc:.3}")),
            );
        }
    }
    for (room, correlation) in &figures.rank_correlations {
        line(
            &format!("rank correlation with things, {room}"),
            Some(format!("{correlation:.3}")),
        );
    }
    line(
        "things that a task's box covers",
        number(figures.region_recall),
    );
    line(
        "task boxes with a thing in them",
        number(figures.region_precision),
    );
    for (severity, rate) in &figures.false_change_rates {
        line(
            &format!("clean but called changed, {severity}"),
            Some(format!("{rate:.3}")),
        );
    }
    line("clean but given a task", number(figures.false_task_rate));
    line(
        "with things but called unchanged",
        number(figures.missed_change_rate),
    );
    for sentence in &figures.refused {
        let _ = writeln!(out, "not judged: {sentence}");
    }
    out
}
