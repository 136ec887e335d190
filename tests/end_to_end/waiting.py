"""Waiting for something to become true, with a deadline instead of a guess."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(condition: Callable[[], T], what: str, within: float, every: float = 0.05) -> T:
    """Asks `condition` until it answers something true, and returns that. `within` and `every` are seconds."""
    deadline = time.monotonic() + within
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what} (last seen: {answer!r})")
        time.sleep(every)


def throughout(condition: Callable[[], bool], what: str, seconds: float, every: float = 0.2) -> None:
    """Asserts that `condition` holds for the whole time: for what must *not* happen."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert condition(), f"ceased to be true: {what}"
        time.sleep(every)
