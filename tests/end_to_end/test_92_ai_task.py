"""Home Assistant's own AI judges: an AI Task entity of the Ollama integration, asked for with our own pictures."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from ai import ENTITY, FOLDER, Ollama, media
from app import OPTIONS, App
from ha import Ha
from home import Home
from page import Page
from supervisor import Supervisor
from waiting import until
from zone import Zone



@pytest.fixture
def judged_by_ai(app: App, ai: Ollama, supervisor: Supervisor) -> Callable[..., None]:
    """Starts the app with options of its own and one room."""

    def start(**options: Any) -> None:
        ai.questions.clear()
        supervisor.options = OPTIONS | {"zones": OPTIONS["zones"][:1], "provider": "home_assistant"} | options
        app.start()

    return start


def exif(jpeg: bytes) -> bool:
    return b"Exif\x00\x00" in jpeg


def test_an_ai_task_judges_the_very_picture_that_is_shown(judged_by_ai: Callable[..., None], ai: Ollama, ha: Ha, kitchen: Zone) -> None:
    judged_by_ai(model=ENTITY)
    kitchen.until_checked()
    assert kitchen.score() == 41
    (picture,) = ai.pictures()
    assert not exif(picture)
    until(lambda: ha.get("image_proxy/image.aicleaner_kitchen_snapshot").content == picture, "exactly what was judged is shown", within=20)
    question = next(q for q in ai.questions if "four digits" not in json.dumps(q))
    assert question["format"]["properties"]["score"] and question["think"] is False
    assert [item.summary for item in kitchen.until_items()] == ["Put the books back on the shelf"]
    assert media(ha) == [], "pictures lie in the media folder for as long as the call takes"
    assert ha.state("sensor.aicleaner_v3_provider") == "home_assistant"
    assert ha.state("sensor.aicleaner_v3_ai_calls_today") == "2", "the picture test and the question"


def test_an_error_of_the_model_is_told_and_the_last_result_stands(judged_by_ai: Callable[..., None], ai: Ollama, ha: Ha, kitchen: Zone) -> None:
    judged_by_ai(model=ENTITY)
    kitchen.until_checked()
    room = ai.room
    ai.room = RuntimeError("model runner has unexpectedly stopped")
    try:
        ha.press("button.aicleaner_kitchen_check_now")
        ha.until_state("binary_sensor.aicleaner_kitchen_problem", lambda state: state == "on", "a problem", within=60)
    finally:
        ai.room = room
    problem = ha.entity("binary_sensor.aicleaner_kitchen_problem")
    assert problem and ENTITY in json.dumps(problem["attributes"])
    cleanliness = ha.entity("sensor.aicleaner_kitchen_cleanliness")
    assert cleanliness and cleanliness["state"] == "41" and cleanliness["attributes"]["old"] is True
    until(lambda: media(ha) == [], "the pictures are taken away after an error, too", within=20)


def test_what_a_crash_left_behind_is_taken_away(judged_by_ai: Callable[..., None], app: App, ai: Ollama, home: Home, ha: Ha, kitchen: Zone) -> None:
    judged_by_ai(model=ENTITY)
    kitchen.until_checked()
    app.kill()
    for name in ("aicleaner_v3.0123abcd.jpg", "another_one.0123abcd.jpg"):
        upload(home, name)
    assert len(media(ha)) == 2
    app.start()
    until(lambda: media(ha) == ["another_one.0123abcd.jpg"], "ours is taken away, another's stays", within=30)
    ha.ask({"type": "media_source/local_source/remove", "media_content_id": f"{FOLDER}/another_one.0123abcd.jpg"})


def test_nothing_is_asked_before_somebody_agreed(judged_by_ai: Callable[..., None], ai: Ollama, ha: Ha, kitchen: Zone) -> None:
    judged_by_ai(provider="auto")
    kitchen.until_checked()
    assert ai.questions == [] and ha.state("sensor.aicleaner_v3_provider") == "local"
    page = Page()
    consent = page.get("api/v1/providers")["consent"]
    assert consent["asked"] and consent["agreed"] is None
    assert (consent["proposed"]["entity"], consent["proposed"]["integration"]) == (ENTITY, "ollama")
    page.post("api/v1/providers/consent", {"entity": ENTITY})
    kitchen.check()
    kitchen.until_score(lambda score: score == 41, "what the AI said")


def test_local_only_takes_the_word_of_home_assistants_own_integrations(judged_by_ai: Callable[..., None], ai: Ollama, kitchen: Zone) -> None:
    judged_by_ai(model=ENTITY, local_only=True)
    kitchen.until_checked()
    assert kitchen.score() == 41


def upload(home: Home, name: str) -> None:
    answer = requests.post(
        "http://172.30.32.1:8123/api/media_source/local_source/upload",
        headers={"Authorization": f"Bearer {home.token}"},
        data={"media_content_id": FOLDER},
        files={"file": (name, b"\xff\xd8\xff\xe0 a picture", "image/jpeg")},
        timeout=15,
    )
    assert answer.ok, answer.text
