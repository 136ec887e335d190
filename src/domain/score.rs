//! The cleanliness score and what it means in words.

use serde::{Deserialize, Serialize};

/// Cleanliness from 0 (a mess) to 100 (spotless).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Score(u8);

/// A score outside 0–100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a score is 0 to 100, not {0}")]
pub struct OutOfRange(i64);

impl Score {
    pub const SPOTLESS: Self = Self(100);

    /// The nearest whole score, for values that are a score by construction.
    pub fn clamped(value: f32) -> Self {
        // NaN casts to 0: an undefined judgement must not read as spotless.
        Self(value.round().clamp(0.0, 100.0) as u8)
    }

    pub fn value(self) -> u8 {
        self.0
    }

    /// One word for the score, stable enough for automations.
    pub fn label(self) -> &'static str {
        match self.0 {
            90.. => "spotless",
            75..90 => "tidy",
            50..75 => "lived in",
            25..50 => "untidy",
            _ => "messy",
        }
    }

    /// Whether the room needs cleaning, with hysteresis: once it does, it takes
    /// a clearly better score to say that it does not.
    pub fn needs_cleaning(self, before: Option<bool>) -> bool {
        match before {
            Some(true) => self.0 < 65,
            _ => self.0 < 50,
        }
    }
}

impl TryFrom<i64> for Score {
    type Error = OutOfRange;

    fn try_from(value: i64) -> Result<Self, OutOfRange> {
        u8::try_from(value)
            .ok()
            .filter(|v| *v <= 100)
            .map(Self)
            .ok_or(OutOfRange(value))
    }
}

impl TryFrom<u8> for Score {
    type Error = OutOfRange;

    fn try_from(value: u8) -> Result<Self, OutOfRange> {
        Self::try_from(i64::from(value))
    }
}

impl From<Score> for u8 {
    fn from(score: Score) -> Self {
        score.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_cleaning_does_not_flap_around_one_limit() {
        let score = |v: u8| Score::try_from(v).unwrap();
        assert!(!score(55).needs_cleaning(None));
        assert!(score(49).needs_cleaning(Some(false)));
        assert!(score(55).needs_cleaning(Some(true)));
        assert!(!score(65).needs_cleaning(Some(true)));
    }

    #[test]
    fn an_undefined_judgement_is_not_spotless() {
        assert_eq!(Score::clamped(f32::NAN).value(), 0);
        assert_eq!(Score::clamped(140.0), Score::SPOTLESS);
        assert!(Score::try_from(101_i64).is_err());
    }
}
