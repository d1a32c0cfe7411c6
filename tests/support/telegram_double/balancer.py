"""Balancer: Telegram's side of a webhook, and the load balancer in front of a bot's replicas."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING, Any, Self

import httpx

if TYPE_CHECKING:
    from telegram_double.server import TelegramDouble

MAX_CONNECTIONS = 16
AGAIN_S = 0.05
"""Telegram itself waits longer before it sends an update again."""

Json = dict[str, Any]


class Balancer:
    """Sends each update to the next replica, and to another one if that does not take it, until one does.

    Those of one chat go out one after another, as the Bot API's server has it; those of different chats do not wait
    for each other.
    """

    def __init__(self, telegram: TelegramDouble, path: str, secret: str) -> None:
        self.ports: list[int] = []
        """Of the replicas, on loopback."""
        self.refusals: list[int] = []
        """Each status but 200 so far."""
        self._world = telegram.world
        self._path = path
        self._turns = count()
        self._busy: set[object] = set()
        self._closing = threading.Event()
        self._pool = ThreadPoolExecutor(MAX_CONNECTIONS)
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
        self._client = httpx.Client(headers=headers, trust_env=False, timeout=60)
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._closing.set()
        with self._world.changed:
            self._world.changed.notify_all()
        self._thread.join()
        self._pool.shutdown()
        self._client.close()

    def sends_to_all(self, update: Json) -> list[int]:
        """Give one update to all replicas at once; with which status each takes it."""
        sent = [self._pool.submit(self._post, port, update) for port in self.ports]
        return [each.result() for each in sent]

    def _run(self) -> None:
        while True:
            with self._world.changed:
                self._world.changed.wait_for(lambda: self._closing.is_set() or self._next())
                if self._closing.is_set():
                    return
                update = self._next()
                self._busy.add(_queue(update))
            self._pool.submit(self._deliver, update).add_done_callback(Future.result)

    def _next(self) -> Json | None:
        return next((each for each in self._world.updates if _queue(each) not in self._busy), None)

    def _deliver(self, update: Json) -> None:
        is_taken = self._is_taken(update)
        if not is_taken:
            self._closing.wait(AGAIN_S)
        with self._world.changed:
            if is_taken:
                self._world.updates.remove(update)
            self._busy.remove(_queue(update))
            self._world.changed.notify_all()

    def _is_taken(self, update: Json) -> bool:
        first = next(self._turns)
        for turn in range(len(self.ports)):
            port = self.ports[(first + turn) % len(self.ports)]
            try:
                status = self._post(port, update)
            except httpx.TransportError:
                continue
            if status == httpx.codes.OK:
                return True
            self.refusals.append(status)
        return False

    def _post(self, port: int, update: Json) -> int:
        return self._client.post(f"http://127.0.0.1:{port}{self._path}", json=update).status_code


def _queue(update: Json) -> object:
    """The chat; what has none waits for nothing."""
    part = next(value for name, value in update.items() if name != "update_id")
    message = part if "chat" in part else part.get("message")
    return message["chat"]["id"] if message else ("update", update["update_id"])
