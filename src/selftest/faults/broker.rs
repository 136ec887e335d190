//! The broker: stopped, without its memory, half-open, cut.

use std::time::Duration;

use super::{Boxed, Fault, Stage, Told};
use crate::selftest::home::Truth;
use crate::selftest::test_home::{broker::Retained, fault_proxy::Cable};

/// A keep-alive interval and a half, and the time to say it.
const SILENCE: Duration = Duration::from_mins(1);

pub const STOPPED: Fault = Fault {
    name: "the broker is stopped and started",
    breaks: |stage| {
        Box::pin(async {
            stage.retained = stage.home.stop_broker().await;
            stage.home.to_broker.set(Cable::Pulled);
            Ok(())
        })
    },
    mends: |stage| {
        Box::pin(async {
            let retained = std::mem::take(&mut stage.retained);
            stage.home.start_broker(retained).await?;
            stage.home.to_broker.set(Cable::Whole);
            Ok(())
        })
    },
    ..CUT
};

pub const FORGETS: Fault = Fault {
    name: "the broker is restarted without its retained messages",
    breaks: |stage| {
        Box::pin(async {
            (STOPPED.breaks)(stage).await?;
            stage.retained = Retained::new();
            Ok(())
        })
    },
    ..STOPPED
};

pub const CUT: Fault = Fault {
    name: "the broker's connection is cut",
    breaks: |stage| cable(stage, Cable::Pulled),
    told: Told::Component("mqtt", SILENCE),
    mends: |stage| cable(stage, Cable::Whole),
    recovers_within: Duration::from_secs(90),
    before: Truth::Tidy,
    replaces: false,
    family: "broker",
    allowed: |_| Ok(()),
};

pub const HALF_OPEN: Fault = Fault {
    name: "the broker's connection is half-open",
    breaks: |stage| cable(stage, Cable::Silent),
    ..CUT
};

fn cable(stage: &mut Stage, cable: Cable) -> Boxed<'_> {
    stage.home.to_broker.set(cable);
    Box::pin(async { Ok(()) })
}
