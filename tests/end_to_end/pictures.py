"""Pictures of rooms with known truth: the rendered set, by room, light and number of things that lie about."""

from pathlib import Path

ROOMS = Path(__file__).parents[2] / "assets" / "rooms"


def tidy(room: str, light: str = "day") -> Path:
    return ROOMS / room / f"{light}-00.jpg"


def messy(room: str, light: str = "day") -> Path:
    return ROOMS / room / f"{light}-20.jpg"
