"""The options both ways: changed on the page, saved in the Supervisor's form, and what must survive it; backup and doctor."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from app import OPTIONS, PROBES, App
from broker import Broker
from ha import Ha
from home import Home
from pictures import messy
from supervisor import ADDRESS, INGRESS, INGRESS_ENTRY, Supervisor
from waiting import throughout, until
from zone import Zone

CONFIG = "sensor.aicleaner_v3_config_status"
# The app looks for a saved form every half minute.
LOOK_SECONDS = 60


def page(method: str, path: str, body: Any = None) -> requests.Response:
    """As the app's page asks through ingress."""
    headers = {"X-Ingress-Path": INGRESS_ENTRY, "X-Requested-With": "aicleaner", "Content-Type": "application/json"}
    url = f"http://{ADDRESS}/ingress/{INGRESS}/{path}"
    return requests.request(method, url, data=None if body is None else json.dumps(body), headers=headers, timeout=15)


def options() -> dict[str, Any]:
    answer = page("GET", "api/v1/options")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(autouse=True)
def form(supervisor: Supervisor) -> Iterator[None]:
    yield
    supervisor.options = OPTIONS
    supervisor.secrets = {}


def test_a_room_is_added_renamed_and_removed_on_the_page_without_a_restart(running: App, ha: Ha, supervisor: Supervisor, kitchen: Zone) -> None:
    pid = running.process.pid
    kitchen.make_messy(messy("kitchen"))
    shown = options()
    zones = [{"at": 0, "name": "Galley"}, {"at": 1}, {"at": 2}]
    answer = page("PUT", "api/v1/options", {"revision": shown["revision"], "zones": zones})
    assert answer.status_code == 200, answer.text
    # A renamed room keeps its tasks.
    told = page("GET", "api/v1/zones").json()
    galley = next(zone for zone in told["zones"] if zone["name"] == "Galley")
    assert galley["tasks"], "the tasks went with the room"
    zones = [*({"at": at} for at in range(3)), {"name": "Hall", "cameras": ["camera.bedroom"], "interval_minutes": 15}]
    answer = page("PUT", "api/v1/options", {"revision": answer.json()["revision"], "zones": zones})
    assert answer.status_code == 200, answer.text
    # Stored as the form stores it, with everything that the page does not know.
    assert [zone["name"] for zone in supervisor.options["zones"]] == ["Galley", "Living Room", "Bedroom", "Hall"]
    assert {key: value for key, value in supervisor.options.items() if key != "zones"} == {key: value for key, value in OPTIONS.items() if key != "zones"}
    until(lambda: any(state["state"] == "15" for state in ha.entities("hall_interval").values()), "the hall has its interval", within=20)

    shown = options()
    kept = [{"at": at} for at in range(3)]
    assert page("PUT", "api/v1/options", {"revision": shown["revision"], "zones": kept}).status_code == 200
    until(lambda: not ha.entities("aicleaner_hall"), "the hall's entities are gone", within=20)
    assert running.process.pid == pid


def test_a_wrong_room_and_a_late_editor_change_nothing(running: App, supervisor: Supervisor) -> None:
    shown = options()
    zones = [{"at": 0, "cameras": ["light.kitchen"]}, {"at": 1}, {"at": 2, "name": "KITCHEN!"}]
    wrong = page("PUT", "api/v1/options", {"revision": shown["revision"], "zones": zones})
    assert wrong.status_code == 422
    assert [problem["path"] for problem in wrong.json()["problems"]] == ["zones[0].cameras[0]"]
    # Somebody saves the form while the page is open.
    supervisor.options = {**OPTIONS, "interval_minutes": 45}
    late = page("PUT", "api/v1/options", {"revision": shown["revision"], "zones": []})
    assert late.status_code == 409
    assert "nothing was saved" in late.json()["error"]
    assert supervisor.options["interval_minutes"] == 45


