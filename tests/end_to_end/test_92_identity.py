"""Who the app is at the broker and in Home Assistant: renamed and removed rooms, deleted devices, another id, a second instance, the end."""

from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from app import OPTIONS, App
from broker import Broker
from conftest import ROOT, RUN
from entities import ALL
from ha import URL, Ha, Item
from home import Home
from outside import Outside, plain_broker
from pictures import messy, tidy
from supervisor import Supervisor
from waiting import throughout, until
from zone import BACK_SECONDS, CHECK_SECONDS, SYNC_SECONDS, Zone, until_after


def registered(ha: Ha, about: str) -> list[str]:
    """Entities and devices in Home Assistant's registries whose id holds `about`."""
    devices = [identifier for device in ha.registered_devices() for pair in device.get("identifiers", []) for identifier in pair]
    return [name for name in [*ha.registered_entities(), *devices] if about in name]


def until_all(ha: Ha) -> None:
    until(lambda: set(ALL) <= set(ha.entities()), "all entities are there", within=BACK_SECONDS)


def until_nothing(ha: Ha, broker: Broker, about: str) -> None:
    until(lambda: not registered(ha, about), f"Home Assistant's registries hold nothing of {about}", within=BACK_SECONDS)
    until(lambda: not [topic for topic in broker.retained() if about in topic], f"the broker holds nothing of {about}", within=20)


def options(**changes: Any) -> dict[str, Any]:
    return OPTIONS | changes


def renamed(old: str, new: str) -> list[dict[str, Any]]:
    return [zone | {"name": new} if zone["name"] == old else zone for zone in OPTIONS["zones"]]


def without(name: str) -> list[dict[str, Any]]:
    return [zone for zone in OPTIONS["zones"] if zone["name"] != name]


def test_a_renamed_room_keeps_its_tasks_and_leaves_nothing_behind(
    running: App, ha: Ha, broker: Broker, supervisor: Supervisor
) -> None:
    assert registered(ha, "bedroom")
    running.stop()
    supervisor.options = options(zones=renamed("Bedroom", "Guest room"))
    running.start()
    until(lambda: ha.state("sensor.aicleaner_guest_room_tasks") == "0", "the room is there under its new name", within=30)
    until_nothing(ha, broker, "_bedroom_")
    assert ha.state("sensor.aicleaner_guest_room_cleanliness") not in ("unknown", "unavailable"), "its last reading is kept"


def test_a_room_removed_while_home_assistant_is_away(
    running: App, home: Home, broker: Broker, supervisor: Supervisor
) -> None:
    running.stop()
    home.begin_restart()
    supervisor.options = options(zones=without("Bedroom"))
    running.start()
    until(lambda: not broker.retained("homeassistant/device/aicleaner_v3_zone_bedroom"), "the broker has forgotten the room", within=20)
    home.finish_restart()
    until_nothing(home.api, broker, "_bedroom_")
    assert registered(home.api, "_kitchen_")


def test_a_device_deleted_in_home_assistant_is_not_fought(running: App, ha: Ha, broker: Broker) -> None:
    (device,) = [d for d in ha.registered_devices() if ["mqtt", "aicleaner_v3_zone_bedroom"] in d["identifiers"]]
    (entry,) = device["config_entries"]
    ha.ask({"type": "config/device_registry/remove_config_entry", "config_entry_id": entry, "device_id": device["id"]})
    until_nothing(ha, broker, "_bedroom")
    # Neither a check, nor a start of Home Assistant, brings it back.
    ha.press("button.aicleaner_v3_check_all")
    broker.publish({"homeassistant/status": "online"})
    throughout(lambda: not registered(ha, "_bedroom"), "it stays away", seconds=6)
    running.stop()
    running.start()
    until_all(ha)


def test_another_device_id_leaves_nothing_of_the_old_one(
    running: App, ha: Ha, broker: Broker, supervisor: Supervisor
) -> None:
    running.stop()
    supervisor.options = options(device_id="attic")
    running.start()
    until(lambda: ha.state("sensor.attic_kitchen_tasks") == "0", "the entities are there under the new id", within=30)
    until_nothing(ha, broker, "aicleaner_")


@pytest.fixture
def second(app: App) -> Any:
    second = Outside(ROOT, RUN, "second", 8199)
    second.configure(mqtt=plain_broker(), zones=[{"name": "Attic", "cameras": ["file:/mnt/cameras/kitchen.jpg"]}])
    yield second
    second.process.kill()


