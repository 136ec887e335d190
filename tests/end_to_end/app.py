"""The program under test, started as its container would start it."""

import json
import re
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Any

import requests

from home import TIME_ZONE
from process import Process
from supervisor import Supervisor
from waiting import until

PAGE = "http://172.30.33.5:8099"
PROBES = "http://172.30.33.5:9464"

# What the Supervisor writes to /data/options.json: the user's zones, and the default of everything else.
OPTIONS: dict[str, Any] = {
    "zones": [
        {"name": "Kitchen", "cameras": ["camera.kitchen"], "todo_list": "todo.kitchen"},
        {"name": "Living Room", "cameras": ["camera.living_room"], "todo_list": "todo.shopping_list"},
        {"name": "Bedroom", "cameras": ["camera.bedroom"], "todo_list": "todo.bedroom"},
    ],
    "provider": "local",
    "fallback_providers": [],
    "local_only": False,
    "daily_call_limit": 200,
    "interval_minutes": 60,
    "notify_personality": "default",
    "notify_min_tasks": 1,
    "mqtt": {},
    "device_id": "aicleaner_v3",
    "advanced": {},
    "log_level": "debug",
}

# Its own mount namespace: /data is its only lasting folder, /tmp lives in memory.
CONTAINER = 'mount --bind "$1" "$2/data" && mount -t tmpfs tmpfs "$2/tmp" && root="$2" && shift 2 && exec chroot "$root" /mnt/aicleaner "$@"'

PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"


class App:
    def __init__(self, root: Path, run: Path, supervisor: Supervisor) -> None:
        self._root = root
        self._data = run / "data"
        self._supervisor = supervisor
        self.process = Process("aicleaner", run / "logs" / "aicleaner.log")

    def forget(self) -> None:
        """As if never installed: an empty /data."""
        assert not self.process.running
        shutil.rmtree(self._data)
        self._data.mkdir()
        self._supervisor.options = OPTIONS

    def launch(self) -> None:
        """Starts it and waits for nothing. The Supervisor writes the options and makes a new token at every start."""
        (self._data / "options.json").write_text(json.dumps(self._supervisor.options))
        self._supervisor.app_token = secrets.token_hex(28)
        self._run(["run"], {"SUPERVISOR_TOKEN": self._supervisor.app_token})

    def start_outside(self, config: dict[str, Any], **env: str) -> None:
        """Without a Supervisor: a config file in /data. Returns when it is ready."""
        (self._data / "outside.json").write_text(json.dumps(config))
        self._run(["run", "--config", "/data/outside.json"], env)
        self.until_answers("ready", within=30)

    def put(self, name: str, content: bytes) -> str:
        """A file in /data; its path as the program sees it."""
        (self._data / name).write_bytes(content)
        return f"/data/{name}"

    def _run(self, arguments: list[str], env: dict[str, str]) -> None:
        self.process.start(
            self._inside(*arguments),
            env={"TZ": TIME_ZONE, "PATH": PATH, **env},
        )

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another command in the app's container, as `docker exec` runs it."""
        env = {"SUPERVISOR_TOKEN": self._supervisor.app_token, "TZ": TIME_ZONE, "PATH": PATH}
        return subprocess.run(self._inside(*arguments), env=env, capture_output=True, text=True, timeout=150)

    def _inside(self, *arguments: str) -> list[str]:
        container = ["unshare", "--mount", "--propagation", "private", "sh", "-c", CONTAINER, "sh"]
        return [*container, str(self._data), str(self._root), *arguments]

    def back_up(self) -> dict[str, bytes]:
        """As the Supervisor makes a backup while the app runs: the hook, then what is not left out of /data."""
        manifest = Path(__file__).parents[2] / "aicleaner_v3" / "config.yaml"
        hook = re.search(r"^backup_pre: /usr/bin/aicleaner (.*)$", manifest.read_text(), re.MULTILINE)
        left_out = re.search(r"^backup_exclude:\n  - (.*)$", manifest.read_text(), re.MULTILINE)
        assert hook and left_out
        done = self.command(*hook[1].split())
        assert (done.returncode, done.stderr) == (0, "")
        return {path.name: path.read_bytes() for path in self._data.iterdir() if path.is_file() and not path.match(left_out[1])}

    def restore(self, backup: dict[str, bytes]) -> None:
        """As the Supervisor does it: the app is stopped, and /data holds what the backup held and nothing else."""
        assert not self.process.running
        shutil.rmtree(self._data)
        self._data.mkdir()
        for name, content in backup.items():
            (self._data / name).write_bytes(content)

    def start(self) -> None:
        """Returns when it is ready."""
        self.launch()
        self.until_answers("ready", within=30)

    def until_answers(self, probe: str, within: float) -> None:
        """Until the probe (`health` or `ready`) says 200."""

        def good() -> bool:
            assert self.process.running, f"aicleaner ended:\n{self.process.tail()}"
            try:
                return requests.get(f"{PROBES}/{probe}", timeout=5).status_code == 200
            except requests.RequestException:
                return False

        until(good, f"/{probe} answers 200", within, every=0.01)

    def stop(self) -> tuple[int, float]:
        """SIGTERM; the exit code and the seconds it took."""
        return self.process.stop(30)

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        self.process.kill()
