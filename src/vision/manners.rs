//! What a server turned out not to know, so that it is left out from then on.
//! Kept as long as the program runs, for each provider and model.

/// Something in a request that some servers or models do not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Habit {
    /// The answer is held to a schema. Without it the form is said in words.
    Schema,
    /// The answer is held to JSON, or a tool is called with it: the step below
    /// a schema.
    Json,
    /// OpenAI's Responses API. Without it: Chat Completions.
    Responses,
    /// A word about how much to think.
    Thinking,
    /// The token limit under its first name. Without it: under the other one.
    Limit,
    /// "Do not keep this."
    Store,
    /// How closely to look at a picture.
    Detail,
}

/// The habits that a server has made us give up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Manners(u8);

impl Manners {
    pub fn keep(self, habit: Habit) -> bool {
        self.0 & (1 << habit as u8) == 0
    }

    pub fn forget(&mut self, habit: Habit) {
        self.0 |= 1 << habit as u8;
    }

    /// What to give up when this was refused: itself, the step below it, or
    /// nothing if a request with these manners did not have it.
    pub fn next(self, refused: Habit) -> Option<Habit> {
        let steps = match refused {
            Habit::Schema => &[Habit::Schema, Habit::Json][..],
            _ => std::slice::from_ref(&refused),
        };
        steps.iter().copied().find(|habit| self.keep(*habit))
    }
}

/// The habit that an error message complains about: the first whose word is in it.
pub fn blamed(said: &str, words: &[(&str, Habit)]) -> Option<Habit> {
    let said = said.to_ascii_lowercase();
    let (_, habit) = words.iter().find(|(word, _)| said.contains(word))?;
    Some(*habit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_steps_down_twice_and_then_there_is_nothing_to_give_up() {
        let mut manners = Manners::default();
        for expected in [Some(Habit::Schema), Some(Habit::Json), None] {
            assert_eq!(manners.next(Habit::Schema), expected);
            if let Some(habit) = expected {
                manners.forget(habit);
            }
        }
        assert_eq!(manners.next(Habit::Thinking), Some(Habit::Thinking));
    }
}
