"""Start and stop, as the Supervisor does them: ready soon, gone soon, and politely."""

import time

from app import App
from entities import ALL
from ha import Ha
from pictures import messy
from supervisor import Passage, Supervisor
from waiting import until
from zone import CHECK_SECONDS, Zone

# What the Supervisor gives by default before it kills.
GRACE_SECONDS = 10


def time_to(app: App, probe: str, since: float) -> str:
    app.until_answers(probe, within=30)
    return f"/{probe} after {time.monotonic() - since:.3f} s"


def test_stops_and_starts_again(running: App, ha: Ha, kitchen: Zone) -> None:
    items = kitchen.make_messy(messy("kitchen"))
    code, seconds = running.stop()
    print(f"\nstopped in {seconds:.3f} s with exit code {code}")
    assert code == 0
    assert seconds < GRACE_SECONDS
    until(lambda: all(ha.state(entity) == "unavailable" for entity in ALL), "all entities are unavailable", within=10)

    began = time.monotonic()
    running.launch()
    print(f"started again: {time_to(running, 'health', began)}, {time_to(running, 'ready', began)}")
    until(lambda: not any(ha.state(entity) == "unavailable" for entity in ALL), "all entities are available again", within=20)
    kitchen.settle()
    assert kitchen.items() == items


def test_stops_in_the_middle_of_a_check(running: App, supervisor: Supervisor, kitchen: Zone) -> None:
    asked: list[Passage] = []
    supervisor.watch = asked.append
    kitchen.press()
    until(lambda: any(passage.what == "picture" for passage in asked), "a check has begun", within=CHECK_SECONDS)
    code, seconds = running.stop()
    print(f"\nstopped during a check in {seconds:.3f} s")
    assert code == 0
    assert seconds < GRACE_SECONDS
    running.start()
    kitchen.check()


def test_starts_without_home_assistant_and_without_a_broker(app: App, home, broker, kitchen: Zone, ha: Ha) -> None:
    """Nothing is there yet, as after a power cut: it comes up, says so, and works as soon as the home is back."""
    home.begin_restart()
    broker.stop()
    try:
        began = time.monotonic()
        app.launch()
        print(f"\nwithout the home: {time_to(app, 'health', began)}")
    finally:
        broker.start()
        home.finish_restart()
    until(lambda: set(ALL) <= set(ha.entities()), "all entities are there", within=60)
    kitchen.until_checked()
    kitchen.make_messy(messy("kitchen"))
