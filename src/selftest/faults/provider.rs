//! The provider: unreachable, failing, talking nonsense, hanging. Nothing of
//! it may become a reading.

use std::time::Duration;

use super::{Fault, Stage, Told};
use crate::selftest::test_home::{fake_providers::Scenario, fault_proxy::Cable};

const SOON: Duration = Duration::from_secs(30);
/// A circuit is closed again by a first good answer, a minute or two later;
/// after a call that may still run the provider is left alone for five.
const CIRCUIT: Duration = Duration::from_mins(8);

pub const UNREACHABLE: Fault = Fault {
    name: "the provider cannot be reached",
    breaks: |stage| {
        Box::pin(async {
            stage.home.to_provider.set(Cable::Pulled);
            Ok(())
        })
    },
    told: Told::Rooms(SOON),
    mends: |stage| {
        Box::pin(async {
            stage.home.to_provider.set(Cable::Whole);
            Ok(())
        })
    },
    recovers_within: CIRCUIT,
    replaces: false,
};

macro_rules! scenario {
    ($name:literal, $scenario:expr) => {
        Fault {
            name: $name,
            breaks: |stage| {
                Box::pin(async {
                    plays(stage, $scenario);
                    Ok(())
                })
            },
            told: Told::Rooms(SOON),
            mends: |stage| {
                Box::pin(async {
                    plays(stage, Scenario::Good);
                    Ok(())
                })
            },
            recovers_within: CIRCUIT,
            replaces: false,
        }
    };
}

fn plays(stage: &Stage, scenario: Scenario) {
    stage.home.provider.always(scenario);
}

pub const SERVER_ERRORS: Fault = scenario!("the provider fails (500)", Scenario::ServerError);
pub const NONSENSE: Fault = scenario!(
    "the provider answers with a web page",
    Scenario::CaptivePortal
);
pub const HANGS: Fault = scenario!("the provider breaks off in mid-answer", Scenario::BrokenOff);
