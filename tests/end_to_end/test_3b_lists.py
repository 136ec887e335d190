"""Lists of every kind, and everything people do on them. What is true is what Home Assistant's list says."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app import OPTIONS, App
from broker import Broker
from ha import Ha
from home import Home
from odd import Odd
from pictures import messy, tidy
from supervisor import Supervisor
from waiting import throughout, until
from zone import BACK_SECONDS, SYNC_SECONDS, Zone

Choose = Callable[..., None]


@pytest.fixture
def odd(ha: Ha) -> Iterator[Odd]:
    odd = Odd(ha)
    yield odd
    odd.delete_all()


@pytest.fixture
def choose(supervisor: Supervisor) -> Choose:
    """Sets options of zones, by the zone's room: `choose(bedroom={"todo_list": "todo.x"})`."""

    def do(**rooms: dict[str, Any]) -> None:
        options = copy.deepcopy(OPTIONS)
        for zone in options["zones"]:
            zone.update(rooms.get(zone["name"].lower().replace(" ", "_"), {}))
        supervisor.options = options

    return do


def on(zone: Zone, todo_list: str) -> None:
    zone.list = todo_list


def uids(zone: Zone) -> list[str]:
    return sorted(item.uid for item in zone.items())


def open_tasks(zone: Zone) -> str | None:
    return zone.ha.state(zone.id("sensor", "tasks"))


def problem(zone: Zone) -> str:
    """The zone's sentence, or nothing."""
    entity = zone.ha.entity(zone.id("binary_sensor", "problem"))
    return str(entity["attributes"].get("sentence") or entity["attributes"]) if entity and entity["state"] == "on" else ""


@pytest.fixture
def odd_bedroom(app: App, bedroom: Zone, odd: Odd, choose: Choose) -> Callable[..., Zone]:
    """The bedroom on a list of the given kind, checked once."""

    def do(**kind: Any) -> Zone:
        odd.create("odd", **kind)
        choose(bedroom={"todo_list": "todo.odd"})
        on(bedroom, "todo.odd")
        app.start()
        bedroom.until_checked()
        return bedroom

    return do


# --- What a list can do


FEATURES = {
    "everything": 127,
    "no descriptions and dates": 15,
    "no deleting": 1 + 4 + 64,
    "no updating": 1 + 2 + 64,
    "no updating, no descriptions": 1 + 2,
    "only adding and updating": 1 + 4,
}


@pytest.mark.parametrize("drops", [False, True], ids=["keeps", "drops"])
@pytest.mark.parametrize("features", FEATURES.values(), ids=FEATURES)
def test_a_mess_comes_and_goes_on_every_kind_of_list(odd_bedroom: Callable[..., Zone], features: int, drops: bool) -> None:
    bedroom = odd_bedroom(features=features, drops=drops)
    bedroom.add_own("Buy a new lamp")
    own = bedroom.items()
    items = bedroom.make_messy(messy("bedroom"))
    bedroom.assert_no_doubles()
    assert all(bool(item.description) == bool(features & 64) for item in items if item not in own)

    bedroom.show(tidy("bedroom"))
    bedroom.check_twice()
    bedroom.until_list(lambda items: not bedroom.open_among(items), "all of ours are done")
    gone = drops or not features & 4
    left = [item.summary for item in bedroom.items()]
    assert sorted(left) == sorted(item.summary for item in (own if gone else items)), "done items are gone or ticked, nothing else"
    assert [item for item in bedroom.items() if item.summary == "Buy a new lamp"] == own


@pytest.mark.parametrize("features", [0, 1, 1 + 64, 2 + 4], ids=["nothing", "adding", "adding with descriptions", "no adding"])
def test_a_list_that_could_never_be_cleared_gets_nothing_and_says_so(odd_bedroom: Callable[..., Zone], features: int) -> None:
    bedroom = odd_bedroom(features=features)
    bedroom.show(messy("bedroom"))
    bedroom.check_twice()
    until(lambda: "todo.odd" in problem(bedroom), "the zone says what is wrong with its list", SYNC_SECONDS)
    assert "choose another" in problem(bedroom)
    assert bedroom.items() == []
    assert open_tasks(bedroom) != "0", "the tasks are there all the same"


def test_that_a_list_drops_ticked_items_is_learnt_and_kept(app: App, odd_bedroom: Callable[..., Zone]) -> None:
    bedroom = odd_bedroom(drops=True)
    first = bedroom.make_messy(messy("bedroom"))
    bedroom.show(tidy("bedroom"))
    bedroom.check_twice()
    bedroom.until_list(lambda items: items == [], "all are ticked off and so gone")
    bedroom.settle()  # It learns from the listing after its ticks.
    app.stop()
    app.start()

    bedroom.make_messy(messy("bedroom"))
    ticked = bedroom.items()[0]
    bedroom.settle()
    bedroom.ha.tick(bedroom.list, ticked)
    bedroom.until_list(bedroom.in_step, "the tick is noticed")
    bedroom.check_twice()
    bedroom.settle()
    assert ticked.summary not in bedroom.open(), "a tick stands while the mess is still seen"
    # A tick, not "no task": once the mess was gone and is back, it is asked for again.
    bedroom.show(tidy("bedroom"))
    bedroom.check_twice()
    bedroom.until_list(lambda items: items == [], "all done")
    bedroom.show(messy("bedroom"))
    bedroom.check_twice()
    words = sorted(item.summary for item in first)
    bedroom.until_list(lambda items: sorted(item.summary for item in items) == words, f"all of {words} again")


