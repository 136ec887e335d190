"""Brokers as homes have them: one that comes late or gets another password, one with TLS and no Supervisor, and a hundred rooms on one."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from app import PROBES, App
from broker import NAME, TLS_PORT, USERS, Broker
from conftest import ROOT, RUN
from entities import ALL, ROOMS
from ha import Ha
from outside import Outside, plain_broker
from supervisor import Supervisor
from waiting import throughout, until
from zone import BACK_SECONDS, Zone

KITCHEN = [{"name": "Kitchen", "cameras": ["file:/mnt/cameras/kitchen.jpg"]}]


@pytest.fixture
def outside(app: App) -> Iterator[Outside]:
    """The program without a Supervisor; `app` has cleared the home."""
    outside = Outside(ROOT, RUN, "outside", 8199)
    yield outside
    outside.process.kill()


def test_a_broker_that_the_supervisor_learns_of_later(app: App, ha: Ha, supervisor: Supervisor) -> None:
    supervisor.knows_broker = False
    app.start()
    until(lambda: "There is no MQTT broker yet" in app.process.log.read_text(), "the missing broker is told", within=15)
    assert not ha.entities()
    supervisor.knows_broker = True
    until(lambda: set(ALL) <= set(ha.entities()), "all entities are there", within=90)


def link() -> dict[str, Any]:
    """How the app says its link to the broker is."""
    return requests.get(f"{PROBES}/health", timeout=5).json()["components"]["mqtt"]


def said(app: App, words: str) -> int:
    """How many warnings of the app hold these words."""
    return len([line for line in app.process.log.read_text().splitlines() if " WARN " in line and words in line])


def test_a_password_that_changed_is_read_again(running: App, broker: Broker, kitchen: Zone) -> None:
    """Mosquitto makes a new one at a start and tells the Supervisor; nobody restarts the app, which knew the old one."""
    old = USERS["addons"]

    def starts_with(password: str) -> None:
        broker.stop()
        broker.set_password("addons", password)
        USERS["addons"] = password
        broker.start()

    try:
        starts_with("another-one")
        until(lambda: link()["state"] == "ok", "it is let in with the new one", BACK_SECONDS)
        kitchen.check()
        assert said(running, "refuses our user name or password") == 0, "nor was the old one tried"
    finally:
        starts_with(old)
    until(lambda: link()["state"] == "ok", "and with the old one again", BACK_SECONDS)


def test_an_oversize_message_is_told_once_and_is_over_when_it_is_gone(running: App, broker: Broker, kitchen: Zone) -> None:
    topic = "aicleaner_v3/hub/enabled/set"
    broker.publish({topic: b"x" * (2**20 + 100)}, retain=True)
    try:
        until(lambda: "more than the" in link().get("sentence", ""), "it is told", BACK_SECONDS)
        # It comes again with every connection.
        throughout(lambda: said(running, "more than the") == 1, "it is told once", seconds=3)
    finally:
        broker.publish({topic: b""}, retain=True)
    until(lambda: link()["state"] == "ok", "the link is back", BACK_SECONDS)
    kitchen.check()


def test_ten_starts_of_home_assistant_in_a_row_are_answered_seldom_and_at_last(running: App, broker: Broker, ha: Ha, kitchen: Zone) -> None:
    kitchen.settle()
    capture = broker.watch("homeassistant/device/#", "aicleaner_v3/#")
    for _ in range(10):
        broker.publish({"homeassistant/status": "online"})
    hub = "homeassistant/device/aicleaner_v3_hub/config"
    until(lambda: [topic for topic, _ in capture.messages if topic == hub], "a start is answered", within=20)
    kitchen.check()
    capture.stop()
    announced = Counter(topic for topic, _ in capture.messages if topic.startswith("homeassistant/device/"))
    assert max(announced.values()) <= 3, announced
    assert set(ALL) <= set(ha.entities())


def test_a_broker_with_tls_without_a_supervisor(outside: Outside, ha: Ha) -> None:
    outside.configure(mqtt=plain_broker(host=NAME, port=TLS_PORT, ca_file="/mnt/broker/ca.crt"), zones=KITCHEN)
    outside.start()
    until(lambda: ha.state("sensor.aicleaner_kitchen_tasks") == "0", "the room is there and was checked", within=30)
    outside.stop()
    until(lambda: ha.state("sensor.aicleaner_kitchen_tasks") == "unavailable", "it took its leave", within=10)


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"host": "172.30.32.1", "port": TLS_PORT, "ca_file": "/mnt/broker/ca.crt"}, "made for another name"),
        ({"host": NAME, "port": TLS_PORT, "tls": True}, "authority that is not known"),
        ({"host": NAME, "port": TLS_PORT, "ca_file": "/mnt/broker/none.crt"}, "does not exist"),
        ({"host": NAME, "port": 1883, "tls": True}, "asked for encryption"),
        ({"host": NAME, "port": TLS_PORT}, "switch mqtt.tls on"),
        ({"password": "wrong"}, "refuses our user name or password"),
    ],
)
def test_what_is_wrong_with_a_broker_is_said_in_words(outside: Outside, named: dict, words: str) -> None:
    outside.configure(mqtt=plain_broker(**named), zones=KITCHEN)
    outside.start()
    until(lambda: outside.health("mqtt")["state"] == "degraded", "it is told", within=20)
    assert words in outside.health("mqtt")["sentence"]
    warnings = [line for line in outside.process.log.read_text().splitlines() if " WARN " in line and words in line]
    assert len(warnings) == 1, "it is told once"


def test_a_hundred_rooms(outside: Outside, ha: Ha, broker: Broker) -> None:
    rooms = [{"name": f"Room {n}", "cameras": ["file:/mnt/none.jpg"]} for n in range(100)]
    outside.configure(mqtt=plain_broker(), zones=rooms, device_id="hundred")
    outside.start()
    began = time.monotonic()
    per_room = (len(ALL) - len([e for e in ALL if "aicleaner_v3" in e])) // len(ROOMS)
    wanted = len([e for e in ALL if "aicleaner_v3" in e]) + 100 * per_room
    until(lambda: len(ha.entities("hundred")) == wanted, f"{wanted} entities are there", within=120, every=0.5)
    print(f"\n{wanted} entities of 100 rooms after {time.monotonic() - began:.1f} s")
    # Home Assistant starts, as far as anybody hears, ten times in a row.
    for _ in range(10):
        broker.publish({"homeassistant/status": "online"})
    removed = outside.run("remove")
    assert removed.returncode == 0, removed
    until(lambda: not ha.entities("hundred"), "none is left", within=60)
    assert not broker.retained("hundred")
