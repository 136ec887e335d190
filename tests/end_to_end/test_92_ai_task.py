"""Home Assistant's own AI judges: an AI Task entity of the Ollama integration, asked for with our own pictures."""

import hashlib
import json
from collections.abc import Callable, Iterator
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
from waiting import throughout, until
from zone import Zone, until_after


@pytest.fixture
def judged_by_ai(app: App, ai: Ollama, supervisor: Supervisor) -> Callable[..., None]:
    """Starts the app with options of its own and one room."""

    def start(**options: Any) -> None:
        ai.questions.clear()
        ai.free.set()
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


def problem(ha: Ha) -> str:
    """The sentence of the kitchen's problem, as soon as there is one."""
    ha.until_state("binary_sensor.aicleaner_kitchen_problem", lambda state: state == "on", "a problem", within=60)
    entity = ha.entity("binary_sensor.aicleaner_kitchen_problem")
    assert entity
    return json.dumps(entity["attributes"])


def test_killed_while_the_ai_judges(judged_by_ai: Callable[..., None], app: App, ai: Ollama, ha: Ha, kitchen: Zone) -> None:
    judged_by_ai(model=ENTITY)
    before = kitchen.until_checked()
    items = kitchen.until_items()
    until_after(before)
    ai.free.clear()
    try:
        kitchen.press()
        until(lambda: len(ai.pictures()) == 2, "the question is at the model", within=30)
        (left,) = media(ha)
        app.kill()
        app.start()
        until(lambda: left not in media(ha), "what the killed app left is taken away while the call may still run", within=30)
    finally:
        ai.free.set()
    throughout(lambda: len(ai.pictures()) <= 3, "the check is done again once at most", seconds=5)
    until(lambda: media(ha) == [], "no picture stays", within=20)
    kitchen.check()
    assert [item.uid for item in kitchen.items()] == [item.uid for item in items]
    kitchen.settle()
    kitchen.assert_no_doubles()
    calls = str(1 + len(ai.pictures()))
    ha.until_state("sensor.aicleaner_v3_ai_calls_today", lambda state: state == calls, f"{calls}: the picture test and each question, the broken one too", within=10)


def test_an_entity_that_disappears_is_named_and_comes_back(judged_by_ai: Callable[..., None], ai: Ollama, ha: Ha, kitchen: Zone) -> None:
    judged_by_ai(model=ENTITY)
    kitchen.until_checked()
    ha.ask({"type": "config/entity_registry/update", "entity_id": ENTITY, "disabled_by": "user"})
    try:
        until(lambda: ha.entity(ENTITY) is None, "it is gone", within=20)
        kitchen.press()
        assert f"There is no {ENTITY} in Home Assistant" in problem(ha)
        cleanliness = ha.entity("sensor.aicleaner_kitchen_cleanliness")
        assert cleanliness and cleanliness["state"] == "41" and cleanliness["attributes"]["old"] is True
        assert len(ai.pictures()) == 1, "it was not asked"
    finally:
        ha.ask({"type": "config/entity_registry/update", "entity_id": ENTITY, "disabled_by": None})
        ha.post(f"config/config_entries/entry/{ai.entry}/reload")
        until(lambda: ha.state(ENTITY) not in (None, "unavailable"), "it is back", within=60)
    page = Page()
    page.post("api/v1/providers/0/test", {})
    kitchen.check()
    ha.until_state("binary_sensor.aicleaner_kitchen_problem", lambda state: state == "off", "no problem", within=30)
    assert len(ai.pictures()) == 2


@pytest.fixture(scope="session")
def examiner(home: Home) -> str:
    """An entity of another service that evaluates and does nothing else."""
    (preferences,) = home.api.ask({"type": "ai_task/preferences/get"})
    if "evaluate_entity_id" not in preferences:
        pytest.skip("this version of Home Assistant does not evaluate")
    home.flow("ai_examiner")
    until(lambda: home.api.entity("ai_task.examiner"), "Home Assistant has an examiner", within=30)
    return "ai_task.examiner"


@pytest.fixture
def preferred(examiner: str, ha: Ha) -> Iterator[Callable[[], None]]:
    """Makes it the one that the household prefers for evaluating."""
    yield lambda: ha.ask({"type": "ai_task/preferences/set", "evaluate_entity_id": examiner})
    ha.call("ai_examiner.behave", failing=False)
    ha.ask({"type": "ai_task/preferences/set", "evaluate_entity_id": None})


