"""Run `quoth bot` through hours of made-up traffic in some minutes: its memory is to stay flat, and nothing is lost.

    python -m benchmarks.telegram_soak [--hours 8] [--minutes 15] [--json OUT]

The bot is the real process over the bundled documents; Telegram is the double of the tests, with its flood limits.
People ask, edit, press buttons, type inline queries, send and undo files; requests fail, and updates come that cannot
be parsed.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
import time
from collections import Counter
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from rich.console import Console

from benchmarks.measuring import machine, memory
from benchmarks.telegram import QUESTIONS, SEEDS, bot, list_faults, table

from support.telegram_double import FloodLimits, TelegramDouble  # isort: skip - benchmarks.telegram finds it

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.telegram_double import Person

EVENTS_AN_HOUR = 400
"""Of a company with some hundred people."""
PEOPLE, GROUPS = 100, 5
SAMPLES = 32
FAULTS = 0.1
"""For each event."""
TIMEOUT_S = 60
CHANCES = {
    "question": 55, "question in a group": 10, "edited question": 8, "inline query": 10, "button": 6, "command": 5,
    "upload": 3, "undo": 1, "unparsable update": 2,
}  # fmt: skip


def main() -> None:
    """Make the traffic, sample the memory, and tell how it grew."""
    options = _options()
    # The double's server would write a line for each connection that it breaks.
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    with TelegramDouble() as telegram, TemporaryDirectory() as folder:
        owner = telegram.person("Olga")
        data = Path(folder) / "data"
        with bot(telegram, data, SEEDS, options.cores, QUOTH_OWNERS=str(owner.user["id"])) as process:
            telegram.flood_limits = FloodLimits()
            traffic = _Traffic(telegram, owner)
            samples = traffic.run(round(options.hours * EVENTS_AN_HOUR), options.minutes * 60, process)
            is_alive = traffic.is_answered()
    eighths = [round(median(samples[start : start + SAMPLES // 8])) for start in range(0, SAMPLES, SAMPLES // 8)]
    results: dict[str, Any] = {"hours of traffic": options.hours, "minutes": options.minutes}
    results |= dict(traffic.events) | {"answered at the end": str(is_alive)}
    results |= {
        "MiB, in each eighth": ", ".join(map(str, eighths)),
        "MiB grown since the second": eighths[-1] - eighths[1],
    }
    results["complaints of Telegram"] = len(telegram.complaints)
    Console(width=100).print(table(results))
    for complaint, count in Counter(telegram.complaints).most_common(10):
        print(f"{count} × {complaint}")
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), "results": results}, indent=1), "utf-8")
    sys.exit(not is_alive)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Hours of traffic in minutes.")
    parser.add_argument("--hours", type=float, default=8, help="of traffic [default: 8]")
    parser.add_argument("--minutes", type=float, default=15, help="that it takes [default: 15]")
    parser.add_argument("--cores", type=int, default=2, help="for the bot [default: 2]")
    parser.add_argument("--json", type=Path, metavar="OUT", help="keep the results in this file, too")
    return parser.parse_args()


class _Traffic:
    """What people do, at random, but alike in each run."""

    def __init__(self, telegram: TelegramDouble, owner: Person) -> None:
        self._telegram = telegram
        self._owner = owner
        self._chance = random.Random(0)  # noqa: S311
        self._people = [telegram.person(f"Person{number}") for number in range(PEOPLE)]
        self._groups = [telegram.group(f"Group{number}") for number in range(GROUPS)]
        self._faults = list_faults(telegram)
        self.events: Counter[str] = Counter(dict.fromkeys(CHANCES, 0))
        self._deeds: dict[str, Callable[[Person], object]] = {
            "question": lambda person: person.writes(self._question()),
            "question in a group": self._ask_in_a_group,
            "edited question": lambda person: person.edits(person.writes(self._question()), self._question()),
            "inline query": lambda person: person.types(self._question()),
            "button": lambda person: self._press(person, "context:"),
            "command": lambda person: person.writes(self._chance.choice(["/help", "/sources", "/new"])),
            "upload": lambda _: self._upload(),
            "undo": lambda _: self._press(self._owner, "delete:"),
            "unparsable update": lambda _: telegram.delivers(message={"message_id": 1, "date": 10**20}),
        }

    def run(self, events: int, seconds: float, process: int) -> list[int]:
        """Let so many events happen, evenly spread; the memory at regular times, in MiB."""
        samples, began = [], time.monotonic()
        for number in range(events):
            time.sleep(max(0, began + number * seconds / events - time.monotonic()))
            if self._chance.random() < FAULTS:
                self._chance.choice(self._faults)()
            kind = self._chance.choices(list(CHANCES), list(CHANCES.values()))[0]
            self.events[kind] += 1
            self._deeds[kind](self._chance.choice(self._people))
            if number * SAMPLES // events == len(samples):
                samples.append(memory(process)[1])
        return samples

    def is_answered(self) -> bool:
        """Tell whether somebody new is answered when all is done."""
        somebody = self._telegram.person("Somebody")
        somebody.writes(QUESTIONS[0])
        with self._telegram.world.changed:
            return self._telegram.world.changed.wait_for(lambda: somebody.chat.unread > 0, TIMEOUT_S)

    def _question(self) -> str:
        return self._chance.choice(QUESTIONS)

    def _ask_in_a_group(self, person: Person) -> None:
        person.writes(f"/ask {self._question()}", to=self._chance.choice(self._groups))

    def _upload(self) -> None:
        number = self.events["upload"]
        self._owner.sends_file(f"note-{number}.txt", f"Note {number} says that it is number {number}.".encode())

    def _press(self, person: Person, prefix: str) -> None:
        """Press one of the newest buttons of this kind, if there is one."""
        messages = list(person.chat.messages.values())[-20:]
        buttons = [button for message in messages for button in message.buttons if button.data.startswith(prefix)]
        if buttons:
            person.presses(self._chance.choice(buttons))


if __name__ == "__main__":
    main()
