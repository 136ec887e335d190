"""What the running service costs: time to ready and to stop, memory, for 1 and 20 zones.

Usage: python3 benches/service.py PATH_TO_BINARY

Each zone has a camera of its own (a 1920x1080 picture made from assets/rooms) and all are
checked at once. Memory is the kernel's: resident now, and its high-water mark. The arenas of
the allocator are limited as in the container (MALLOC_ARENA_MAX=2).
"""

import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROUNDS = 5
ROOM = pathlib.Path(__file__).parent.parent / "assets/rooms/living_room/day-20.jpg"
PAGE, PROBES = 18099, 19464


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return json.load(reply)
    except urllib.error.HTTPError:
        return None
    except OSError:
        return None


def until(condition, limit=120):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.002)
    raise TimeoutError(condition)


def memory(pid, field):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    raise KeyError(field)


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def check_all():
    request = urllib.request.Request(
        f"http://127.0.0.1:{PAGE}/api/v1/check",
        data=b"{}",
        headers={"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{PAGE}"},
    )
    urllib.request.urlopen(request, timeout=5).close()


def checked(zones, since):
    view = answers(f"http://127.0.0.1:{PAGE}/api/v1/zones")
    if not view or view["queue"]:
        return None
    last = [zone["last_check"] for zone in view["zones"]]
    return last if len(last) == zones and all(t and t > since for t in last) else None


def one_round(binary, picture, zones):
    with tempfile.TemporaryDirectory() as folder:
        options = {
            "provider": "local",
            "zones": [{"name": f"Room {n}", "cameras": [f"file:{picture}"]} for n in range(zones)],
        }
        pathlib.Path(folder, "options.json").write_text(json.dumps(options))
        environment = {
            "AICLEANER_DATA_DIR": folder,
            "AICLEANER_WEB__INGRESS": f"127.0.0.1:{PAGE}",
            "AICLEANER_WEB__PROBES": f"127.0.0.1:{PROBES}",
            "MALLOC_ARENA_MAX": "2",
            "TZ": "UTC",
        }
        began = time.monotonic()
        service = subprocess.Popen([binary, "run"], env=environment, stderr=subprocess.DEVNULL)
        try:
            until(lambda: answers(f"http://127.0.0.1:{PROBES}/ready") is not None)
            ready = time.monotonic() - began
            fresh = memory(service.pid, "VmRSS")
            last = until(lambda: checked(zones, ""))
            used = cpu_seconds(service.pid)
            check_all()
            until(lambda: checked(zones, max(last)))
            used = cpu_seconds(service.pid) - used
            result = {
                "ready ms": ready * 1000,
                "resident at start MiB": fresh,
                "resident after checks MiB": memory(service.pid, "VmRSS"),
                "peak during checks MiB": memory(service.pid, "VmHWM"),
                "CPU ms per check": used / zones * 1000,
            }
            began = time.monotonic()
            service.send_signal(signal.SIGTERM)
            code = service.wait(timeout=30)
            result["stop ms"] = (time.monotonic() - began) * 1000
            assert code == 0, f"exit code {code}"
            return result
        finally:
            service.kill()


def main():
    binary = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        picture = pathlib.Path(folder, "room.png")
        # Pillow only makes the picture; without it the room's own 960x540 is used.
        try:
            from PIL import Image

            picture = picture.with_suffix(".jpg")
            Image.open(ROOM).resize((1920, 1080)).save(picture, quality=90)
        except ImportError:
            picture = ROOM
            print("Pillow is not installed: 960x540 instead of 1920x1080", file=sys.stderr)
        for zones in (1, 20):
            rounds = [one_round(binary, picture, zones) for _ in range(ROUNDS)]
            print(f"{zones} zone{'s' if zones > 1 else ''}, median of {ROUNDS} (lowest-highest)")
            for name in rounds[0]:
                values = [r[name] for r in rounds]
                print(f"  {name:28} {statistics.median(values):8.1f}  ({min(values):.1f}-{max(values):.1f})")
    print(f"binary {binary.stat().st_size / 1e6:.1f} MB")


main()
