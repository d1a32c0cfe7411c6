"""One of several bots side by side, as a process of its own: settings from the environment, answers made up."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from made_up import answer, quote
from running_bot import MadeUpService

from bot.app import run_bot
from bot.settings import load_settings
from retrieval import UnreachableError

OUTAGE = "engine is away"
"""While there is a file with this name in the working directory, the engine does not answer."""


class Echo(MadeUpService):
    """Quotes the question itself, so that each answer tells what it answers."""

    def ask(self, question, asker, collections, taken_over=0):
        if Path(OUTAGE).exists():
            raise UnreachableError("The engine does not answer. As soon as it does, Quoth goes on.")
        threading.Event().wait(0.01)  # as a search takes its time, in which others write
        return answer(quote(sentence=question), question=question)


if __name__ == "__main__":
    run_bot(load_settings(), Echo(), lambda text: sys.stdout.write(f"{text}\n"))