# --- A list in trouble


def test_a_list_that_is_away_gets_what_waited(odd_bedroom: Callable[..., Zone], odd: Odd) -> None:
    bedroom = odd_bedroom()
    odd.behave("odd", away=True)
    bedroom.show(messy("bedroom"))
    bedroom.check_twice()
    until(lambda: open_tasks(bedroom) not in ("0", None), "tasks without a list", SYNC_SECONDS)
    odd.behave("odd", away=False)
    items = bedroom.until_items()
    bedroom.assert_no_doubles()

    odd.behave("odd", away=True)
    bedroom.show(tidy("bedroom"))
    bedroom.check_twice()
    odd.behave("odd", away=False)
    bedroom.until_list(lambda now: now and all(item.done for item in now), "ticked off afterwards")
    assert uids(bedroom) == sorted(item.uid for item in items)


@pytest.mark.parametrize("trouble", [{"slow": 1.5}, {"failing": True}, {"deaf": True}], ids=["slow", "failing", "deaf"])
def test_a_list_in_trouble_loses_and_doubles_nothing(odd_bedroom: Callable[..., Zone], odd: Odd, trouble: dict[str, Any]) -> None:
    bedroom = odd_bedroom()
    well = {what: type(value)() for what, value in trouble.items()}
    expected = bedroom.make_messy(messy("bedroom"))

    odd.behave("odd", **trouble)
    bedroom.show(tidy("bedroom"))
    bedroom.check_twice()
    if "slow" not in trouble:
        throughout(lambda: len(bedroom.open()) == len(expected), "nothing is taken for done", seconds=2)
        odd.behave("odd", **well)
    until(lambda: bedroom.open() == [], "ticked off after all", BACK_SECONDS)
    assert uids(bedroom) == sorted(item.uid for item in expected), "the same items"


def test_items_added_to_a_failing_list_come_once(odd_bedroom: Callable[..., Zone], odd: Odd) -> None:
    bedroom = odd_bedroom(features=15)
    odd.behave("odd", failing=True)
    bedroom.show(messy("bedroom"))
    bedroom.check_twice()
    throughout(lambda: bedroom.items() == [], "nothing on a list that fails", seconds=2)
    odd.behave("odd", failing=False, slow=0.5)
    until(lambda: bedroom.open() and bedroom.in_step(bedroom.items()), "the items come after all", BACK_SECONDS)
    bedroom.settle()
    bedroom.assert_no_doubles()


def test_a_list_is_deleted_and_made_again(odd_bedroom: Callable[..., Zone], odd: Odd) -> None:
    bedroom = odd_bedroom()
    bedroom.make_messy(messy("bedroom"))
    before = open_tasks(bedroom)
    odd.delete("odd")
    bedroom.ha.press(bedroom.id("button", "mark_all_done"))
    until(lambda: "does not exist" in problem(bedroom), "the zone says that its list is gone", SYNC_SECONDS)
    assert before != "0"

    odd.create("odd")
    until(lambda: problem(bedroom) == "", "the trouble is over", BACK_SECONDS)
    assert bedroom.items() == []


def test_a_list_made_anew_is_no_wish(odd_bedroom: Callable[..., Zone], odd: Odd) -> None:
    bedroom = odd_bedroom()
    bedroom.make_messy(messy("bedroom"))
    before = open_tasks(bedroom)
    odd.delete("odd")
    odd.create("odd")
    # A person's item makes the new list speak.
    bedroom.add_own("Buy a new lamp")
    throughout(lambda: open_tasks(bedroom) == before, "the tasks stay open", seconds=3)


def test_a_list_whose_integration_is_loaded_anew_is_still_heard(running: App, bedroom: Zone) -> None:
    items = bedroom.make_messy(messy("bedroom"))
    bedroom.settle()
    bedroom.ha.call("homeassistant.reload_config_entry", entity_id=bedroom.list)
    until(lambda: bedroom.ha.state(bedroom.list) == str(len(items)), "the list is back", BACK_SECONDS)
    throughout(lambda: bedroom.in_step(bedroom.items()), "nothing taken for a wish", seconds=1)
    bedroom.ha.tick(bedroom.list, items[0])
    bedroom.until_list(bedroom.in_step, "the tick is noticed")
    bedroom.ha.remove_item(bedroom.list, items[1])
    bedroom.until_list(bedroom.in_step, "the deletion is noticed")


