"""A stand-in for the Supervisor, as far as the app meets it: broker, own info and options, the proxy to Core, ingress.

It behaves as the real one where the app could notice: 502 while Core is not running, its own token in place of the app's,
the WebSocket closed when Core goes away, ingress requests from its own address only. A test can watch what passes through,
and act at the very moment.
"""

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

import broker
from ha import URL as CORE

ADDRESS = "172.30.32.2"
APP = "http://172.30.33.5:8099"
SLUG = "a1b2c3d4_aicleaner_v3"
INGRESS = "test-ingress-token"
INGRESS_ENTRY = f"/api/hassio_ingress/{INGRESS}"
PERSON = {"X-Remote-User-Id": "7d1f", "X-Remote-User-Name": "test", "X-Remote-User-Display-Name": "Test"}
# The real Supervisor forwards these of a request's headers to Core, and these to the app's page.
TO_CORE = ("Accept", "Content-Type")
NOT_TO_APP = ("Host", "Accept-Encoding", "Content-Length", "Transfer-Encoding", "Connection", *PERSON)
NOT_FROM_APP = ("Content-Length", "Content-Encoding", "Transfer-Encoding", "Connection")


@dataclass(frozen=True)
class Passage:
    """Something of interest on its way from the app to Core (`answered` false), or the answer on its way back."""

    # A to-do action such as `add_item`, or `picture`.
    what: str
    data: dict[str, Any]
    answered: bool


