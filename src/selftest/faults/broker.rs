//! The broker: stopped, without its memory, half-open, cut.

use std::time::Duration;

use super::{Fault, Told};
use crate::selftest::test_home::{broker::Retained, fault_proxy::Cable};

/// A keep-alive interval and a half, and the time to say it.
const SILENCE: Duration = Duration::from_mins(1);
const SOON: Duration = Duration::from_secs(90);

pub const STOPPED: Fault = Fault {
    name: "the broker is stopped and started",
    breaks: |stage| {
        Box::pin(async {
            stage.retained = stage.home.stop_broker().await;
            stage.home.to_broker.set(Cable::Pulled);
            Ok(())
        })
    },
    told: Told::Component("mqtt", SILENCE),
    mends: |stage| {
        Box::pin(async {
            let retained = std::mem::take(&mut stage.retained);
            stage.home.start_broker(retained).await?;
            stage.home.to_broker.set(Cable::Whole);
            Ok(())
        })
    },
    recovers_within: SOON,
    replaces: false,
};

pub const FORGETS: Fault = Fault {
    name: "the broker is restarted without its retained messages",
    breaks: |stage| {
        Box::pin(async {
            stage.home.stop_broker().await;
            stage.home.to_broker.set(Cable::Pulled);
            Ok(())
        })
    },
    told: Told::Component("mqtt", SILENCE),
    mends: |stage| {
        Box::pin(async {
            stage.home.start_broker(Retained::new()).await?;
            stage.home.to_broker.set(Cable::Whole);
            Ok(())
        })
    },
    recovers_within: SOON,
    replaces: false,
};

pub const HALF_OPEN: Fault = Fault {
    name: "the broker's connection is half-open",
    breaks: |stage| {
        Box::pin(async {
            stage.home.to_broker.set(Cable::Silent);
            Ok(())
        })
    },
    told: Told::Component("mqtt", SILENCE),
    mends: |stage| {
        Box::pin(async {
            stage.home.to_broker.set(Cable::Whole);
            Ok(())
        })
    },
    recovers_within: SOON,
    replaces: false,
};

pub const CUT: Fault = Fault {
    name: "the broker's connection is cut",
    breaks: |stage| {
        Box::pin(async {
            stage.home.to_broker.set(Cable::Pulled);
            Ok(())
        })
    },
    told: Told::Component("mqtt", SILENCE),
    mends: |stage| {
        Box::pin(async {
            stage.home.to_broker.set(Cable::Whole);
            Ok(())
        })
    },
    recovers_within: SOON,
    replaces: false,
};
