//! The service itself: killed in the middle of its work, and stopped properly.

use std::time::Duration;

use anyhow::Context;

use super::{Fault, Stage, Told};
use crate::selftest::home::Truth;
use crate::selftest::service::Service;

const SOON: Duration = Duration::from_mins(1);

pub const KILLED: Fault = Fault {
    name: "killed",
    breaks: |stage| {
        Box::pin(async {
            let rooms = stage.home.rooms.clone();
            for room in &rooms {
                stage.home.press(room, "check_now").await;
            }
            let service = stage.service.take().context("there is no service")?;
            service.kill().await?;
            again(stage).await
        })
    },
    told: Told::Nowhere,
    mends: |_| Box::pin(async { Ok(()) }),
    recovers_within: SOON,
    before: Truth::Tidy,
    replaces: true,
    family: "process",
    allowed: |_| Ok(()),
};

/// Who has forgotten its tasks does not know what to tick.
pub const KILLED_WITH_TASKS: Fault = Fault {
    name: "killed while tasks are on the lists",
    before: Truth::Messy,
    ..KILLED
};

pub const STOPPED: Fault = Fault {
    name: "stopped and started",
    breaks: |stage| {
        Box::pin(async {
            let service = stage.service.take().context("there is no service")?;
            service.stop().await?;
            again(stage).await
        })
    },
    ..KILLED
};

async fn again(stage: &mut Stage) -> anyhow::Result<()> {
    let service = Service::start(&stage.home, stage.folder()).await?;
    stage.service = Some(service);
    Ok(())
}
