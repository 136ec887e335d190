"""`local_only`: not one packet leaves for an address outside the home, and with the option off they do."""

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import broker
from ai import Ollama
from app import OPTIONS, App
from cable import Cable
from ha import Ha
from supervisor import Supervisor
from waiting import throughout, until
from zone import Zone

# An address that belongs to nobody, given to this namespace alone: outside the home to everybody in it.
OUTSIDE = "203.0.113.7"
NAMED = "cloud.test"


@pytest.fixture(scope="module")
def outside() -> Iterator[Ollama]:
    subprocess.run(["ip", "address", "add", f"{OUTSIDE}/32", "dev", "lo"], check=True)
    ollama = Ollama(OUTSIDE)
    yield ollama
    ollama.stop()
    subprocess.run(["ip", "address", "del", f"{OUTSIDE}/32", "dev", "lo"], check=True)


@contextmanager
def packets() -> Iterator[list[bytes]]:
    """All IPv4 packets to the address outside, as the interface sees them."""
    seen: list[bytes] = []
    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
    sniffer.bind(("lo", 0x0800))
    sniffer.settimeout(0.2)
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set():
            try:
                packet = sniffer.recv(65535)
            except TimeoutError:
                continue
            if packet[16:20] == socket.inet_aton(OUTSIDE):
                seen.append(packet)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()
        sniffer.close()


@pytest.fixture
def door(outside: Ollama) -> Iterator[Cable]:
    """The home's broker, at an address outside as well."""
    cable = Cable((OUTSIDE, 1883), (broker.HOST, broker.PORT))
    yield cable
    cable.remove()


JPEG = b"\xff\xd8\xff"


@pytest.mark.parametrize("host", [OUTSIDE, NAMED])
def test_no_snapshot_is_published_to_a_broker_outside(app: App, door: Cable, supervisor: Supervisor, ha: Ha, kitchen: Zone, host: str) -> None:
    mqtt = {"host": host, "port": 1883, "username": "addons", "password": broker.USERS["addons"]}
    zones = {"zones": OPTIONS["zones"][:1], "mqtt": mqtt}
    snapshot = "image.aicleaner_kitchen_snapshot"
    supervisor.options = OPTIONS | zones | {"local_only": True}
    before = len(app.process.log.read_text()) if app.process.log.exists() else 0
    with packets() as seen:
        app.start()
        kitchen.until_checked()
        until(lambda: ha.entity(snapshot), "the entity is there", within=20)
        kitchen.check()
        # Longer than Home Assistant gets between an entity's discovery and its picture.
        throughout(lambda: ha.state(snapshot) == "unknown", "no picture is shown", seconds=8)
    assert seen and not any(JPEG in packet for packet in seen), "everything else goes there"
    log = app.process.log.read_text()[before:]
    assert log.count("no snapshot picture is published to it") == 1

    app.stop()
    supervisor.options = OPTIONS | zones
    with packets() as seen:
        app.start()
        until(lambda: ha.state(snapshot) not in (None, "unknown", "unavailable"), "with the option off it is shown", within=40)
    assert any(JPEG in packet for packet in seen)


def options(host: str, local_only: bool) -> dict[str, Any]:
    return OPTIONS | {
        "zones": OPTIONS["zones"][:1], "provider": "ollama", "base_url": f"http://{host}:11434", "model": "llava:7b",
        "local_only": local_only,
    }


@pytest.mark.parametrize("host", [OUTSIDE, NAMED])
def test_no_packet_leaves_the_home(app: App, outside: Ollama, supervisor: Supervisor, ha: Ha, kitchen: Zone, host: str) -> None:
    supervisor.options = options(host, local_only=True)
    with packets() as seen:
        app.start()
        ha.until_state("binary_sensor.aicleaner_kitchen_problem", lambda state: state == "on", "a problem", within=60)
        ha.press("button.aicleaner_kitchen_check_now")
        throughout(lambda: seen == [], "no packet", seconds=3)
    assert outside.questions == []
    provider = ha.entity("sensor.aicleaner_v3_provider")
    assert provider and provider["attributes"]["local_only"] is True
    assert provider["attributes"]["chain"][0]["class"] == "not_local"


@pytest.mark.parametrize("host", [OUTSIDE, NAMED])
def test_with_the_option_off_they_do(app: App, outside: Ollama, supervisor: Supervisor, kitchen: Zone, host: str) -> None:
    supervisor.options = options(host, local_only=False)
    with packets() as seen:
        app.start()
        kitchen.until_checked()
    assert kitchen.score() == 41 and seen and outside.pictures()
