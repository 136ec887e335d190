//! Home Assistant: restarting, unreachable, its WebSocket cut or half-open.

use std::time::Duration;

use super::{Fault, Told};
use crate::selftest::test_home::fault_proxy::Cable;

/// A ping's interval, its answer's limit, and the time to say it.
const SILENCE: Duration = Duration::from_mins(1);
const SOON: Duration = Duration::from_secs(90);

pub const RESTARTS: Fault = Fault {
    name: "Home Assistant restarts (502, then back)",
    breaks: |stage| {
        Box::pin(async {
            stage.home.home.model().upgrade = Some(502);
            stage.home.home.cut();
            Ok(())
        })
    },
    told: Told::Component("home_assistant", SILENCE),
    mends: |stage| {
        Box::pin(async {
            stage.home.home.model().upgrade = None;
            // As the real one says when it has started.
            stage
                .home
                .observer
                .say("homeassistant/status", "online")
                .await;
            Ok(())
        })
    },
    recovers_within: SOON,
    replaces: false,
};

pub const UNREACHABLE: Fault = Fault {
    name: "Home Assistant cannot be reached",
    breaks: |stage| {
        Box::pin(async {
            stage.home.to_home.set(Cable::Pulled);
            Ok(())
        })
    },
    told: Told::Component("home_assistant", SILENCE),
    mends: |stage| {
        Box::pin(async {
            stage.home.to_home.set(Cable::Whole);
            Ok(())
        })
    },
    recovers_within: SOON,
    replaces: false,
};

pub const CUT: Fault = Fault {
    name: "Home Assistant's WebSocket is cut",
    breaks: |stage| {
        Box::pin(async {
            stage.home.home.cut();
            Ok(())
        })
    },
    told: Told::Nowhere,
    mends: |_| Box::pin(async { Ok(()) }),
    recovers_within: SOON,
    replaces: false,
};

pub const SILENT: Fault = Fault {
    name: "Home Assistant's connection is half-open",
    breaks: |stage| {
        Box::pin(async {
            stage.home.to_home.set(Cable::Silent);
            Ok(())
        })
    },
    told: Told::Component("home_assistant", SILENCE),
    mends: |stage| {
        Box::pin(async {
            stage.home.to_home.set(Cable::Whole);
            Ok(())
        })
    },
    recovers_within: SOON,
    replaces: false,
};
