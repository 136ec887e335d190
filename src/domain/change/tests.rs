use super::*;

const COLUMNS: usize = 64;
const ROWS: usize = 36;

/// A view with furniture: blocks that stand out.
fn view(seed: u64) -> Fingerprint {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut print = Fingerprint {
        columns: COLUMNS as u16,
        rows: ROWS as u16,
        brightness: vec![0; COLUMNS * ROWS],
        colour: vec![0; COLUMNS * ROWS],
        burnt_out: vec![false; COLUMNS * ROWS],
        grey: false,
    };
    for _ in 0..14 {
        let (x, y) = (random.usize(..COLUMNS - 8), random.usize(..ROWS - 6));
        let value = random.i8(-40..40);
        for y in y..y + 6 {
            print.brightness[y * COLUMNS + x..][..8].fill(value);
        }
    }
    print
}

/// Sets 4 × 4 cells.
fn patch<T: Copy>(cells: &mut [T], (x, y): (usize, usize), value: T) {
    for y in y..y + 4 {
        cells[y * COLUMNS + x..][..4].fill(value);
    }
}

fn moved(print: &Fingerprint, right: usize) -> Fingerprint {
    let mut out = print.clone();
    for y in 0..ROWS {
        for x in (right..COLUMNS).rev() {
            out.brightness[y * COLUMNS + x] = print.brightness[y * COLUMNS + x - right];
        }
    }
    out
}

#[test]
fn the_same_view_is_unchanged_and_a_patch_is_a_change() {
    let before = view(1);
    assert!(!changed(&before, &before));
    let mut cup = before.clone();
    patch(&mut cup.brightness, (30, 20), 60);
    assert!(changed(&before, &cup) && changed(&cup, &before));
    let mut red = before.clone();
    patch(&mut red.colour, (30, 20), -30);
    assert!(changed(&before, &red));
}

#[test]
fn a_place_is_boxed() {
    let before = view(1);
    let mut cup = before.clone();
    patch(&mut cup.colour, (30, 20), 60);
    let places = ChangeMap::of(&cup, [&before]).places();
    assert_eq!(places.len(), 1);
    let Region {
        x,
        y,
        width,
        height,
    } = places[0].region;
    // Means reach a little beyond what they are means of.
    assert!((x * 64.0 - 30.0).abs() < 2.5 && (y * 36.0 - 20.0).abs() < 2.5);
    assert!((4.0..9.0).contains(&(width * 64.0)) && (4.0..9.0).contains(&(height * 36.0)));
}

#[test]
fn each_cell_counts_by_the_reference_it_resembles_most() {
    let (by_day, mut now) = (view(1), view(1));
    let mut evening = by_day.clone();
    patch(&mut evening.colour, (10, 10), 60);
    patch(&mut now.colour, (10, 10), 60);
    assert!(changed(&by_day, &now));
    assert!(!ChangeMap::of(&now, [&by_day, &evening]).is_hot());
    patch(&mut now.colour, (40, 20), 60);
    assert_eq!(ChangeMap::of(&now, [&by_day, &evening]).places().len(), 1);
}

#[test]
fn single_cells_are_noise() {
    let before = view(1);
    let mut noise = before.clone();
    for i in (0..COLUMNS * ROWS).step_by(5) {
        noise.brightness[i] += if i % 2 == 0 { 19 } else { -19 };
    }
    assert!(!changed(&before, &noise));
}

#[test]
fn a_sagging_mount_is_no_change_and_a_turned_camera_is_told() {
    let before = view(1);
    for right in [1, 3, 5] {
        let map = ChangeMap::of(&moved(&before, right), [&before]);
        assert!(!map.camera_moved && !map.is_hot(), "by {right}");
    }
    assert!(ChangeMap::of(&moved(&before, 16), [&before]).camera_moved);
    assert!(ChangeMap::of(&view(2), [&before]).camera_moved);
    // A reference of another view says nothing beside one of this.
    assert!(!ChangeMap::of(&before, [&view(2), &before]).camera_moved);
}

#[test]
fn infrared_has_no_colours_to_compare() {
    let mut by_day = view(1);
    patch(&mut by_day.colour, (30, 20), 60);
    let mut night = view(1);
    night.grey = true;
    assert!(!changed(&by_day, &night));
}

#[test]
fn what_the_camera_could_not_hold_is_no_change() {
    let mut picture_on_the_wall = view(1);
    patch(&mut picture_on_the_wall.brightness, (30, 20), 60);
    let mut glare = view(1);
    patch(&mut glare.brightness, (30, 20), 0);
    patch(&mut glare.burnt_out, (30, 20), true);
    assert!(!changed(&picture_on_the_wall, &glare));
    // But what burnt out where it was darker did become brighter.
    let mut lamp = picture_on_the_wall.clone();
    patch(&mut lamp.burnt_out, (30, 20), true);
    let mut dark = view(1);
    patch(&mut dark.brightness, (30, 20), -40);
    assert!(changed(&dark, &lamp));
}

#[test]
fn another_shape_is_another_view() {
    let (before, mut other) = (view(1), view(1));
    (other.columns, other.rows) = (ROWS as u16, COLUMNS as u16);
    assert!(changed(&before, &other));
}
