//! The rules for those who judge: which providers, with which keys, within
//! which limits. A provider that cannot be used as it stands is left out and
//! named; if none is left, the built-in judge remains.

use super::{
    keys::{self, Form},
    model::{Judging, ProviderKind, ProviderOptions},
    problem::{Report, quote},
    secret::{ExposeSecret, Secret},
    tariff,
    tree::{Group, Node},
    zones::{is_entity, is_web_address},
};

const DEFAULT_CALL_LIMIT: u32 = 200;
const UNTIL: &str = "Until then it is left out.";
const UNTIL_LOCAL: &str = "Until then the pictures are judged on this device.";

/// Choices of the option `provider`.
#[derive(Clone, Copy)]
enum Choice {
    Auto,
    Named(ProviderKind),
}

pub(super) fn read(root: &Group<'_>, report: &mut Report) -> Judging {
    let local_only = root.at("local_only").flag(
        "Until then it is false, and no provider outside is left out.",
        report,
    );
    // What cannot be read must not open the door.
    let unclear = root.at("local_only").is_present() && !root.at("local_only").is_flag();
    let local_only = local_only || unclear;
    let (first, may_use_ai_task) = first(root, local_only, report);
    let mut chain: Vec<ProviderOptions> = first.into_iter().collect();
    for entry in root.at("fallback_providers").list(report) {
        let group = entry.group(report);
        let kind = group.at("provider");
        if !kind.is_present() {
            let key = group.at("api_key").secret(report).is_some();
            let address = group.at("base_url").text(report).is_some();
            let model = group.at("model").text(report).is_some();
            if key || address || model {
                kind.missing(report, &names(), &format!("Say whose it is. {UNTIL}"));
            }
            continue;
        }
        let Some(kind) = kind.choice(&kinds(), UNTIL, report) else {
            continue;
        };
        let path = entry.path.clone();
        chain.extend(provider(&group, path, kind, local_only, UNTIL, report));
    }
    if chain.is_empty() {
        chain.push(built_in());
    }
    let advanced = root.at("advanced").group(report);
    Judging {
        chain,
        may_use_ai_task,
        local_only,
        daily_call_limit: root
            .at("daily_call_limit")
            .whole(1, 100_000, "Until then it is 200.", report)
            .unwrap_or(DEFAULT_CALL_LIMIT),
        daily_cost_limit: root.at("daily_cost_limit").number(
            0.0,
            10_000.0,
            "It is in US dollars. Until then only the calls are limited.",
            report,
        ),
        language: language(&root.at("language"), report),
        evaluate_with_ai_task: advanced
            .at("evaluate_with_ai_task")
            .flag("Until then it is false.", report),
        prices: tariff::read(&advanced.at("prices"), report),
    }
}

/// The built-in judge, as if the options named it.
pub fn built_in() -> ProviderOptions {
    ProviderOptions {
        path: "provider".into(),
        kind: ProviderKind::Local,
        api_key: None,
        model: None,
        base_url: None,
    }
}

/// The built-in judge and nobody else: for homes without options.
pub fn built_in_alone() -> Judging {
    Judging {
        chain: vec![built_in()],
        may_use_ai_task: false,
        local_only: true,
        daily_call_limit: DEFAULT_CALL_LIMIT,
        daily_cost_limit: None,
        language: None,
        evaluate_with_ai_task: false,
        prices: Vec::new(),
    }
}

/// The provider of the option `provider`, and whether an AI Task entity may
/// come first.
fn first(
    root: &Group<'_>,
    local_only: bool,
    report: &mut Report,
) -> (Option<ProviderOptions>, bool) {
    let node = root.at("provider");
    let mut words = vec![("auto", Choice::Auto)];
    words.extend(kinds().map(|(name, kind)| (name, Choice::Named(kind))));
    let given = node.choice(&words, UNTIL_LOCAL, report);
    if given.is_none() && node.is_present() {
        return (None, false);
    }
    let kind = match given.unwrap_or(Choice::Auto) {
        Choice::Named(kind) => kind,
        Choice::Auto => match guessed(root, report) {
            Some(kind) => kind,
            None => return (None, !root.at("api_key").is_present()),
        },
    };
    let path = "provider".to_owned();
    let found = provider(root, path, kind, local_only, UNTIL_LOCAL, report);
    (found, false)
}

