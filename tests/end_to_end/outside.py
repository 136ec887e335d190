"""The program without a Supervisor: a config file, the broker and Home Assistant by their addresses."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import requests

import broker
from home import TIME_ZONE
from process import Process
from waiting import until

ENVIRONMENT = {"TZ": TIME_ZONE, "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}


class Outside:
    """`name`: of its folder below the run's; `port` and the next one: of its page and its probes."""

    def __init__(self, root: Path, run: Path, name: str, port: int) -> None:
        self._root, self._name = root, name
        self.folder = run / name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.page, self.probes = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}"
        self._web = {"ingress": f"127.0.0.1:{port}", "probes": f"127.0.0.1:{port + 1}"}
        self.process = Process(name, run / "logs" / f"{name}.log")
        self.options: dict[str, Any] = {}

    def configure(self, **options: Any) -> None:
        self.options = {"data_dir": f"/mnt/{self._name}", "web": self._web, "log_level": "debug", "provider": "local", **options}
        (self.folder / "aicleaner.json").write_text(json.dumps(self.options))

    @property
    def _environment(self) -> dict[str, str]:
        # Another folder for the Supervisor's options, where there are none.
        return ENVIRONMENT | {"AICLEANER_DATA_DIR": f"/mnt/{self._name}"}

    def _command(self, *arguments: str) -> list[str]:
        return ["chroot", str(self._root), "/mnt/aicleaner", "--config", f"/mnt/{self._name}/aicleaner.json", *arguments]

    def start(self) -> None:
        self.process.start(self._command("run"), env=self._environment)

        def ready() -> bool:
            assert self.process.running, f"it ended:\n{self.process.tail()}"
            try:
                return requests.get(f"{self.probes}/ready", timeout=5).status_code == 200
            except requests.RequestException:
                return False

        until(ready, "it is ready", within=30)

    def stop(self) -> None:
        self.process.stop(30)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self._command(*arguments), env=self._environment, capture_output=True, text=True, timeout=150)

    def health(self, part: str) -> dict[str, Any]:
        return requests.get(f"{self.probes}/health", timeout=5).json()["components"][part]

    def metric(self, name: str) -> float:
        text = requests.get(f"{self.probes}/metrics", timeout=5).text
        return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name + " "))


def plain_broker(**more: Any) -> dict[str, Any]:
    """The `mqtt` options for the home's broker."""
    return {"host": broker.HOST, "port": broker.PORT, "username": "addons", "password": broker.USERS["addons"], **more}
