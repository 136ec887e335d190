"""A real Mosquitto in the chroot, set up as Home Assistant's own broker app sets it up, and what is retained at it."""

import json
import subprocess
import threading
from pathlib import Path

import paho.mqtt.client as mqtt

from process import Process
from waiting import until

HOST, PORT, TLS_PORT = "172.30.32.1", 1883, 8883
# The name in its certificate, which the home's hosts file knows.
NAME = "core-mosquitto"
USERS = {"homeassistant": "for-core-only", "addons": "for-apps-only"}


class Broker:
    def __init__(self, root: Path, run: Path) -> None:
        self._root = root
        self._folder = run / "broker"
        self.process = Process("mosquitto", run / "logs" / "mosquitto.log")
        (self._folder / "mosquitto.conf").write_text(
            f"listener {PORT} {HOST}\n"
            "allow_anonymous false\n"
            "password_file /mnt/broker/passwords\n"
            "user root\n"
            "persistence true\n"
            "persistence_location /mnt/broker/\n"
            # A second door, with encryption, for brokers outside the Supervisor.
            f"listener {TLS_PORT} {HOST}\n"
            "certfile /mnt/broker/server.crt\nkeyfile /mnt/broker/server.key\n"
            "log_dest stdout\n"
            "log_type error\nlog_type warning\nlog_type notice\nlog_type information\n"
        )
        _certify(self._folder)
        passwords = self._folder / "passwords"
        passwords.touch(mode=0o600)
        for user, password in USERS.items():
            self.set_password(user, password)

    def set_password(self, user: str, password: str) -> None:
        """Holds from the next start on."""
        subprocess.run(["chroot", self._root, "mosquitto_passwd", "-b", "/mnt/broker/passwords", user, password], check=True, timeout=20)

    def start(self) -> None:
        self.process.start(["chroot", str(self._root), "mosquitto", "-c", "/mnt/broker/mosquitto.conf"])
        until(self._answers, "the broker accepts a connection", within=15)

    def stop(self) -> None:
        self.process.stop(15)

    def forget(self) -> None:
        """Removes what was retained, as when the user's broker lost its file; while stopped."""
        assert not self.process.running
        (self._folder / "mosquitto.db").unlink()

    def retained(self, prefix: str = "") -> dict[str, bytes]:
        """All retained messages whose topic begins with `prefix`."""
        found: dict[str, bytes] = {}
        complete = threading.Event()

        # A broker sends what is retained before anything that was published after the subscription: the marker closes the list.
        def on_subscribe(client: mqtt.Client, *_: object) -> None:
            client.publish("test_only/end_of_retained", b"x")

        def on_message(_client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
            if message.topic == "test_only/end_of_retained":
                complete.set()
            elif message.retain and message.topic.startswith(prefix):
                found[message.topic] = message.payload

        client = _client()
        client.on_connect = lambda client, *_: client.subscribe("#", qos=0)
        client.on_subscribe, client.on_message = on_subscribe, on_message
        client.connect(HOST, PORT)
        client.loop_start()
        try:
            assert complete.wait(10), "the broker did not list its retained messages"
        finally:
            client.disconnect()
            client.loop_stop()
        return found

    def commands(self) -> set[str]:
        """The topics on which the app's entities take commands, from what it says at discovery."""
        found: set[str] = set()
        for payload in self.retained("homeassistant/device/").values():
            for component in json.loads(payload).get("components", {}).values():
                found.update(value for key, value in component.items() if key == "command_topic")
        return found

    def publish(self, messages: dict[str, bytes | str], retain: bool = False) -> None:
        """Delivers each message at least once before it returns."""
        client = _client()
        client.connect(HOST, PORT)
        client.loop_start()
        try:
            for sent in [client.publish(topic, payload, qos=1, retain=retain) for topic, payload in messages.items()]:
                sent.wait_for_publish(10)
        finally:
            client.disconnect()
            client.loop_stop()

    def watch(self, *filters: str) -> "Capture":
        """Everything that is published from now on."""
        return Capture(filters)

    def clear(self, prefix: str = "") -> None:
        """Takes every retained message away whose topic begins with `prefix`."""
        self.publish({topic: b"" for topic in self.retained(prefix)}, retain=True)

    def _answers(self) -> bool:
        assert self.process.running, f"the broker ended:\n{self.process.tail()}"
        client = _client()
        try:
            client.connect(HOST, PORT)
        except OSError:
            return False
        client.disconnect()
        return True


class Capture:
    """What passes the broker, from the moment of its making until `stop`."""

    def __init__(self, filters: tuple[str, ...]) -> None:
        self.messages: list[tuple[str, bytes]] = []
        ready = threading.Event()
        self._client = _client()
        self._client.on_connect = lambda client, *_: client.subscribe([(topic, 1) for topic in filters])
        self._client.on_subscribe = lambda *_: ready.set()
        self._client.on_message = self._heard
        self._client.connect(HOST, PORT)
        self._client.loop_start()
        assert ready.wait(10), "the broker did not answer the subscription"

    def _heard(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        if not message.retain:
            self.messages.append((message.topic, message.payload))

    def say(self, topic: str, payload: str) -> None:
        self._client.publish(topic, payload, qos=1)

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def _certify(folder: Path) -> None:
    """An authority of the household's own (ca.crt) and a certificate for the broker."""
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout"]
    authority = ["ca.key", "-out", "ca.crt", "-subj", "/CN=Test authority", "-addext", "keyUsage=critical,keyCertSign"]
    server = [
        "server.key", "-out", "server.crt", "-subj", f"/CN={NAME}", "-CA", "ca.crt", "-CAkey", "ca.key",
        "-addext", f"subjectAltName=DNS:{NAME}", "-addext", "basicConstraints=critical,CA:FALSE",
    ]
    for more in (authority, server):
        subprocess.run([*new, *more], cwd=folder, check=True, capture_output=True, timeout=60)


def _client() -> mqtt.Client:
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.username_pw_set("homeassistant", USERS["homeassistant"])
    return client
