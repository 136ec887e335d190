"""A small client of Home Assistant's REST and WebSocket API: what a person and the frontend use."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests
from websockets.sync.client import connect

from waiting import until

URL = "http://172.30.32.1:8123"
SECONDS = 15


@dataclass(frozen=True)
class Item:
    """One line of a to-do list, as Home Assistant shows it."""

    uid: str
    summary: str
    done: bool
    description: str | None


class Ha:
    def __init__(self, token: str) -> None:
        self._token = token
        self._http = requests.Session()
        self._http.headers["Authorization"] = f"Bearer {token}"

    # --- REST

    def get(self, path: str, **arguments: Any) -> requests.Response:
        return self._http.get(f"{URL}/api/{path}", timeout=SECONDS, **arguments)

    def post(self, path: str, body: Any = None) -> Any:
        answer = self._http.post(f"{URL}/api/{path}", json=body, timeout=SECONDS)
        assert answer.ok, f"POST {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def delete(self, path: str) -> None:
        answer = self._http.delete(f"{URL}/api/{path}", timeout=SECONDS)
        assert answer.ok, f"DELETE {path}: {answer.status_code} {answer.text}"

    def call(self, action: str, **data: Any) -> Any:
        """Runs an action such as `button.press`, and waits until it is done."""
        return self.post("services/" + action.replace(".", "/"), data)

    def running(self) -> bool:
        try:
            answer = self._http.get(f"{URL}/api/core/state", timeout=5)
            return answer.ok and answer.json()["state"] == "RUNNING"
        except requests.RequestException:
            return False

    # --- States

    def entities(self, about: str = "aicleaner") -> dict[str, dict[str, Any]]:
        """State objects by entity id, those whose id holds `about`."""
        return {state["entity_id"]: state for state in self.get("states").json() if about in state["entity_id"]}

    def entity(self, entity_id: str) -> dict[str, Any] | None:
        answer = self.get(f"states/{entity_id}")
        return answer.json() if answer.ok else None

    def state(self, entity_id: str) -> str | None:
        entity = self.entity(entity_id)
        return entity and entity["state"]

    def until_state(self, entity_id: str, right: Callable[[str], bool], what: str, within: float) -> str:
        last: list[str | None] = [None]

        def asked() -> str | None:
            last[0] = self.state(entity_id)
            known = last[0] not in (None, "unknown", "unavailable")
            return last[0] if known and right(last[0]) else None

        try:
            return until(asked, f"{entity_id}: {what}", within)
        except AssertionError as error:
            raise AssertionError(f"{error}; state {last[0]!r}") from None

    def press(self, button: str) -> None:
        self.call("button.press", entity_id=button)

    def image(self, entity_id: str) -> bytes:
        answer = self.get(f"image_proxy/{entity_id}")
        assert answer.ok, f"image_proxy/{entity_id}: {answer.status_code}"
        return answer.content

    # --- To-do lists

    def items(self, todo_list: str) -> list[Item]:
        answer = self.post("services/todo/get_items?return_response", {"entity_id": todo_list})
        return [
            Item(item["uid"], item["summary"], item["status"] == "completed", item.get("description"))
            for item in answer["service_response"][todo_list]["items"]
        ]

    def open_items(self, todo_list: str) -> list[Item]:
        return [item for item in self.items(todo_list) if not item.done]

    def add_item(self, todo_list: str, summary: str) -> None:
        self.call("todo.add_item", entity_id=todo_list, item=summary)

    def tick(self, todo_list: str, item: Item) -> None:
        self.call("todo.update_item", entity_id=todo_list, item=item.uid, status="completed")

    def remove_item(self, todo_list: str, *items: Item) -> None:
        self.call("todo.remove_item", entity_id=todo_list, item=[item.uid for item in items])

    # --- WebSocket

    def ask(self, *commands: dict[str, Any]) -> list[Any]:
        """The result of each WebSocket command, in order."""
        with connect(URL.replace("http", "ws") + "/api/websocket", open_timeout=SECONDS, max_size=None) as socket:
            assert json.loads(socket.recv(SECONDS))["type"] == "auth_required"
            socket.send(json.dumps({"type": "auth", "access_token": self._token}))
            assert json.loads(socket.recv(SECONDS))["type"] == "auth_ok"
            results = []
            for number, command in zip(itertools.count(1), commands):
                socket.send(json.dumps({"id": number, **command}))
                answer = json.loads(socket.recv(SECONDS))
                assert answer.get("success"), f"{command['type']}: {answer}"
                results.append(answer["result"])
            return results

    def registered_entities(self) -> dict[str, dict[str, Any]]:
        """The MQTT entities in Home Assistant's registry, by entity id."""
        (entities,) = self.ask({"type": "config/entity_registry/list"})
        return {entity["entity_id"]: entity for entity in entities if entity["platform"] == "mqtt"}

    def registered_devices(self) -> list[dict[str, Any]]:
        (devices,) = self.ask({"type": "config/device_registry/list"})
        return devices
