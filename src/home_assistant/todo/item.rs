//! Items as Home Assistant lists them.

use serde::Deserialize;
use serde_json::Value;

use crate::domain::todo::{Item, ItemStatus, Uid};

#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    uid: Option<String>,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    description: Option<String>,
}

/// The items of a listing; `None` if it is not one. Items without a uid cannot
/// be told apart and are left out.
pub(super) fn items(listing: &Value) -> Option<Vec<Item>> {
    let listed = listing.as_array()?.iter().map(Listed::deserialize);
    let listed: Vec<Listed> = listed.collect::<Result<_, _>>().ok()?;
    let items = listed.into_iter().filter_map(|item| {
        Some(Item {
            uid: Uid(item.uid?),
            summary: item.summary.unwrap_or_default(),
            status: match item.status.as_deref() {
                Some("completed") => ItemStatus::Completed,
                _ => ItemStatus::NeedsAction,
            },
            description: item.description.filter(|text| !text.is_empty()),
        })
    });
    Some(items.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_shapes_of_a_listing_are_read() {
        // A subscription spells out what is absent; an action leaves it out.
        let pushed = json!([
            {"summary": "Cup", "uid": "1", "status": "needs_action", "due": null,
             "description": null, "completed": null},
            {"summary": "Sock", "uid": "2", "status": "completed", "due": "2026-11-22",
             "description": "[aicleaner 7]", "completed": "2026-11-22T10:00:00+00:00"},
            {"summary": "No id", "uid": null, "status": "needs_action"},
        ]);
        let asked = json!([
            {"summary": "Cup", "uid": "1", "status": "needs_action"},
            {"summary": "Sock", "uid": "2", "status": "completed", "description": "[aicleaner 7]"},
        ]);
        let read = items(&pushed).unwrap();
        assert_eq!(Some(&read), items(&asked).as_ref());
        assert_eq!(read[0].status, ItemStatus::NeedsAction);
        assert_eq!(read[0].description, None);
        assert_eq!(read[1].status, ItemStatus::Completed);
        assert_eq!(read[1].description.as_deref(), Some("[aicleaner 7]"));
    }

    #[test]
    fn what_is_no_listing_is_not_an_empty_one() {
        for wrong in [json!(null), json!({}), json!("x"), json!([{"uid": 7}])] {
            assert_eq!(items(&wrong), None, "{wrong}");
        }
        assert_eq!(items(&json!([])), Some(vec![]));
    }
}
