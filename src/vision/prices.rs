//! What models cost, as their vendors said in November 2026, in US dollars for
//! a million tokens. A model that is not here has no known price until the
//! options name one (`advanced.prices`).

use crate::{domain::provider::Price, settings::model};

/// The longest beginning that fits counts.
const PRICES: &[(&str, f64, f64)] = &[
    ("claude-haiku-4-5", 1.0, 5.0),
    ("claude-sonnet-4-5", 3.0, 15.0),
    ("gemini-2.5-flash-lite", 0.10, 0.40),
    ("gemini-3.1-flash-lite", 0.25, 1.50),
    ("gpt-4.1-mini", 0.40, 1.60),
    ("gpt-4.1-nano", 0.10, 0.40),
    ("gpt-4o-mini", 0.15, 0.60),
    ("gpt-6-luna", 0.10, 0.50),
];

/// The price of a model: the options' word first.
pub fn of(model: &str, options: &[model::Price]) -> Option<Price> {
    let own = options
        .iter()
        .map(|price| (price.model.as_str(), price.input, price.output));
    longest(model, own).or_else(|| longest(model, PRICES.iter().copied()))
}

fn longest<'a>(model: &str, prices: impl Iterator<Item = (&'a str, f64, f64)>) -> Option<Price> {
    prices
        .filter(|(start, ..)| model.starts_with(start))
        .max_by_key(|(start, ..)| start.len())
        .map(|(_, input, output)| Price { input, output })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_come_first_and_the_longest_name_counts() {
        let own = |model: &str, input| model::Price {
            model: model.into(),
            input,
            output: 2.0,
        };
        let options = [own("gpt", 7.0), own("gpt-6-luna-mini", 8.0)];
        let input = |model, options: &[_]| of(model, options).map(|price| price.input);
        assert_eq!(input("gpt-6-luna-2026-10-01", &[]), Some(0.10));
        assert_eq!(input("gpt-6-luna-2026-10-01", &options), Some(7.0));
        assert_eq!(input("gpt-6-luna-mini", &options), Some(8.0));
        assert_eq!(input("unheard-of", &options), None);
    }
}
