"""Webhook: lets Telegram send the updates, instead of fetching them."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, NoReturn

from telegram.ext import Application

from bot.settings import Settings
from bot.telegram.transport.connection import ALLOWED_UPDATES
from retrieval import SettingsError

logger = logging.getLogger(__name__)


class Webhook:
    """A server for Telegram's requests. Each must hold the secret, and is confirmed when its update is stored."""

    def __init__(self, application: Application[Any, Any, Any, Any, Any, Any], settings: Settings) -> None:
        self._updater = application.updater
        self._settings = settings

    async def run(self) -> NoReturn:
        """Receive updates until cancelled.

        Raises:
            SettingsError: the server cannot listen.
        """
        settings, url, secret = self._settings, self._settings.webhook_url, self._settings.webhook_secret
        if self._updater is None or url is None or secret is None:
            raise SettingsError("A webhook needs QUOTH_WEBHOOK_URL and QUOTH_WEBHOOK_SECRET. Set both in .env.")
        await self._check_address()
        await self._updater.start_webhook(
            listen=settings.webhook_listen,
            port=settings.webhook_port,
            url_path=(url.path or "").lstrip("/"),
            webhook_url=str(url),
            secret_token=secret.get_secret_value(),
            allowed_updates=ALLOWED_UPDATES,
            bootstrap_retries=-1,
        )
        logger.info("Listening for what Telegram sends to %s.", url)
        while True:
            await asyncio.Event().wait()

    async def stop(self) -> None:
        """Take no more requests; Telegram keeps the updates that it cannot deliver."""
        if self._updater and self._updater.running:
            await self._updater.stop()

    async def _check_address(self) -> None:
        """Listen for a moment: tornado, which python-telegram-bot uses, leaves a socket open where it cannot listen."""
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
