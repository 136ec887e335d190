//! Property: whatever happens in a home (messes come and go, people tick,
//! delete, rename, move, clear and add, lists of every kind go away or are made
//! anew, zones are renamed and share lists, calls get lost, the power fails at
//! any moment), no task is doubled, none a person dismissed comes back, none is
//! lost, and nobody's own items and words are touched.

pub(super) mod disk;
mod laws;
pub(super) mod list;
pub(super) mod world;

use proptest::prelude::*;

use self::world::World;

const MESSES: [&str; 4] = [
    "Tidy up: lower left",
    "Tidy up: right",
    "Wash the dishes",
    "Make the bed",
];

#[derive(Debug, Clone)]
pub(super) enum Act {
    Appear(u32, usize),
    Vanish(u32, usize),
    Read(u32),
    /// Carry out the outbox; the `lost`th call works but its answer is lost,
    /// and the power fails after `kept` of the reported events.
    Visit {
        lost: Option<usize>,
        kept: Option<usize>,
    },
    Listing,
    Reconnect,
    Tick(usize),
    Untick(usize),
    Delete(usize),
    Rename(usize),
    Move(usize),
    ClearCompleted,
    /// The list is deleted and made again.
    Recreate,
    /// The list shows nothing for a moment.
    Empty,
    Away(bool),
    OwnItem(usize),
    RenameZone,
    /// Whether both zones have the list.
    Share(bool),
    PowerCut,
    Hours(i64),
    PageDone(usize),
    PageDismiss(usize),
}

/// What the list can do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub features: u32,
    /// Ticked items are no longer listed.
    pub drops: bool,
}

/// Everything; no descriptions; neither those nor deleting; no updating; no
/// updating and no descriptions; only adding; nothing.
const FEATURES: [u32; 8] = [127, 7, 5, 69, 67, 3, 1, 0];

fn kinds() -> impl Strategy<Value = Kind> {
    (proptest::sample::select(&FEATURES), any::<bool>())
        .prop_map(|(features, drops)| Kind { features, drops })
}

fn acts() -> impl Strategy<Value = Act> {
    let zone = 1..=2_u32;
    let mess = 0..MESSES.len();
    prop_oneof![
        3 => (zone.clone(), mess.clone()).prop_map(|(z, m)| Act::Appear(z, m)),
        2 => (zone.clone(), mess.clone()).prop_map(|(z, m)| Act::Vanish(z, m)),
        6 => zone.prop_map(Act::Read),
        6 => (
            proptest::option::weighted(0.3, 0..6_usize),
            proptest::option::weighted(0.3, 0..4_usize)
        )
            .prop_map(|(lost, kept)| Act::Visit { lost, kept }),
        2 => Just(Act::Listing),
        1 => Just(Act::Reconnect),
        2 => any::<usize>().prop_map(Act::Tick),
        1 => any::<usize>().prop_map(Act::Untick),
        2 => any::<usize>().prop_map(Act::Delete),
        1 => any::<usize>().prop_map(Act::Rename),
        1 => any::<usize>().prop_map(Act::Move),
        1 => Just(Act::ClearCompleted),
        1 => prop_oneof![Just(Act::Recreate), Just(Act::Empty)],
        1 => any::<bool>().prop_map(Act::Away),
        1 => mess.prop_map(Act::OwnItem),
        1 => prop_oneof![Just(Act::RenameZone), any::<bool>().prop_map(Act::Share)],
        1 => Just(Act::PowerCut),
        1 => (1..50_i64).prop_map(Act::Hours),
        1 => any::<usize>().prop_map(Act::PageDone),
        1 => any::<usize>().prop_map(Act::PageDismiss),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(400), ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_doubled_lost_resurrected_or_touched(
        acts in proptest::collection::vec(acts(), 1..60),
        kind in kinds(),
    ) {
        let mut world = World::new(kind);
        for act in &acts {
            let before = world.tasks();
            world.act(act);
            world.check_always(&before)?;
        }
        world.settle()?;
    }
}