def test_a_secret_is_never_written_back(running: App, supervisor: Supervisor) -> None:
    supervisor.secrets = {"broker": "addons"}
    supervisor.options = {**OPTIONS, "mqtt": {"host": "core-mosquitto", "username": "addons", "password": "!secret broker"}}
    shown = options()
    assert "mqtt.password is a !secret" in shown["locked"]
    refused = page("PUT", "api/v1/options", {"revision": shown["revision"], "zones": []})
    assert refused.status_code == 409
    assert supervisor.options["mqtt"]["password"] == "!secret broker"


def test_a_form_saved_elsewhere_is_shown_and_used_when_somebody_says_so(running: App, ha: Ha, supervisor: Supervisor, kitchen: Zone) -> None:
    number = kitchen.id("number", "interval_minutes")
    ha.call("number.set_value", entity_id=number, value=30)
    ha.until_state(number, lambda seen: seen == "30", "the interval set by hand", within=10)
    changed = copy.deepcopy(OPTIONS)
    changed["zones"][0]["interval_minutes"] = 20
    supervisor.options = changed
    ha.until_state(CONFIG, lambda seen: seen == "changed", "changed", within=LOOK_SECONDS)
    assert ha.state(number) == "30"
    assert page("POST", "api/v1/options/use", {}).status_code == 200
    # The option that the value by hand had replaced is another one now.
    ha.until_state(number, lambda seen: seen == "20", "the new option", within=20)
    ha.until_state(CONFIG, lambda seen: seen == "ok", "ok", within=20)


def test_a_backup_of_the_running_app_is_restored_and_nothing_is_doubled(running: App, ha: Ha, kitchen: Zone) -> None:
    items = kitchen.make_messy(messy("kitchen"))
    backup = running.back_up()
    assert not [name for name in backup if name.startswith("aicleaner.db")]
    # Life goes on after the backup, and is forgotten by the restore.
    ha.press(kitchen.id("button", "mark_all_done"))
    kitchen.until_list(lambda now: all(item.done for item in now), "all items are ticked off")
    running.stop()
    running.restore(backup)
    running.start()
    kitchen.check_twice()
    kitchen.settle()
    assert {item.uid for item in kitchen.items()} == {item.uid for item in items}
    throughout(lambda: len(kitchen.items()) == len(items), "no item is doubled", seconds=2)


def test_the_doctor_finds_nothing_wrong_in_a_good_home(running: App) -> None:
    def metrics() -> list[str]:
        text = requests.get(f"{PROBES}/metrics", timeout=5).text
        return [line for line in text.splitlines() if "_reconnects_total" in line]

    before = metrics()
    done = running.command("doctor", "--json")
    assert metrics() == before, "the running service is not disturbed"
    report = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout
    parts = {line["part"]: line["verdict"] for line in report["lines"]}
    for part in ("options", "store", "certificates", "time zone", "supervisor", "home assistant", "mqtt", "camera camera.kitchen", "list todo.kitchen", "provider local"):
        assert parts[part] == "ok", done.stdout


def test_the_doctor_names_everything_that_is_wrong(running: App, supervisor: Supervisor, home: Home, broker: Broker) -> None:
    running.stop()
    supervisor.options = {
        **OPTIONS,
        "zones": [{"name": "Kitchen", "cameras": ["camera.nowhere"], "todo_list": "todo.nowhere"}, {"name": "Bath"}],
    }
    running.start()
    broker.stop()
    try:
        done = running.command("doctor")
    finally:
        broker.start()
    assert done.returncode == 1
    wrong = [line for line in done.stdout.splitlines() if line.startswith("WRONG")]
    for part, words in (
        ("options", "zones[1].cameras: found nothing"),
        ("mqtt", "cannot be reached"),
        ("camera camera.nowhere", "There is no camera.nowhere in Home Assistant"),
        ("list todo.nowhere", "does not exist; choose another one in the options"),
    ):
        assert any(part in line and words in line for line in wrong), f"{part}: {words}\n{done.stdout}"
    assert len(wrong) == 4, done.stdout
    home.until_linked(broker)
