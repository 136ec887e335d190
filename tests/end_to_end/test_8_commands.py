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


def test_pickiness_is_set_and_kept_over_a_restart(running: App, ha: Ha, kitchen: Zone) -> None:
    number = kitchen.id("number", "pickiness")
    assert ha.state(number) == "3"
    ha.call("number.set_value", entity_id=number, value=5)
    ha.until_state(number, lambda seen: seen == "5", "5", within=5)
    running.stop()
    until(lambda: ha.state(number) == "unavailable", f"{number} is unavailable", within=10)
    running.start()
    ha.until_state(number, lambda seen: seen == "5", "still 5", within=20)


def test_a_snooze_puts_the_next_check_off_and_can_be_ended(running: App, ha: Ha, kitchen: Zone) -> None:
    select, next_check = kitchen.id("select", "snooze"), kitchen.id("sensor", "next_check")
    assert ha.state(select) == "off"
    kitchen.until_checked()
    before = ha.until_state(next_check, lambda _: True, "a next check", within=10)
    ha.call("select.select_option", entity_id=select, option="8 hours")
    ha.until_state(select, lambda seen: seen == "8 hours", "8 hours", within=5)
    ha.until_state(next_check, lambda seen: seen > before, "a later check", within=5)
    ha.call("select.select_option", entity_id=select, option="off")
    ha.until_state(select, lambda seen: seen == "off", "off", within=5)
    ha.until_state(next_check, lambda seen: seen == before, "the check that was planned", within=5)


def test_what_is_typed_into_ignore_goes_from_the_list_and_stays_away(running: App, ha: Ha, kitchen: Zone) -> None:
    items = kitchen.make_messy(messy("kitchen"))
    text = kitchen.id("text", "ignore")
    assert ha.state(text) == ""
    # The built-in judge names places only: the rule is a title of its own.
    title = kitchen.open_among(items)[0].summary
    ha.call("text.set_value", entity_id=text, value=title)
    ha.until_state(text, lambda seen: seen == title, "the rule", within=5)
    kitchen.until_list(lambda now: title not in [item.summary for item in now] and kitchen.in_step(now), "what the rule names is gone")
    kitchen.check_twice()
    kitchen.settle()
    assert title not in kitchen.open()
    assert ha.entities()[text]["attributes"]["rules"][0]["rule"] == title
