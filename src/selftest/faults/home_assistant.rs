//! Home Assistant: restarting, unreachable, its WebSocket cut or half-open.

use std::time::Duration;

use super::{Boxed, Fault, Stage, Told};
use crate::selftest::home::Truth;
use crate::selftest::test_home::fault_proxy::Cable;

/// A ping's interval, its answer's limit, and the time to say it.
const SILENCE: Duration = Duration::from_mins(1);

pub const RESTARTS: Fault = Fault {
    name: "Home Assistant restarts (502, then back)",
    breaks: |stage| {
        stage.home.home.model().upgrade = Some(502);
        stage.home.home.cut();
        Box::pin(async { Ok(()) })
    },
    mends: |stage| {
        Box::pin(async {
            stage.home.home.model().upgrade = None;
            // As the real one says when it has started.
            let topic = "homeassistant/status";
            stage.home.observer.say(topic, "online").await;
            Ok(())
        })
    },
    ..UNREACHABLE
};

pub const UNREACHABLE: Fault = Fault {
    name: "Home Assistant cannot be reached",
    breaks: |stage| cable(stage, Cable::Pulled),
    told: Told::Component("home_assistant", SILENCE),
    mends: |stage| cable(stage, Cable::Whole),
    recovers_within: Duration::from_secs(90),
    before: Truth::Tidy,
    replaces: false,
    family: "home assistant",
    allowed: |_| Ok(()),
};

pub const SILENT: Fault = Fault {
    name: "Home Assistant's connection is half-open",
    breaks: |stage| cable(stage, Cable::Silent),
    ..UNREACHABLE
};

pub const CUT: Fault = Fault {
    name: "Home Assistant's WebSocket is cut",
    breaks: |stage| {
        stage.home.home.cut();
        Box::pin(async { Ok(()) })
    },
    told: Told::Nowhere,
    ..UNREACHABLE
};

fn cable(stage: &mut Stage, cable: Cable) -> Boxed<'_> {
    stage.home.to_home.set(cable);
    Box::pin(async { Ok(()) })
}
