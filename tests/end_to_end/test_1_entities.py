"""What Home Assistant shows of the app: all entities under their documented ids, and none without it."""

from app import App
from entities import ALL, HUB, ROOMS
from ha import Ha
from waiting import until
from zone import Zone


def unavailable(ha: Ha) -> list[str]:
    return [entity for entity, state in ha.entities().items() if state["state"] == "unavailable"]


def silent(ha: Ha) -> list[str]:
    """Documented entities that have nothing to say; a button that was never pressed and an event that never happened may."""
    states = ha.entities()
    return [entity for entity in ALL if not entity.startswith(("button.", "event.")) and states[entity]["state"] in ("unknown", "unavailable")]


def test_all_entities_appear_under_their_documented_ids(app: App, ha: Ha, zones: dict[str, Zone]) -> None:
    assert ha.entities() == {}
    app.start()
    until(lambda: set(ALL) <= set(ha.entities()), f"all {len(ALL)} entities are there", within=15)
    assert set(ha.entities()) == set(ALL), "entities that are not documented"
    until(lambda: not unavailable(ha), "all entities are available", within=10)

    # Once each zone was checked, each entity says something. Pictures are not retained at the broker: they may come a little later.
    for zone in zones.values():
        zone.until_checked()
    until(lambda: not silent(ha), "all entities say something", within=20)


def test_each_zone_is_a_device_below_the_hub(running: App, ha: Ha) -> None:
    registered = ha.registered_entities()
    devices = {device["id"]: device for device in ha.registered_devices()}
    hub = {registered[entity]["device_id"] for entity in HUB}
    assert len(hub) == 1
    for room in ROOMS:
        device = devices[registered[f"sensor.aicleaner_{room}_cleanliness"]["device_id"]]
        assert device["via_device_id"] in hub
        assert device["name"] == room.replace("_", " ").title()


def test_the_snapshot_is_a_picture(running: App, ha: Ha) -> None:
    for room in ROOMS:
        ha.until_state(f"image.aicleaner_{room}_snapshot", lambda _: True, "a picture has come", within=20)
        picture = ha.image(f"image.aicleaner_{room}_snapshot")
        assert picture.startswith(b"\xff\xd8\xff") and picture.endswith(b"\xff\xd9"), f"{room}: not a JPEG: {picture[:16]!r}"


def test_the_score_of_a_tidy_room_needs_no_cleaning(running: App, zones: dict[str, Zone]) -> None:
    for zone in zones.values():
        assert 0 <= zone.score() <= 100
        assert zone.ha.state(zone.id("binary_sensor", "needs_cleaning")) == "off"
        assert zone.items() == []
