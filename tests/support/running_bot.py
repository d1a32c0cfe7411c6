"""RunningBot: the bot inside the test's process, which can therefore be given any library, and its log."""

from __future__ import annotations

import asyncio
import logging
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path

from pydantic import AnyHttpUrl, SecretStr

from bot.monitoring.monitor import Monitor
from bot.settings import Settings
from bot.telegram.app import TelegramBot
from retrieval import DEFAULT_LIMITS, Location, Unit
from support.made_up import TIMEOUT_S, MadeUpLibrary, quote

ANSWER = "This probably answers your question.\n\nSix officers came.\n— Calais · lines 3–4 · calais.txt"


class RunningBot:
    """The bot in a thread with an event loop of its own.

    Everybody may ask it, unless `settings` say otherwise; without `data`, it remembers nothing from before.
    """

    def __init__(
        self,
        telegram,
        library,
        data=None,
        fails_with=asyncio.CancelledError,
        **settings,
    ):
        self._fails_with = fails_with
        self._folder = tempfile.TemporaryDirectory()
        token, server = SecretStr(telegram.token), AnyHttpUrl(telegram.url)
        folder = data or Path(self._folder.name)
        defaults = {"public": True, "questions_a_minute": 1000, "max_file_mib": DEFAULT_LIMITS.file_mib}
        settings = defaults | {"data": folder} | settings
        bot_settings = Settings.model_construct(telegram_bot_token=token, telegram_api_url=server, **settings)
        self.said = []
        """The messages for the person at the terminal."""
        self.monitor = WatchedMonitor()
        self._bot = TelegramBot(bot_settings, library, self.said.append, self.monitor)
        self._began = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._began.wait(TIMEOUT_S)

    def _run(self):
        async def run():
            self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
            self._began.set()
            await self._bot.serve()

        try:
            asyncio.run(run())
        except self._fails_with as error:
            self.error = error
        else:
            raise AssertionError("it ended by itself")

    def stop(self):
        """Ask the bot to end, as SIGTERM does."""
        self._loop.call_soon_threadsafe(self._task.cancel)

    def wait(self):
        self._thread.join()
        self._folder.cleanup()


class WatchedMonitor(Monitor):
    """A monitor whose health can be waited for."""

    def __init__(self):
        super().__init__()
        self._beaten = threading.Condition()

    def beat(self, pulse):
        with self._beaten:
            super().beat(pulse)
            self._beaten.notify_all()

    def waits_for(self, condition):
        with self._beaten:
            assert self._beaten.wait_for(lambda: condition(self.health), TIMEOUT_S), self.health


@contextmanager
def restartable(telegram, library, data, **usual):
    """Starts the bot with settings, besides the usual ones; a second time, in place of the first."""
    running = []

    def end():
        while running:
            bot = running.pop()
            bot.stop()
            bot.wait()

    def start(**settings):
        end()
        running.append(RunningBot(telegram, library, data, **usual | settings))

    yield start
    end()


def made_up_library():
    """Answers every question alike."""
    six = quote(sentence="Six officers came.", path="calais.txt", title="Calais", place=Location(Unit.LINE, 3, 4))
    library = MadeUpLibrary(six)
    library.titles = {"calais.txt": "Calais", "guide.md": "Guide"}
    return library


class Log(logging.Handler):
    """Everything that is logged, to be waited for."""

    def __init__(self):
        super().__init__()
        self.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        self._lines = []
        self._grown = threading.Condition()

    def emit(self, record):
        with self._grown:
            self._lines.append(self.format(record))
            self._grown.notify_all()

    @property
    def text(self):
        with self._grown:
            return "\n".join(self._lines)

    def waits_for(self, text):
        with self._grown:
            found = self._grown.wait_for(lambda: any(text in line for line in self._lines), TIMEOUT_S)
        assert found, f"{text!r} is not in the log:\n{self.text}"
