"""The two links, to the broker and to Home Assistant, pulled and mended at random moments while the home is busy: nothing is lost,
nothing is doubled, and nothing grows.

CABLE_PULLS says how often (60 without it); the seed of the random moments is printed. No Supervisor stands between: the app speaks to
the real Home Assistant and the real broker through nothing but the cables.
"""

import os
import random
import threading
import time
from collections.abc import Iterator

import pytest

import broker as brokers
from app import OPTIONS, App
from broker import Broker
from cable import Cable
from conftest import ROOT, RUN
from entities import ROOMS
from home import Home
from outside import Outside, plain_broker
from pictures import messy, tidy
from waiting import until
from zone import BACK_SECONDS, Zone

PULLS = int(os.environ.get("CABLE_PULLS", "60"))
ADDRESS = "172.30.32.1"
# After everything is mended: the longest pause between two attempts, and the work that has waited.
MENDED_SECONDS = 2 * BACK_SECONDS
# What a process may hold more at the end than after the first tenth of the pulls: a cache here, a connection there, but no leak.
MORE_MEBIBYTES, MORE_THREADS, MORE_TASKS, MORE_FILES = 16, 4, 6, 6


class Weather:
    """Pulls one cable at random moments, until told to stop."""

    def __init__(self, name: str, cable: Cable, seed: int, pulls: int) -> None:
        self.name, self.cable, self.left = name, cable, pulls
        self.live = 0
        self._random = random.Random(seed)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ended(self) -> bool:
        return not self._thread.is_alive()

    def _run(self) -> None:
        while self.left:
            self.left -= 1
            # Most pulls hit a link that has just come back; some come while it is still being made.
            began = time.monotonic()
            while not self.cable.connections and time.monotonic() - began < 1.5:
                time.sleep(0.02)
            time.sleep(self._random.uniform(0, 0.35))
            self.live += bool(self.cable.connections)
            self.cable.pull(self._random.choice(["close", "reset", "reset", "freeze"]))
            time.sleep(self._random.uniform(0, 0.15))
            self.cable.mend()


class Life:
    """The household meanwhile: rooms get messy and tidy, buttons are pressed, people write on their lists."""

    def __init__(self, zones: dict[str, Zone], capture: brokers.Capture, seed: int) -> None:
        self._zones, self._capture = zones, capture
        self._random = random.Random(seed)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="life", daemon=True)
        self.written = 0
        self.error: Exception | None = None

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._thread.join(60)
        if self.error:
            raise self.error

    def _run(self) -> None:
        try:
            while not self._stop.wait(0.3):
                self._step()
        except Exception as error:  # noqa: BLE001 (said by `end`)
            self.error = error

    def _step(self) -> None:
        zone = self._zones[self._random.choice(ROOMS)]
        self._capture.say(f"aicleaner_v3/zone/{zone.room}/check_now/set", "PRESS")
        if self._random.random() < 0.15:
            zone.show(self._random.choice([messy, tidy])(zone.room))
        if self._random.random() < 0.1:
            self.written += 1
            zone.add_own(f"Own {self.written}")
        if self._random.random() < 0.03:
            self._capture.say("homeassistant/status", "online")


@pytest.fixture
def cables(app: App) -> Iterator[dict[str, Cable]]:
    """`app` has cleared the home."""
    cables = {"broker": Cable((ADDRESS, 1884), (brokers.HOST, brokers.PORT)), "Home Assistant": Cable((ADDRESS, 8124), (ADDRESS, 8123))}
    yield cables
    for cable in cables.values():
        cable.remove()


@pytest.fixture
def program(cables: dict[str, Cable], home: Home) -> Iterator[Outside]:
    program = Outside(ROOT, RUN, "cabled", 8199)
    program.configure(
        zones=OPTIONS["zones"], mqtt=plain_broker(port=1884), home_assistant={"url": f"http://{ADDRESS}:8124", "token": home.token}
    )
    program.start()
    yield program
    program.process.kill()


