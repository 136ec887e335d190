//! What a key's form says about whose it is. Nothing here keeps or shows a key.

use super::model::ProviderKind;

/// How the keys of a vendor begin.
pub(super) struct Form {
    start: &'static str,
    /// As a sentence names it.
    pub(super) vendor: &'static str,
    pub(super) kind: ProviderKind,
    /// Where such a key is at home, if the kind alone does not say it.
    pub(super) base_url: Option<&'static str>,
}

/// The first that fits counts: longer beginnings stand before shorter ones.
pub(super) const FORMS: &[Form] = &[
    Form {
        start: "AIza",
        vendor: "Google Gemini",
        kind: ProviderKind::Gemini,
        base_url: None,
    },
    Form {
        start: "AQ.",
        vendor: "Google Gemini",
        kind: ProviderKind::Gemini,
        base_url: None,
    },
    Form {
        start: "sk-ant-",
        vendor: "Anthropic",
        kind: ProviderKind::Anthropic,
        base_url: None,
    },
    Form {
        start: "sk-or-",
        vendor: "OpenRouter",
        kind: ProviderKind::OpenAiCompatible,
        base_url: Some("https://openrouter.ai/api/v1"),
    },
    Form {
        start: "gsk_",
        vendor: "Groq",
        kind: ProviderKind::OpenAiCompatible,
        base_url: Some("https://api.groq.com/openai/v1"),
    },
    Form {
        start: "sk-",
        vendor: "OpenAI",
        kind: ProviderKind::OpenAi,
        base_url: None,
    },
];

pub(super) fn form(key: &str) -> Option<&'static Form> {
    let key = key.trim();
    FORMS.iter().find(|form| key.starts_with(form.start))
}

/// Text in which somebody may have repeated a key: words that look like one
/// are left out.
pub fn masked(text: &str) -> String {
    text.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .map(|word| {
            let end = word.len()
                - word
                    .chars()
                    .last()
                    .filter(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.'))
                    .map_or(0, char::len_utf8);
            let (word, rest) = word.split_at(end);
            match FORMS.iter().find(|form| word.starts_with(form.start)) {
                Some(form) if word.len() > form.start.len() + 8 => format!("[key]{rest}"),
                _ => format!("{word}{rest}"),
            }
        })
        .collect()
}

/// Where a household gets a key; `None` where one may not be needed.
pub(super) fn where_from(kind: ProviderKind) -> Option<&'static str> {
    match kind {
        ProviderKind::Gemini => Some("https://aistudio.google.com/apikey"),
        ProviderKind::OpenAi => Some("https://platform.openai.com/api-keys"),
        ProviderKind::Anthropic => Some("https://platform.claude.com/settings/keys"),
        ProviderKind::HomeAssistant
        | ProviderKind::Ollama
        | ProviderKind::OpenAiCompatible
        | ProviderKind::Local => None,
    }
}
