"""A stand-in for an Ollama server, as far as Home Assistant's integration and the app ask it. Keeps what it was asked."""

import base64
import json
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

MODEL = "llava:7b"
ROOM = {
    "score": 41,
    "confidence": "high",
    "summary": "Things lie about.",
    "known": [],
    "tasks": [{"title": "Put the books back on the shelf", "priority": "normal"}],
}


class Ollama:
    def __init__(self, address: str, port: int = 11434) -> None:
        self.url = f"http://{address}:{port}"
        # What it answers to questions about a room, and to picture tests; an exception's text makes it an error.
        self.room: dict[str, Any] | Exception = ROOM
        self.questions: list[dict[str, Any]] = []
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
                try:
                    text = json.dumps(outer.answer(question))
                except Exception as error:
                    self._send(500, {"error": str(error)})
                    return
                self._send(200, {
                    "model": MODEL, "created_at": "2026-11-25T10:00:00Z", "message": {"role": "assistant", "content": text},
                    "done": True, "done_reason": "stop", "prompt_eval_count": 900, "eval_count": 60,
                })

            def _send(self, status: int, body: dict[str, Any]) -> None:
                content = (json.dumps(body) + "\n").encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-ndjson")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        return Handler


def _is_test(question: dict[str, Any]) -> bool:
    return "number of four digits" in json.dumps(question["messages"])


def read_number(question: dict[str, Any]) -> int:
    """Reads the number in a test picture. Raises if there is none."""
    (picture,) = [picture for message in question["messages"] for picture in message.get("images") or []]
    root = Path(os.environ["AICLEANER_TESTBED"]) / "root"
    reader = ["chroot", str(root), "/srv/home-assistant/bin/python", "-c", Path(__file__).with_name("digits.py").read_text()]
    return int(subprocess.run(reader, input=base64.b64decode(picture), capture_output=True, check=True, timeout=30).stdout)