/// Whose key it is, where `provider` is `auto`; `None`: no key, or a key that
/// does not say whose it is, which is asked.
fn guessed(root: &Group<'_>, report: &mut Report) -> Option<ProviderKind> {
    if let Some(key) = root.at("api_key").secret(report) {
        let form = keys::form(key.expose_secret());
        if form.is_none() {
            root.at("provider").misfit(
                report,
                &format!("one of {}", names()),
                &format!("The key does not show whose it is: choose the provider it belongs to. {UNTIL_LOCAL}"),
            );
        }
        return form.map(|form| form.kind);
    }
    if root.at("base_url").text(report).is_some() {
        root.at("provider").misfit(
            report,
            "ollama or openai_compatible where base_url is given",
            &format!("Choose what kind of server it is. {UNTIL_LOCAL}"),
        );
    }
    if root.at("model").text(report).is_some() {
        report.notice("model", "used only together with a provider or a key.");
    }
    None
}

fn kinds() -> [(&'static str, ProviderKind); 7] {
    ProviderKind::ALL.map(|kind| (kind.name(), kind))
}

fn names() -> String {
    ProviderKind::ALL.map(ProviderKind::name).join(", ")
}

/// One provider of the chain; `None` if it cannot be used as it stands.
fn provider(
    group: &Group<'_>,
    path: String,
    kind: ProviderKind,
    local_only: bool,
    until: &str,
    report: &mut Report,
) -> Option<ProviderOptions> {
    let before = report.problems.len();
    let form = group
        .at("api_key")
        .secret(report)
        .and_then(|key| keys::form(key.expose_secret()));
    let api_key = key(group, kind, until, report);
    let base_url = base_url(group, kind, form, until, report);
    let model = model(group, kind, until, report);
    let far = matches!(
        kind,
        ProviderKind::Gemini | ProviderKind::OpenAi | ProviderKind::Anthropic
    ) || kind == ProviderKind::OpenAiCompatible
        && base_url.as_deref().is_some_and(is_vendors);
    if local_only && far {
        report.problem(
            &path,
            quote(kind.name()),
            "home_assistant, ollama, openai_compatible or local while local_only is on",
            format!(
                "{} is on the internet and no picture may leave your home: choose another one, or switch local_only off. {until}",
                kind.shown()
            ),
        );
    }
    (report.problems.len() == before).then_some(ProviderOptions {
        path,
        kind,
        api_key,
        model,
        base_url,
    })
}

/// Whether it is the address that the form of a key led to.
fn is_vendors(base_url: &str) -> bool {
    keys::FORMS
        .iter()
        .any(|form| form.base_url == Some(base_url))
}

fn key(group: &Group<'_>, kind: ProviderKind, until: &str, report: &mut Report) -> Option<Secret> {
    let node = group.at("api_key");
    let without = matches!(kind, ProviderKind::Local | ProviderKind::HomeAssistant);
    if without {
        if node.is_present() {
            let text = format!("not used: {} needs no key.", kind.shown());
            report.notice(&node.path, text);
        }
        return None;
    }
    let problems = report.problems.len();
    let given = node.secret(report);
    if report.problems.len() > problems {
        return None;
    }
    let given = given.map(|key| key.expose_secret().trim().to_owned());
    let Some(given) = given.filter(|key| !key.is_empty()) else {
        if let Some(page) = keys::where_from(kind) {
            let hint = format!("{} gives one at {page}. {until}", kind.shown());
            node.missing(report, &format!("a key of {}", kind.shown()), &hint);
        }
        return None;
    };
    if !given.bytes().all(|b| b.is_ascii_graphic()) {
        report.problem(
            &node.path,
            "a key with blanks or unusual characters in it",
            "the key alone, as the provider shows it",
            format!("Copy it again. {until}"),
        );
        return None;
    }
    if let Some(form) = keys::form(&given)
        && form.kind != kind
        && kind != ProviderKind::OpenAiCompatible
    {
        report.problem(
            &node.path,
            format!("a key of {}", form.vendor),
            format!("a key of {}", kind.shown()),
            format!(
                "Choose {} as provider, or give the right key. {until}",
                form.kind.name()
            ),
        );
        return None;
    }
    Some(Secret::from(given))
}

fn base_url(
    group: &Group<'_>,
    kind: ProviderKind,
    form: Option<&Form>,
    until: &str,
    report: &mut Report,
) -> Option<String> {
    let node = group.at("base_url");
    if matches!(kind, ProviderKind::Local | ProviderKind::HomeAssistant) {
        if node.is_present() {
            let text = format!("not used: {} has no address.", kind.shown());
            report.notice(&node.path, text);
        }
        return None;
    }
    let example = match kind {
        ProviderKind::Ollama => "an address such as http://192.168.1.20:11434",
        ProviderKind::OpenAiCompatible => "an address such as http://192.168.1.20:8080/v1",
        _ => "an address such as https://proxy.example/v1",
    };
    if !node.is_present() {
        if kind == ProviderKind::OpenAiCompatible
            && let Some(address) = form.and_then(|form| form.base_url)
        {
            return Some(address.to_owned());
        }
        if matches!(kind, ProviderKind::Ollama | ProviderKind::OpenAiCompatible) {
            node.missing(
                report,
                example,
                &format!("Say where the server is. {until}"),
            );
        }
        return None;
    }
    let text = node.text(report)?;
    let place = text.split(['?', '#']).next().unwrap_or_default();
    if !is_web_address(text) {
        node.misfit(
            report,
            example,
            &format!("Begin it with http:// or https://. {until}"),
        );
        return None;
    }
    if text.contains('@') || place.len() < text.len() {
        node.misfit(
            report,
            example,
            &format!("Leave out user, password and what follows a question mark; a key goes into api_key. {until}"),
        );
        return None;
    }
    Some(text.trim_end_matches('/').to_owned())
}

fn model(
    group: &Group<'_>,
    kind: ProviderKind,
    until: &str,
    report: &mut Report,
) -> Option<String> {
    let node = group.at("model");
    let model = node.text(report)?;
    match kind {
        ProviderKind::Local => {
            report.notice(&node.path, "not used: the built-in judge has one model.");
            None
        }
        ProviderKind::HomeAssistant if !is_entity(model, &["ai_task"]) => {
            node.misfit(
                report,
                "an AI Task entity such as ai_task.google_ai_task",
                &format!("Copy its id from Home Assistant, or leave it empty to use the preferred one. {until}"),
            );
            None
        }
        _ if model.len() > 128 || model.contains(char::is_whitespace) => {
            node.misfit(
                report,
                "a model's name without blanks",
                &format!("Leave it empty for a good one. {until}"),
            );
            None
        }
        _ => Some(model.to_owned()),
    }
}

fn language(node: &Node<'_>, report: &mut Report) -> Option<String> {
    let text = node.text(report)?;
    let mut parts = text.split(['-', '_']);
    let first = parts.next().unwrap_or_default();
    let fits = (2..=3).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|part| {
            (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        });
    if !fits {
        node.misfit(
            report,
            "the code of a language, such as de or pt-BR",
            "Leave it empty for Home Assistant's. Until then it is Home Assistant's.",
        );
        return None;
    }
    Some(text.replace('_', "-"))
}
