"""The dashboard and the blueprints that come with the product, in the Home Assistant for which they are made."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app import App
from ha import Ha
from pictures import messy
from waiting import until
from zone import SYNC_SECONDS, Zone, until_after

REPOSITORY = Path(__file__).resolve().parents[2]
BLUEPRINTS = REPOSITORY / "blueprints" / "automation" / "aicleaner"
CONFIGURATION = Path(os.environ["AICLEANER_E2E_RUN"]) / "home-assistant"
ROOT = Path(os.environ["AICLEANER_TESTBED"]) / "root"


def test_every_entity_of_the_dashboard_exists(running: App, ha: Ha) -> None:
    text = (REPOSITORY / "dashboards" / "rooms.yaml").read_text()
    named = set(re.findall(r"\b(?:sensor|binary_sensor|button|switch|number|select|text|image|event|todo)\.[a-z0-9_]+", text)) - {"button.press"}
    assert len(named) > 10
    assert named <= {state["entity_id"] for state in ha.get("states").json()}
    dashboard = read(text)
    ha.ask({"type": "lovelace/config/save", "config": dashboard})
    (kept,) = ha.ask({"type": "lovelace/config"})
    assert kept == dashboard


def test_the_blueprints_run(running: App, ha: Ha, kitchen: Zone) -> None:
    shutil.copytree(BLUEPRINTS, CONFIGURATION / "blueprints" / "automation" / "aicleaner", dirs_exist_ok=True)
    motion = "input_boolean.test_motion"
    told = "input_boolean.test_told"
    for helper in ("Test motion", "Test told"):
        ha.ask({"type": "input_boolean/create", "name": helper})
    as_many = f"tasks | count == states('{kitchen.id('sensor', 'tasks')}') | int(-1)"
    look = automated(
        ha,
        "look_when_left",
        presence=[motion],
        check_now=kitchen.id("button", "check_now"),
        wait={"seconds": 1},
    )
    tell = automated(
        ha,
        "tell_when_untidy",
        needs_cleaning=kitchen.id("binary_sensor", "needs_cleaning"),
        tasks=kitchen.id("sensor", "tasks"),
        wait={"seconds": 0},
        after="00:00:00",
        before="23:59:59",
        what=[
            {"condition": "template", "value_template": "{{ room == 'Kitchen' and " + as_many + " }}"},
            {"action": "input_boolean.turn_on", "target": {"entity_id": told}},
        ],
    )
    with look, tell:
        kitchen.show(messy("kitchen"))
        before = kitchen.last_check()
        assert before
        until_after(before)
        ha.call("input_boolean.turn_on", entity_id=motion)
        ha.call("input_boolean.turn_off", entity_id=motion)
        kitchen.until_checked(after=before)
        ha.until_state(told, lambda state: state == "on", "the blueprint's actions ran", within=SYNC_SECONDS)


def read(yaml: str) -> Any:
    """YAML as Home Assistant's own library reads it."""
    code = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)"
    python = ["chroot", str(ROOT), "/srv/home-assistant/bin/python", "-c", code]
    return json.loads(subprocess.run(python, input=yaml, capture_output=True, text=True, check=True, timeout=60).stdout)


@contextmanager
def automated(ha: Ha, blueprint: str, **inputs: object) -> Iterator[None]:
    """An automation made of a blueprint, as the frontend makes one; gone afterwards."""
    config = f"config/automation/config/{blueprint}"
    ha.post(config, {"alias": blueprint, "use_blueprint": {"path": f"aicleaner/{blueprint}.yaml", "input": inputs}})
    until(lambda: ha.state(f"automation.{blueprint}") == "on", f"automation.{blueprint} is on", within=20)
    try:
        yield
    finally:
        ha.delete(config)
