"""Webhook: lets Telegram send the updates, instead of fetching them."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import re
from http import HTTPStatus
from typing import NoReturn

from telegram import Bot
from tornado.httpserver import HTTPServer
from tornado.web import Application, HTTPError, RequestHandler, stream_request_body

from bot.settings import Settings
from bot.telegram.transport.connection import ALLOWED_UPDATES, Connection
from bot.telegram.transport.update_queue import UpdateQueue
from retrieval import MIB, SettingsError, StoreError

logger = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - its name
MAX_BODY = MIB
BODY_TIMEOUT_S = 20
IDLE_TIMEOUT_S = 300
"""For a connection without a request: the server in front keeps some open."""


class Webhook:
    """A server for Telegram's requests. Each must hold the secret, and is confirmed when its update is stored."""

    def __init__(self, bot: Bot, connection: Connection, queue: UpdateQueue, settings: Settings) -> None:
        self._bot = bot
        self._connection = connection
        self._queue = queue
        self._settings = settings
        self._server: HTTPServer | None = None
        self.is_alive = False
        """Whether it listens, and Telegram knows its address."""

    async def run(self) -> NoReturn:
        """Receive updates until cancelled.

        Raises:
            SettingsError: the server cannot listen.
        """
        settings, url, secret = self._settings, self._settings.webhook_url, self._settings.webhook_secret
        if url is None or secret is None:
            raise SettingsError("A webhook needs QUOTH_WEBHOOK_URL and QUOTH_WEBHOOK_SECRET. Set both in .env.")
        await self.stop()  # it may begin again after an error
        await self._check_address()
        secret_token = secret.get_secret_value()
        options = {"queue": self._queue, "secret": secret_token}
        path = re.escape((url.path or "").rstrip("/"))
        application = Application([(f"{path}/?", _UpdateHandler, options)], log_function=lambda _: None)
        self._server = HTTPServer(
            application,
            max_body_size=MAX_BODY,
            body_timeout=BODY_TIMEOUT_S,
            idle_connection_timeout=IDLE_TIMEOUT_S,
        )
        self._server.listen(settings.webhook_port, address=settings.webhook_listen)
        await self._connection.retry(
            lambda: self._bot.set_webhook(str(url), secret_token=secret_token, allowed_updates=ALLOWED_UPDATES)
        )
        self.is_alive = True
        logger.info("Listening for what Telegram sends to %s.", url)
        while True:
            await asyncio.Event().wait()

    async def stop(self) -> None:
        """Take no more requests; Telegram keeps the updates that it cannot deliver."""
        self.is_alive = False
        if self._server:
            server, self._server = self._server, None
            server.stop()
            await server.close_all_connections()

    async def _check_address(self) -> None:
        """Listen for a moment: tornado leaves a socket open where it cannot listen."""
        host, port = self._settings.webhook_listen, self._settings.webhook_port
        try:
            server = await asyncio.get_running_loop().create_server(asyncio.Protocol, host, port)
        except OSError as error:
            message = (
                f"Cannot listen on {host}:{port}: {error.strerror or error}. Set QUOTH_WEBHOOK_LISTEN and "
                "QUOTH_WEBHOOK_PORT to an address that is free on this machine."
            )
            raise SettingsError(message) from error
        server.close()
        await server.wait_closed()


@stream_request_body
class _UpdateHandler(RequestHandler):
    """Takes one update. The secret is checked before the body is read."""

    SUPPORTED_METHODS = ("POST",)

    def initialize(self, queue: UpdateQueue, secret: str) -> None:
        """Set what all requests share, as tornado has it."""
        self._queue = queue
        self._secret = secret
        self._body = bytearray()

    def prepare(self) -> None:
        """Refuse a request without the secret."""
        secret = self.request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(secret.encode(), self._secret.encode()):
            raise HTTPError(HTTPStatus.FORBIDDEN)

    def data_received(self, chunk: bytes) -> None:
        """Take a part of the body."""
        self._body += chunk

    async def post(self) -> None:
        """Store the update, and confirm it; one that cannot be parsed is confirmed, too, as it would come again."""
        try:
            update = json.loads(self._body)
        except (ValueError, RecursionError):
            raise HTTPError(HTTPStatus.BAD_REQUEST) from None
        try:
            await self._queue.store(update)
        except StoreError:
            # Logged by the queue. Telegram sends the update again.
            raise HTTPError(HTTPStatus.INTERNAL_SERVER_ERROR) from None

    def log_exception(self, _: object, error: object, __: object) -> None:
        """Log an error that nobody foresaw, without its message, which may hold the update."""
        if not isinstance(error, HTTPError):
            logger.error("An update could not be taken: %s", type(error).__name__)
