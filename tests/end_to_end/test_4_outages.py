"""Home Assistant and the broker go away and come back: everything is there again by itself, and nothing twice."""

from app import App
from broker import Broker
from entities import ALL
from ha import Ha
from home import Home
from pictures import messy, tidy
from supervisor import Supervisor
from waiting import throughout, until
from zone import BACK_SECONDS, Zone


def states(ha: Ha) -> dict[str, str]:
    """What must survive an outage: the score, tasks and settings of each zone, and that every entity says something."""
    lasting = ("_cleanliness", "_tasks", "_needs_cleaning", "_monitoring", "_interval_minutes", "_enabled")
    return {entity: state["state"] for entity, state in ha.entities().items() if entity.endswith(lasting)}


def until_all_available(ha: Ha) -> None:
    def missing() -> list[str]:
        entities = ha.entities()
        return [entity for entity in ALL if entities.get(entity, {"state": "unavailable"})["state"] == "unavailable"]

    until(lambda: not missing(), "all entities are there and available", within=BACK_SECONDS)


def assert_all_is_back(home: Home, zone: Zone, before: dict[str, str], items: list) -> None:
    until_all_available(home.api)
    until(lambda: states(home.api) == before, f"the states are what they were: {before}", within=BACK_SECONDS)
    assert zone.items() == items
    # The work goes on, both ways: the button arrives, and so does what follows from the check.
    zone.check_twice()
    zone.settle()
    assert zone.items() == items, "the same mess, the same items"
    zone.show(tidy(zone.room))
    zone.check_twice()
    zone.until_list(lambda items: all(item.done for item in items), "all items are ticked off")
    zone.assert_no_doubles()


def test_home_assistant_restarts(running: App, home: Home, kitchen: Zone) -> None:
    items = kitchen.make_messy(messy("kitchen"))
    before = states(home.api)
    home.restart()
    assert_all_is_back(home, kitchen, before, items)


def test_the_broker_restarts(running: App, home: Home, broker: Broker, kitchen: Zone) -> None:
    items = kitchen.make_messy(messy("kitchen"))
    before = states(home.api)
    broker.stop()
    until(lambda: home.api.state("sensor.aicleaner_kitchen_cleanliness") == "unavailable", "the outage is seen", within=20)
    broker.start()
    assert_all_is_back(home, kitchen, before, items)


def test_the_broker_restarts_without_its_memory(running: App, home: Home, broker: Broker, kitchen: Zone) -> None:
    items = kitchen.make_messy(messy("kitchen"))
    before = states(home.api)
    assert broker.retained("homeassistant/device/"), "discovery is retained"
    broker.stop()
    broker.forget()
    until(lambda: home.api.state("sensor.aicleaner_kitchen_cleanliness") == "unavailable", "the outage is seen", within=20)
    broker.start()
    assert_all_is_back(home, kitchen, before, items)
    assert broker.retained("homeassistant/device/"), "discovery is retained again"


def test_both_restart_and_the_broker_forgets(running: App, home: Home, broker: Broker, kitchen: Zone) -> None:
    """Home Assistant then knows the entities from nobody but the app."""
    items = kitchen.make_messy(messy("kitchen"))
    before = states(home.api)
    home.begin_restart()
    broker.stop()
    broker.forget()
    broker.start()
    home.finish_restart()
    assert_all_is_back(home, kitchen, before, items)


def test_a_mess_that_appears_while_home_assistant_is_away(running: App, home: Home, kitchen: Zone) -> None:
    assert kitchen.items() == []
    home.begin_restart()
    kitchen.show(messy("kitchen"))
    running.until_answers("health", within=5)
    home.finish_restart()

    until_all_available(home.api)
    assert kitchen.items() == []
    items = kitchen.make_messy(messy("kitchen"))
    kitchen.check()
    kitchen.settle()
    assert kitchen.items() == items
    kitchen.assert_no_doubles()


def test_items_that_home_assistant_was_gone_for_are_added_once(
    running: App, home: Home, supervisor: Supervisor, kitchen: Zone
) -> None:
    """The harder half: the second reading is done, and Home Assistant goes before the items are on the list."""
    kitchen.show(messy("kitchen"))
    kitchen.check()

    # No item gets through, as with a connection that is cut.
    supervisor.watch = lambda passage: passage.what != "add_item"
    kitchen.press()
    until(lambda: any(passage.what == "add_item" for passage in supervisor.passages), "an item is on its way", within=30)
    home.begin_restart()
    supervisor.watch = lambda _: None
    home.finish_restart()

    until_all_available(home.api)
    until(kitchen.open, "items are there after all", BACK_SECONDS)
    kitchen.until_items()
    kitchen.settle()
    kitchen.assert_no_doubles()
