//! Whether the household's lists and entities say what is true. Decided by
//! what Home Assistant and the broker hold, never by the service.

use std::time::Duration;

use super::{
    home::{TASKS, TestHome, Truth},
    household::Room,
};

/// Looks that may be needed: two readings that agree, one that came too early,
/// and one more on a slow machine.
const LOOKS: u32 = 5;
/// For one look at every room; a press that came too early is pressed again.
const LOOK: Duration = Duration::from_secs(10);

/// Makes the household look like this and has every room looked at until all
/// lists and entities say so. What is then still wrong, in words.
pub async fn comes_out(home: &TestHome, truth: Truth) -> Vec<String> {
    home.becomes(truth);
    let mut wrong = Vec::new();
    for _ in 0..LOOKS {
        look_everywhere(home).await;
        wrong = wait_for(home, truth, Duration::from_secs(3)).await;
        if wrong.is_empty() || home.is_stopped() {
            break;
        }
    }
    wrong
}

/// Waits until everything says so, at most so long. What is still wrong.
pub async fn wait_for(home: &TestHome, truth: Truth, limit: Duration) -> Vec<String> {
    home.until(limit, |home| wrong(home, truth).is_empty())
        .await;
    wrong(home, truth)
}

pub async fn look_everywhere(home: &TestHome) {
    let before: Vec<u64> = home.rooms.iter().map(|room| home.pictures(room)).collect();
    for room in &home.rooms {
        home.press(room, "check_now").await;
    }
    home.until(LOOK, |home| {
        let looked = |(room, before): (&Room, &u64)| home.pictures(room) > *before;
        home.rooms.iter().zip(&before).all(looked)
    })
    .await;
}

/// Everything that is not as it should be now.
pub fn wrong(home: &TestHome, truth: Truth) -> Vec<String> {
    let expected: &[&str] = match truth {
        Truth::Tidy => &[],
        Truth::Messy => &TASKS,
    };
    home.rooms
        .iter()
        .flat_map(|room| {
            let open = home.open_items(room);
            let published = home.observer.text(&TestHome::topic(room, "tasks"));
            wrong_in(&room.name, expected, &open, published.as_deref())
        })
        .collect()
}

fn wrong_in(
    room: &str,
    expected: &[&str],
    open: &[String],
    published: Option<&str>,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for title in expected {
        match open.iter().filter(|item| item == title).count() {
            1 => {}
            0 => wrong.push(format!("{room}: \"{title}\" is not on the list (lost)")),
            n => wrong.push(format!(
                "{room}: \"{title}\" is {n} times on the list (doubled)"
            )),
        }
    }
    for item in open {
        if !expected.contains(&item.as_str()) {
            wrong.push(format!(
                "{room}: \"{item}\" is on the list and is not to do"
            ));
        }
    }
    if published != Some(expected.len().to_string().as_str()) {
        let published = published.unwrap_or("nothing");
        let expected = expected.len();
        wrong.push(format!(
            "{room}: the tasks entity says {published} instead of {expected}"
        ));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_wrong_is_named() {
        let items = |titles: &[&str]| titles.iter().map(ToString::to_string).collect::<Vec<_>>();
        let wrong =
            |open: &[&str], published| wrong_in("Hall", &["a", "b"], &items(open), published);
        assert_eq!(wrong(&["b", "a"], Some("2")), [""; 0]);
        assert!(wrong(&["a"], Some("2"))[0].contains("\"b\" is not on the list (lost)"));
        assert!(wrong(&["a", "b", "b"], Some("2"))[0].contains("2 times"));
        assert!(
            wrong(&["a", "b", "c"], Some("2"))[0].contains("\"c\" is on the list and is not to do")
        );
        assert!(wrong(&["a", "b"], Some("3"))[0].contains("says 3 instead of 2"));
        assert!(wrong(&["a", "b"], None)[0].contains("says nothing"));
    }
}
