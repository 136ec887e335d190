//! The picture test, what becomes of models, and tests by hand.

use super::*;

/// A link that was never tested.
fn untested(provider: &Arc<Scripted>) -> Link {
    Link::new(Arc::clone(provider) as _, Counting::Calls, None, None)
}

fn home(clock: Clock, link: Link) -> Home {
    Home::of(clock, vec![link], PLENTY, vec![])
}

fn noted(home: &Home) -> Vec<Proven> {
    let paper = home.paper.0.lock().unwrap();
    let note = |change: &Change| match change {
        Change::Note(name, Some(value)) if name == "picture_test/one/m-1" => {
            Some(serde_json::from_str(value).unwrap())
        }
        _ => None,
    };
    paper.iter().filter_map(note).collect()
}

#[tokio::test(start_paused = true)]
async fn a_model_is_tested_once_and_again_when_it_is_another() {
    let clock = Home::clock();
    let one = Scripted::new("one", clock, []);
    *one.version.lock().unwrap() = Some("v1".into());
    let home_of_one = home(clock, untested(&one));
    // Two rooms at once need one test.
    let (a, b) = tokio::join!(home_of_one.ask(), home_of_one.ask());
    assert!(a.is_ok() && b.is_ok());
    home_of_one.ask().await.unwrap();
    assert_eq!(one.proved.lock().unwrap().len(), 1);
    assert_eq!(home_of_one.chain.standing().calls_today, 4);

    // A restart remembers it.
    let proven = noted(&home_of_one).pop().unwrap();
    let link = Link::new(one.clone(), Counting::Calls, None, Some(proven));
    let after_restart = home(clock, link);
    after_restart.ask().await.unwrap();
    assert_eq!(one.proved.lock().unwrap().len(), 1);
    // The answer tells of another version: tested before the next.
    *one.version.lock().unwrap() = Some("v2".into());
    after_restart.ask().await.unwrap();
    after_restart.ask().await.unwrap();
    after_restart.ask().await.unwrap();
    assert_eq!(one.proved.lock().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_blind_model_is_named_passed_over_and_never_asked_about_a_room() {
    let clock = Home::clock();
    let one = Scripted::new("one", clock, []);
    *one.proofs.lock().unwrap() = [false, true].into();
    let two = Scripted::new("two", clock, []);
    let links = vec![untested(&one), untested(&two)];
    let home = Home::of(clock, links, PLENTY, vec![]);
    assert_eq!(home.ask().await.unwrap().provider, "two");
    let standing = home.chain.standing();
    let sentence = standing.links[0].sentence.clone().unwrap();
    assert!(
        sentence.contains(
            "one (m-1) does not see pictures (shown a test picture it said: 0 none squares, 0)"
        ),
        "{sentence}"
    );
    assert_eq!((one.calls(), standing.links[0].sees), (0, Some(false)));
    // Looked for again after a day: somebody may have exchanged it.
    home.sleep(2 * 3600).await;
    home.ask().await.unwrap();
    assert_eq!(one.proved.lock().unwrap().len(), 1);
    home.sleep(24 * 3600).await;
    assert_eq!(home.ask().await.unwrap().provider, "one");
}

#[tokio::test(start_paused = true)]
async fn what_the_provider_says_of_its_model_is_told_before_the_first_check() {
    let clock = Home::clock();
    let one = Scripted::new("one", clock, []);
    *one.facts.lock().unwrap() = Ok(ModelFacts {
        retires: Some(after(30 * 24 * 3600)),
        ..ModelFacts::default()
    });
    let two = Scripted::new("two", clock, []);
    *two.facts.lock().unwrap() = Err(Failure::new(Class::Auth, "The key is wrong."));
    let links = vec![untested(&one), untested(&two)];
    let home = Home::of(clock, links, PLENTY, vec![]);
    let chain = Arc::new(home.chain);
    let stop = CancellationToken::new();
    let watching = tokio::spawn(Arc::clone(&chain).watch(stop.clone()));
    home.clock.sleep_until(after(1)).await;
    let standing = chain.standing();
    let [warning] = &standing.warnings[..] else {
        panic!("{:?}", standing.warnings)
    };
    assert!(
        warning.contains("m-1 is switched off") && warning.contains("2026-12-25"),
        "{warning}"
    );
    assert_eq!(standing.links[1].class, Some("auth"));
    stop.cancel();
    watching.await.unwrap();
    assert_eq!(one.calls() + two.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_test_by_hand_finds_out_and_opens_the_way_again() {
    let clock = Home::clock();
    let one = Scripted::new("one", clock, [fail(Class::Auth, None)]);
    let home = Home::new(clock, &[&one], PLENTY);
    home.ask().await.unwrap_err();
    assert_eq!(home.chain.standing().links[0].circuit, "open");
    *one.facts.lock().unwrap() = Err(Failure::new(Class::Auth, "The key is wrong."));
    assert_eq!(home.chain.examine(0).await, Err("The key is wrong.".into()));
    *one.facts.lock().unwrap() = Ok(ModelFacts::default());
    let said = home.chain.examine(0).await.unwrap();
    assert_eq!(said, "one (m-1) answers and sees pictures.");
    let link = &home.chain.standing().links[0];
    assert_eq!(
        (link.circuit, link.test.as_ref().unwrap().ok),
        ("closed", true)
    );
    home.ask().await.unwrap();
    assert!(
        home.chain
            .examine(7)
            .await
            .unwrap_err()
            .contains("no provider 7")
    );
}

#[tokio::test(start_paused = true)]
async fn who_takes_anothers_place_is_looked_at_at_once() {
    let clock = Home::clock();
    let one = Scripted::new("one", clock, []);
    let two = Scripted::new("two", clock, []);
    *two.facts.lock().unwrap() = Err(Failure::new(Class::Auth, "The key is wrong."));
    let home = Home::of(clock, vec![untested(&one)], PLENTY, vec![]);
    let chain = Arc::new(home.chain);
    let stop = CancellationToken::new();
    let watching = tokio::spawn(Arc::clone(&chain).watch(stop.clone()));
    clock.sleep_until(after(3600)).await;
    chain.replace(Setup {
        links: vec![untested(&two)],
        limits: PLENTY,
        local_only: false,
    });
    clock.sleep_until(after(3601)).await;
    assert_eq!(chain.standing().links[0].class, Some("auth"));
    stop.cancel();
    watching.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn whose_price_nobody_knows_is_told_beside_the_costs() {
    let clock = Home::clock();
    let links = ["paid", "unpriced", "untold"].map(|name| Scripted::new(name, clock, []));
    let [paid, unpriced, untold] = &links;
    let known = Price {
        input: 1.0,
        output: 2.0,
    };
    let links = vec![
        Link::new(paid.clone(), Counting::Paid, Some(known), None),
        Link::new(unpriced.clone(), Counting::Paid, None, None),
        Link::new(untold.clone(), Counting::Untold, None, None),
    ];
    let now = clock.now();
    let told = examine(&links[1], canary(), now).await.unwrap();
    assert!(
        told.starts_with("unpriced (m-1) answers and sees pictures. What m-1 costs is not known"),
        "{told}"
    );
    assert!(told.contains("advanced.prices"), "{told}");
    let told = examine(&links[0], canary(), now).await.unwrap();
    assert_eq!(told, "paid (m-1) answers and sees pictures.");
    let home = Home::of(clock, links, PLENTY, vec![]);
    let standing = home.chain.standing();
    let priced: Vec<bool> = standing.links.iter().map(|link| link.priced).collect();
    assert_eq!(priced, [true, false, false]);
}
