//! Cameras that are off, or answer with something that is no picture.

use std::time::Duration;

use super::{Fault, Stage, Told};
use crate::selftest::home::Truth;

const SOON: Duration = Duration::from_secs(30);

pub const OFF: Fault = Fault {
    name: "the cameras are off (500)",
    breaks: |stage| {
        Box::pin(async {
            answer(stage, 500, "text/plain", b"500 Internal Server Error");
            Ok(())
        })
    },
    told: Told::Rooms(SOON),
    mends: |stage| {
        Box::pin(async {
            back(stage);
            Ok(())
        })
    },
    recovers_within: SOON,
    replaces: false,
};

pub const WEB_PAGE: Fault = Fault {
    name: "the cameras send a web page",
    breaks: |stage| {
        Box::pin(async {
            answer(stage, 200, "text/html", b"<html>Log in</html>");
            Ok(())
        })
    },
    told: Told::Rooms(SOON),
    mends: |stage| {
        Box::pin(async {
            back(stage);
            Ok(())
        })
    },
    recovers_within: SOON,
    replaces: false,
};

fn answer(stage: &Stage, status: u16, kind: &str, body: &[u8]) {
    for room in &stage.home.rooms {
        stage.home.show(room, status, kind, body);
    }
}

fn back(stage: &Stage) {
    stage.home.becomes(Truth::Messy);
}
