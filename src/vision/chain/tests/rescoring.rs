//! A second exchange for a better score: counted for itself, and never in the
//! way of the first one's answer.

use super::*;

fn home(
    rescores: impl Into<VecDeque<Result<i64, Failure>>>,
    limits: Limits,
) -> (Home, Arc<Scripted>) {
    let clock = Home::clock();
    let one = Scripted::new("one", clock, []);
    *one.rescores.lock().unwrap() = rescores.into();
    (Home::new(clock, &[&one], limits), one)
}

fn broken() -> Failure {
    Failure::new(Class::Auth, "The scorer's key is wrong.")
}

#[tokio::test(start_paused = true)]
async fn each_exchange_is_counted_when_it_is_made() {
    let (home, _) = home([Ok(75)], PLENTY);
    let answer = home.ask().await.unwrap();
    assert_eq!(
        (answer.score.value(), answer.method.ends_with(" again")),
        (75, true)
    );
    assert_eq!(home.chain.standing().calls_today, 2);
    // There is no second one to make any more.
    assert_eq!(home.ask().await.unwrap().score.value(), 62);
    assert_eq!(home.chain.standing().calls_today, 3);
}

#[tokio::test(start_paused = true)]
async fn the_first_answer_stands_when_the_second_fails() {
    let (home, one) = home([Err(broken()), Ok(75)], PLENTY);
    let answer = home.ask().await.unwrap();
    assert_eq!(
        (answer.score.value(), answer.method.ends_with(" again")),
        (62, false)
    );
    assert_eq!(
        home.chain.standing().warnings,
        ["The scorer's key is wrong."]
    );
    assert_eq!(
        home.chain.standing().links[0].circuit,
        "closed",
        "the first one works"
    );

    // A wrong key is not tried again before somebody tests it.
    home.ask().await.unwrap();
    assert_eq!(
        one.rescores.lock().unwrap().len(),
        1,
        "asked although its circuit is open"
    );
    home.chain.examine(0).await.unwrap();
    assert_eq!(home.ask().await.unwrap().score.value(), 75);
    assert!(home.chain.standing().warnings.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_last_call_of_the_day_is_one_answer() {
    let limits = Limits {
        calls: 1,
        cost: None,
    };
    let (home, one) = home([Ok(75)], limits);
    assert_eq!(home.ask().await.unwrap().score.value(), 62);
    assert_eq!(home.chain.standing().calls_today, 1);
    assert_eq!(
        one.rescores.lock().unwrap().len(),
        1,
        "asked beyond the budget"
    );
    assert_eq!(home.ask().await.unwrap_err().class, ErrorClass::Budget);
}
