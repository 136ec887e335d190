//! What a person or an automation may ask of us, whichever way it arrives.

use super::{ignore::RuleSource, learning::Opinion, mask::Masks, task::TaskId, zone::ZoneId};

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    CheckNow(ZoneId),
    CheckAll,
    /// The main switch: off means no checks at all but manual ones.
    SetEnabled(bool),
    /// A zone's switch: off means no scheduled checks of this zone.
    SetMonitoring(ZoneId, bool),
    /// Minutes between scheduled checks, 1–1440: overrides the option until the option changes.
    SetInterval(ZoneId, u32),
    /// How strict the judge is, 1–5: overrides the option until the option changes.
    SetPickiness(ZoneId, u8),
    /// Minutes without unasked checks of a zone; 0 ends it.
    Snooze(ZoneId, u32),
    MarkAllDone(ZoneId),
    /// From now on this is no task in the zone.
    AddRule(ZoneId, String, RuleSource),
    /// Takes a rule back that was not given by the options.
    ForgetRule(ZoneId, String),
    /// The last judged pictures show the zone clean: compare with them from now on.
    ThisIsClean(ZoneId),
    /// Forget the zone's clean pictures.
    ForgetClean(ZoneId),
    /// Hide these areas of a zone's pictures from now on. Its clean pictures
    /// are forgotten: they show what was visible before.
    Mask(ZoneId, Masks),
    /// What the last judged pictures look like to a person: the embedded judge learns it.
    Teach(ZoneId, Opinion),
    /// Takes back what was last taught about the zone.
    Unteach(ZoneId),
    /// The embedded judge judges the zone as it was shipped.
    ForgetLessons(ZoneId),
    TaskDone(TaskId),
    /// "Not a task": not offered again for a fortnight.
    DismissTask(TaskId),
}
