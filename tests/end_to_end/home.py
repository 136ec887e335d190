"""A real Home Assistant Core in the chroot: set up as a person would through its API, restarted as a person would."""

import os
import secrets
import shutil
from pathlib import Path
from typing import Any

import requests

from broker import HOST, PORT, USERS, Broker
from ha import SECONDS, URL, Ha
from process import Process
from waiting import until

TIME_ZONE = "Europe/Berlin"
CLIENT = f"{URL}/"
# The exit code with which Home Assistant asks its container to start it again.
RESTART = 100

CONFIGURATION = f"""
homeassistant:
  name: Test home
  latitude: 52.5
  longitude: 13.4
  elevation: 30
  unit_system: metric
  time_zone: {TIME_ZONE}
  allowlist_external_dirs:
    - /mnt/cameras
http:
  server_host: 172.30.32.1
  server_port: 8123
api:
config:
frontend:
history:
recorder:
automation: !include automations.yaml
odd_lists:
mqtt:
  sensor:
    - name: Test home link
      state_topic: test_only/link
logger:
  default: info
  logs:
    homeassistant.components.mqtt: debug
    homeassistant.components.websocket_api: debug
    homeassistant.components.todo: debug
"""


class Home:
    """`rooms` become cameras (`camera.<room>`), `lists` become to-do lists (`todo.<list>`); `todo.shopping_list` is always there."""

    def __init__(self, root: Path, run: Path, rooms: list[str], lists: list[str]) -> None:
        self._root = root
        self._rooms = rooms
        self._lists = lists
        self.cameras = run / "cameras"
        self.process = Process("Home Assistant", run / "logs" / "home-assistant.log")
        self.token = ""
        (run / "home-assistant" / "configuration.yaml").write_text(CONFIGURATION)
        (run / "home-assistant" / "automations.yaml").write_text("[]\n")
        shutil.copytree(Path(__file__).parent / "custom_components", run / "home-assistant" / "custom_components")

    @property
    def api(self) -> Ha:
        return Ha(self.token)

    def show(self, room: str, picture: Path) -> None:
        """Swaps what the room's camera sees, at once and whole."""
        fresh = self.cameras / f".{room}.jpg"
        fresh.write_bytes(picture.read_bytes())
        os.replace(fresh, self.cameras / f"{room}.jpg")

    def start(self) -> None:
        """Returns when Home Assistant runs with everything set up; on the first start that includes onboarding."""
        self._launch()
        if not self.token:
            until(self._greets, "Home Assistant answers", within=120)
            self.token = self._onboard()
            self._integrate()
            self._confirm_address()
        until(self._runs, "Home Assistant runs", within=120)

    def until_linked(self, broker: Broker) -> None:
        """Returns when what is published at the broker arrives in Home Assistant."""
        word = secrets.token_hex(4)

        def arrived() -> bool:
            broker.publish({"test_only/link": word})
            return self.api.state("sensor.test_home_link") == word

        until(arrived, "Home Assistant hears the broker", within=60, every=0.2)

    def restart(self) -> None:
        """By the action that the restart button calls."""
        self.begin_restart()
        self.finish_restart()

    def begin_restart(self) -> None:
        """Returns when Home Assistant is down, as its container sees it before the next start."""
        try:
            self.api.call("homeassistant.restart")
        except requests.ConnectionError:
            pass  # It may go down before it has answered.
        assert self.process.wait(60) == RESTART

    def finish_restart(self) -> None:
        self._launch()
        until(self._runs, "Home Assistant runs again", within=120)

    def _launch(self) -> None:
        # The installation holds all requirements; without a network Home Assistant could fetch none.
        self.process.start(
            ["chroot", str(self._root), "/srv/home-assistant/bin/hass", "--config", "/mnt/home-assistant", "--skip-pip"],
            env={"PATH": "/usr/bin:/usr/sbin", "HOME": "/tmp", "TZ": TIME_ZONE, "LANG": "C.UTF-8"},
        )

    def _runs(self) -> bool:
        assert self.process.running, f"Home Assistant ended:\n{self.process.tail()}"
        return self.api.running()

    def _greets(self) -> bool:
        assert self.process.running, f"Home Assistant ended:\n{self.process.tail()}"
        try:
            return requests.get(f"{URL}/api/onboarding", timeout=5).ok
        except requests.ConnectionError:
            return False

    def _onboard(self) -> str:
        """Creates the first user; answers a long-lived token."""
        person = {"client_id": CLIENT, "name": "Test", "username": "test", "password": "test-home-only", "language": "en"}
        code = _post("/api/onboarding/users", json=person)["auth_code"]
        grant = {"grant_type": "authorization_code", "code": code, "client_id": CLIENT}
        session = _post("/auth/token", data=grant)["access_token"]
        for step, body in {"core_config": {}, "analytics": {}, "integration": {"client_id": CLIENT, "redirect_uri": CLIENT}}.items():
            _post(f"/api/onboarding/{step}", json=body, headers={"Authorization": f"Bearer {session}"})
        (token,) = Ha(session).ask({"type": "auth/long_lived_access_token", "client_name": "end-to-end", "lifespan": 1})
        return token

    def _integrate(self) -> None:
        self.flow(
            "mqtt",
            broker=HOST,
            port=PORT,
            username="homeassistant",
            password=USERS["homeassistant"],
            other_settings={"set_client_cert": False, "set_ca_cert": "off"},
        )
        for name in self._lists:
            self.flow("local_todo", todo_list_name=name.replace("_", " ").title())
        for room in self._rooms:
            self.flow("local_file", name=room.replace("_", " ").title(), file_path=f"/mnt/cameras/{room}.jpg")
        wanted = ["todo.shopping_list", *(f"todo.{name}" for name in self._lists), *(f"camera.{room}" for room in self._rooms)]
        until(lambda: all(self.api.entity(entity) for entity in wanted), f"the home has {wanted}", within=30)

    def _confirm_address(self) -> None:
        """Newer versions take new `http` settings back after five minutes, by a restart, unless somebody confirms them."""
        try:
            self.api.ask({"type": "http/config/promote"})
        except AssertionError as error:
            assert "unknown_command" in str(error), error

    def flow(self, integration: str, **answers: Any) -> str:
        """Answers the form of an integration's config flow, as far as this version of Home Assistant asks; the id of its entry."""
        form = self.api.post("config/config_entries/flow", {"handler": integration})
        asked = {field["name"] for field in form["data_schema"]}
        answers = {name: answer for name, answer in answers.items() if name in asked}
        result = self.api.post(f"config/config_entries/flow/{form['flow_id']}", answers)
        assert result["type"] == "create_entry", f"{integration}: {result}"
        return result["result"]["entry_id"]


def _post(path: str, **arguments: Any) -> Any:
    answer = requests.post(f"{URL}{path}", timeout=SECONDS, **arguments)
    assert answer.ok, f"POST {path}: {answer.status_code} {answer.text}"
    return answer.json()
