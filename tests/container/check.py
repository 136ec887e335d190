"""Runs the image as the Supervisor runs an app, narrower still, and says what it saw: check.py IMAGE SCRATCH."""

import http.server
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.request

IMAGE, SCRATCH = sys.argv[1], pathlib.Path(sys.argv[2])
ROOT = pathlib.Path(__file__).parents[2]
# As little as a container can be given: nothing to write to but /data and /tmp, no capability, the memory that is promised.
NARROW = [
    "--pull=never", "--network=host", "--read-only", "--tmpfs=/tmp:size=8m", "--cap-drop=ALL",
    "--security-opt=no-new-privileges", "--pids-limit=64", "--memory=64m", "--memory-swap=64m",
]
PATIENCE = 30


def docker(*arguments, check=True):
    done = subprocess.run([os.environ["DOCKER"], *arguments], capture_output=True, text=True, timeout=120)
    if check and done.returncode != 0:
        raise AssertionError(f"docker {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def until(what, ask):
    """Asks until there is an answer, and gives it with the seconds it took."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        if answer := ask():
            return answer, time.monotonic() - began
        time.sleep(0.01)
    raise AssertionError(f"{what}: not within {PATIENCE} s")


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.read()
    except OSError:
        return None


def inspect(name, template):
    return json.loads(docker("inspect", "--format", "{{json %s}}" % template, name).stdout)


def looked_at():
    """What the image says about itself, and what is in it."""
    config = inspect(IMAGE, ".Config")
    assert config["Entrypoint"] == ["/usr/bin/aicleaner"] and config["Cmd"] == ["run"], config
    assert config["Healthcheck"]["Test"] == ["CMD", "/usr/bin/aicleaner", "healthcheck"], config["Healthcheck"]
    manifest = (ROOT / "aicleaner_v3/config.yaml").read_text()
    version = next(line.split('"')[1] for line in manifest.splitlines() if line.startswith("version:"))
    for label, value in {
        "io.hass.type": "app",
        "io.hass.version": version,
        "io.hass.arch": "aarch64|amd64",
        "org.opencontainers.image.version": version,
    }.items():
        assert config["Labels"][label] == value, (label, config["Labels"])
    docker("create", "--pull=never", "--name=bare", IMAGE)
    tree = SCRATCH / "tree"
    tree.mkdir()
    docker("export", "--output", str(SCRATCH / "tree.tar"), "bare")
    docker("rm", "bare")
    subprocess.run(["tar", "-xf", str(SCRATCH / "tree.tar"), "-C", str(tree)], check=True)
    # Empty files are what the engine itself lays down for its mounts.
    held = {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file() and path.stat().st_size}
    assert held == {"usr/bin/aicleaner", "etc/ssl/certs/ca-certificates.crt"}, held
    assert (tree / "data").is_dir() and (tree / "tmp").stat().st_mode & 0o7777 == 0o1777
    assert interpreter(tree / "usr/bin/aicleaner") is None, "the program needs libraries that the image has not"
    print(f"image: {inspect(IMAGE, '.Size') / 2**20:.1f} MiB, one program and its certificates")


def interpreter(program):
    """The loader that an ELF file asks for, if it is not static."""
    head = program.read_bytes()
    start, = struct.unpack_from("<Q", head, 32)
    size, number = struct.unpack_from("<HH", head, 54)
    kinds = [struct.unpack_from("<I", head, start + at * size)[0] for at in range(number)]
    return "loader" if 3 in kinds else None


class Supervisor(http.server.BaseHTTPRequestHandler):
    """Knows nothing and says so, as in the first minute of a boot."""

    asked = set()

    def do_GET(self):
        self.asked.add((self.headers.get("Host"), self.path))
        body = b'{"result":"error","message":"System is not ready with state: setup"}'
        self.send_response(400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_):
        pass


def name_server():
    """Every name is this machine; tells which were asked for."""
    asked = set()
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))

    def serve():
        while True:
            query, sender = server.recvfrom(512)
            at, labels = 12, []
            while query[at]:
                labels.append(query[at + 1 : at + 1 + query[at]].decode())
                at += query[at] + 1
            kind, = struct.unpack_from(">H", query, at + 1)
            asked.add(".".join(labels))
            answer = b"\xc0\x0c" + struct.pack(">HHIH4s", 1, 1, 1, 4, bytes([127, 0, 0, 1])) if kind == 1 else b""
            head = query[:2] + struct.pack(">HHHHH", 0x8180, 1, int(bool(answer)), 0, 0)
            server.sendto(head + query[12 : at + 5] + answer, sender)

    threading.Thread(target=serve, daemon=True).start()
    return asked


def without_a_supervisor():
    data = SCRATCH / "data-alone"
    data.mkdir()
    docker("run", "--detach", "--name=alone", *NARROW, f"--volume={data}:/data", "--env=TZ=Europe/Berlin", IMAGE)
    began = time.monotonic()
    _, ready = until("ready", lambda: get("http://127.0.0.1:9464/ready"))
    state = json.loads(get("http://127.0.0.1:9464/health"))
    assert state["status"] in ("ok", "degraded"), state
    assert b"<title>AICleaner V3</title>" in get("http://127.0.0.1:8099/")
    until("healthy", lambda: inspect("alone", ".State.Health.Status") == "healthy")
    healthy = time.monotonic() - began
    lines = docker("exec", "alone", "/usr/bin/aicleaner", "doctor", check=False).stdout
    assert "certificates are there" in lines and "Europe/Berlin" in lines, lines
    assert docker("exec", "alone", "/usr/bin/aicleaner", "backup-prepare").returncode == 0
    assert (data / "aicleaner-backup.db").stat().st_size > 0
    usage = docker("stats", "--no-stream", "--format", "{{.MemUsage}}", "alone").stdout.strip()
    seconds = stopped("alone")
    print(f"alone: ready {ready:.2f} s after docker run, healthy after {healthy:.1f} s, memory {usage}, stopped in {seconds:.2f} s")


def stopped(name):
    began = time.monotonic()
    docker("stop", name)
    seconds = time.monotonic() - began
    state = inspect(name, ".State")
    log = docker("logs", name)
    assert state["ExitCode"] == 0 and not state["OOMKilled"], (state, log.stdout[-2000:], log.stderr[-2000:])
    docker("rm", name)
    return seconds


def behind_a_supervisor():
    """Its name is found as in Home Assistant OS, by a name server; what it says first is "not ready"."""
    names = name_server()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 80), Supervisor)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    data = SCRATCH / "data-app"
    data.mkdir()
    docker(
        "run", "--detach", "--name=app", *NARROW, f"--volume={data}:/data", "--dns=127.0.0.1",
        "--env=SUPERVISOR_TOKEN=not-a-real-one", IMAGE,
    )
    until("alive", lambda: get("http://127.0.0.1:9464/health"))
    until("a word to the Supervisor", lambda: any(host == "supervisor" for host, _ in Supervisor.asked))
    assert any(name.startswith("supervisor") for name in names), names
    seconds = stopped("app")
    server.shutdown()
    print(f"behind a Supervisor that is not ready: asked {len(Supervisor.asked)} things, stopped in {seconds:.2f} s")


def at_work():
    """The built-in judge over three rooms, within the same walls."""
    done = docker("run", "--name=demo", *NARROW, "--tmpfs=/data", IMAGE, "demo", "--once", "--json", check=False)
    state = inspect("demo", ".State")
    assert done.returncode == 0 and not state["OOMKilled"], (state, done.stderr[-2000:])
    zones = json.loads(done.stdout)["zones"]
    assert len(zones) == 3, zones
    docker("rm", "demo")
    print("at work:", ", ".join(f"{zone['zone']} {zone['score']}" for zone in zones))


looked_at()
without_a_supervisor()
behind_a_supervisor()
at_work()
