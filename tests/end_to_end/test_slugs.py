"""Short names are made as Home Assistant makes them: asked of its own function, today."""

import os
from pathlib import Path

import slugs

BINARY = Path(os.environ["AICLEANER_E2E_RUN"]) / "aicleaner"


def test_the_table_of_names_is_what_home_assistant_answers() -> None:
    assert slugs.FIXTURE.read_text() == slugs.fixture()


def test_no_sign_is_spelled_otherwise() -> None:
    assert slugs.differences(BINARY) == []
