use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const LIMITS: Limits = Limits {
    calls: 3,
    cost: Some(Money(1000)),
};

fn usage(input: u64, output: u64) -> Usage {
    Usage {
        input: Some(input),
        output: Some(output),
    }
}

#[test]
fn calls_are_counted_before_they_are_sent_and_begin_anew_at_midnight() {
    let mut budget = Budget::new(LIMITS, []);
    let today = date(2026, 11, 25);
    for _ in 0..3 {
        let _ = budget.reserve(today, "gemini", "m", 1, Money(0)).unwrap();
    }
    let spent = budget
        .reserve(today, "openai", "m", 1, Money(0))
        .unwrap_err();
    assert_eq!(spent, Spent::Calls(3));
    assert!(
        spent.sentence().contains("3 AI calls"),
        "{}",
        spent.sentence()
    );
    let tomorrow = today.tomorrow().unwrap();
    assert!(budget.reserve(tomorrow, "gemini", "m", 1, Money(0)).is_ok());
    assert_eq!(budget.so_far(tomorrow).0, 1);
    // An hour back at midnight does not give the day twice.
    budget.limit(Limits {
        calls: 1,
        cost: None,
    });
    assert!(budget.reserve(today, "gemini", "m", 1, Money(0)).is_err());
}

#[test]
fn what_a_call_really_cost_replaces_the_most_it_might_have() {
    let mut budget = Budget::new(LIMITS, []);
    let today = date(2026, 11, 25);
    let (call, row) = budget.reserve(today, "gemini", "m", 1, Money(900)).unwrap();
    assert_eq!((row.calls, row.cost), (1, Money(900)));
    assert_eq!(
        budget
            .reserve(today, "gemini", "m", 1, Money(200))
            .unwrap_err(),
        Spent::Cost(Money(1000))
    );
    let row = budget.settle(&call, usage(100, 20), Money(50)).unwrap();
    assert_eq!(
        (row.cost, row.tokens_in, row.tokens_out),
        (Money(50), 100, 20)
    );
    let (call, _) = budget.reserve(today, "gemini", "m", 1, Money(200)).unwrap();
    assert_eq!(budget.release(&call).unwrap().calls, 1);
    assert_eq!(budget.so_far(today), (1, Money(50)));
    // What ends after midnight belongs to a day that is over.
    let (call, _) = budget.reserve(today, "gemini", "m", 1, Money(200)).unwrap();
    let _ = budget
        .reserve(today.tomorrow().unwrap(), "x", "m", 0, Money(0))
        .unwrap();
    assert_eq!(budget.settle(&call, usage(1, 1), Money(1)), None);
}

#[test]
fn a_restart_remembers_today_and_a_price_rounds_up() {
    let today = date(2026, 11, 25);
    let row = Spending {
        day: today,
        provider: "gemini".into(),
        model: "m".into(),
        calls: 3,
        cost: Money(10),
        tokens_in: 0,
        tokens_out: 0,
    };
    let old = Spending {
        day: date(2026, 11, 24),
        calls: 99,
        ..row.clone()
    };
    let mut budget = Budget::new(LIMITS, [old, row]);
    assert_eq!(budget.so_far(today), (3, Money(10)));
    assert!(budget.reserve(today, "gemini", "m", 1, Money(0)).is_err());

    let price = Price {
        input: 0.1,
        output: 0.5,
    };
    assert_eq!(price.cost(1_000_000, 0), Money(100_000));
    assert_eq!(price.cost(1, 1), Money(1));
    assert_eq!(price.of(Usage::default(), Money(7)), Money(7));
    assert_eq!(price.of(usage(10, 0), Money(7)), Money(1));
}

/// A clock that ran ahead once, before a restart.
#[test]
fn a_day_that_a_wrong_clock_saw_does_not_hide_what_today_took() {
    let today = date(2026, 11, 25);
    let row = |day, calls| Spending {
        day,
        provider: "gemini".into(),
        model: "m".into(),
        calls,
        cost: Money(0),
        tokens_in: 0,
        tokens_out: 0,
    };
    let remembered = [row(today, 3), row(date(2036, 1, 1), 1)];
    let mut budget = Budget::new(LIMITS, remembered);
    assert_eq!(budget.so_far(today).0, 3);
    let refused = budget.reserve(today, "gemini", "m", 1, Money(0));
    assert!(matches!(refused, Err(Spent::Calls(3))), "{refused:?}");
}

/// The clock is two days ahead for a moment, while the service runs.
#[test]
fn a_clock_that_comes_back_finds_what_the_day_took() {
    let today = date(2026, 11, 25);
    let mut budget = Budget::new(LIMITS, []);
    for day in [today, today, today, date(2026, 11, 28)] {
        let _ = budget.reserve(day, "gemini", "m", 1, Money(0)).unwrap();
    }
    let refused = budget.reserve(today, "gemini", "m", 1, Money(0));
    assert!(refused.is_err(), "{refused:?}");
    assert_eq!(budget.so_far(today).0, 3);
}

proptest! {
    /// Whatever order calls begin and end in: never more calls, never more money.
    #[test]
    fn no_order_of_calls_spends_more_than_the_limits(
        steps in proptest::collection::vec((any::<bool>(), 0_u64..400, 0_usize..8), 0..60),
    ) {
        let today = date(2026, 11, 25);
        let limits = Limits { calls: 10, cost: Some(Money(1000)) };
        let mut budget = Budget::new(limits, []);
        let mut open = Vec::new();
        for (begin, most, which) in steps {
            if begin {
                if let Ok((call, _)) = budget.reserve(today, "p", "m", 1, Money(most)) {
                    open.push((call, most));
                }
            } else if !open.is_empty() {
                let (call, most) = open.swap_remove(which % open.len());
                budget.settle(&call, usage(1, 1), Money(most / 2));
            }
            let (calls, cost) = budget.so_far(today);
            prop_assert!(calls <= 10 && cost <= Money(1000));
        }
    }
}
