"""The test home, once for all tests, and in it a fresh app for each test."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import pictures
from ai import ENTITY, MODEL, Ollama
from app import App
from broker import Broker
from entities import ROOMS
from ha import Ha
from home import TIME_ZONE, Home
from supervisor import Supervisor
from waiting import until
from zone import LISTS, Zone

ROOT = Path(os.environ["AICLEANER_TESTBED"]) / "root"
RUN = Path(os.environ["AICLEANER_E2E_RUN"])


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    broker = Broker(ROOT, RUN)
    broker.start()
    yield broker
    broker.process.kill()


@pytest.fixture(scope="session")
def home(broker: Broker) -> Iterator[Home]:
    home = Home(ROOT, RUN, rooms=ROOMS, lists=["kitchen", "bedroom"])
    for room in ROOMS:
        home.show(room, pictures.tidy(room))
    began = time.monotonic()
    home.start()
    print(f"\nHome Assistant {home.api.get('config').json()['version']} up and set up in {time.monotonic() - began:.1f} s")
    yield home
    home.process.kill()


@pytest.fixture(scope="session")
def supervisor(home: Home) -> Iterator[Supervisor]:
    supervisor = Supervisor(home.token, TIME_ZONE)
    supervisor.start()
    yield supervisor
    supervisor.stop()


@pytest.fixture(scope="session")
def ai(home: Home) -> Iterator[Ollama]:
    """A model server, and in Home Assistant the integration that asks it."""
    ollama = Ollama("127.0.0.1")
    entry = ollama.entry = home.flow("ollama", url=ollama.url)
    form = home.api.post("config/config_entries/subentries/flow", {"handler": [entry, "ai_task_data"]})
    answers = {"name": "Test AI", "model": MODEL, "num_ctx": 8192, "max_history": 20, "keep_alive": -1, "think": False}
    result = home.api.post(f"config/config_entries/subentries/flow/{form['flow_id']}", answers)
    assert result["type"] == "create_entry", result
    until(lambda: home.api.entity(ENTITY), f"Home Assistant has {ENTITY}", within=30)
    yield ollama
    ollama.stop()


@pytest.fixture
def ha(home: Home) -> Ha:
    return home.api


@pytest.fixture
def zones(home: Home) -> dict[str, Zone]:
    return {room: Zone(home, room) for room in ROOMS}


@pytest.fixture
def kitchen(zones: dict[str, Zone]) -> Zone:
    return zones["kitchen"]


@pytest.fixture
def bedroom(zones: dict[str, Zone]) -> Zone:
    return zones["bedroom"]


@pytest.fixture(scope="session")
def reinstall(home: Home, broker: Broker, supervisor: Supervisor) -> Callable[[App], None]:
    """Makes the app one that has never run: Home Assistant knows nothing of it, rooms are tidy, lists empty."""

    def do(app: App) -> None:
        app.kill()
        app.forget()
        supervisor.watch = lambda _: None
        supervisor.mute = False
        supervisor.passages.clear()
        supervisor.knows_broker = True
        home.until_linked(broker)
        # Entities first: older versions of Home Assistant complain about the empty states of those that are there.
        broker.clear("homeassistant/")
        until(lambda: not home.api.entities(), "Home Assistant has none of our entities", within=20)
        broker.clear()
        for room in ROOMS:
            home.show(room, pictures.tidy(room))
        for todo_list in LISTS.values():
            if items := home.api.items(todo_list):
                home.api.remove_item(todo_list, *items)
            assert not home.api.items(todo_list)

    return do


@pytest.fixture
def app(supervisor: Supervisor, reinstall: Callable[[App], None]) -> Iterator[App]:
    """The app, not started."""
    app = App(ROOT, RUN, supervisor)
    reinstall(app)
    yield app
    app.kill()


@pytest.fixture
def running(app: App, zones: dict[str, Zone]) -> App:
    """The app, ready, with the check of each zone done that it makes at its start."""
    app.start()
    for zone in zones.values():
        zone.until_checked()
    return app


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """Shows the ends of all logs with a failure, but for what only Home Assistant's debugging says."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for log in sorted((RUN / "logs").glob("*.log")):
            lines = [line[:250] for line in log.read_text(errors="replace").splitlines() if " DEBUG (" not in line]
            report.sections.append((f"end of {log.name}", "\n".join(lines[-40:])))
