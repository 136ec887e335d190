"""Defects of the generations before, each by its number in the study of them, as far as Home Assistant's link and lists are concerned."""

from pathlib import Path

from app import App
from pictures import messy
from supervisor import Supervisor
from waiting import throughout, until
from zone import SYNC_SECONDS, Zone


def test_original_1_a_picture_becomes_an_item(running: App, kitchen: Zone) -> None:
    """The core function, which was absent for the product's whole life."""
    assert kitchen.items() == []
    assert kitchen.make_messy(messy("kitchen")), "a camera's picture in, a to-do item out"


def test_original_18_pictures_by_the_camera_proxy_and_items_by_actions(running: App, supervisor: Supervisor, kitchen: Zone) -> None:
    """They came from a service that writes elsewhere, and items from attributes that are not there."""
    supervisor.passages.clear()
    items = kitchen.make_messy(messy("kitchen"))
    asked = [(passage.what, passage.data.get("entity_id")) for passage in supervisor.passages if not passage.answered]
    assert asked.count(("picture", "camera.kitchen")) == 2, "one for each check"
    assert asked.count(("add_item", kitchen.list)) == len(items)
    assert ("get_items", kitchen.list) in asked
    assert asked.index(("get_items", kitchen.list)) < asked.index(("add_item", kitchen.list)), "listed before added"


def test_original_22_neither_the_same_again_nor_anything_made_up(running: App, kitchen: Zone, tmp_path: Path) -> None:
    """Tasks were added anew each time, and a failure invented scores and tasks."""
    items, score = kitchen.make_messy(messy("kitchen")), kitchen.score()
    for _ in range(3):
        kitchen.check()
    kitchen.settle()
    assert kitchen.items() == items

    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture at all")
    kitchen.show(broken)
    kitchen.press()
    until(lambda: kitchen.ha.state(kitchen.id("sensor", "status")) == "failed", "the failure is shown", SYNC_SECONDS)
    kitchen.settle()
    assert kitchen.score() == score, "the last good result stands"
    assert kitchen.ha.entity(kitchen.id("sensor", "cleanliness"))["attributes"]["old"] is True
    assert kitchen.items() == items


def test_original_23_what_was_not_measured_is_unknown(app: App, kitchen: Zone, tmp_path: Path) -> None:
    """Made-up figures were shown as live ones. Before the first good reading there is nothing to show."""
    nothing = tmp_path / "nothing.jpg"
    nothing.write_bytes(b"no picture at all")
    kitchen.show(nothing)
    app.start()
    until(lambda: kitchen.ha.state(kitchen.id("sensor", "status")) == "failed", "the failure is shown", SYNC_SECONDS)
    kitchen.press()
    measured = (("sensor", "cleanliness"), ("sensor", "tasks"), ("binary_sensor", "needs_cleaning"), ("image", "snapshot"))
    throughout(
        lambda: all(kitchen.ha.state(kitchen.id(kind, name)) == "unknown" for kind, name in measured), "nothing is known", seconds=2
    )
    assert kitchen.items() == []
