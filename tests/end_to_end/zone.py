"""One zone of the test home as a person meets it: its camera, its entities, its to-do list. All facts come from Home Assistant."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from ha import Ha, Item
from home import Home
from waiting import throughout, until

# A check takes far less; the limit is for a loaded machine.
CHECK_SECONDS = 30
# After a check: the time in which what it decided has reached the list.
SYNC_SECONDS = 30
# After an outage or a start: reconnection backs off.
BACK_SECONDS = 60
LISTS = {"kitchen": "todo.kitchen", "living_room": "todo.shopping_list", "bedroom": "todo.bedroom"}


def until_after(check: datetime) -> None:
    """Home Assistant shows times in whole seconds: a check in the same second as the last one could not be told from it."""
    until(lambda: time.time() >= check.timestamp() + 1, "the clock's next second", within=5)


class Zone:
    def __init__(self, home: Home, room: str) -> None:
        self._home = home
        self.room = room
        # What people put on the list themselves, by its words.
        self._own: set[str] = set()
        self.list = LISTS[room]

    @property
    def ha(self) -> Ha:
        return self._home.api

    def id(self, kind: str, name: str) -> str:
        return f"{kind}.aicleaner_{self.room}_{name}"

    def show(self, picture: Path) -> None:
        self._home.show(self.room, picture)

    # --- Checks

    def last_check(self) -> datetime | None:
        state = self.ha.state(self.id("sensor", "last_check"))
        return None if state in (None, "unknown", "unavailable") else datetime.fromisoformat(state)

    def until_checked(self, after: datetime | None = None) -> datetime:
        """The time of the first check, or of the first one later than `after`."""

        def newer() -> datetime | None:
            seen = self.last_check()
            return seen if seen and (after is None or seen > after) else None

        return until(newer, f"{self.room}: a check after {after}", CHECK_SECONDS)

    def check(self) -> None:
        """Presses the zone's button and waits until that check has run."""
        before = self.last_check()
        if before:
            until_after(before)
        self.press()
        self.until_checked(after=before)

    def press(self) -> None:
        """Presses the zone's button. Home Assistant drops without a word what is pressed while unavailable, hence the wait."""
        button = self.id("button", "check_now")
        until(lambda: self.ha.state(button) not in (None, "unavailable"), f"{button} is available", within=BACK_SECONDS)
        self.ha.press(button)

    def check_twice(self) -> None:
        """Two readings: what the program asks for before it believes a change."""
        self.check()
        self.check()

    def score(self) -> float:
        return float(self.ha.until_state(self.id("sensor", "cleanliness"), lambda _: True, "a score", CHECK_SECONDS))

    def until_score(self, right: Callable[[float], bool], what: str) -> float:
        return float(self.ha.until_state(self.id("sensor", "cleanliness"), lambda state: right(float(state)), what, SYNC_SECONDS))

    # --- The list

    def items(self) -> list[Item]:
        return self.ha.items(self.list)

    def add_own(self, summary: str) -> None:
        """A person writes something on the list."""
        self._own.add(summary)
        self.ha.add_item(self.list, summary)

    def open(self) -> list[str]:
        """The words of what the list still asks for, but for people's own items."""
        return sorted(item.summary for item in self.open_among(self.items()))

    def done(self) -> list[str]:
        return sorted(item.summary for item in self.items() if item.done)

    def open_among(self, items: list[Item]) -> list[Item]:
        return [item for item in items if not item.done and item.summary not in self._own]

    def in_step(self, items: list[Item]) -> bool:
        """Whether the zone's own count of open tasks is that of the open items."""
        return self.ha.state(self.id("sensor", "tasks")) == str(len(self.open_among(items)))

    def until_list(self, right: Callable[[list[Item]], object], what: str) -> list[Item]:
        """The list, as soon as `right` says yes to it."""
        seen: list[Item] = []

        def asked() -> bool:
            seen[:] = self.items()
            return bool(right(seen))

        try:
            until(asked, f"{self.list}: {what}", SYNC_SECONDS)
        except AssertionError as error:
            raise AssertionError(f"{error}; it holds {seen}") from None
        return seen

    def make_messy(self, picture: Path) -> list[Item]:
        """Shows a mess, checks twice, and answers the items that the list then has."""
        self.show(picture)
        self.check_twice()
        return self.until_items()

    def until_items(self) -> list[Item]:
        """The list, as soon as every open task of the zone is an open item on it, and there is at least one."""
        return self.until_list(lambda items: self.open_among(items) and self.in_step(items), "the open tasks are items")

    def settle(self) -> None:
        """Gives a wrong change the time to happen before a test says that there is none."""
        throughout(lambda: self.in_step(self.items()), "as many open items as open tasks", seconds=2)

    def assert_no_doubles(self) -> None:
        summaries = [item.summary for item in self.items()]
        assert len(summaries) == len(set(summaries)), f"doubled on {self.list}: {sorted(summaries)}"
