"""Home Assistant's own log, at debug for what we touch, has nothing to complain about. Reads the log of all tests before it."""

import re

from app import App
from broker import Broker
from home import Home
from pictures import messy, tidy
from waiting import until
from zone import Zone

OURS = ("homeassistant.components.mqtt", "homeassistant.components.websocket_api", "homeassistant.components.todo")
RECORD = re.compile(r"^\d{4}-\d\d-\d\d \S+ (?P<level>[A-Z]+) \(.*?\) \[(?P<logger>[^\]]+)\] ")
# What Home Assistant says about a broker that the tests took away.
OUTAGE = re.compile(r"Error returned from MQTT server|Failed to connect to MQTT server")
# What it says about a list that a test took away or told to fail, and about the wrong token that a test gave.
ODD_LISTS = re.compile(r"odd_lists|todo\.odd|todo\.get_items: Service call requested response data but did not match any entities")
WRONG_TOKEN = re.compile(r"\[homeassistant\.components\.http\.ban\] Login attempt or request with invalid authentication")
# And, from its own Ollama integration, about a model server that a test told to fail, and, in 2026.4, about itself.
OLLAMA = re.compile(r"components/ollama/|\[homeassistant\.components\.ollama|Error during service call to ai_task\.")
# Home Assistant itself takes a device out of the broker, once for each of its entities, when somebody deletes it, and then wonders.
WONDERS = re.compile(r"No device components to cleanup for (?P<device>\S+),")
TEST_ONLY = "test_only"


def records(home: Home) -> list[str]:
    """The log's records, each with the lines that belong to it."""
    found: list[str] = []
    for line in home.process.log.read_text(errors="replace").splitlines():
        if RECORD.match(line) or not found:
            found.append(line)
        else:
            found[-1] += "\n" + line
    return found


def complaints(home: Home) -> list[str]:
    """Warnings and errors about us, or from the parts that we touch."""
    found = []
    all_records = records(home)
    for record in all_records:
        head = RECORD.match(record)
        if head is None or head["level"] not in ("WARNING", "ERROR", "CRITICAL"):
            continue
        if any(expected.search(record) for expected in (OUTAGE, ODD_LISTS, WRONG_TOKEN, OLLAMA)):
            continue
        if (wonders := WONDERS.search(record)) and taken_out_by_itself(wonders["device"], all_records):
            continue
        if head["logger"].startswith(OURS) or "aicleaner" in record.lower():
            found.append(record)
    return found


def taken_out_by_itself(device: str, all_records: list[str]) -> bool:
    """Whether Home Assistant, not we, published the device's empty payload."""
    return any("Transmitting retained message on" in record and f"/{device}/config: 'None'" in record for record in all_records)


def test_home_assistant_has_nothing_to_complain_about(running: App, home: Home, broker: Broker, kitchen: Zone) -> None:
    kitchen.make_messy(messy("kitchen"))
    kitchen.show(tidy("kitchen"))
    kitchen.check_twice()
    running.stop()
    heads = [RECORD.match(record) for record in records(home)]
    for logger in OURS[:2]:
        assert any(head and head["level"] == "DEBUG" and head["logger"].startswith(logger) for head in heads), f"{logger} is not at debug"
    assert complaints(home) == []

    # The check can fail: a payload as bad as ours must never be.
    topic = f"homeassistant/sensor/{TEST_ONLY}/config"
    broker.publish({topic: '{"name": "Bad", "unique_id": "test_only_bad"}'}, retain=True)
    until(lambda: any(TEST_ONLY in record for record in complaints(home)), "the bad payload is complained about", within=10)
    broker.publish({topic: ""}, retain=True)
    assert topic not in broker.retained()
