"""The main job: a mess lowers the score and becomes to-do items, tidying up ticks them off."""

import pytest

from app import App
from entities import ROOMS
from ha import Ha
from pictures import messy, tidy
from waiting import throughout
from zone import LISTS, Zone


LIGHTS = ["day", "evening"]


def test_the_pairs_are_different_pictures() -> None:
    """Or six pairs would prove no more than one."""
    pictures = [picture(room, light) for room in ROOMS for light in LIGHTS for picture in (tidy, messy)]
    assert len({picture.read_bytes() for picture in pictures}) == len(pictures) == 12


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("room", ROOMS)
def test_a_mess_becomes_items_and_tidying_ticks_them_off(app: App, zones: dict[str, Zone], room: str, light: str) -> None:
    zone = zones[room]
    zone.show(tidy(room, light))
    app.start()
    zone.until_checked()
    tidy_score = zone.score()
    assert zone.items() == [], "a tidy room needs no items"

    zone.show(messy(room, light))
    zone.check()
    messy_score = zone.until_score(lambda score: score <= tidy_score - 10, f"at least 10 below the tidy {tidy_score:g}")
    throughout(lambda: zone.items() == [], "one reading is not enough for an item", seconds=1)
    zone.check()
    items = zone.until_items()
    assert not any(item.done for item in items)
    zone.assert_no_doubles()
    if zone.list != "todo.shopping_list":  # That list has no descriptions.
        assert all(item.description for item in items)

    zone.show(tidy(room, light))
    zone.check()
    throughout(lambda: zone.done() == [], "one reading ticks nothing off", seconds=1)
    zone.check()
    zone.until_list(lambda items: items and all(item.done for item in items), "all items are ticked off")
    zone.until_score(lambda score: score >= messy_score + 10, f"at least 10 above the messy {messy_score:g}")
    assert sorted(item.uid for item in zone.items()) == sorted(item.uid for item in items), "the same items, none added or removed"
    print(f"\n{room}, {light}: {tidy_score:g} tidy, {messy_score:g} messy, {len(items)} items: {[item.summary for item in items]}")


def test_the_other_zones_lists_stay_empty(running: App, ha: Ha, kitchen: Zone) -> None:
    kitchen.make_messy(messy("kitchen"))
    assert {todo_list: len(ha.items(todo_list)) for todo_list in LISTS.values() if todo_list != kitchen.list} == {
        "todo.shopping_list": 0,
        "todo.bedroom": 0,
    }


def test_the_button_checks_an_unchanged_picture(running: App, kitchen: Zone) -> None:
    before, score = kitchen.last_check(), kitchen.score()
    kitchen.check()
    assert kitchen.last_check() > before
    assert kitchen.score() == score
    assert kitchen.items() == []
