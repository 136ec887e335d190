//! Cameras that are off, or answer with something that is no picture.

use std::time::Duration;

use super::{Boxed, Fault, Stage, Told};
use crate::selftest::home::Truth;

const SOON: Duration = Duration::from_secs(30);

pub const OFF: Fault = Fault {
    name: "the cameras are off (500)",
    breaks: |stage| answer(stage, 500, "text/plain", b"500 Internal Server Error"),
    told: Told::Rooms(SOON),
    mends: |stage| {
        stage.home.becomes(Truth::Messy);
        Box::pin(async { Ok(()) })
    },
    recovers_within: SOON,
    before: Truth::Tidy,
    replaces: false,
    family: "camera",
    allowed: |_| Ok(()),
};

pub const WEB_PAGE: Fault = Fault {
    name: "the cameras send a web page",
    breaks: |stage| answer(stage, 200, "text/html", b"<html>Log in</html>"),
    ..OFF
};

fn answer<'a>(stage: &'a mut Stage, status: u16, kind: &str, body: &[u8]) -> Boxed<'a> {
    for room in &stage.home.rooms {
        stage.home.show(room, status, kind, body);
    }
    Box::pin(async { Ok(()) })
}
