//! The provider: unreachable, failing, talking nonsense, breaking off. Nothing
//! of it may become a reading.

use std::time::Duration;

use super::{Boxed, Fault, Stage, Told};
use crate::selftest::test_home::{fake_providers::Scenario, fault_proxy::Cable};

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
    replaces: false,
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

fn cable(stage: &mut Stage, cable: Cable) -> Boxed<'_> {
    stage.home.to_provider.set(cable);
    Box::pin(async { Ok(()) })
}

fn plays(stage: &mut Stage, scenario: Scenario) -> Boxed<'_> {
    stage.home.provider.always(scenario);
    Box::pin(async { Ok(()) })
}