def test_what_was_wanted_during_an_outage_is_done_afterwards(running: App, home: Home, broker: Broker, bedroom: Zone) -> None:
    items = bedroom.make_messy(messy("bedroom"))
    bedroom.settle()
    (topic,) = [topic for topic in broker.commands() if topic.endswith("bedroom/mark_all_done/set")]
    home.begin_restart()
    broker.publish({topic: "PRESS"})
    home.finish_restart()
    until(lambda: bedroom.open() == [], "all ticked off", BACK_SECONDS)
    assert uids(bedroom) == sorted(item.uid for item in items), "the same items"


# --- What people do


def test_what_people_rename_move_and_edit_stays_as_they_like_it(odd_bedroom: Callable[..., Zone], odd: Odd, app: App) -> None:
    bedroom = odd_bedroom()
    items = bedroom.make_messy(messy("bedroom"))
    bedroom.settle()
    first, last = items[0], items[-1]
    odd.ha.call("todo.update_item", entity_id=bedroom.list, item=first.uid, rename="Sofa, please", description="by Sunday", due_date="2030-01-01")
    odd.ha.ask({"type": "todo/item/move", "entity_id": bedroom.list, "uid": last.uid})
    assert [item.uid for item in bedroom.items()][0] == last.uid
    before = bedroom.items()
    bedroom.check_twice()
    bedroom.settle()
    app.stop()
    app.start()
    bedroom.check_twice()
    bedroom.settle()
    assert bedroom.items() == before, "words, order and descriptions are theirs"

    bedroom.show(tidy("bedroom"))
    bedroom.check_twice()
    bedroom.until_list(lambda now: all(item.done for item in now), "all ticked off")
    assert [(item.uid, item.summary) for item in bedroom.items()] == [(item.uid, item.summary) for item in before]


def test_clearing_completed_items_is_no_wish(running: App, bedroom: Zone) -> None:
    items = bedroom.make_messy(messy("bedroom"))
    bedroom.settle()
    for item in items[:2]:
        bedroom.ha.tick(bedroom.list, item)
    bedroom.until_list(bedroom.in_step, "the ticks are noticed")
    bedroom.ha.call("todo.remove_completed_items", entity_id=bedroom.list)
    bedroom.check_twice()
    bedroom.settle()
    assert uids(bedroom) == sorted(item.uid for item in items[2:])


def test_words_follow_when_a_list_becomes_shared_and_a_zone_is_renamed(
    app: App, bedroom: Zone, kitchen: Zone, odd: Odd, choose: Choose
) -> None:
    odd.create("odd")
    choose(bedroom={"todo_list": "todo.odd"})
    on(bedroom, "todo.odd")
    app.start()
    bedroom.until_checked()
    items = bedroom.make_messy(messy("bedroom"))
    plain = sorted(item.summary for item in items)
    renamed = items[0]
    bedroom.ha.call("todo.update_item", entity_id=bedroom.list, item=renamed.uid, rename="Sofa, please")
    bedroom.settle()

    def words(prefix: str) -> list[str]:
        return sorted(["Sofa, please", *(prefix + item.summary for item in items[1:])])

    assert not any(word.startswith("Bedroom") for word in plain)
    for zones, prefix in [
        ({"bedroom": {"todo_list": "todo.odd"}, "kitchen": {"todo_list": "todo.odd"}}, "Bedroom: "),
        ({"bedroom": {"todo_list": "todo.odd", "name": "Guest room"}, "kitchen": {"todo_list": "todo.odd"}}, "Guest room: "),
        ({"bedroom": {"todo_list": "todo.odd", "name": "Guest room"}}, ""),
    ]:
        app.stop()
        choose(**zones)
        app.start()
        bedroom.until_list(lambda now, prefix=prefix: sorted(item.summary for item in now) == words(prefix), f"words with {prefix!r}")
        assert uids(bedroom) == sorted(item.uid for item in items), "the same items"


def test_zones_share_a_list_without_mixing_up(app: App, bedroom: Zone, kitchen: Zone, odd: Odd, choose: Choose) -> None:
    odd.create("odd", features=15)
    choose(bedroom={"todo_list": "todo.odd"}, kitchen={"todo_list": "todo.odd"})
    app.start()
    for zone in (bedroom, kitchen):
        on(zone, "todo.odd")
        zone.until_checked()
        zone.show(messy(zone.room))
        zone.check_twice()
    total = lambda: sum(int(open_tasks(zone) or 0) for zone in (bedroom, kitchen))
    until(lambda: total() and len(bedroom.open()) == total(), "an item for each task of both", SYNC_SECONDS)
    bedroom.assert_no_doubles()
    theirs = [word for word in bedroom.open() if word.startswith("Kitchen: ")]
    assert theirs and len(theirs) == int(open_tasks(kitchen) or 0)
    bedroom.show(tidy("bedroom"))
    bedroom.check_twice()
    until(lambda: bedroom.open() == theirs, "the kitchen's stay open", SYNC_SECONDS)
