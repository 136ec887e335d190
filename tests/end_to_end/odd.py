"""Makes and commands lists of the custom component `odd_lists`."""

from typing import Any

from ha import Ha
from waiting import until


class Odd:
    def __init__(self, ha: Ha) -> None:
        self.ha = ha
        self._made: set[str] = set()

    def create(self, name: str, **kind: Any) -> None:
        self.ha.call("odd_lists.create", list=name, **kind)
        self._made.add(name)
        until(lambda: self.ha.state(f"todo.{name}") == "0", f"todo.{name} is there", within=10)

    def behave(self, name: str, **how: Any) -> None:
        self.ha.call("odd_lists.behave", list=name, **how)

    def delete(self, name: str) -> None:
        self.ha.call("odd_lists.delete", list=name)
        self._made.discard(name)
        until(lambda: self.ha.entity(f"todo.{name}") is None, f"todo.{name} is gone", within=10)

    def delete_all(self) -> None:
        for name in list(self._made):
            self.delete(name)
