//! Whom a question is put to, when again, and how often at most.

use super::*;

#[tokio::test(start_paused = true)]
async fn the_stated_wait_is_obeyed_and_the_answer_comes_after_it() {
    let clock = Home::clock();
    let one = Scripted::new("one", clock, [fail(Class::RateLimited, Some(37))]);
    let home = Home::new(clock, &[&one], PLENTY);
    assert_eq!(home.ask().await.unwrap().provider, "one");
    assert_eq!(one.times(), [0, 37]);
}

#[tokio::test(start_paused = true)]
async fn no_try_comes_at_or_after_the_next_scheduled_check() {
    for class in Class::ALL {
        let clock = Home::clock();
        let script: Vec<Act> = vec![fail(class, Some(30)); 9];
        let one = Scripted::new("one", clock, script);
        let home = Home::new(clock, &[&one], PLENTY);
        let error = home.ask_until(after(30)).await.unwrap_err();
        assert_eq!(one.times(), [0], "{class:?}");
        assert_eq!(error.class, ErrorClass::Provider);
        assert_eq!(error.sentence, format!("It is {}.", class.name()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_longer_wait_is_the_next_providers_chance_and_is_obeyed_by_later_checks() {
    let clock = Home::clock();
    let one = Scripted::new("one", clock, [fail(Class::RateLimited, Some(600))]);
    let two = Scripted::new("two", clock, []);
    let home = Home::new(clock, &[&one, &two], PLENTY);
    assert_eq!(home.ask().await.unwrap().provider, "two");
    assert_eq!(home.chain.standing().provider, "two");
    for _ in 0..9 {
        home.sleep(60).await;
        assert_eq!(home.ask().await.unwrap().provider, "two");
    }
    assert_eq!(one.times(), [0]);
    home.sleep(61).await;
    assert_eq!(home.ask().await.unwrap().provider, "one");
    assert_eq!(home.chain.standing().provider, "one");
}

#[tokio::test(start_paused = true)]
async fn each_class_goes_on_as_it_should() {
    // How often one is asked in the first check, and in one an hour later.
    for (class, first, later) in [
        (Class::Auth, 1, 0),
        (Class::Billing, 1, 0),
        (Class::QuotaDaily, 1, 0),
        (Class::RateLimited, 3, 1),
        (Class::Overloaded, 3, 1),
        (Class::Timeout, 2, 1),
        (Class::Network, 3, 1),
        (Class::Server, 3, 1),
        (Class::BadRequest, 1, 1),
        (Class::UnsupportedParameter, 5, 1),
        (Class::ModelMissing, 1, 1),
        (Class::NotMultimodal, 1, 1),
        (Class::TooLarge, 2, 1),
        (Class::Refused, 1, 1),
        (Class::Truncated, 2, 1),
        (Class::Empty, 2, 1),
        (Class::Malformed, 2, 1),
        (Class::NotLocal, 1, 0),
    ] {
        let clock = Home::clock();
        let one = Scripted::new("one", clock, vec![fail(class, None); first]);
        let two = Scripted::new("two", clock, []);
        let home = Home::new(clock, &[&one, &two], PLENTY);
        assert_eq!(home.ask().await.unwrap().provider, "two", "{class:?}");
        assert_eq!(one.calls(), first, "{class:?}");
        let after: Vec<_> = one
            .asked
            .lock()
            .unwrap()
            .iter()
            .map(|(_, t)| t.after)
            .collect();
        assert_eq!(after[0], None);
        assert!(after[1..].iter().all(|c| *c == Some(class)), "{class:?}");
        home.sleep(2 * 3600).await;
        home.ask().await.unwrap();
        assert_eq!(one.calls(), first + later, "{class:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_loading_model_is_waited_for_and_nobody_else_is_asked() {
    let clock = Home::clock();
    let one = Scripted::new("one", clock, vec![fail(Class::Loading, None); 30]);
    let two = Scripted::new("two", clock, []);
    let home = Home::new(clock, &[&one, &two], PLENTY);
    assert_eq!(home.ask().await.unwrap().provider, "one");
    assert_eq!((one.calls(), two.calls()), (31, 0));
    // But not for ever.
    let one = Scripted::new("one", clock, vec![fail(Class::Loading, None); 300]);
    let home = Home::new(clock, &[&one, &two], PLENTY);
    assert_eq!(home.ask().await.unwrap().provider, "two");
}

#[tokio::test(start_paused = true)]
async fn what_may_still_run_is_left_alone_and_counted_as_paid() {
    let clock = Home::clock();
    let doubtful = Failure {
        in_doubt: true,
        ..Failure::new(Class::Timeout, "Too slow.")
    };
    let one = Scripted::new("one", clock, [Act::Fail(doubtful)]);
    let home = Home::new(clock, &[&one], PLENTY);
    home.ask().await.unwrap_err();
    assert_eq!(one.times(), [0]);
    let spent = home.spent().pop().unwrap();
    assert_eq!(spent.calls, 1);
    assert!(spent.cost > Money(50_000), "{spent:?}");
    home.sleep(240).await;
    home.ask().await.unwrap_err();
    assert_eq!(one.calls(), 1);
    home.sleep(61).await;
    home.ask().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_open_circuit_is_not_called_and_one_probe_finds_out() {
    let clock = Home::clock();
    let script = vec![fail(Class::Server, None); 12];
    let one = Scripted::new("one", clock, script);
    let home = Home::new(clock, &[&one], PLENTY);
    // Each check ends in one fault for the circuit; the third opens it.
    for _ in 0..3 {
        home.ask().await.unwrap_err();
    }
    let calls = one.calls();
    let standing = home.chain.standing();
    assert_eq!(standing.links[0].circuit, "open");
    let again_at = standing.again_at.unwrap();
    assert!(again_at > home.clock.now());
    while home.clock.now() < again_at - SignedDuration::from_secs(2) {
        let error = home.ask().await.unwrap_err();
        assert_eq!(error.sentence, "It is server.");
        home.sleep(1).await;
    }
    assert_eq!(one.calls(), calls, "called with its circuit open");
    home.sleep(4).await;
    // Two rooms at once: only one of them finds out.
    one.script
        .lock()
        .unwrap()
        .push_front(Act::Slow(Duration::from_secs(5)));
    let (first, second) = tokio::join!(home.ask(), home.ask());
    assert!(first.is_ok() && second.is_err());
    assert_eq!(home.chain.standing().links[0].circuit, "closed");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_no_fault_of_the_provider() {
    let clock = Home::clock();
    let one = Scripted::new("one", clock, vec![fail(Class::Refused, None); 20]);
    let home = Home::new(clock, &[&one], PLENTY);
    for _ in 0..20 {
        let error = home.ask().await.unwrap_err();
        assert_eq!(error.class, ErrorClass::Provider);
    }
    assert_eq!(one.calls(), 20);
    assert_eq!(home.chain.standing().links[0].circuit, "closed");
}

#[tokio::test(start_paused = true)]
async fn the_budget_of_calls_is_kept_by_rooms_at_once_and_by_failed_calls() {
    let clock = Home::clock();
    let limits = Limits {
        calls: 7,
        cost: None,
    };
    let script = [
        fail(Class::Overloaded, None),
        fail(Class::Empty, None),
        Act::Slow(Duration::from_secs(30)),
    ];
    let one = Scripted::new("one", clock, script);
    let two = Scripted::new("two", clock, []);
    let home = Home::new(clock, &[&one, &two], limits);
    for _ in 0..4 {
        let _ = tokio::join!(home.ask(), home.ask(), home.ask());
    }
    assert_eq!(one.calls() + two.calls(), 7);
    let error = home.ask().await.unwrap_err();
    assert_eq!(error.class, ErrorClass::Budget);
    assert!(error.sentence.contains("7 AI calls"), "{}", error.sentence);
    let standing = home.chain.standing();
    assert_eq!((standing.calls_today, standing.call_limit), (7, 7));
    // The next local day begins anew.
    home.sleep(14 * 3600).await;
    assert_eq!(home.chain.standing().calls_today, 0);
    home.ask().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_call_is_on_disk_before_it_is_made_and_costs_what_it_cost_afterwards() {
    let clock = Home::clock();
    let one = Scripted::new("one", clock, [Act::Slow(Duration::from_mins(1))]);
    let home = Arc::new(Home::new(clock, &[&one], PLENTY));
    let asking = tokio::spawn({
        let home = Arc::clone(&home);
        async move { home.ask().await }
    });
    home.sleep(30).await;
    // As after a power cut now: counted, at the most it may cost.
    let [row] = &home.spent()[..] else {
        panic!("{:?}", home.spent())
    };
    assert_eq!((row.calls, row.tokens_in), (1, 0));
    assert!(row.cost > Money(50_000), "{row:?}");
    asking.await.unwrap().unwrap();
    let row = home.spent().pop().unwrap();
    // 1000 tokens in at 1 dollar a million, 100 out at 10.
    assert_eq!(
        (row.cost, row.tokens_in, row.tokens_out),
        (Money(2000), 1000, 100)
    );
    assert!((home.chain.standing().cost_today - 0.002).abs() < 1e-9);
}

#[tokio::test(start_paused = true)]
async fn a_restart_does_not_give_the_day_twice() {
    let clock = Home::clock();
    let one = Scripted::new("one", clock, []);
    let limits = Limits {
        calls: 3,
        cost: None,
    };
    let yesterday_and_today = ["2026-11-24", "2026-11-25"].map(|day| Spending {
        day: day.parse().unwrap(),
        provider: "one".into(),
        model: "m-1".into(),
        calls: 2,
        cost: Money(5),
        tokens_in: 1,
        tokens_out: 1,
    });
    let proven = Proven {
        sees: true,
        said: String::new(),
        version: None,
        at: origin(),
    };
    let link = Link::new(one.clone(), Counting::Calls, None, Some(proven));
    let home = Home::of(clock, vec![link], limits, yesterday_and_today.into());
    assert_eq!(home.chain.standing().calls_today, 2);
    home.ask().await.unwrap();
    assert_eq!(home.ask().await.unwrap_err().class, ErrorClass::Budget);
    assert_eq!(one.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn money_is_kept_and_a_model_without_a_price_is_not_asked() {
    let clock = Home::clock();
    let limits = Limits {
        calls: 100,
        cost: Some(Money(68_000)),
    };
    let one = Scripted::new("one", clock, []);
    let home = Home::new(clock, &[&one], limits);
    // At most 64 700 a call, really 2000.
    for _ in 0..2 {
        home.ask().await.unwrap();
    }
    assert_eq!(home.ask().await.unwrap_err().class, ErrorClass::Budget);
    assert_eq!(one.calls(), 2);

    let proven = Proven {
        sees: true,
        said: String::new(),
        version: None,
        at: origin(),
    };
    let link = Link::new(one.clone(), Counting::Paid, None, Some(proven));
    let home = Home::of(clock, vec![link], limits, vec![]);
    let error = home.ask().await.unwrap_err();
    assert!(
        error.sentence.contains("advanced.prices"),
        "{}",
        error.sentence
    );
    assert_eq!(one.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_reached_nobody_is_not_counted() {
    let clock = Home::clock();
    let one = Scripted::new("one", clock, vec![fail(Class::Network, None); 3]);
    let home = Home::new(clock, &[&one], PLENTY);
    home.ask().await.unwrap_err();
    assert_eq!(one.calls(), 3);
    assert_eq!(home.chain.standing().calls_today, 0);
}

#[tokio::test(start_paused = true)]
async fn what_this_device_judges_costs_nothing_and_is_never_refused() {
    let clock = Home::clock();
    let one = Scripted::new("local", clock, []);
    let none = Limits {
        calls: 0,
        cost: Some(Money(0)),
    };
    let link = Link::new(one.clone(), Counting::Free, None, None);
    let home = Home::of(clock, vec![link], none, vec![]);
    for _ in 0..5 {
        home.ask().await.unwrap();
    }
    assert_eq!(home.chain.standing().calls_today, 0);
    assert!(home.spent().is_empty() && one.proved.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn home_assistants_restart_is_a_pause() {
    let clock = Home::clock();
    let one = Scripted::new(
        "home_assistant",
        clock,
        vec![fail(Class::Network, None); 30],
    );
    let proven = Proven {
        sees: true,
        said: String::new(),
        version: None,
        at: origin(),
    };
    let link = Link::new(one.clone(), Counting::Untold, None, Some(proven));
    let home = Home::of(clock, vec![link], PLENTY, vec![]);
    for _ in 0..10 {
        assert_eq!(home.ask().await.unwrap_err().class, ErrorClass::Paused);
    }
    // Nothing keeps it from being asked when it is back.
    assert_eq!(home.chain.standing().links[0].circuit, "closed");
    home.ask().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn others_are_asked_after_a_change_and_the_day_goes_on() {
    let clock = Home::clock();
    let one = Scripted::new("one", clock, [fail(Class::Auth, None)]);
    let home = Home::new(clock, &[&one], PLENTY);
    home.ask().await.unwrap_err();
    home.sleep(24 * 3600).await;
    home.ask().await.unwrap_err();
    assert_eq!(one.calls(), 1, "a wrong key is not tried again");
    // The same provider with another key.
    let proven = Proven {
        sees: true,
        said: String::new(),
        version: None,
        at: origin(),
    };
    home.ask().await.unwrap_err();
    home.chain.replace(Setup {
        links: vec![Link::new(one.clone(), Counting::Calls, None, Some(proven))],
        limits: Limits {
            calls: 1,
            cost: None,
        },
        local_only: true,
    });
    home.ask().await.unwrap();
    assert_eq!(home.ask().await.unwrap_err().class, ErrorClass::Budget);
    assert!(home.chain.standing().local_only);
}

#[tokio::test(start_paused = true)]
async fn what_the_day_took_is_told_and_begins_anew_at_midnight() {
    let clock = Home::clock();
    let script = [fail(Class::Server, None), fail(Class::Overloaded, None)];
    let one = Scripted::new("one", clock, script);
    let home = Home::new(clock, &[&one], PLENTY);
    assert_eq!(home.chain.standing().links[0].took_ms, None);
    home.ask().await.unwrap();
    home.ask().await.unwrap();
    let standing = home.chain.standing();
    assert_eq!(
        (standing.calls_today, standing.tokens_today),
        (4, (2000, 200))
    );
    let failed = [("overloaded", 1), ("server", 1)];
    assert_eq!(standing.failed_today, failed.into());
    assert!(standing.links[0].took_ms.is_some());
    home.sleep(24 * 3600).await;
    let standing = home.chain.standing();
    assert_eq!((standing.calls_today, standing.tokens_today), (0, (0, 0)));
    assert!(standing.failed_today.is_empty());
}
