"""The HTTP side: tokens, parameters, faults, and the thread that serves them."""

from __future__ import annotations

import socket
import threading
import time
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any, Self

import uvicorn
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from support.telegram_double.chats import Button, Chat, Message, Person, Press, World
from support.telegram_double.methods import METHODS, ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from support.telegram_double.floods import FloodLimits


class Dropped:
    """A response whose connection breaks in the middle."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"99")]})


class PageError(Exception):
    """A proxy answers in place of the server, with a page."""

    def __init__(self, code: int, page: str) -> None:
        super().__init__(page)
        self.code = code


class TelegramDouble:
    """The server; `start` and `stop` it, or use it in a `with` statement.

    The address is known before the server starts; until then it refuses connections.
    """

    token = "42:A-token-of-the-double"  # noqa: S105

    def __init__(self) -> None:
        self.world = World()
        self.commands: dict[tuple[str | int, str], list[str]] = {}
        """By scope, which is a kind of chats or a chat's id, and language."""
        self.descriptions: dict[str, str] = {}
        self.short_descriptions: dict[str, str] = {}
        self.webhook: dict[str, Any] = {}
        self.polls = 0
        self.closing = False
        self.has_inline_mode = True
        """What /setinline at @BotFather switches on."""
        self.flood_limits: FloodLimits | None = None
        """None takes whatever comes, however fast."""
        self._calls: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self._faults: defaultdict[str, deque[Exception]] = defaultdict(deque)
        self._held: list[str] = []
        self._delays: defaultdict[str, deque[float]] = defaultdict(deque)
        self._losses: defaultdict[str, deque[Exception]] = defaultdict(deque)
        # With the protocol named, asyncio sends every part of a response at once.
        self._socket = socket.socket(proto=socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        routes = [
            Route("/bot{token}/{method}", self._endpoint, methods=["GET", "POST"]),
            Route("/file/bot{token}/documents/{file_id}", self._file),
        ]
        app = Starlette(routes=routes)
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Accept connections from now on."""
        self._socket.listen()
        self._thread.start()

    def stop(self) -> None:
        """End the server, also in the middle of a long poll."""
        with self.world.changed:
            self.closing = True
            self.world.changed.notify_all()
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()

    @property
    def complaints(self) -> list[str]:
        """Requests that the real server would have refused."""
        too_early = self.flood_limits.too_early if self.flood_limits else []
        return self.world.complaints + too_early

    def person(self, name: str, language: str = "en", *, is_bot: bool = False) -> Person:
        """Somebody new, who has a private chat with the bot."""
        return self.world.person(name, language, is_bot=is_bot)

    def group(self, title: str) -> Chat:
        """A new group that the bot is in."""
        return self.world.group(title)

    @staticmethod
    def button(message: Message, text: str, data: str) -> Button:
        """A button as an app could make it up, below a message that has none."""
        return Button(message, text, data)

    def delivers_again(self, cause: Message | Press) -> None:
        """Repeat the update of a message or a press that the bot got already."""
        self.world.repeat_update(cause.id)

    def fails_next(self, method: str, code: int, description: str, **parameters: Any) -> None:
        """Answer the next call of a method with an error."""
        self._faults[method].append(ApiError(code, description, **parameters))

    def shows_next(self, method: str, code: int, page: str) -> None:
        """Answer the next call of a method with a page, as a proxy in between does; the call has no effect."""
        self._faults[method].append(PageError(code, page))

    def delivers(self, **content: Any) -> int:
        """Deliver an update as it is, also one that no server should send; its id."""
        return self.world.add_update(f"raw {next(self.world.press_ids)}", **content)

    def drops_next(self, method: str) -> None:
        """Break the connection of the next call of a method, which has no effect."""
        self._faults[method].append(ConnectionResetError())

    def loses_next(self, method: str, code: int | None = None) -> None:
        """Do what the next call asks for, and break its connection or answer it with an error nevertheless."""
        loss = ApiError(code, "Internal Server Error") if code else ConnectionResetError()
        self._losses[method].append(loss)

    def holds_next(self, method: str) -> None:
        """Do what the next call asks for, and answer it only when the server ends."""
        self._held.append(method)

    def slows_next(self, method: str, seconds: float) -> None:
        """Do what the next call asks for, and answer it late."""
        self._delays[method].append(seconds)

    def calls(self, method: str) -> list[dict[str, Any]]:
        """The parameters of every call of a method so far, as they came."""
        with self.world.changed:
            return list(self._calls[method])

    def waits_for_calls(self, method: str, count: int = 1) -> list[dict[str, Any]]:
        """The same, as soon as there are so many."""
        self.world.wait_until(lambda: len(self._calls[method]) >= count, f"{count} × {method} came")
        return self.calls(method)

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for something that a request of the bot brings about."""
        self.world.wait_until(condition, what)

    async def _endpoint(self, request: Request) -> Response | Dropped:
        token, name = request.path_params["token"], request.path_params["method"]
        async with request.form() as form:
            parameters = dict(form)
        try:
            return JSONResponse({"ok": True, "result": await run_in_threadpool(self._answer, token, name, parameters)})
        except ApiError as error:
            body = {"ok": False, "error_code": error.code, "description": str(error)}
            if error.parameters:
                body["parameters"] = error.parameters
            return JSONResponse(body, error.code)
        except PageError as error:
            return Response(str(error), error.code, media_type="text/html")
        except ConnectionResetError:
            return Dropped()

    async def _file(self, request: Request) -> Response:
        """A file, if `getFile` was asked for it; a call in the sense of `calls`, `fails_next` and `holds_next`."""
        token, file_id = request.path_params["token"], request.path_params["file_id"]
        asked = {call["file_id"] for call in self.calls("getFile")}
        with self.world.changed:
            self._calls["file"].append({"file_id": file_id})
            self.world.changed.notify_all()
        if token != self.token or file_id not in asked:
            return Response(status_code=404)
        if "file" in self._held:
            self._held.remove("file")
            await run_in_threadpool(self._wait_for_the_end)
        return Response(self.world.files[file_id])

    def _wait_for_the_end(self) -> None:
        with self.world.changed:
            self.world.changed.wait_for(lambda: self.closing)

    def _answer(self, token: str, name: str, parameters: dict[str, Any]) -> Any:
        if token != self.token:
            raise ApiError(401, "Unauthorized") if ":" in token else ApiError(404, "Not Found")
        with self.world.changed:
            self._calls[name].append(parameters)
            self.world.changed.notify_all()
            fault = self._faults[name].popleft() if self._faults[name] else self._flood(name, parameters)
        if fault is not None:
            raise fault
        try:
            result = self._call(name, parameters)
        except ApiError as error:
            if error.code in {400, 404} and error.is_a_fault:
                self.world.complaints.append(f"{name}: {error}")
            raise
        if name in self._held:
            self._held.remove(name)
            self._wait_for_the_end()
        if self._delays[name]:
            time.sleep(self._delays[name].popleft())
        if self._losses[name]:
            raise self._losses[name].popleft()
        return result

    def _flood(self, name: str, parameters: dict[str, Any]) -> ApiError | None:
        chat_id = parameters.get("chat_id")
        if self.flood_limits is None or chat_id is None:
            return None
        seconds = self.flood_limits.retry_after(name, int(chat_id), time.monotonic())
        if seconds is None:
            return None
        return ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)

    def _call(self, name: str, parameters: dict[str, Any]) -> Any:
        if name not in METHODS:
            raise ApiError(404, "Not Found: the double has no such method")
        try:
            return METHODS[name](self, **parameters)
        except ValidationError as error:
            raise ApiError(400, f"Bad Request: {error}") from error
