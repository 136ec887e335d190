//! Every constant of the judgement, in one table. Those of the network alone
//! were set on photographs of rooms, those of the comparison on the rooms
//! `kitchen`, `living_room` and `bedroom` of `tools/rooms`; no rating by people
//! stands behind the scale. `docs/judge.md` has the figures.

/// Without a reference, a place this hot is a task in a room that needs cleaning …
pub const HOT: f32 = 1.0;
/// … and this hot in one that merely looks lived in: on 106 photographs of tidy
/// rooms no place reaches it.
pub const GLARING: f32 = 2.0;
/// From this score on nothing becomes a task by the network alone …
pub const FAIR: u8 = 65;
/// … and from this one on, the label "tidy", every such task is done.
pub const TIDY: u8 = 75;
/// A place at most this hot is clean, whatever the rest looks like.
pub const COLD: f32 = 0.0;
/// Tasks by place are a hint where to begin, not a list of things.
pub const MOST_TASKS: usize = 5;
/// Beside references every place may be one.
pub const MOST_COMPARED: usize = 9;

/// What the comparison with references takes from 100.
pub struct Loss {
    /// The first thing: nothing up to a peak of `quiet`, all of `one_thing` from `sure` on.
    pub one_thing: f32,
    pub quiet: f32,
    pub sure: f32,
    /// For each whole picture that changed, beyond `noise`; at most `most_by_share`.
    pub by_share: f32,
    pub noise: f32,
    pub most_by_share: f32,
    /// For each unit by which the network finds it messier than the references,
    /// beyond `drift`; in full from a share of `spread` on.
    pub by_logit: f32,
    pub drift: f32,
    pub spread: f32,
    /// What is left of the loss when the network does not find it messier.
    pub not_messier: f32,
}

/// About 88 for one thing, 82 for three, 66 for eight, 27 for twenty.
pub const LOSS: Loss = Loss {
    one_thing: 10.0,
    quiet: 0.22,
    sure: 0.5,
    by_share: 700.0,
    noise: 0.001,
    most_by_share: 40.0,
    by_logit: 12.0,
    drift: 0.5,
    spread: 0.004,
    not_messier: 0.5,
};

/// A change of this height (a share of the picture's) that is taller than wide
/// may be somebody passing: seen twice before it counts.
pub const TALL: f32 = 0.4;
/// Two changes one upon the other with no more between them may be one.
pub const JOINT: f32 = 0.05;
/// A task's place in which less than this share is still changed is clean …
pub const CLEAN: f32 = 0.02;
/// … and so much of the smaller of two boxes in the other makes them one.
pub const SAME: f32 = 0.3;
