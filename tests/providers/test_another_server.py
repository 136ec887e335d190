"""Our client is understood by a server that we did not write, in all five protocols, and understands its failures."""

import json
import urllib.request

import pytest

from conftest import ANSWER

PROVIDERS = {
    "gemini": "/v1beta",
    "openai": "/v1",
    "openai_compatible": "/v1",
    "anthropic": "/v1",
    "ollama": "",
}


@pytest.mark.parametrize("name", PROVIDERS)
def test_it_answers_a_question_about_a_room(program, mock_server, name):
    answer = program.tell("ask", name, mock_server + PROVIDERS[name], "some-model", "sk-x")
    assert answer["score"] == ANSWER["score"], answer
    assert answer["tasks"] == ["Wash the cups"]
    assert answer["summary"] == ANSWER["summary"]
    # At once: nothing in the request had to be left out.
    assert answer["tries"] == 1


@pytest.fixture
def chaos(mock_server):
    def set_to(rates):
        body = json.dumps(rates).encode()
        headers = {"content-type": "application/json"}
        urllib.request.urlopen(urllib.request.Request(mock_server + "/__aimock/chaos", body, headers)).close()

    yield set_to
    urllib.request.urlopen(urllib.request.Request(mock_server + "/__aimock/chaos", method="DELETE")).close()


@pytest.mark.parametrize(
    ("fault", "class_"),
    [
        ("dropRate", "server"),
        ("malformedRate", "malformed"),
        ("disconnectRate", "network"),
        ("rateLimitRate", "rate_limited"),
    ],
)
@pytest.mark.parametrize("name", PROVIDERS)
def test_its_failures_are_failures(program, mock_server, chaos, name, fault, class_):
    chaos({fault: 1})
    answer = program.tell("ask", name, mock_server + PROVIDERS[name], "some-model", "sk-x")
    assert answer.get("class") == class_, answer
    assert answer["sentence"].endswith(".")
