//! The provider: unreachable, failing, talking nonsense, breaking off. Nothing
//! of it may become a reading.

use std::time::{Duration, Instant};

use super::{Boxed, Fault, Stage, Told};
use crate::selftest::home::{TestHome, Truth};
use crate::selftest::test_home::{fake_providers::Scenario, fault_proxy::Cable};

/// Between two presses.
const BETWEEN: Duration = Duration::from_secs(5);
/// A circuit is closed again by a first good answer, a minute or two later;
/// after a call that may still run the provider is left alone for five.
const CIRCUIT: Duration = Duration::from_mins(8);

pub const UNREACHABLE: Fault = Fault {
    name: "the provider cannot be reached",
    breaks: |stage| cable(stage, Cable::Pulled),
    mends: |stage| cable(stage, Cable::Whole),
    ..SERVER_ERRORS
};

pub const SERVER_ERRORS: Fault = Fault {
    name: "the provider fails (500)",
    breaks: |stage| plays(stage, Scenario::ServerError),
    told: Told::Rooms(Duration::from_secs(30)),
    mends: |stage| plays(stage, Scenario::Good),
    recovers_within: CIRCUIT,
    before: Truth::Tidy,
    replaces: false,
    family: "provider",
    allowed: |_| Ok(()),
};

pub const NONSENSE: Fault = Fault {
    name: "the provider answers with a web page",
    breaks: |stage| plays(stage, Scenario::CaptivePortal),
    ..SERVER_ERRORS
};

pub const BREAKS_OFF: Fault = Fault {
    name: "the provider breaks off in mid-answer",
    breaks: |stage| plays(stage, Scenario::BrokenOff),
    ..SERVER_ERRORS
};

/// Seconds that it wants to be left alone, and for how many of them it is watched.
const PAUSE: u32 = 90;
const WATCHED: Duration = Duration::from_mins(1);

pub const WANTS_A_PAUSE: Fault = Fault {
    name: "the provider wants a pause (429 with Retry-After)",
    breaks: |stage| plays(stage, Scenario::RateLimited(PAUSE)),
    mends: |stage| Box::pin(left_alone(stage)),
    recovers_within: Duration::from_mins(4),
    ..SERVER_ERRORS
};

/// Every room is to be looked at again and again, and nobody may be asked.
async fn left_alone(stage: &mut Stage) -> anyhow::Result<()> {
    let asked = stage.home.provider.requests().len();
    let begun = Instant::now();
    let again = |home: &TestHome| home.provider.requests().len() > asked;
    while begun.elapsed() < WATCHED && !stage.home.is_stopped() && !again(&stage.home) {
        for room in &stage.home.rooms {
            stage.home.press(room, "check_now").await;
        }
        stage.home.until(BETWEEN, again).await;
    }
    if again(&stage.home) {
        stage.noted.push(format!(
            "asked again after {:.0} s of a pause of {PAUSE} s",
            begun.elapsed().as_secs_f64()
        ));
    }
    stage.home.provider.always(Scenario::Good);
    Ok(())
}

fn cable(stage: &mut Stage, cable: Cable) -> Boxed<'_> {
    stage.home.to_provider.set(cable);
    Box::pin(async { Ok(()) })
}

fn plays(stage: &mut Stage, scenario: Scenario) -> Boxed<'_> {
    stage.home.provider.always(scenario);
    Box::pin(async { Ok(()) })
}
