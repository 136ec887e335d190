"""A TLS front before Home Assistant, with a certificate of an authority of its own."""

import asyncio
import ssl
import subprocess
import threading
from pathlib import Path

ADDRESS, PORT = "172.30.32.1", 8443
CORE = ("172.30.32.1", 8123)


class Tls:
    def __init__(self, folder: Path) -> None:
        self._key, self._certificate = folder / "key.pem", folder / "certificate.pem"
        # Its own authority: trusted only where it is named.
        config = folder / "openssl.conf"
        config.write_text(
            "[req]\ndistinguished_name = name\nx509_extensions = extensions\nprompt = no\n[name]\nCN = test home\n"
            f"[extensions]\nbasicConstraints = critical, CA:FALSE\nsubjectAltName = IP:{ADDRESS}\n"
        )
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-config", config]
        subprocess.run([*command, "-keyout", self._key, "-out", self._certificate], check=True, capture_output=True)
        self.url = f"https://{ADDRESS}:{PORT}"
        self.authority = self._certificate.read_bytes()
        # What clients said after a handshake that they accepted.
        self.heard = b""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tls", daemon=True)

    def start(self) -> None:
        self._thread.start()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate, self._key)
        serving = asyncio.start_server(self._serve, ADDRESS, PORT, ssl=context)
        self._server = asyncio.run_coroutine_threadsafe(serving, self._loop).result(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        core_reader, core_writer = await asyncio.open_connection(*CORE)

        async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter, said: bool) -> None:
            try:
                while data := await source.read(65536):
                    self.heard += data if said else b""
                    target.write(data)
                    await target.drain()
            except (ConnectionError, ssl.SSLError):
                pass
            finally:
                target.close()

        await asyncio.gather(carry(reader, core_writer, True), carry(core_reader, writer, False), return_exceptions=True)
