"""A child process with a log file, started and stopped within time limits."""

import signal
import subprocess
import time
from pathlib import Path

class Process:
    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, command: list[str], env: dict[str, str] | None = None) -> None:
        assert not self.running, f"{self.name} runs already"
        # One log over all restarts: a test reads on across them.
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int:
        assert self._child is not None
        return self._child.pid

    def signal(self, number: signal.Signals) -> None:
        if self.running:
            self._child.send_signal(number)

    def wait(self, within: float) -> int:
        """The exit code; fails if the process has not ended in time."""
        assert self._child is not None
        try:
            return self._child.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end within {within:g} s") from None

    def stop(self, within: float = 30) -> tuple[int, float]:
        """SIGTERM; the exit code and the seconds it took."""
        began = time.monotonic()
        self.signal(signal.SIGTERM)
        return self.wait(within), time.monotonic() - began

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        if self._child is not None:
            self.wait(10)

    def tail(self, lines: int = 60) -> str:
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
