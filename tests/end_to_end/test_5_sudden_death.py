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
    seen_undisturbed: dict[str, list[str]], app: App, kitchen: Zone, reinstall: Callable[[App], None]
) -> list[str]:
    """What the kitchen's mess asks for when nothing disturbs: seen once, in a life of the app of its own."""
    if "kitchen" not in seen_undisturbed:
        app.start()
        kitchen.until_checked()
        seen_undisturbed["kitchen"] = words(kitchen.make_messy(messy("kitchen")))
        reinstall(app)
    return seen_undisturbed["kitchen"]


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


def assert_works_on(app: App, kitchen: Zone, expected: list[str]) -> None:
    """From the next start on: two readings, and the list holds what the mess asks for; tidying up ticks all of it off."""
    app.start()
    kitchen.check_twice()
    kitchen.until_list(
        lambda items: words(kitchen.open_among(items)) == expected and kitchen.in_step(items), f"the list asks for {expected}"
    )
    kitchen.settle()
    kitchen.assert_no_doubles()
    kitchen.show(tidy("kitchen"))
    kitchen.check_twice()
    kitchen.until_list(lambda items: all(item.done for item in items), "all items are ticked off")
    kitchen.assert_no_doubles()


def test_killed_while_idle(expected: list[str], running: App, kitchen: Zone) -> None:
    items = kitchen.make_messy(messy("kitchen"))
    running.kill()
    running.start()
    kitchen.check()
    kitchen.settle()
    assert kitchen.items() == items
    running.kill()
    assert_works_on(running, kitchen, expected)


def test_killed_as_soon_as_the_button_is_pressed(expected: list[str], running: App, kitchen: Zone) -> None:
    kitchen.show(messy("kitchen"))
    kitchen.check()
    kitchen.press()
    running.kill()
    assert_works_on(running, kitchen, expected)


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
    moment: str, expected: list[str], running: App, supervisor: Supervisor, kitchen: Zone
) -> None:
    assert len(expected) > 1, "this mess asks for too little to die between two items"
    kitchen.show(messy("kitchen"))
    kitchen.check()
    assert kitchen.items() == []
    supervisor.watch = MOMENTS[moment](running)
    kitchen.press()
    running.process.wait(CHECK_SECONDS)
    supervisor.watch = lambda _: None
    assert_works_on(running, kitchen, expected)


@pytest.mark.parametrize("answered", [False, True], ids=["the tick is on its way", "the tick is on the list"])
def test_killed_while_items_are_ticked_off(
    answered: bool, expected: list[str], running: App, supervisor: Supervisor, kitchen: Zone
) -> None:
    items = kitchen.make_messy(messy("kitchen"))
    kitchen.show(tidy("kitchen"))
    kitchen.check()
    supervisor.watch = Death(running, "update_item", answered)
    kitchen.press()
    running.process.wait(CHECK_SECONDS)
    supervisor.watch = lambda _: None

    running.start()
    kitchen.check_twice()
    kitchen.until_list(lambda now: [item.uid for item in now if item.done] == [item.uid for item in items], "the same items, all ticked off")
    assert len(kitchen.items()) == len(items)
