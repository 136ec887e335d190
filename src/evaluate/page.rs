//! The worst mistakes, as a web page that needs nothing else.

use std::{fmt::Write as _, fs};

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::{
    figures::Figures,
    judged::Judged,
    truth::{Set, Truth},
};
use crate::{domain::check::Assessment, imaging};

/// So many are shown.
const WORST: usize = 24;

const HEAD: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Worst mistakes</title><style>\
body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;background:#fafafa;color:#222}\
main{display:grid;grid-template-columns:repeat(auto-fill,minmax(20rem,1fr));gap:1.5rem}\
figure{margin:0;background:#fff;border:1px solid #ddd;border-radius:.5rem;overflow:hidden}\
div{position:relative}img{width:100%;display:block}i{position:absolute;border:2px solid}\
.said{border-color:#e11}.true{border-color:#0a7;border-style:dashed}figcaption{padding:.6rem .8rem}small{color:#666}\
@media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}figure{background:#222;border-color:#444}small{color:#aaa}}\
</style>";

pub fn worst(figures: &Figures, set: &Set, judged: &[Option<Judged>]) -> String {
    let mut mistakes: Vec<(f64, usize, String)> = Vec::new();
    for (i, judged) in judged.iter().enumerate() {
        let Some(Ok(answer)) = judged.as_ref().map(|judged| &judged.answer) else {
            continue;
        };
        if let Some((weight, what)) = mistake(&set.pictures[i].truth, answer) {
            mistakes.push((weight, i, what));
        }
    }
    for (before, after) in &set.pairs {
        let score = |i: usize| Some(judged[i].as_ref()?.answer.as_ref().ok()?.score.value());
        if let (Some(before_score), Some(after_score)) = (score(*before), score(*after))
            && before_score >= after_score
        {
            let off = f64::from(before_score - after_score);
            let what = format!("before tidying {before_score}, after it {after_score}");
            mistakes.push((100.0 + off, *before, what.clone()));
            mistakes.push((100.0 + off, *after, what));
        }
    }
    mistakes.sort_by(|a, b| b.0.total_cmp(&a.0));
    mistakes.truncate(WORST);
    let mut page = format!(
        "{HEAD}<h1>Worst mistakes of {}</h1><p>{} pictures were judged. Red: boxes of the tasks. Green: where things are.</p><main>",
        escaped(&figures.provider),
        figures.pictures
    );
    for (_, i, what) in mistakes {
        if let Some(Ok(answer)) = judged[i].as_ref().map(|judged| &judged.answer) {
            figure(&mut page, &set.pictures[i], answer, &what);
        }
    }
    page.push_str("</main></html>\n");
    page
}

/// How wrong an answer is, and in what way; `None` if it is right.
fn mistake(truth: &Truth, answer: &Assessment) -> Option<(f64, String)> {
    let score = f64::from(answer.score.value());
    match truth {
        Truth::Tidy if score < 50.0 => Some((50.0 - score, format!("tidy, but scored {score}"))),
        Truth::Messy if score >= 50.0 => Some((score - 50.0, format!("messy, but scored {score}"))),
        Truth::Scene(scene) if scene.things.is_empty() && scene.aside.is_empty() => {
            (score < 95.0).then(|| (95.0 - score, format!("clean, but scored {score}")))
        }
        Truth::Scene(scene) if !scene.things.is_empty() && answer.new.is_empty() => Some((
            score / 2.0,
            format!("{} things, but no task", scene.things.len()),
        )),
        _ => None,
    }
}

fn figure(page: &mut String, picture: &super::truth::Picture, answer: &Assessment, what: &str) {
    let Some(prepared) = fs::read(&picture.path)
        .ok()
        .and_then(|bytes| imaging::prepare(&bytes, None).ok())
    else {
        return;
    };
    let shown = BASE64_STANDARD.encode(&prepared.frame.jpeg);
    let _ = write!(
        page,
        "<figure><div><img alt=\"\" src=\"data:image/jpeg;base64,{shown}\">"
    );
    let truth = match &picture.truth {
        Truth::Scene(scene) => scene
            .things
            .iter()
            .flatten()
            .map(|r| ("true", *r))
            .collect(),
        _ => Vec::new(),
    };
    let said = answer
        .new
        .iter()
        .filter_map(|task| Some(("said", task.region?)));
    for (class, r) in said.chain(truth) {
        let [x, y, width, height] = [r.x, r.y, r.width, r.height].map(|v| v * 100.0);
        let _ = write!(
            page,
            "<i class=\"{class}\" style=\"left:{x:.1}%;top:{y:.1}%;width:{width:.1}%;height:{height:.1}%\"></i>"
        );
    }
    let _ = write!(
        page,
        "</div><figcaption>{}<br><small>{}<br>{}</small></figcaption></figure>",
        escaped(what),
        escaped(&picture.path.display().to_string()),
        escaped(&answer.summary)
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
