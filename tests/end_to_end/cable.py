"""A cable between the app and a server that can be pulled: a TCP proxy with faults."""

import asyncio
import socket
import struct
import threading
from collections.abc import Coroutine
from typing import Any


class Cable:
    """Carries bytes from `here` to `there` (host, port) while it is in."""

    def __init__(self, here: tuple[str, int], there: tuple[str, int]) -> None:
        self._here, self._there = here, there
        self._ends: set[asyncio.StreamWriter] = set()
        self._frozen = False
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"cable {here[1]}", daemon=True)
        self._thread.start()
        # Bytes that came from the server: somebody talks through it.
        self.carried = 0
        self.mend()

    def pull(self, how: str) -> None:
        """`close`: as a server that goes; `reset`: as a crash; `freeze`: nothing gets through, and nobody is told."""
        self._do(self._pull(how))

    def mend(self) -> None:
        """In again; what froze is cut, as a router does that has lost its table."""
        self._do(self._mend())

    @property
    def connections(self) -> int:
        return len(self._ends) // 2

    def remove(self) -> None:
        self._do(self._pull("reset"))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _pull(self, how: str) -> None:
        if how == "freeze":
            self._frozen = True
            return
        if self._server:
            self._server.close()
            self._server = None
        for end in list(self._ends):
            if how == "reset":
                end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.transport.abort()
            else:
                end.close()
        self._ends.clear()

    async def _mend(self) -> None:
        if self._frozen:
            self._frozen = False
            await self._pull("reset")
        if not self._server:
            self._server = await asyncio.start_server(self._serve, *self._here, reuse_address=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._there)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, far_writer}
        self._ends |= ends
        try:
            halves = [
                asyncio.create_task(self._carry(reader, far_writer, inward=False)),
                asyncio.create_task(self._carry(far_reader, writer, inward=True)),
            ]
            await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
            for half in halves:
                half.cancel()
            await asyncio.gather(*halves, return_exceptions=True)
        finally:
            self._ends -= ends
            for end in ends:
                end.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, inward: bool) -> None:
        while data := await reader.read(65536):
            while self._frozen:
                await asyncio.sleep(0.02)
            if inward:
                self.carried += len(data)
            writer.write(data)
            await writer.drain()
