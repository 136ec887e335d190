"""The entities that the product documents, by the id under which a user finds them."""

HUB = [
    "binary_sensor.aicleaner_v3_problem",
    "button.aicleaner_v3_check_all",
    "sensor.aicleaner_v3_ai_calls_saved_today",
    "sensor.aicleaner_v3_ai_calls_today",
    "sensor.aicleaner_v3_ai_cost_today",
    "sensor.aicleaner_v3_config_status",
    "sensor.aicleaner_v3_error_rate",
    "sensor.aicleaner_v3_last_check",
    "sensor.aicleaner_v3_memory",
    "sensor.aicleaner_v3_provider",
    "sensor.aicleaner_v3_queue",
    "sensor.aicleaner_v3_started",
    "sensor.aicleaner_v3_status",
    "sensor.aicleaner_v3_version",
    "switch.aicleaner_v3_enabled",
]

ZONE = [
    "binary_sensor.aicleaner_{zone}_needs_cleaning",
    "binary_sensor.aicleaner_{zone}_problem",
    "button.aicleaner_{zone}_check_now",
    "button.aicleaner_{zone}_looks_messy",
    "button.aicleaner_{zone}_looks_tidy",
    "button.aicleaner_{zone}_mark_all_done",
    "button.aicleaner_{zone}_this_is_clean",
    "event.aicleaner_{zone}_event",
    "image.aicleaner_{zone}_snapshot",
    "number.aicleaner_{zone}_interval_minutes",
    "number.aicleaner_{zone}_pickiness",
    "select.aicleaner_{zone}_snooze",
    "sensor.aicleaner_{zone}_cleanliness",
    "sensor.aicleaner_{zone}_last_check",
    "sensor.aicleaner_{zone}_next_check",
    "sensor.aicleaner_{zone}_status",
    "sensor.aicleaner_{zone}_streak_days",
    "sensor.aicleaner_{zone}_tasks",
    "switch.aicleaner_{zone}_monitoring",
    "text.aicleaner_{zone}_ignore",
]

ROOMS = ["kitchen", "living_room", "bedroom"]

ALL = [*HUB, *(entity.format(zone=room) for room in ROOMS for entity in ZONE)]
