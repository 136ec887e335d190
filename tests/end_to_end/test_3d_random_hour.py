"""An hour in the home, in random order, on three kinds of to-do list: Home Assistant's local list, its shopping list, and one that drops
what is ticked. What is true is what Home Assistant's lists say. `RANDOM_HOUR=7` repeats the hour of that seed."""

import copy
import os
import random
from collections.abc import Iterator

import pytest

from app import OPTIONS, App
from ha import Ha, Item
from home import Home
from odd import Odd
from pictures import messy, tidy
from supervisor import Supervisor
from zone import Zone

SEED = int(os.environ.get("RANDOM_HOUR", random.SystemRandom().randrange(1000)))
STEPS = int(os.environ.get("RANDOM_HOUR_STEPS", 24))
OWN = "Call grandmother"


@pytest.fixture
def odd(ha: Ha) -> Iterator[Odd]:
    odd = Odd(ha)
    odd.create("odd", features=127, drops=True)
    yield odd
    odd.delete_all()


class Hour:
    def __init__(self, app: App, home: Home, odd: Odd, zones: dict[str, Zone]) -> None:
        self.app, self.home, self.odd, self.zones = app, home, odd, zones
        self.dice = random.Random(SEED)
        self.mess = {room: False for room in zones}
        # By list: the words of what people deleted, which must not come back; and the uids of their own.
        self.deleted: dict[str, set[str]] = {zone.list: set() for zone in zones.values()}
        self.own: dict[str, set[str]] = {zone.list: set() for zone in zones.values()}

    def zone(self) -> Zone:
        return self.zones[self.dice.choice(sorted(self.zones))]

    def step(self) -> str:
        act = self.dice.choices(
            [self.look, self.tick, self.delete, self.write, self.kill, self.stop, self.lose_list, self.restart_home],
            weights=[10, 4, 3, 1, 2, 1, 1, 0.3],
        )[0]
        act()
        return act.__name__

    def look(self) -> None:
        zone = self.zone()
        self.mess[zone.room] = self.dice.random() < 0.6
        zone.show(messy(zone.room) if self.mess[zone.room] else tidy(zone.room))
        zone.check_twice()
        zone.until_list(zone.in_step, "the open tasks are the open items")

    def one_of(self, zone: Zone) -> Item | None:
        ours = [item for item in zone.open_among(zone.items()) if item.uid not in self.own[zone.list]]
        return self.dice.choice(ours) if ours else None

    def tick(self) -> None:
        zone = self.zone()
        if item := self.one_of(zone):
            zone.ha.tick(zone.list, item)
            zone.until_list(zone.in_step, "the tick is known")

    def delete(self) -> None:
        zone = self.zone()
        # On a list that drops what is ticked, deleted is done: the same to Home Assistant.
        if item := self.one_of(zone):
            zone.ha.remove_item(zone.list, item)
            if zone.list != "todo.odd":
                self.deleted[zone.list].add(item.summary)
            zone.until_list(zone.in_step, "the deletion is known")

    def write(self) -> None:
        zone = self.zone()
        before = {item.uid for item in zone.items()}
        zone.add_own(OWN)
        self.own[zone.list] |= {item.uid for item in zone.items()} - before

    def kill(self) -> None:
        # In the middle of whatever a check has set going.
        self.zone().press()
        self.app.kill()
        self.app.start()

    def stop(self) -> None:
        self.app.stop()
        self.app.start()

    def lose_list(self) -> None:
        self.odd.behave("odd", away=True)
        self.zones["bedroom"].check()
        self.odd.behave("odd", away=False)

    def restart_home(self) -> None:
        if self.zones["bedroom"].items():
            return  # The odd list lives in memory: after a restart it is another one.
        self.home.begin_restart()
        self.home.finish_restart()
        self.odd.create("odd", features=127, drops=True)

    def assert_lawful(self) -> None:
        for zone in self.zones.values():
            items = zone.items()
            ours = [item for item in items if item.uid not in self.own[zone.list]]
            open_words = [item.summary for item in ours if not item.done]
            assert len(open_words) == len(set(open_words)), f"doubled on {zone.list}: {sorted(open_words)}"
            back = self.deleted[zone.list] & set(open_words)
            assert not back, f"deleted from {zone.list}, and back: {back}"
            kept = {item.uid for item in items if item.summary == OWN and not item.done}
            assert kept == self.own[zone.list], f"a person's own items on {zone.list}"


def test_a_random_hour_doubles_loses_and_brings_back_nothing(app: App, home: Home, odd: Odd, zones: dict[str, Zone], supervisor: Supervisor) -> None:
    print(f"\nRANDOM_HOUR={SEED}")
    options = copy.deepcopy(OPTIONS)
    options["zones"][2]["todo_list"] = "todo.odd"
    supervisor.options = options
    zones["bedroom"].list = "todo.odd"
    app.start()
    for zone in zones.values():
        zone.until_checked()
    hour = Hour(app, home, odd, zones)
    for number in range(STEPS):
        done = hour.step()
        print(f"{number + 1}. {done}", flush=True)
        hour.assert_lawful()
    # Left in peace, each list comes to show what there is to do.
    for zone in zones.values():
        zone.show(tidy(zone.room))
        zone.check_twice()
        zone.until_list(lambda items, zone=zone: not zone.open_among(items) and zone.in_step(items), "a tidy room has nothing to do")
    hour.assert_lawful()