EVALUATE = {"evaluate_with_ai_task": True}


def asked(ha: Ha, examiner: str) -> int:
    entity = ha.entity(examiner)
    assert entity
    return entity["attributes"]["asked"]


def warnings() -> str:
    return " ".join(Page().get("api/v1/providers")["standing"]["warnings"])


def test_the_score_comes_from_the_entity_that_evaluates(
    judged_by_ai: Callable[..., None], examiner: str, preferred: Callable[[], None], ha: Ha, kitchen: Zone
) -> None:
    before = asked(ha, examiner)
    judged_by_ai(model=ENTITY, advanced=EVALUATE)
    kitchen.until_checked()
    assert kitchen.score() == 41 and asked(ha, examiner) == before, "another service, which nobody chose"
    assert f"{examiner} evaluates pictures and belongs to ai_examiner, to which nobody agreed" in warnings()
    assert ha.state("sensor.aicleaner_v3_ai_calls_today") == "2", "the picture test and the question"

    preferred()
    kitchen.check()
    kitchen.until_score(lambda score: score == 75, "level 3 of 0 to 4")
    assert asked(ha, examiner) == before + 1 and warnings() == ""
    ha.until_state("sensor.aicleaner_v3_ai_calls_today", lambda state: state == "4", "each call is counted", within=10)
    entity = ha.entity(examiner)
    assert entity
    seen = entity["attributes"]["pictures"]
    shown = "image_proxy/image.aicleaner_kitchen_snapshot"
    until(lambda: [hashlib.sha256(ha.get(shown).content).hexdigest()] == seen, "it saw exactly what is shown", within=20)
    assert media(ha) == []

    ha.call("ai_examiner.behave", failing=True)
    kitchen.check()
    kitchen.until_score(lambda score: score == 41, "the answer of the entity that judges stands")
    assert ha.state("binary_sensor.aicleaner_kitchen_problem") == "off"
    assert "it was told to fail" in warnings()
    assert media(ha) == []


def test_local_only_lets_no_score_come_from_outside(
    judged_by_ai: Callable[..., None], examiner: str, preferred: Callable[[], None], ha: Ha, kitchen: Zone
) -> None:
    before = asked(ha, examiner)
    preferred()
    judged_by_ai(model=ENTITY, advanced=EVALUATE, local_only=True)
    kitchen.until_checked()
    assert kitchen.score() == 41 and asked(ha, examiner) == before
    assert f"{examiner} evaluates pictures" in warnings() and "local_only is on" in warnings()


def test_an_entity_that_only_evaluates_is_told_so(judged_by_ai: Callable[..., None], examiner: str, ha: Ha) -> None:
    judged_by_ai(model=examiner)
    assert f"{examiner} only evaluates" in problem(ha)


def about_ai(app: App) -> tuple[str, str]:
    """What the doctor says about Home Assistant's AI."""
    report = json.loads(app.command("doctor", "--json").stdout)
    (line,) = [line for line in report["lines"] if line["part"] == "provider home_assistant"]
    return line["verdict"], line["sentence"]


def test_the_doctor_tries_the_ai_that_judges(judged_by_ai: Callable[..., None], app: App, ai: Ollama, ha: Ha, kitchen: Zone) -> None:
    judged_by_ai(provider="auto")
    kitchen.until_checked()
    verdict, sentence = about_ai(app)
    assert verdict == "off" and f"{ENTITY} of ollama takes pictures and could judge, but nobody agreed" in sentence
    assert ai.questions == [], "nothing is shown to it before somebody agreed"
    Page().post("api/v1/providers/consent", {"entity": ENTITY})
    assert about_ai(app) == ("ok", f"{ENTITY} answers and sees pictures.")
    app.stop()

    judged_by_ai(model="ai_task.nowhere")
    verdict, sentence = about_ai(app)
    assert verdict == "wrong" and "There is no ai_task.nowhere in Home Assistant" in sentence
    assert media(ha) == []


def upload(home: Home, name: str) -> None:
    answer = requests.post(
        "http://172.30.32.1:8123/api/media_source/local_source/upload",
        headers={"Authorization": f"Bearer {home.token}"},
        data={"media_content_id": FOLDER},
        files={"file": (name, b"\xff\xd8\xff\xe0 a picture", "image/jpeg")},
        timeout=15,
    )
    assert answer.ok, answer.text
