"""The link to Home Assistant in all weather: the Supervisor away, half-open connections, refused tokens, no Supervisor at all."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import broker as mosquitto
from app import App
from ha import URL, Ha
from home import Home
from pictures import messy, tidy
from supervisor import Supervisor
from tls import Tls
from waiting import until
from zone import BACK_SECONDS, Zone

STATUS = "sensor.aicleaner_v3_status"


def told(app: App, words: str, since: int) -> int:
    """How many lines of the app's log since then hold these words, but for what only its debugging says."""
    said = app.process.log.read_text(errors="replace").splitlines()[since:]
    return sum(words in line for line in said if " DEBUG " not in line)


def lines(app: App) -> int:
    return len(app.process.log.read_text(errors="replace").splitlines())


def sentence(ha: Ha) -> str:
    entity = ha.entity("binary_sensor.aicleaner_v3_problem")
    return str(entity["attributes"]) if entity else ""


def assert_works_both_ways(zone: Zone) -> None:
    """A mess becomes items, a person's tick is noticed, and tidying up ticks off the rest."""
    items = zone.make_messy(messy(zone.room))
    zone.settle()
    zone.ha.tick(zone.list, items[0])
    zone.until_list(zone.in_step, "the tick is noticed")
    zone.show(tidy(zone.room))
    zone.check_twice()
    zone.until_list(lambda now: all(item.done for item in now), "all items are ticked off")
    zone.assert_no_doubles()


def test_the_supervisor_itself_goes_away_and_comes_back(running: App, supervisor: Supervisor, ha: Ha, bedroom: Zone) -> None:
    since = lines(running)
    supervisor.leave()
    ha.until_state(STATUS, lambda state: state == "paused", "paused", within=30)
    running.until_answers("health", within=5)
    supervisor.come_back()
    ha.until_state(STATUS, lambda state: state == "ok", "ok again", within=BACK_SECONDS)
    assert_works_both_ways(bedroom)
    assert told(running, "connected to Home Assistant", since) <= 1
    assert told(running, "..", since) == 0


def test_a_half_open_connection_is_noticed_within_forty_seconds(running: App, supervisor: Supervisor, ha: Ha, bedroom: Zone) -> None:
    items = bedroom.make_messy(messy("bedroom"))
    bedroom.settle()
    since = lines(running)
    supervisor.mute = True
    bedroom.ha.tick(bedroom.list, items[0])
    until(lambda: told(running, "stopped answering", since), "the silence is noticed", within=55)
    supervisor.mute = False
    ha.until_state(STATUS, lambda state: state == "ok", "ok again", within=BACK_SECONDS)
    bedroom.until_list(bedroom.in_step, "what was ticked meanwhile is known")


def test_original_8_a_refused_token_is_one_clear_sentence_and_ends_when_it_is_mended(
    running: App, supervisor: Supervisor, ha: Ha, bedroom: Zone
) -> None:
    since = lines(running)
    good, supervisor.app_token = supervisor.app_token, "another"
    supervisor.cut()
    ha.until_state(STATUS, lambda state: state == "degraded", "degraded", within=30)
    assert "does not accept the app's token; restart the app" in sentence(ha)
    assert good not in sentence(ha)
    supervisor.app_token = good
    # It is tried again after half a minute at most.
    ha.until_state(STATUS, lambda state: state == "ok", "ok again", within=60)
    assert told(running, "does not accept the app's token", since) == 1
    assert_works_both_ways(bedroom)


# --- Home Assistant Container and Core: no Supervisor


@pytest.fixture
def outside(home: Home) -> dict[str, Any]:
    """A config file as a user without a Supervisor writes it."""
    return {
        "home_assistant": {"url": URL, "token": home.token},
        "web": {"probes": "172.30.33.5:9464"},
        "data_dir": "/data",
        "mqtt": {"host": mosquitto.HOST, "username": "addons", "password": mosquitto.USERS["addons"]},
        "zones": [{"name": "Bedroom", "cameras": ["camera.bedroom"], "todo_list": "todo.bedroom"}],
        "provider": "local",
        "log_level": "debug",
    }


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[Tls]:
    tls = Tls(tmp_path)
    tls.start()
    yield tls
    tls.stop()


def test_without_a_supervisor_over_http(app: App, outside: dict[str, Any], home: Home, bedroom: Zone) -> None:
    app.start_outside(outside)
    bedroom.until_checked()
    assert_works_both_ways(bedroom)
    home.restart()
    bedroom.ha.until_state(STATUS, lambda state: state == "ok", "ok again", within=BACK_SECONDS)
    before = bedroom.items()
    bedroom.show(messy("bedroom"))
    bedroom.check_twice()
    bedroom.until_list(lambda items: bedroom.open_among(items) and bedroom.in_step(items), "what was done is asked for again")
    assert before, "the list outlived the restart"


def test_without_a_supervisor_over_https(app: App, outside: dict[str, Any], tls: Tls, bedroom: Zone) -> None:
    outside["home_assistant"]["url"] = tls.url
    app.start_outside(outside, SSL_CERT_FILE=app.put("authority.pem", tls.authority))
    bedroom.until_checked()
    assert_works_both_ways(bedroom)


def test_an_unknown_certificate_is_refused_in_words(app: App, outside: dict[str, Any], tls: Tls, ha: Ha) -> None:
    """The token goes to nobody who cannot prove who he is."""
    other = Path(app.process.log).parent / "other.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null", "-subj", "/CN=other", "-out", other], check=True, capture_output=True)
    outside["home_assistant"]["url"] = tls.url
    app.start_outside(outside, SSL_CERT_FILE=app.put("authority.pem", other.read_bytes()))
    other.unlink()
    ha.until_state(STATUS, lambda state: state == "degraded", "degraded", within=30)
    assert "certificate" in sentence(ha) and "SSL_CERT_FILE" in sentence(ha)
    assert tls.heard == b"", "nothing was said to the unknown"


def test_original_8_a_wrong_token_outside_is_one_clear_sentence(app: App, outside: dict[str, Any], ha: Ha) -> None:
    outside["home_assistant"]["token"] = "not-the-token"
    app.start_outside(outside)
    ha.until_state(STATUS, lambda state: state == "degraded", "degraded", within=30)
    assert "create a new long-lived access token" in sentence(ha)
    assert "not-the-token" not in app.process.log.read_text()
