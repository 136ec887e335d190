//! What models cost, as the options say it: a line for each.

use super::{model::Price, problem::Report, tree::Node};

/// `MODEL INPUT OUTPUT`, in dollars for a million tokens.
pub(super) fn read(node: &Node<'_>, report: &mut Report) -> Vec<Price> {
    node.texts(report)
        .into_iter()
        .filter_map(|(node, text)| {
            let price = Price::read(text);
            if price.is_none() {
                node.misfit(
                    report,
                    "a model and its two prices, such as some-model 0.10 0.50",
                    "The prices are US dollars for a million tokens in and out. Until then this line does not count.",
                );
            }
            price
        })
        .collect()
}
