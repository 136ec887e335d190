"""What becomes of a room when the model behind Home Assistant's AI Task does what model servers do: the matrix of `src/vision/tests/rows`
with the real Home Assistant between the model and the app. An error is told as one and never becomes a result.

Home Assistant passes on no status, no wait and no cost, so that its classes are coarser.
"""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from ai import ENTITY, ROOM, Ollama, Raw, chat, media
from app import OPTIONS, PROBES, App
from conftest import ROOT, RUN
from ha import Ha
from home import Home
from page import Page
from supervisor import Supervisor
from waiting import until
from zone import Zone

TITLE = "Put the books back on the shelf"


class Judged:
    """The kitchen, judged by an AI Task entity, and its model server."""

    def __init__(self, home: Home, ai: Ollama, app: App) -> None:
        self.ha, self.ai, self.app = home.api, ai, app
        self.kitchen = Zone(home, "kitchen")
        self.page = Page()

    def answers(self, raw: Raw) -> dict[str, Any]:
        """What the zone's cleanliness says after this answer, which is understood."""
        self.ai.instead = lambda: raw
        self.kitchen.check()
        assert self.ha.state("binary_sensor.aicleaner_kitchen_problem") == "off"
        found = self.ha.entity("sensor.aicleaner_kitchen_cleanliness")
        assert found
        return found

    def fails(self, raw: Raw, as_: str, or_: str = "") -> str:
        """The sentence that the household reads after this answer."""
        before = self.outcomes()
        tasks = self.kitchen.items()
        self.ai.instead = lambda: raw
        self.kitchen.press()
        self.ha.until_state("binary_sensor.aicleaner_kitchen_problem", lambda state: state == "on", "a problem", within=60)
        problem = self.ha.entity("binary_sensor.aicleaner_kitchen_problem")
        after = self.outcomes()
        assert {name for name, count in after.items() if count > before.get(name, 0)} in ({as_}, {or_})
        cleanliness = self.ha.entity("sensor.aicleaner_kitchen_cleanliness")
        assert cleanliness and cleanliness["state"] == "41" and cleanliness["attributes"]["old"] is True, "the last result stands, and is told to be old"
        assert self.kitchen.items() == tasks
        assert problem
        sentence = problem["attributes"]["sentence"]
        assert ENTITY in sentence and sentence.endswith(".")
        return str(sentence)

    def outcomes(self) -> dict[str, int]:
        """How exchanges with the provider ended so far."""
        text = requests.get(f"{PROBES}/metrics", timeout=5).text
        lines = [line for line in text.splitlines() if line.startswith("aicleaner_provider_requests_total{")]
        return {line.split('class="')[1].split('"')[0]: int(line.split()[-1]) for line in lines}

    def recover(self) -> None:
        """The model answers again, and nothing waits for a circuit."""
        self.ai.instead = None
        # Asked of the app: after a restart Home Assistant may not know yet.
        if self.page.get("api/v1/zones")["zones"][0]["problem"]:
            # The connection to Home Assistant may have to be made anew.
            until(lambda: self.page.post("api/v1/providers/0/test", {})["ok"], "the model answers again", within=60)
            self.kitchen.check()
        self.ha.until_state("binary_sensor.aicleaner_kitchen_problem", lambda state: state == "off", "no problem", within=30)
        assert self.kitchen.score() == 41
        assert [item.summary for item in self.kitchen.items()] == [TITLE]
        until(lambda: media(self.ha) == [], "no picture is left in the media folder", within=20)


@pytest.fixture(scope="module")
def started(home: Home, supervisor: Supervisor, ai: Ollama, reinstall: Any) -> Iterator[Judged]:
    app = App(ROOT, RUN, supervisor)
    reinstall(app)
    supervisor.options = OPTIONS | {"zones": OPTIONS["zones"][:1], "provider": "home_assistant", "model": ENTITY, "daily_call_limit": 1000}
    app.start()
    judged = Judged(home, ai, app)
    judged.kitchen.until_checked()
    judged.kitchen.until_items()
    yield judged
    ai.instead = None
    app.kill()


@pytest.fixture
def judged(started: Judged) -> Iterator[Judged]:
    yield started
    started.recover()


def room(**other: Any) -> str:
    return json.dumps(ROOM | other)


