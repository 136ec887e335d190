"""Every entity that can be pressed, switched or set in Home Assistant does what it says."""

from app import App
from ha import Ha
from pictures import messy
from waiting import until
from zone import CHECK_SECONDS, Zone, until_after


def test_a_switch_follows_its_command(running: App, ha: Ha, kitchen: Zone) -> None:
    for switch in ("switch.aicleaner_v3_enabled", kitchen.id("switch", "monitoring")):
        assert ha.state(switch) == "on"
        for action, state in (("turn_off", "off"), ("turn_on", "on")):
            ha.call(f"switch.{action}", entity_id=switch)
            ha.until_state(switch, lambda seen: seen == state, state, within=5)


def test_the_interval_is_set_and_kept_over_a_restart(running: App, ha: Ha, kitchen: Zone) -> None:
    number = kitchen.id("number", "interval_minutes")
    assert ha.state(number) == "60"
    ha.call("number.set_value", entity_id=number, value=30)
    ha.until_state(number, lambda seen: seen == "30", "30 minutes", within=5)
    running.stop()
    until(lambda: ha.state(number) == "unavailable", f"{number} is unavailable", within=10)
    running.start()
    ha.until_state(number, lambda seen: seen == "30", "still 30 minutes", within=20)


def test_check_all_checks_every_zone(running: App, ha: Ha, zones: dict[str, Zone]) -> None:
    before = {room: zone.last_check() for room, zone in zones.items()}
    until_after(max(before.values()))
    ha.press("button.aicleaner_v3_check_all")
    until(lambda: all(zone.last_check() > before[room] for room, zone in zones.items()), "every zone was checked", CHECK_SECONDS)


def test_mark_all_done_ticks_the_items_off_for_good(running: App, ha: Ha, kitchen: Zone) -> None:
    items = kitchen.make_messy(messy("kitchen"))
    ha.press(kitchen.id("button", "mark_all_done"))
    kitchen.until_list(lambda now: all(item.done for item in now) and kitchen.in_step(now), "all items are ticked off")
    kitchen.check_twice()
    kitchen.settle()
    assert sorted(item.uid for item in kitchen.items() if item.done) == sorted(item.uid for item in items)
