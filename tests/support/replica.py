"""One of several bots side by side, as a process of its own: settings from the environment, answers made up."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from bot.monitoring.logs import log_to_stderr
from bot.monitoring.monitor import Monitor
from bot.settings import load_settings
from bot.telegram.app import run_bot
from retrieval import UnreachableError
from support.made_up import MadeUpLibrary, quote

OUTAGE = "engine is away"
"""While there is a file with this name in the working directory, the engine does not answer."""


class Echo(MadeUpLibrary):
    """Quotes the question itself, so that each answer tells what it answers."""

    def search(self, question, k, **options):
        if Path(OUTAGE).exists():
            raise UnreachableError("The engine does not answer. As soon as it does, Quoth goes on.")
        threading.Event().wait(0.01)  # as a search takes its time, in which others write
        self.found = (quote(sentence=question.whole),)
        return super().search(question, k, **options)


if __name__ == "__main__":
    settings = load_settings()
    log_to_stderr(settings)
    run_bot(settings, Echo(), lambda text: sys.stdout.write(f"{text}\n"), Monitor())