def test_row_01_good_answer(judged: Judged) -> None:
    assert judged.answers(chat(room()))["state"] == "41"


def test_row_02_thinking_part_first(judged: Judged) -> None:
    assert judged.answers(chat(room(), thinking="There are books, and score 3 would be wrong."))["state"] == "41"


def test_row_03_several_text_parts(judged: Judged) -> None:
    whole = room()
    pieces = [json.loads(chat(whole[:9]).body), json.loads(chat(whole[9:]).body)]
    pieces[0]["done"] = False
    assert judged.answers(Raw("".join(json.dumps(piece) + "\n" for piece in pieces).encode()))["state"] == "41"


@pytest.mark.parametrize("text", ["```json\n%s\n```", "Here it is: %s"])
def test_row_04_json_in_fences_and_prose_around(judged: Judged, text: str) -> None:
    # The integration itself takes nothing but bare JSON.
    judged.fails(chat(text % room()), as_="malformed")


def test_row_05_valid_json_wrong_schema(judged: Judged) -> None:
    assert judged.answers(chat(room(score="41/100")))["state"] == "41"
    judged.fails(chat(room(score="rather tidy")), as_="malformed")
    judged.recover()
    judged.fails(chat(json.dumps({name: value for name, value in ROOM.items() if name != "tasks"})), as_="malformed")
    judged.recover()
    judged.fails(chat(room(tasks=[{"title": "x" * 20_000, "priority": "normal"}])), as_="malformed")


def test_row_06_truncated(judged: Judged) -> None:
    judged.fails(chat(room()[:-20]), as_="malformed")


def test_row_07_refused(judged: Judged) -> None:
    judged.fails(chat("I cannot help with pictures of private homes."), as_="malformed")


@pytest.mark.parametrize("content", ["", "null"])
def test_row_08_empty_200(judged: Judged, content: str) -> None:
    # To newer versions of Home Assistant an empty text is broken JSON.
    judged.fails(chat(content), as_="empty", or_="malformed")


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        pytest.param(401, "unauthorized", "auth", id="row_09_bad_key"),
        pytest.param(429, "too many concurrent requests", "rate_limited", id="row_10_and_12_too_many"),
        pytest.param(402, "your credit is used up", "billing", id="row_11_spent_credit"),
        pytest.param(404, "model llava:7b not found", "model_missing", id="row_14_model_retired"),
        pytest.param(400, "this model does not support vision", "not_multimodal", id="row_16_model_cannot_see"),
    ],
)
def test_rows_of_refusals(judged: Judged, status: int, said: str, kind: str) -> None:
    judged.fails(Raw(json.dumps({"error": said}).encode(), status), as_=kind)


def test_row_13_overload_burst_then_recovery(judged: Judged) -> None:
    busy = iter([Raw(b'{"error": "server busy, please try again.  maximum pending requests exceeded"}', 503)] * 2)
    judged.ai.instead = lambda: next(busy, chat(room()))
    judged.kitchen.check()
    assert judged.ha.state("binary_sensor.aicleaner_kitchen_problem") == "off"
    assert next(busy, None) is None, "it was asked again until it answered"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(Raw(chat(room()).body[:40], promised=5000), id="row_18_reset_mid_body"),
        pytest.param(Raw(b"<html><body>Bad gateway</body></html>", 502, "text/html"), id="row_19_html_error_page"),
        pytest.param(Raw(b"<html><body>Please log in</body></html>", kind="text/html"), id="row_19_captive_portal"),
        pytest.param(Raw(b'{"error": "model runner has unexpectedly stopped"}\n'), id="row_20_200_with_an_error_body"),
    ],
)
def test_rows_of_broken_answers(judged: Judged, raw: Raw) -> None:
    judged.fails(raw, as_="server")


def test_row_21_huge_body(judged: Judged) -> None:
    # Home Assistant passes it on, and such a message ends the connection.
    judged.fails(chat(room(summary="x" * 40_000_000)), as_="network")


def test_row_24_restart_in_flight(judged: Judged, home: Home) -> None:
    asked, go = threading.Event(), threading.Event()

    def slow() -> Raw:
        asked.set()
        go.wait(120)
        return chat(room())

    judged.ai.instead = slow
    judged.kitchen.press()
    assert asked.wait(30)
    home.begin_restart()
    judged.ai.instead = None
    go.set()
    home.finish_restart()