class Supervisor:
    def __init__(self, core_token: str, time_zone: str) -> None:
        self._core_token = core_token
        self._time_zone = time_zone
        # What the test sets: the app's token of this start, its options, and who watches what passes. A watcher that answers
        # False keeps it from going on.
        self.app_token = ""
        self.options: dict[str, Any] = {}
        self.secrets: dict[str, Any] = {}
        self.watch: Callable[[Passage], bool | None] = lambda _: None
        self.passages: list[Passage] = []
        # Nothing passes the WebSocket any more, while it stays open.
        self.mute = False
        self._sockets: set[web.WebSocketResponse] = set()
        # Mosquitto tells the Supervisor of itself only once it has started.
        self.knows_broker = True
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="supervisor", daemon=True)

    def start(self) -> None:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result(15)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(15)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(15)

    async def _serve(self) -> None:
        self._core = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=300))
        self._app = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(local_addr=(ADDRESS, 0)), timeout=aiohttp.ClientTimeout(total=60), auto_decompress=False
        )
        server = web.Application(middlewares=[self._authorise], client_max_size=16 * 2**20)
        server.add_routes([
            web.get("/services/mqtt", self._mqtt),
            web.get("/info", self._info),
            web.get("/addons/self/info", self._self_info),
            web.post("/addons/self/options", self._store_options),
            web.get("/addons/self/options/config", self._current_options),
            web.get("/core/websocket", self._websocket),
            web.route("*", "/core/api/{path:.*}", self._rest),
            web.route("*", "/ingress/{token}/{path:.*}", self._ingress),
        ])
        self._runner = web.AppRunner(server, shutdown_timeout=1)
        await self._runner.setup()
        await self._listen()

    async def _listen(self) -> None:
        self._site = web.TCPSite(self._runner, ADDRESS, 80)
        await self._site.start()

    def leave(self) -> None:
        """As while it is updated: nobody listens, and what was open is closed."""
        asyncio.run_coroutine_threadsafe(self._site.stop(), self._loop).result(15)
        self.cut()

    def come_back(self) -> None:
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(15)

    def cut(self) -> None:
        """Closes the app's WebSockets."""

        async def close() -> None:
            for socket in list(self._sockets):
                await socket.close()

        asyncio.run_coroutine_threadsafe(close(), self._loop).result(15)

    async def _close(self) -> None:
        await self._runner.cleanup()
        await self._core.close()
        await self._app.close()

    @web.middleware
    async def _authorise(self, request: web.Request, handler: Any) -> web.StreamResponse:
        # The WebSocket says its token in its first message; ingress is asked by Core, not by the app.
        free = request.path == "/core/websocket" or request.path.startswith("/ingress/")
        if not free and request.headers.get("Authorization") != f"Bearer {self.app_token}":
            return web.json_response({"result": "error", "message": "unauthorized"}, status=401)
        return await handler(request)

    # --- The Supervisor's own

    async def _mqtt(self, _: web.Request) -> web.Response:
        if not self.knows_broker:
            return web.json_response({"result": "error", "message": "Service not enabled"}, status=400)
        return _ok({
            "addon": "core_mosquitto", "host": "core-mosquitto", "port": broker.PORT, "ssl": False, "protocol": "3.1.1",
            "username": "addons", "password": broker.USERS["addons"],
        })

    async def _info(self, _: web.Request) -> web.Response:
        return _ok({
            "supervisor": "2026.10.0", "homeassistant": "2026.11.0", "hassos": None, "timezone": self._time_zone,
            "machine": "qemux86-64", "arch": "amd64", "channel": "stable", "state": "running",
        })

    async def _self_info(self, _: web.Request) -> web.Response:
        return _ok({
            "slug": SLUG, "name": "AICleaner V3", "hostname": SLUG.replace("_", "-"), "state": "started", "version": "0.0.0",
            "version_latest": "0.0.0", "ip_address": "172.30.33.5", "ingress": True, "ingress_entry": INGRESS_ENTRY,
            "ingress_url": f"{INGRESS_ENTRY}/", "ingress_port": 8099, "options": self.options, "rating": 8, "watchdog": False,
        })

    async def _current_options(self, _: web.Request) -> web.Response:
        """As they are to be used: every `!secret` resolved."""
        text = json.dumps(self.options)
        for name, value in self.secrets.items():
            text = text.replace(f'"!secret {name}"', json.dumps(value))
        return _ok(json.loads(text))

    async def _store_options(self, request: web.Request) -> web.Response:
        self.options = (await request.json())["options"]
        return _ok({})

    # --- The proxy to Core

    async def _core_runs(self) -> bool:
        try:
            async with self._core.get(f"{CORE}/api/core/state", headers=self._as_supervisor(), timeout=aiohttp.ClientTimeout(total=5)) as answer:
                return answer.ok and (await answer.json())["state"] == "RUNNING"
        except (aiohttp.ClientError, TimeoutError):
            return False

    def _as_supervisor(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._core_token}"}

    async def _rest(self, request: web.Request) -> web.Response:
        if not await self._core_runs():
            raise web.HTTPBadGateway
        path, body = request.match_info["path"], await request.read()
        watched = _watched(path, body)
        if watched and not self._pass(*watched, answered=False):
            raise web.HTTPBadGateway
        headers = self._as_supervisor() | {key: request.headers[key] for key in TO_CORE if key in request.headers}
        try:
            async with self._core.request(
                request.method, f"{CORE}/api/{path}", params=request.query, data=body or None, headers=headers
            ) as answer:
                content = await answer.read()
        except aiohttp.ClientError:
            raise web.HTTPBadGateway from None
        if watched and not self._pass(*watched, answered=True):
            raise web.HTTPBadGateway
        return web.Response(body=content, status=answer.status, headers={"Content-Type": answer.headers.get("Content-Type", "")})

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        if not await self._core_runs():
            raise web.HTTPBadGateway
        try:
            core = await self._core.ws_connect(f"{CORE}/api/websocket", max_msg_size=64 * 2**20)
        except aiohttp.ClientError:
            raise web.HTTPBadGateway from None
        async with core:
            greeting = await core.receive_json(timeout=10)
            await core.send_json({"type": "auth", "access_token": self._core_token})
            welcome = await core.receive_json(timeout=10)
            app = web.WebSocketResponse(heartbeat=30)
            await app.prepare(request)
            await app.send_json(greeting)
            said = await app.receive_json(timeout=10)
            if said.get("access_token", said.get("api_password")) != self.app_token:
                await app.send_json({"type": "auth_invalid", "message": "Invalid access"})
                await app.close()
                return app
            await app.send_json(welcome)
            self._sockets.add(app)
            try:
                await self._join(app, core)
            finally:
                self._sockets.discard(app)
        return app

    async def _join(self, app: web.WebSocketResponse, core: aiohttp.ClientWebSocketResponse) -> None:
        """Carries messages both ways until one side closes; then closes the other."""
        asked: dict[int, tuple[str, dict[str, Any]]] = {}

        async def outward() -> None:
            async for message in app:
                if message.type is not aiohttp.WSMsgType.TEXT or self.mute:
                    continue
                said = json.loads(message.data)
                if said.get("type") == "call_service" and said.get("domain") == "todo":
                    call = said["service"], {**said.get("service_data", {}), **said.get("target", {})}
                    asked[said["id"]] = call
                    if not self._pass(*call, answered=False):
                        continue
                await core.send_str(message.data)

        async def inward() -> None:
            async for message in core:
                if message.type is not aiohttp.WSMsgType.TEXT or self.mute:
                    continue
                for said in _each(json.loads(message.data)):
                    call = asked.pop(said.get("id"), None) if said.get("type") == "result" else None
                    if call and not self._pass(*call, answered=True):
                        return
                await app.send_str(message.data)

        halves = [asyncio.create_task(outward()), asyncio.create_task(inward())]
        try:
            await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for half in halves:
                half.cancel()
            await asyncio.gather(*halves, return_exceptions=True)
            await app.close()

    def _pass(self, what: str, data: dict[str, Any], answered: bool) -> bool:
        passage = Passage(what, data, answered)
        self.passages.append(passage)
        return self.watch(passage) is not False

    # --- Ingress

    async def _ingress(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != INGRESS:
            raise web.HTTPUnauthorized
        headers = {key: value for key, value in request.headers.items() if key not in NOT_TO_APP} | PERSON
        url = f"{APP}/{request.match_info['path']}"
        body = await request.read()
        async with self._app.request(
            request.method, url, params=request.query, data=body or None, headers=headers, allow_redirects=False
        ) as answer:
            kept = {key: value for key, value in answer.headers.items() if key not in NOT_FROM_APP}
            return web.Response(body=await answer.read(), status=answer.status, headers=kept)


def _ok(data: dict[str, Any]) -> web.Response:
    return web.json_response({"result": "ok", "data": data})


def _watched(path: str, body: bytes) -> tuple[str, dict[str, Any]] | None:
    """What a REST request means to a watcher, if anything."""
    if path.startswith("services/todo/"):
        return path.removeprefix("services/todo/"), json.loads(body or b"{}")
    if path.startswith("camera_proxy/"):
        return "picture", {"entity_id": path.removeprefix("camera_proxy/")}
    return None


def _each(said: Any) -> list[dict[str, Any]]:
    """Core may send several messages as one list."""
    return said if isinstance(said, list) else [said]
