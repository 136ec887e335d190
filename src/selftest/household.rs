//! The households that the loads are about: rooms, the entities in them, and
//! what of it triggers a look. Names and numbers are the guide's.

/// A room of the test home: a zone with a camera and a to-do list of its own.
#[derive(Debug, Clone)]
pub struct Room {
    pub name: String,
    pub slug: String,
    pub entities: Vec<Entity>,
}

/// Something whose state changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    pub id: String,
    pub kind: Kind,
}

/// What states an entity has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// `on` and `off`.
    Binary,
    /// A number between these, with one decimal.
    Number(f64, f64),
}

impl Kind {
    /// The state that makes a look worthwhile.
    pub fn trigger(self) -> String {
        match self {
            Self::Binary => "on".into(),
            Self::Number(low, high) => format!("{:.1}", low.midpoint(high)),
        }
    }

    /// The state before anything happens: never the trigger.
    pub fn at_rest(self) -> String {
        match self {
            Self::Binary => "off".into(),
            Self::Number(low, _) => format!("{low:.1}"),
        }
    }

    /// Any state.
    pub fn any(self, random: &mut fastrand::Rng) -> String {
        match self {
            Self::Binary => if random.bool() { "on" } else { "off" }.into(),
            Self::Number(low, high) => format!("{:.1}", low + (high - low) * random.f64()),
        }
    }
}

impl Room {
    fn new(name: &str, entities: impl IntoIterator<Item = Entity>) -> Self {
        Self {
            name: name.to_owned(),
            slug: slug(name),
            entities: entities.into_iter().collect(),
        }
    }

    pub fn camera(&self) -> String {
        format!("camera.{}", self.slug)
    }

    pub fn list(&self) -> String {
        format!("todo.{}", self.slug)
    }
}

/// The baseline's home: seven entities in three rooms; switch and window never change.
pub fn baseline() -> Vec<Room> {
    let entity = |id: &str, kind| Entity {
        id: id.to_owned(),
        kind,
    };
    vec![
        Room::new(
            "Living Room",
            [
                entity("sensor.living_room_temperature", Kind::Number(18.0, 26.0)),
                entity("sensor.living_room_humidity", Kind::Number(30.0, 70.0)),
                entity("binary_sensor.living_room_motion", Kind::Binary),
            ],
        ),
        Room::new(
            "Kitchen",
            [
                entity("light.kitchen", Kind::Binary),
                entity("switch.kitchen_socket", Kind::Binary),
            ],
        ),
        Room::new(
            "Hallway",
            [
                entity("binary_sensor.front_door", Kind::Binary),
                entity("binary_sensor.hallway_window", Kind::Binary),
            ],
        ),
    ]
}

/// The storm's: 15 entities in each of 19 rooms.
pub fn storm() -> Vec<Room> {
    rooms(19, &STORM_TEMPLATES)
}

/// The chaotic load's: 22 entities in each of 14 places. A zone may have 20
/// triggers, so that each place has two.
pub fn chaotic() -> Vec<Room> {
    let halves = |mut room: Room| {
        let more = room.entities.split_off(room.entities.len() / 2);
        let corner = Room::new(&format!("{} Corner", room.name), more);
        [room, corner]
    };
    rooms(14, &CHAOTIC_TEMPLATES)
        .into_iter()
        .flat_map(halves)
        .collect()
}

fn rooms(number: usize, templates: &[(&str, Kind)]) -> Vec<Room> {
    ROOMS[..number]
        .iter()
        .map(|name| {
            let entity = |(template, kind): &(&str, Kind)| Entity {
                id: template.replace('*', &slug(name)),
                kind: *kind,
            };
            Room::new(name, templates.iter().map(entity))
        })
        .collect()
}

fn slug(name: &str) -> String {
    name.to_lowercase().replace(' ', "_")
}

const ROOMS: [&str; 19] = [
    "Living Room",
    "Kitchen",
    "Bedroom",
    "Bathroom",
    "Hallway",
    "Office",
    "Garage",
    "Basement",
    "Attic",
    "Dining Room",
    "Guest Room",
    "Laundry",
    "Nursery",
    "Pantry",
    "Playroom",
    "Studio",
    "Terrace",
    "Workshop",
    "Cloakroom",
];

const TEMPERATURE: Kind = Kind::Number(15.0, 30.0);
const PERCENT: Kind = Kind::Number(0.0, 100.0);

const STORM_TEMPLATES: [(&str, Kind); 15] = [
    ("sensor.*_temperature", Kind::Number(18.0, 26.0)),
    ("sensor.*_humidity", Kind::Number(30.0, 70.0)),
    ("sensor.*_energy", Kind::Number(0.5, 5.0)),
    ("sensor.*_power", Kind::Number(50.0, 2000.0)),
    ("sensor.*_illuminance", Kind::Number(0.0, 1000.0)),
    ("binary_sensor.*_motion", Kind::Binary),
    ("binary_sensor.*_door", Kind::Binary),
    ("binary_sensor.*_window", Kind::Binary),
    ("binary_sensor.*_occupancy", Kind::Binary),
    ("light.*", Kind::Binary),
    ("light.*_lamp", Kind::Binary),
    ("switch.*_socket", Kind::Binary),
    ("climate.*", Kind::Number(18.0, 26.0)),
    ("cover.*", PERCENT),
    ("fan.*", Kind::Binary),
];

const CHAOTIC_TEMPLATES: [(&str, Kind); 22] = [
    ("sensor.*_temperature", TEMPERATURE),
    ("sensor.*_humidity", Kind::Number(20.0, 80.0)),
    ("sensor.*_pressure", Kind::Number(950.0, 1050.0)),
    ("sensor.*_illuminance", Kind::Number(0.0, 1000.0)),
    ("sensor.*_co2", Kind::Number(400.0, 2000.0)),
    ("sensor.*_power", Kind::Number(25.0, 6000.0)),
    ("sensor.*_energy", Kind::Number(0.5, 5.0)),
    ("sensor.*_voltage", Kind::Number(220.0, 240.0)),
    ("binary_sensor.*_motion", Kind::Binary),
    ("binary_sensor.*_door", Kind::Binary),
    ("binary_sensor.*_window", Kind::Binary),
    ("binary_sensor.*_smoke", Kind::Binary),
    ("binary_sensor.*_leak", Kind::Binary),
    ("binary_sensor.*_occupancy", Kind::Binary),
    ("light.*", Kind::Binary),
    ("light.*_lamp", Kind::Binary),
    ("light.*_strip", Kind::Binary),
    ("switch.*_socket", Kind::Binary),
    ("switch.*_heater", Kind::Binary),
    ("fan.*", Kind::Binary),
    ("climate.*", TEMPERATURE),
    ("cover.*", PERCENT),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_households_have_the_guides_numbers_of_entities() {
        for (rooms, number) in [(baseline(), 7), (storm(), 285), (chaotic(), 308)] {
            let ids: BTreeSet<_> = rooms.iter().flat_map(|room| &room.entities).collect_ids();
            assert_eq!(ids.len(), number, "each with a name of its own");
        }
    }

    trait CollectIds<'a> {
        fn collect_ids(self) -> BTreeSet<&'a str>;
    }

    impl<'a, I: Iterator<Item = &'a Entity>> CollectIds<'a> for I {
        fn collect_ids(self) -> BTreeSet<&'a str> {
            self.map(|entity| entity.id.as_str()).collect()
        }
    }

    #[test]
    fn what_rests_does_not_trigger() {
        for kind in [Kind::Binary, Kind::Number(18.0, 26.0)] {
            assert_ne!(kind.trigger(), kind.at_rest());
        }
    }
}
