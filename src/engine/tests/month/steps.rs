//! What happens in a month, made from a seed.

use super::{MESSES, ROOMS};

/// Something that happens, so many minutes after what was before.
#[derive(Debug, Clone)]
pub struct Step {
    pub after: u64,
    pub act: Act,
}

#[derive(Debug, Clone, Copy)]
pub enum Act {
    Appear(usize, usize),
    Vanish(usize, usize),
    /// On one of the lists, our `n`th item.
    Tick(usize, usize),
    Untick(usize, usize),
    Delete(usize, usize),
    Reword(usize, usize),
    WriteOwn(usize),
    ClearCompleted(usize),
    /// The list is made anew, empty.
    Recreate(usize),
    HomeAssistant(bool),
    Camera(bool),
    Ai(bool),
    Disk(bool),
    Stop,
    /// Killed after the engine got this many turns.
    Kill(usize),
    Rename,
    Share(bool),
    /// The bedroom is taken out of the options, or comes back.
    Bedroom(bool),
    Interval(u32),
    Pickiness(u8),
    /// The kitchen's option `ignore` names this mess, or none.
    Ignore(Option<usize>),
    Quiet(bool),
    CheckNow(usize),
    CheckAll,
    Snooze(usize, u32),
    MarkAllDone(usize),
    PageDone(usize, usize),
    PageDismiss(usize, usize),
    Monitoring(usize, bool),
    Enabled(bool),
    SetInterval(usize, u32),
    SetPickiness(usize, u8),
    /// By the page or by the entity.
    AddRule(usize, usize, bool),
    ForgetRule(usize, usize),
}

/// About a month of them.
pub fn steps(seed: u64) -> Vec<Step> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut steps = Vec::new();
    let mut minutes = 0;
    while minutes < 30 * 24 * 60 {
        // Many things in a row, or nothing for half a day.
        let after = match rng.u8(..10) {
            0..4 => rng.u64(..4),
            4..8 => rng.u64(5..240),
            _ => rng.u64(240..900),
        };
        minutes += after;
        let act = act(&mut rng);
        steps.push(Step { after, act });
        // What fails is mended within hours, or sooner by another step.
        if let Some(act) = end_of(act) {
            let after = rng.u64(1..240);
            steps.push(Step { after, act });
            minutes += after;
        }
    }
    steps
}

fn end_of(act: Act) -> Option<Act> {
    match act {
        Act::HomeAssistant(false) => Some(Act::HomeAssistant(true)),
        Act::Camera(false) => Some(Act::Camera(true)),
        Act::Ai(false) => Some(Act::Ai(true)),
        Act::Disk(false) => Some(Act::Disk(true)),
        _ => None,
    }
}

fn act(rng: &mut fastrand::Rng) -> Act {
    let room = rng.usize(..ROOMS);
    let mess = rng.usize(..MESSES);
    let list = rng.usize(..2);
    let n = rng.usize(..8);
    let mostly = rng.u8(..4) != 0;
    match rng.u8(..100) {
        0..20 => Act::Appear(room, mess),
        20..33 => Act::Vanish(room, mess),
        33..40 => Act::Tick(list, n),
        40..42 => Act::Untick(list, n),
        42..45 => Act::Delete(list, n),
        45..47 => Act::Reword(list, n),
        47 => Act::WriteOwn(list),
        48 => Act::ClearCompleted(list),
        49 => Act::Recreate(list),
        50..53 => Act::HomeAssistant(rng.bool()),
        53..55 => Act::Camera(rng.bool()),
        55..57 => Act::Ai(rng.bool()),
        57..60 => Act::Disk(rng.bool()),
        60..63 => Act::Stop,
        63..67 => Act::Kill(rng.usize(..30)),
        67 => Act::Rename,
        68 => Act::Share(rng.bool()),
        69 => Act::Bedroom(mostly),
        70 => Act::Interval(rng.u32(30..600)),
        71 => Act::Pickiness(rng.u8(1..=5)),
        72 => Act::Ignore(rng.bool().then_some(mess)),
        73 => Act::Quiet(mostly),
        74..79 => Act::CheckNow(room),
        79 => Act::CheckAll,
        80..83 => Act::Snooze(room, rng.choice([0, 30, 120, 480, 1440]).unwrap_or(0)),
        83 => Act::MarkAllDone(room),
        84..87 => Act::PageDone(room, n),
        87..89 => Act::PageDismiss(room, n),
        89..91 => Act::Monitoring(room, mostly),
        91 => Act::Enabled(mostly),
        92 => Act::SetInterval(room, rng.u32(30..600)),
        93 => Act::SetPickiness(room, rng.u8(1..=5)),
        94..97 => Act::AddRule(room, mess, rng.bool()),
        _ => Act::ForgetRule(room, mess),
    }
}
