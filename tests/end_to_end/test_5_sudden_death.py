"""The app killed with SIGKILL at the worst moments and started again: nothing lost, nothing doubled in Home Assistant's list."""

import signal
import threading
from collections.abc import Callable

import pytest

from app import App
from ha import Item
from pictures import messy, tidy
from supervisor import Passage, Supervisor
from zone import CHECK_SECONDS, Zone


def words(items: list[Item]) -> list[str]:
    return sorted(item.summary for item in items)


@pytest.fixture(scope="module")
def seen_undisturbed() -> dict[str, list[str]]:
    return {}


@pytest.fixture
def expected(
    seen_undisturbed: dict[str, list[str]], app: App, bedroom: Zone, reinstall: Callable[[App], None]
) -> list[str]:
    """What the bedroom's mess asks for when nothing disturbs: seen once, in a life of the app of its own."""
    if "bedroom" not in seen_undisturbed:
        app.start()
        bedroom.until_checked()
        seen_undisturbed["bedroom"] = words(bedroom.make_messy(messy("bedroom")))
        reinstall(app)
    return seen_undisturbed["bedroom"]


class Death:
    """Kills the app, once: when the given passage comes for the `nth` time, which then never arrives; or `later` seconds after it."""

    def __init__(self, app: App, what: str, answered: bool, nth: int = 1, later: float = 0) -> None:
        self._app, self._what, self._answered, self._left, self._later = app, what, answered, nth, later

    def __call__(self, passage: Passage) -> bool:
        if (passage.what, passage.answered) != (self._what, self._answered):
            return True
        self._left -= 1
        if self._left != 0:
            return self._left > 0
        if self._later:
            threading.Timer(self._later, self._app.process.signal, [signal.SIGKILL]).start()
            return True
        self._app.process.signal(signal.SIGKILL)
        return False


def assert_works_on(app: App, bedroom: Zone, expected: list[str]) -> None:
    """From the next start on: two readings, and the list holds what the mess asks for; tidying up ticks all of it off."""
    app.start()
    bedroom.check_twice()
    bedroom.until_list(
        lambda items: words(bedroom.open_among(items)) == expected and bedroom.in_step(items), f"the list asks for {expected}"
    )
    bedroom.settle()
    bedroom.assert_no_doubles()
    bedroom.show(tidy("bedroom"))
    bedroom.check_twice()
    bedroom.until_list(lambda items: all(item.done for item in items), "all items are ticked off")
    bedroom.assert_no_doubles()


def test_killed_while_idle(expected: list[str], running: App, bedroom: Zone) -> None:
    items = bedroom.make_messy(messy("bedroom"))
    running.kill()
    running.start()
    bedroom.check()
    bedroom.settle()
    assert bedroom.items() == items
    running.kill()
    assert_works_on(running, bedroom, expected)


def test_killed_as_soon_as_the_button_is_pressed(expected: list[str], running: App, bedroom: Zone) -> None:
    bedroom.show(messy("bedroom"))
    bedroom.check()
    bedroom.press()
    running.kill()
    assert_works_on(running, bedroom, expected)


MOMENTS: dict[str, Callable[[App], Death]] = {
    "the picture is asked for": lambda app: Death(app, "picture", answered=False),
    "the picture arrives": lambda app: Death(app, "picture", answered=True),
    "the picture is judged": lambda app: Death(app, "picture", answered=True, later=0.05),
    "the judgement is written down": lambda app: Death(app, "picture", answered=True, later=0.2),
    "the first item is on its way": lambda app: Death(app, "add_item", answered=False),
    "the first item is on the list": lambda app: Death(app, "add_item", answered=True),
    "the second item is on its way": lambda app: Death(app, "add_item", answered=False, nth=2),
    "the second item is on the list": lambda app: Death(app, "add_item", answered=True, nth=2),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_while_a_mess_becomes_items(
    moment: str, expected: list[str], running: App, supervisor: Supervisor, bedroom: Zone
) -> None:
    assert len(expected) > 1, "this mess asks for too little to die between two items"
    bedroom.show(messy("bedroom"))
    bedroom.check()
    assert bedroom.items() == []
    supervisor.watch = MOMENTS[moment](running)
    bedroom.press()
    running.process.wait(CHECK_SECONDS)
    supervisor.watch = lambda _: None
    assert_works_on(running, bedroom, expected)


@pytest.mark.parametrize("answered", [False, True], ids=["the tick is on its way", "the tick is on the list"])
def test_killed_while_items_are_ticked_off(
    answered: bool, expected: list[str], running: App, supervisor: Supervisor, bedroom: Zone
) -> None:
    items = bedroom.make_messy(messy("bedroom"))
    bedroom.show(tidy("bedroom"))
    bedroom.check()
    supervisor.watch = Death(running, "update_item", answered)
    bedroom.press()
    running.process.wait(CHECK_SECONDS)
    supervisor.watch = lambda _: None

    running.start()
    bedroom.check_twice()
    bedroom.until_list(lambda now: [item.uid for item in now if item.done] == [item.uid for item in items], "the same items, all ticked off")
    assert len(bedroom.items()) == len(items)
