"""A stand-in for an Ollama server, as far as Home Assistant's integration and the app ask it. Keeps what it was asked."""

import base64
import json
import os
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from ha import Ha

MODEL = "llava:7b"
# Home Assistant's entity that asks it.
ENTITY = "ai_task.test_ai"
# Where our pictures lie while it looks at them.
FOLDER = "media-source://media_source/local/aicleaner"
ROOM = {
    "score": 41,
    "confidence": "high",
    "summary": "Things lie about.",
    "known": [],
    "tasks": [{"title": "Put the books back on the shelf", "priority": "normal"}],
}


@dataclass
class Raw:
    """An answer as it goes over the wire."""

    body: bytes
    status: int = 200
    kind: str = "application/x-ndjson"
    # How many bytes the header says there are, if it is not true.
    promised: int | None = None


def chat(content: str, **more: Any) -> Raw:
    """A whole answer of the model; `more` goes into its message."""
    return Raw((json.dumps(answer_of(content, **more)) + "\n").encode())


def answer_of(content: str, **more: Any) -> dict[str, Any]:
    return {
        "model": MODEL, "created_at": "2026-11-25T10:00:00Z", "message": {"role": "assistant", "content": content, **more},
        "done": True, "done_reason": "stop", "prompt_eval_count": 900, "eval_count": 60,
    }


class Ollama:
    def __init__(self, address: str, port: int = 11434) -> None:
        self.url = f"http://{address}:{port}"
        # What it answers to questions about a room, and to picture tests; an exception's text makes it an error.
        self.room: dict[str, Any] | Exception = ROOM
        # If it is there, what goes over the wire instead.
        self.instead: Callable[[], Raw] | None = None
        self.questions: list[dict[str, Any]] = []
        # While it is clear, questions about rooms wait for their answer.
        self.free = threading.Event()
        self.free.set()
        # Of its entry in Home Assistant.
        self.entry = ""
        self._server = ThreadingHTTPServer((address, port), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def pictures(self) -> list[bytes]:
        """All pictures of the questions about rooms, in order."""
        return [
            base64.b64decode(picture)
            for question in self.questions
            if not _is_test(question)
            for message in question["messages"]
            for picture in message.get("images") or []
        ]

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        if _is_test(question):
            return {"count": 0, "colour": "none", "number": read_number(question)}
        assert self.free.wait(120), "a test forgot to let it answer"
        if isinstance(self.room, Exception):
            raise self.room
        return self.room

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                pass

            def do_GET(self) -> None:
                self._send(200, {"models": [{
                    "name": MODEL, "model": MODEL, "modified_at": "2026-11-01T00:00:00Z", "size": 1, "digest": "d" * 64,
                    "details": {"format": "gguf", "family": "llava", "parameter_size": "7B", "quantization_level": "Q4_0"},
                }], "version": "0.30.0"})

            def do_POST(self) -> None:
                question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.path != "/api/chat":
                    self._send(200, {"capabilities": ["completion", "vision"], "details": {}, "model_info": {}})
                    return
                outer.questions.append(question)
                if outer.instead and not _is_test(question):
                    raw = outer.instead()
                    self._send_bytes(raw.status, raw.body, raw.kind, raw.promised)
                    return
                try:
                    text = json.dumps(outer.answer(question))
                except Exception as error:
                    self._send(500, {"error": str(error)})
                    return
                self._send(200, answer_of(text))

            def _send(self, status: int, body: dict[str, Any]) -> None:
                self._send_bytes(status, (json.dumps(body) + "\n").encode())

            def _send_bytes(self, status: int, content: bytes, kind: str = "application/x-ndjson", promised: int | None = None) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content) if promised is None else promised))
                self.end_headers()
                self.wfile.write(content)

        return Handler


def _is_test(question: dict[str, Any]) -> bool:
    return "number of four digits" in json.dumps(question["messages"])


def media(ha: Ha) -> list[str]:
    """What lies in our folder of Home Assistant's media."""
    try:
        (listing,) = ha.ask({"type": "media_source/browse_media", "media_content_id": FOLDER})
    except AssertionError:
        return []  # There is no such folder yet.
    return [child["title"] for child in listing["children"]]


def read_number(question: dict[str, Any]) -> int:
    """Reads the number in a test picture. Raises if there is none."""
    (picture,) = [picture for message in question["messages"] for picture in message.get("images") or []]
    root = Path(os.environ["AICLEANER_TESTBED"]) / "root"
    reader = ["chroot", str(root), "/srv/home-assistant/bin/python", "-c", Path(__file__).with_name("digits.py").read_text()]
    return int(subprocess.run(reader, input=base64.b64decode(picture), capture_output=True, check=True, timeout=30).stdout)
