"""The page's API as Home Assistant's ingress passes it on."""

from typing import Any

import requests


class Page:
    def _url(self, path: str) -> str:
        return f"http://172.30.32.2/ingress/test-ingress-token/{path}"

    def get(self, path: str) -> Any:
        answer = requests.get(self._url(path), timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def post(self, path: str, body: Any) -> Any:
        answer = requests.post(self._url(path), json=body, headers={"X-Requested-With": "aicleaner"}, timeout=30)
        assert answer.ok, answer.text
        return answer.json()
