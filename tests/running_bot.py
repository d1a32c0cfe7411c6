"""RunningBot: the bot inside the test's process, which can therefore be given any service."""

from __future__ import annotations

import asyncio
import threading

import pytest
from pydantic import AnyHttpUrl, SecretStr

from bot.app import build_application, serve
from bot.settings import Settings

PATIENCE_S = 20


class RunningBot:
    """The bot in a thread with an event loop of its own."""

    def __init__(self, telegram, service):
        settings = Settings.model_construct(
            telegram_bot_token=SecretStr(telegram.token), telegram_api_url=AnyHttpUrl(telegram.url)
        )
        self._application = build_application(settings, service)
        self._began = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._began.wait(PATIENCE_S)

    def _run(self):
        async def run():
            self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
            self._began.set()
            await serve(self._application)

        with pytest.raises(asyncio.CancelledError):
            asyncio.run(run())

    def stop(self):
        """Ask the bot to end, as SIGTERM does."""
        self._loop.call_soon_threadsafe(self._task.cancel)

    def wait(self):
        self._thread.join()
