//! Gates: what stops a check before a provider is paid.

use serde::{Deserialize, Serialize};

use super::zone::shown;

/// Why a picture cannot be judged. It is never judged anyway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason", content = "detail")]
pub enum Unusable {
    Black,
    Overexposed,
    Blurred,
    /// Not a picture, or a broken one; what the decoder said.
    NotAPicture(String),
    /// More pixels or bytes than we decode; how many.
    TooLarge(String),
    /// It could not be masked as the household wants it; why.
    NotMasked(String),
}

impl Unusable {
    pub const REASONS: [&'static str; 6] = [
        "black",
        "overexposed",
        "blurred",
        "not_a_picture",
        "too_large",
        "not_masked",
    ];

    /// The reason's name in metrics and entities.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Black => "black",
            Self::Overexposed => "overexposed",
            Self::Blurred => "blurred",
            Self::NotAPicture(_) => "not_a_picture",
            Self::TooLarge(_) => "too_large",
            Self::NotMasked(_) => "not_masked",
        }
    }

    /// What is wrong and what to do, for the household.
    pub fn sentence(&self, source: &str) -> String {
        let source = shown(source);
        match self {
            Self::Black => {
                format!(
                    "The picture of {source} is too dark to judge; switch a light on or wait for daylight."
                )
            }
            Self::Overexposed => {
                format!(
                    "The picture of {source} is overexposed; turn the camera away from the light."
                )
            }
            Self::Blurred => {
                format!("The picture of {source} is blurred; clean the lens or check the focus.")
            }
            Self::NotAPicture(why) => {
                format!(
                    "{source} did not deliver a JPEG, PNG or WebP picture ({why}); check that the camera works in Home Assistant."
                )
            }
            Self::TooLarge(size) => {
                format!(
                    "The picture of {source} is too large ({size}); lower the camera's resolution to 12 megapixels or less."
                )
            }
            Self::NotMasked(why) => {
                format!(
                    "The picture of {source} could not be masked ({why}), so nothing was judged or sent; open Masks on AICleaner's page, draw the areas again and save."
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sentence_shows_a_cameras_password() {
        for unusable in [
            Unusable::Black,
            Unusable::Overexposed,
            Unusable::Blurred,
            Unusable::NotAPicture("no".into()),
            Unusable::TooLarge("9 MB".into()),
            Unusable::NotMasked("other shape".into()),
        ] {
            let sentence = unusable.sentence("http://me:pa55@cam/x.jpg?k=pa55");
            assert!(
                sentence.contains(" http://…@cam/x.jpg?… ") || sentence.starts_with("http://…@cam"),
                "{sentence}"
            );
            assert!(!sentence.contains("pa55"), "{sentence}");
        }
    }
}