def held(program: Outside) -> dict[str, float]:
    return {
        "MiB": program.metric("process_resident_memory_bytes") / 2**20,
        "threads": program.metric("process_threads"),
        "tasks": program.metric("aicleaner_runtime_tasks"),
        "files": program.metric("process_open_fds"),
    }


@pytest.mark.timeout(1500)
def test_the_cables_are_pulled(program: Outside, cables: dict[str, Cable], zones: dict[str, Zone], home: Home, broker: Broker) -> None:
    for zone in zones.values():
        zone.until_checked()
    seed = int(os.environ.get("CABLE_SEED", random.randrange(10**6)))
    capture = broker.watch("aicleaner_v3/#", "homeassistant/device/#")
    weather = [Weather(name, cable, seed + n, PULLS // 2) for n, (name, cable) in enumerate(cables.items())]
    life = Life(zones, capture, seed)
    began = time.monotonic()
    life.start()
    for cable in weather:
        cable.start()
    until(lambda: sum(cable.left for cable in weather) <= PULLS * 0.9, "a tenth of the pulls", within=300)
    before = held(program)
    until(lambda: all(cable.ended() for cable in weather), f"{PULLS} pulls", within=1200)
    seconds = time.monotonic() - began
    life.end()

    # The weather is over. Every room is tidied up, so that what the lists must show is known.
    until(lambda: all(program.health(part)["state"] == "ok" for part in ("mqtt", "home_assistant")), "both links are back", within=90)
    for zone in zones.values():
        zone.show(tidy(zone.room))
        zone.check_twice()
    for zone in zones.values():
        zone.until_list(lambda items: not zone.open_among(items) and zone.in_step(items), "all of ours is ticked off")
        zone.settle()
        zone.assert_no_doubles()
    owned = [item.summary for zone in zones.values() for item in zone.items() if item.summary.startswith("Own ")]
    assert sorted(owned) == sorted(f"Own {n + 1}" for n in range(life.written)), "people's own items are as people left them"

    # A mess now is on the list once, as if nothing had been.
    items = zones["kitchen"].make_messy(messy("kitchen"))
    zones["kitchen"].settle()
    zones["kitchen"].assert_no_doubles()
    assert items

    told_once(capture, program)
    says_the_same(broker, home)
    capture.stop()
    after = held(program)
    live = {cable.name: cable.live for cable in weather}
    print(f"\n{PULLS} pulls in {seconds:.0f} s (seed {seed}), of live links {live}; {len(capture.messages)} messages, {life.written} own items")
    print(f"held after a tenth {before}, at the end {after}")
    for what, more in {"MiB": MORE_MEBIBYTES, "threads": MORE_THREADS, "tasks": MORE_TASKS, "files": MORE_FILES}.items():
        assert after[what] <= before[what] + more, f"{what} grew: {before} {after}"


def told_once(capture: brokers.Capture, program: Outside) -> None:
    """No event is repeated: a task that was added is added again only after it was done, unless something between was dropped."""
    told = [(topic, payload) for topic, payload in capture.messages if topic.endswith("/event/state")]
    assert told, "something happened"
    if program.metric("aicleaner_mqtt_events_dropped_total"):
        return
    last: dict[bytes, bytes] = {}
    for topic, payload in told:
        if b"task_id" in payload:
            task = topic.encode() + payload.split(b'"task_id":')[1].split(b",")[0].strip(b"}")
            assert last.get(task) != payload, f"told twice: {topic} {payload!r}"
            last[task] = payload


def says_the_same(broker: Broker, home: Home) -> None:
    """What the broker holds is what Home Assistant shows."""

    def differing() -> dict[str, tuple[str, str | None]]:
        retained = broker.retained("aicleaner_v3/zone/")
        tasks = {topic.split("/")[2]: payload.decode() for topic, payload in retained.items() if topic.endswith("/tasks/state")}
        assert set(tasks) == set(ROOMS), tasks
        shown = {room: home.api.state(f"sensor.aicleaner_{room}_tasks") for room in ROOMS}
        return {room: (tasks[room], shown[room]) for room in ROOMS if tasks[room] != shown[room]}

    until(lambda: not differing(), "the broker and Home Assistant say the same", within=20)
