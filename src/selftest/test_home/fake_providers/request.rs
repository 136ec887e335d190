//! What a provider's server looks at in a request, and what is wrong with it.

use axum::http::{HeaderMap, Method, Uri, header};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use image::ImageReader;
use serde_json::Value;

/// Bytes of a request that a household's uplink can bear.
const LARGEST: usize = 4_000_000;
/// The long edge that leaves the house at most.
const LONG_EDGE: u32 = 1024;
/// Parameters that newer models refuse.
const SAMPLING: [&str; 10] = [
    "temperature",
    "top_p",
    "topP",
    "top_k",
    "topK",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "presencePenalty",
    "frequencyPenalty",
];

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Value,
    pub size: usize,
    /// What the model would read.
    pub prompt: String,
    /// What the model would see.
    pub pictures: Vec<Vec<u8>>,
    /// Whether the answer is held to a schema; `None`: the request has no place for one.
    pub schema: Option<Value>,
    /// Everything that is wrong with it.
    pub complaints: Vec<String>,
}

impl Request {
    pub(super) fn new(method: Method, uri: Uri, headers: HeaderMap, body: &[u8]) -> Self {
        let mut request = Self {
            method,
            uri,
            headers,
            body: Value::Null,
            size: body.len(),
            prompt: String::new(),
            pictures: Vec::new(),
            schema: None,
            complaints: Vec::new(),
        };
        request.hold(body.len() <= LARGEST, "the body is larger than 4 MB");
        request.hold(
            request.header("user-agent").starts_with("aicleaner/"),
            "the user agent is not ours",
        );
        if request.method == Method::POST {
            match serde_json::from_slice(body) {
                Ok(json) => request.body = json,
                Err(_) => request.complain("the body is not JSON"),
            }
            request.hold(
                request.header(header::CONTENT_TYPE.as_str()) == "application/json",
                "the content type is not application/json",
            );
            for name in SAMPLING {
                request.hold(!has_key(&request.body, name), &format!("it has {name}"));
            }
        }
        request
    }

    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }

    pub fn path(&self) -> &str {
        self.uri.path()
    }

    pub(super) fn complain(&mut self, what: &str) {
        self.complaints.push(what.to_owned());
    }

    pub(super) fn hold(&mut self, holds: bool, else_complain: &str) {
        if !holds {
            self.complain(else_complain);
        }
    }

    /// A key belongs into one header and nowhere else.
    pub(super) fn check_key(&mut self, header: &str, expected: Option<&str>, key: Option<&str>) {
        self.hold(
            self.header(header) == expected.unwrap_or_default(),
            "the key is not in its header",
        );
        let Some(key) = key else { return };
        let elsewhere = self.headers.iter().any(|(name, value)| {
            name != header && String::from_utf8_lossy(value.as_bytes()).contains(key)
        });
        self.hold(!elsewhere, "the key is in another header");
        self.hold(
            !self.uri.to_string().contains(key),
            "the key is in the address",
        );
        self.hold(self.uri.query().is_none(), "the address has a query");
        self.hold(
            !self.body.to_string().contains(key),
            "the key is in the body",
        );
    }

    /// A picture in base64, with the prefix that the protocol wants.
    pub(super) fn take_picture(&mut self, text: &str, prefix: &str) {
        let Some(code) = text
            .strip_prefix(prefix)
            .filter(|code| !code.starts_with("data:"))
        else {
            return self.complain("a picture has the wrong prefix");
        };
        match BASE64_STANDARD.decode(code) {
            Ok(jpeg) => {
                for what in wrong_with_jpeg(&jpeg) {
                    self.complain(&what);
                }
                self.pictures.push(jpeg);
            }
            Err(_) => self.complain("a picture is not plain base64"),
        }
    }

    pub(super) fn take_text(&mut self, text: Option<&str>) {
        self.prompt.push_str(text.unwrap_or_default());
        self.prompt.push('\n');
    }

    /// A question must come with a picture, and with a schema or the words for one.
    pub(super) fn check_question(&mut self) {
        self.hold(!self.pictures.is_empty(), "there is no picture");
        let worded =
            self.prompt.contains("JSON Schema") && self.prompt.contains("additionalProperties");
        self.hold(
            self.schema.is_some() || worded,
            "the form of the answer is not said",
        );
        if let Some(schema) = &self.schema
            && schema.is_object()
        {
            let closed = schema["additionalProperties"] == false && schema["required"].is_array();
            self.hold(closed, "the schema is not closed");
        }
    }
}

fn has_key(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(map) => map
            .iter()
            .any(|(key, inner)| key == name || has_key(inner, name)),
        Value::Array(list) => list.iter().any(|inner| has_key(inner, name)),
        _ => false,
    }
}

/// What is wrong with a picture that leaves the house.
fn wrong_with_jpeg(jpeg: &[u8]) -> Vec<String> {
    let mut wrong = Vec::new();
    let decoded =
        ImageReader::with_format(std::io::Cursor::new(jpeg), image::ImageFormat::Jpeg).decode();
    match decoded {
        Ok(picture) if picture.width().max(picture.height()) > LONG_EDGE => {
            wrong.push(format!(
                "a picture is {}x{}",
                picture.width(),
                picture.height()
            ));
        }
        Ok(_) => {}
        Err(why) => wrong.push(format!("a picture is no JPEG: {why}")),
    }
    // Segments up to the scan: only JFIF's own and the tables are needed.
    let mut at = 2;
    while let [0xff, marker, high, low, ..] = jpeg.get(at..).unwrap_or_default() {
        if *marker == 0xda {
            break;
        }
        if matches!(marker, 0xe1..=0xef | 0xfe) {
            wrong.push(format!("a picture carries metadata (segment {marker:02x})"));
        }
        at += 2 + usize::from(u16::from_be_bytes([*high, *low]));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_in_a_picture_is_found() {
        let jpeg = crate::imaging::canary::draw(0).frame.jpeg;
        assert_eq!(wrong_with_jpeg(&jpeg), Vec::<String>::new());
        let exif = [&jpeg[..2], b"\xff\xe1\x00\x08Exif\0\0", &jpeg[2..]].concat();
        assert_eq!(
            wrong_with_jpeg(&exif),
            ["a picture carries metadata (segment e1)"]
        );
        assert!(!wrong_with_jpeg(&jpeg[..500]).is_empty() || jpeg.len() < 500);
    }
}
