"""The two listeners: the page, for the Supervisor's ingress alone, and the probes."""

import http.client
import re

import requests

from app import PROBES, App
from supervisor import ADDRESS, INGRESS, INGRESS_ENTRY

NEIGHBOUR = "172.30.33.9"
# Behind ingress the page lives below a path that it does not know: whatever starts at the root or names a host leads astray.
ABSOLUTE = re.compile(r"""(?:\b(?:src|href|action)\s*=\s*["']?|\bfetch\(\s*["'`]|\burl\(\s*["']?)/|https?://(?!www\.w3\.org/)""")
REFERENCE = re.compile(r"""\b(?:src|href)\s*=\s*["']([^"'#]+)""")


def through_ingress(path: str) -> requests.Response:
    """As Home Assistant Core asks the Supervisor for a page of the app's."""
    headers = {"X-Ingress-Path": INGRESS_ENTRY, "X-Hass-Source": "core.ingress", "X-Forwarded-For": "192.168.1.20"}
    return requests.get(f"http://{ADDRESS}/ingress/{INGRESS}/{path}", headers=headers, timeout=10, allow_redirects=False)


def status_from(source: str, path: str) -> int:
    connection = http.client.HTTPConnection("172.30.33.5", 8099, timeout=10, source_address=(source, 0))
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def test_original_2_the_page_answers_through_ingress_without_absolute_urls(running: App) -> None:
    page = through_ingress("")
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert ABSOLUTE.findall(page.text) == []
    for reference in REFERENCE.findall(page.text):
        if reference.startswith("data:"):
            continue
        part = through_ingress(reference.removeprefix("./"))
        assert part.status_code == 200, reference
        if part.headers["Content-Type"].startswith(("text/", "application/javascript")):
            assert ABSOLUTE.findall(part.text) == [], reference


def test_the_zones_are_told_through_ingress(running: App) -> None:
    answer = through_ingress("api/v1/zones")
    assert answer.status_code == 200
    assert all(name in answer.text for name in ("Kitchen", "Living Room", "Bedroom"))


def test_only_the_supervisor_gets_the_page(running: App) -> None:
    assert status_from(ADDRESS, "/") == 200
    for path in ("/", "/api/v1/zones"):
        assert status_from(NEIGHBOUR, path) == 403, path


def test_the_probes_answer(running: App) -> None:
    assert requests.get(f"{PROBES}/health", timeout=5).status_code == 200
    assert requests.get(f"{PROBES}/ready", timeout=5).status_code == 200
    metrics = requests.get(f"{PROBES}/metrics", timeout=5)
    assert metrics.status_code == 200
    assert "\naicleaner_" in metrics.text
