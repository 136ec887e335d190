//! What the HTTP providers have in common, without sending anything: a dialect
//! turns a prompt into a call and a reply into an answer or a fault. No client,
//! no key, no clock, no repetition.

use std::time::Duration;

use serde_json::Value;

use super::{
    manners::{Habit, Manners},
    prompt::Prompt,
};
use crate::domain::provider::{Class, ModelFacts, Usage, Wait};

/// What is fixed about a provider.
#[derive(Debug)]
pub struct Card {
    /// As people write it: `Gemini`.
    pub title: &'static str,
    /// Where it is, with the API's version if that is part of every path.
    /// `None`: the household must say.
    pub base_url: Option<&'static str>,
    /// The model that is asked unless the options name one.
    pub model: Option<&'static str>,
    pub auth: Auth,
    /// Whether it answers nobody without a key.
    pub needs_key: bool,
    pub place: Place,
    /// Where a key is made, where credit is bought, how a model gets there.
    pub key_help: &'static str,
    pub billing_help: &'static str,
    pub model_help: &'static str,
    /// What an exchange may take at most.
    pub patience: Duration,
    /// Tokens that an answer may have, and after one that was cut.
    pub room: (u32, u32),
    /// Headers of every call.
    pub headers: &'static [(&'static str, &'static str)],
}

/// How the key is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// `Authorization: Bearer …`
    Bearer,
    /// In a header of the provider's own.
    Header(&'static str),
}

/// Where the pictures go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A company's computers.
    Cloud,
    /// A server that the household names; it may be at home.
    Own,
}

/// A prompt on its way to a provider.
#[derive(Debug)]
pub struct Asked<'a> {
    pub prompt: &'a Prompt,
    pub schema: &'a Value,
    pub model: &'a str,
    pub terms: Sent,
}

/// What a reply is read against.
#[derive(Debug, Clone, Copy)]
pub struct Sent {
    /// What the request left out.
    pub manners: Manners,
    /// Tokens the answer may have.
    pub room: u32,
    /// The household named the address: it may be another server that speaks
    /// the same language.
    pub own_address: bool,
}

impl Asked<'_> {
    /// The prompt, with the form in words where no schema is sent.
    pub fn worded(&self) -> Prompt {
        if self.terms.manners.keep(Habit::Schema) {
            self.prompt.clone()
        } else {
            self.prompt.clone().with_form(self.schema)
        }
    }
}

/// An HTTP request without address and key.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Under the base URL, such as `/messages`.
    pub path: String,
    /// `None`: a GET.
    pub body: Option<Value>,
}

impl Call {
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            body: None,
        }
    }

    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self {
            path: path.into(),
            body: Some(body),
        }
    }
}

/// An HTTP response, whole, with every form of the key already removed.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub text: String,
    /// The text as JSON, if it is; a list if it is JSON Lines.
    pub json: Option<Value>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A value by its path: `at("/error/code")`.
    pub fn at(&self, pointer: &str) -> Option<&Value> {
        self.json.as_ref()?.pointer(pointer)
    }

    /// A text by its path; empty if there is none.
    pub fn text_at(&self, pointer: &str) -> &str {
        self.at(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn number_at(&self, pointer: &str) -> Option<u64> {
        self.at(pointer).and_then(Value::as_u64)
    }
}

/// What a provider answered, before it is an assessment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Read {
    /// All that it wrote for us, thinking left out.
    pub text: String,
    pub usage: Usage,
    pub model: ModelFacts,
}

/// Why there is no answer, in the provider's words.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    pub class: Class,
    /// What it said; may be empty.
    pub said: String,
    pub wait: Option<Wait>,
    /// Whether it said that asking again makes sense.
    pub retry: Option<bool>,
    /// What to leave out from now on; only with `UnsupportedParameter`.
    pub forget: Option<Habit>,
    pub in_doubt: bool,
    pub usage: Usage,
}

impl Fault {
    pub fn new(class: Class, said: impl Into<String>) -> Self {
        Self {
            class,
            said: said.into(),
            wait: None,
            retry: None,
            forget: None,
            in_doubt: false,
            usage: Usage::default(),
        }
    }

    #[must_use]
    pub fn waiting(mut self, wait: Option<Wait>) -> Self {
        self.wait = wait;
        self
    }

    /// A wait for a fault that has none.
    #[must_use]
    pub fn waiting_unless_told(mut self, wait: Option<Wait>) -> Self {
        self.wait = self.wait.or(wait);
        self
    }

    #[must_use]
    pub fn costing(mut self, usage: Usage) -> Self {
        self.usage = usage;
        self
    }

    #[must_use]
    pub fn in_doubt(mut self) -> Self {
        self.in_doubt = true;
        self
    }

    /// A parameter that was not taken: to be left out if the request had it.
    #[must_use]
    pub fn forgetting(mut self, habit: Option<Habit>, manners: Manners) -> Self {
        if let Some(habit) = habit.and_then(|habit| manners.next(habit)) {
            self.class = Class::UnsupportedParameter;
            self.forget = Some(habit);
        }
        self
    }
}

/// A language that providers speak over HTTP. `read` and `facts` get any reply,
/// whatever its status.
pub trait Dialect: Send + Sync {
    fn card(&self) -> &'static Card;
    fn ask(&self, asked: &Asked<'_>) -> Call;
    fn read(&self, reply: &Reply, sent: Sent) -> Result<Read, Fault>;
    /// Asks what the provider says about a model, without cost and picture.
    fn inspect(&self, model: &str) -> Call;
    fn facts(&self, reply: &Reply, model: &str) -> Result<ModelFacts, Fault>;
    /// For servers that load a model when it is first asked for, which takes
    /// minutes and is broken off with the connection.
    fn loading(&self, _model: &str) -> Option<Loading> {
        None
    }
}

/// How to find out whether a model is loaded, and how to have it loaded.
pub struct Loading {
    pub check: Call,
    pub is_loaded: fn(&Reply, model: &str) -> bool,
    pub load: Call,
}

/// A model's name as one segment of a path.
pub fn segment(text: &str) -> String {
    use std::fmt::Write as _;
    let mut segment = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~' | b':' | b'@') {
            segment.push(byte.into());
        } else if byte == b'.' && text != "." && text != ".." {
            segment.push('.');
        } else {
            // Writing to a String cannot fail.
            let _ = write!(segment, "%{byte:02X}");
        }
    }
    segment
}
