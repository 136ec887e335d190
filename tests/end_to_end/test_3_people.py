"""What people do with the list counts: their items are theirs, their ticks and deletions stand."""

import pytest

from app import App
from ha import Item
from pictures import messy, tidy
from zone import Zone


def words(items: list[Item]) -> list[str]:
    return sorted(item.summary for item in items)


def test_a_persons_own_item_is_never_touched(app: App, zones: dict[str, Zone]) -> None:
    for room in ("kitchen", "living_room"):
        zone = zones[room]
        zone.add_own("Buy a new lamp")
        (own,) = zone.items()
        if not app.process.running:
            app.start()
        zone.until_checked()
        zone.make_messy(messy(room))
        zone.show(tidy(room))
        zone.check_twice()
        zone.until_list(lambda items: all(item.done for item in items if item != own), "all of ours are ticked off")
        assert [item for item in zone.items() if item.summary == own.summary] == [own]


# In the kitchen's day there is one item to tick or delete, in the bedroom's one of several.
@pytest.mark.parametrize("room", ["kitchen", "bedroom"])
def test_a_persons_tick_stands_while_the_mess_is_still_seen(running: App, zones: dict[str, Zone], room: str) -> None:
    zone = zones[room]
    items = zone.make_messy(messy(room))
    ticked = items[0]
    zone.settle()  # A person reads the list first.
    zone.ha.tick(zone.list, ticked)
    zone.until_list(zone.in_step, "the tick is noticed")

    zone.check_twice()
    zone.settle()
    assert ticked.summary in zone.done()
    assert sorted(item.uid for item in zone.items()) == sorted(item.uid for item in items), "nothing added, nothing removed"


@pytest.mark.parametrize("room", ["kitchen", "bedroom"])
def test_a_deleted_item_does_not_come_back(running: App, zones: dict[str, Zone], room: str) -> None:
    zone = zones[room]
    items = zone.make_messy(messy(room))
    deleted = items[0]
    zone.settle()  # A person reads the list first.
    zone.ha.remove_item(zone.list, deleted)
    zone.until_list(zone.in_step, "the deletion is noticed")

    zone.check_twice()
    zone.settle()
    assert deleted.summary not in [item.summary for item in zone.items()]
    assert sorted(item.uid for item in zone.items()) == sorted(item.uid for item in items[1:])


def test_a_mess_that_comes_back_is_asked_for_again(running: App, kitchen: Zone) -> None:
    first = kitchen.make_messy(messy("kitchen"))
    kitchen.show(tidy("kitchen"))
    kitchen.check_twice()
    kitchen.until_list(lambda items: all(item.done for item in items), "all items are ticked off")

    kitchen.show(messy("kitchen"))
    kitchen.check_twice()
    kitchen.until_list(
        lambda items: words(kitchen.open_among(items)) == words(first) and kitchen.in_step(items), "the same things are open again"
    )