def test_two_instances_with_one_device_id(running: App, second: Outside, ha: Ha, broker: Broker) -> None:
    until_all(ha)
    before = set(ha.entities())
    capture = broker.watch("aicleaner_v3/#", "homeassistant/device/#")
    second.start()
    until(lambda: second.health("mqtt")["state"] == "degraded", "the second is one too many", within=20)
    assert "already serves under the device id aicleaner_v3" in second.health("mqtt")["sentence"]
    # Over a restart of the first.
    running.stop()
    running.start()
    until_all(ha)
    assert second.health("mqtt")["state"] == "degraded"
    assert set(ha.entities()) == before
    capture.stop()
    assert not [topic for topic, _ in capture.messages if "attic" in topic], "the second said something"
    # What is not its own it does not take out.
    refused = second.run("remove")
    assert refused.returncode == 1 and "Another AICleaner" in refused.stdout, refused
    assert set(ha.entities()) == before


def test_two_installations_share_a_list(running: App, second: Outside, home: Home, ha: Ha, kitchen: Zone) -> None:
    """Their tasks may have the same ids; each knows its own items all the same."""
    loft = [{"name": "Loft", "cameras": ["camera.kitchen"], "todo_list": kitchen.list}]
    second.configure(mqtt=plain_broker(), device_id="attic", home_assistant={"url": URL, "token": home.token}, zones=loft)
    second.start()

    def items_of(device_id: str) -> list[Item]:
        return [item for item in kitchen.items() if not item.done and f"[aicleaner {device_id} " in (item.description or "")]

    def in_step() -> bool:
        counts = {"aicleaner_v3": ha.state("sensor.aicleaner_kitchen_tasks"), "attic": ha.state("sensor.attic_loft_tasks")}
        return all(str(len(items_of(device_id))) == count for device_id, count in counts.items())

    def look_twice() -> None:
        for _ in range(2):
            before = ha.until_state("sensor.attic_loft_last_check", lambda _: True, "the loft was looked at once", CHECK_SECONDS)
            until_after(max(datetime.fromisoformat(before), kitchen.last_check() or datetime.now(UTC)))
            ha.press("button.attic_loft_check_now")
            ha.until_state("sensor.attic_loft_last_check", lambda state: state != before, "the loft was looked at", CHECK_SECONDS)
            kitchen.check()

    until(lambda: ha.state("sensor.attic_loft_tasks") == "0", "the loft is there", within=30)
    kitchen.show(messy("kitchen"))
    look_twice()
    until(lambda: items_of("attic") and items_of("aicleaner_v3") and in_step(), "each has items of its own", SYNC_SECONDS)
    # A person deletes one of the loft's: no task there, and still one in the kitchen.
    kept = items_of("aicleaner_v3")
    ha.remove_item(kitchen.list, items_of("attic")[0])
    until(in_step, "the loft has noticed", SYNC_SECONDS)
    throughout(lambda: items_of("aicleaner_v3") == kept and in_step(), "the kitchen's stay", seconds=2)
    kitchen.show(tidy("kitchen"))
    look_twice()
    until(lambda: in_step() and not [item for item in kitchen.items() if not item.done], "all ticked off", SYNC_SECONDS)


def test_remove_takes_everything_out_until_the_next_start(running: App, ha: Ha, broker: Broker, kitchen: Zone) -> None:
    answer = requests.post("http://127.0.0.1:8099/api/v1/remove", json={}, headers={"X-Requested-With": "test"}, timeout=15)
    assert answer.status_code == 200, answer.text
    until_nothing(ha, broker, "aicleaner")
    throughout(lambda: not broker.retained("aicleaner"), "it stays quiet", seconds=3)
    running.stop()
    assert not broker.retained("aicleaner"), "and leaves no last word"
    running.start()
    until_all(ha)
    kitchen.check()


def test_remove_on_the_command_line(second: Outside, ha: Ha, broker: Broker) -> None:
    second.start()
    until(lambda: ha.entities("aicleaner_attic"), "its room is there", within=20)
    removed = second.run("remove")
    assert removed.returncode == 0, removed
    until_nothing(ha, broker, "aicleaner")
    # The same without a running service, which left its entities behind.
    second.stop()
    second.start()
    until(lambda: ha.entities("aicleaner_attic"), "its room is there again", within=20)
    second.stop()
    removed = second.run("remove")
    assert removed.returncode == 0, removed
    until_nothing(ha, broker, "aicleaner")
