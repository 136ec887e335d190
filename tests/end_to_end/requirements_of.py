"""Prints the requirements of the test home's integrations, for pip. Runs with Home Assistant's own Python.

Home Assistant names in each integration's manifest what it needs and which other integrations it builds on; this walks
them, so that a new release of Home Assistant needs no change here.
"""

import json
from pathlib import Path

import homeassistant
from homeassistant import bootstrap, components

# What the home of home.py has besides what every Home Assistant starts, what the onboarding adds on its own, and what mqtt
# imports whether it is there or not.
OF_THE_TEST_HOME = {"history", "local_file", "local_todo", "media_source", "mqtt", "ollama", "recorder", "shopping_list", "todo"}
OF_ONBOARDING = {"google_translate", "met", "radio_browser"}
IMPORTED = {"hassio"}


def main() -> None:
    folder = Path(components.__path__[0])
    waiting = list(OF_THE_TEST_HOME | OF_ONBOARDING | IMPORTED | bootstrap.DEFAULT_INTEGRATIONS | bootstrap.CORE_INTEGRATIONS)
    seen: set[str] = set()
    requirements: set[str] = set()
    while waiting:
        name = waiting.pop()
        manifest = folder / name / "manifest.json"
        if name in seen or not manifest.exists():
            continue
        seen.add(name)
        integration = json.loads(manifest.read_text())
        requirements.update(integration.get("requirements", []))
        waiting += integration.get("dependencies", [])
    print("--constraint", Path(homeassistant.__path__[0]) / "package_constraints.txt")
    print("\n".join(sorted(requirements)))


if __name__ == "__main__":
    main()
