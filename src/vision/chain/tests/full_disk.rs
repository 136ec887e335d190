//! A call that cannot be written down is not made.

use super::*;

#[tokio::test(start_paused = true)]
async fn no_restart_forgets_a_call_that_a_full_disk_did_not_take() {
    let clock = Home::clock();
    let one = Scripted::new("one", clock, []);
    let limits = Limits {
        calls: 2,
        cost: None,
    };
    let home = Home::new(clock, &[&one], limits);
    home.ask().await.unwrap();
    home.paper.1.store(true, Ordering::SeqCst);
    for _ in 0..5 {
        let error = home.ask().await.unwrap_err();
        assert_eq!(error.class, ErrorClass::Provider);
        assert!(error.sentence.contains("disk"), "{}", error.sentence);
    }
    assert_eq!(one.calls(), 1);
    assert_eq!(home.chain.standing().calls_today, 1);

    // Whatever happens, what was made is what the next start knows of.
    home.paper.1.store(false, Ordering::SeqCst);
    home.ask().await.unwrap();
    assert_eq!(home.ask().await.unwrap_err().class, ErrorClass::Budget);
    assert_eq!(one.calls(), 2);
    assert_eq!(home.spent().last().unwrap().calls, 2);
}
