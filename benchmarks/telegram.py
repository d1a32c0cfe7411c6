"""Load-test `quoth bot` with hundreds of chats while Telegram and the network fail: nothing lost, nothing doubled.

    python -m benchmarks.telegram [--chats 200] [--seconds 120] [--floods] [--json OUT]

The bot is the real process over the bundled documents; Telegram is the double of the tests, on loopback. Every chat
asks at regular times, with or without an answer, so that the delays show a bot that is too slow. An answer is right if
it equals the answer to the same question without faults; a chat's questions are answered in order.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict, deque
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from benchmarks.measuring import machine, memory, percentile
from bot.texts import ENGLISH

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"
sys.path.append(str(ROOT / "tests"))

from support.telegram_double import FloodLimits, TelegramDouble  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from support.telegram_double import Message, Person

QUESTIONS = (
    "How many British police officers will work in Coquelles?",
    "What does a weak match mean?",
    "In welchem Ordner liegt der Index?",
    "Who met Priti Patel?",
    "Comment obtenir un jeton pour le bot ?",
    "Which mushrooms may be eaten raw?",
    "Are questions written to a log?",
    "Which model finds passages by their meaning?",
)
TIMEOUT_S = 120
"""For the bot to start, and for the last answers."""
SLOW_S = 2.0
TELEGRAMS_LIMIT = 30
"""Messages of a bot in a second."""
EVENT_LOOP, SEARCHING = "event loop, share of a core", "busiest other thread, share of a core"
ALL_THREADS, A_SECOND = "all threads, cores", "answers a second"
NOTICE = ENGLISH.wait.partition("{")[0]
"""The beginning of the message that asks a person to wait, which is no answer."""


def main() -> None:
    """Ask for a while, wait for the last answers, and count."""
    options = _options()
    # The double's server would write a line for each connection that it breaks.
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    with (
        TelegramDouble() as telegram,
        TemporaryDirectory() as folder,
        bot(telegram, Path(folder) / "data", SEEDS, options.cores) as process,
    ):
        expected = answer_without_faults(telegram)
        people = [telegram.person(f"Person{number}") for number in range(options.chats)]
        telegram.flood_limits = FloodLimits() if options.floods else None
        before, began = _Load.measure(process), time.monotonic()
        asked, faults = ask(telegram, people, options)
        wait_for_answers(people, asked)
        seconds = time.monotonic() - began
        load = _Load.measure(process).since(before, seconds)
        results = {"chats": options.chats, "seconds": options.seconds, "faults": faults}
        results |= count_answers(people, asked, expected) | count_requests(telegram) | load
    results[A_SECOND] = results["answered"] / seconds
    results["saturates first"] = _find_bottleneck(results, options.cores)
    Console(width=100).print(table(results))
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), "results": results}, indent=1), "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Many chats at once, while Telegram fails.")
    parser.add_argument("--chats", type=int, default=200, help="[default: 200]")
    parser.add_argument("--seconds", type=int, default=120, help="for so long they ask [default: 120]")
    parser.add_argument("--every", type=float, default=20, help="seconds between the questions of a chat [default: 20]")
    parser.add_argument(
        "--faults", type=float, default=0.2, help="faults for each question, from 0 to 1 [default: 0.2]"
    )
    parser.add_argument("--floods", action="store_true", help="Telegram refuses what is above its flood limits")
    parser.add_argument("--cores", type=int, default=2, help="for the bot [default: 2]")
    parser.add_argument("--json", type=Path, metavar="OUT", help="keep the results in this file, too")
    return parser.parse_args()


@contextmanager
def bot(telegram: TelegramDouble, data: Path, documents: Path, cores: int, **settings: str) -> Iterator[int]:
    """Run `quoth bot` on the first few cores; yield its process id as soon as it fetches updates."""
    environment = {
        "TELEGRAM_API_URL": telegram.url,
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "QUOTH_PUBLIC": "true",
        "QUOTH_OWNERS": "1",
        "QUOTH_LOG_LEVEL": "error",
        "QUOTH_QUESTIONS_A_MINUTE": "1000",
        "PYTHONPATH": str(ROOT),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "bot", "--documents", documents, "--data", data],
        cwd=data.parent,
        env=os.environ | environment | settings,
    )
    os.sched_setaffinity(process.pid, sorted(os.sched_getaffinity(0))[:cores])
    try:
        with telegram.world.changed:
            if not telegram.world.changed.wait_for(lambda: telegram.polls, TIMEOUT_S):
                sys.exit("The bot does not start: see what it wrote above.")
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def answer_without_faults(telegram: TelegramDouble) -> dict[str, str]:
    """Map each question to its answer without faults; this also warms up the bot."""
    somebody = telegram.person("Somebody")
    answers = {}
    for question in QUESTIONS:
        somebody.writes(question)
        answers[question] = somebody.reads().text
    return answers


def ask(
    telegram: TelegramDouble, people: Sequence[Person], options: argparse.Namespace
) -> tuple[list[list[Message]], int]:
    """Let everybody ask at regular times, spread evenly; return their questions, and the number of faults."""
    chance, faults = random.Random(0), list_faults(telegram)  # noqa: S311
    asked: list[list[Message]] = [[] for _ in people]
    fault_count = 0
    turns = round(options.seconds / options.every * len(people))
    began = time.monotonic()
    for turn, (number, person) in enumerate(islice(cycle(enumerate(people)), turns)):
        time.sleep(max(0, began + turn * options.every / len(people) - time.monotonic()))
        if chance.random() < options.faults:
            chance.choice(faults)()
            fault_count += 1
        question = QUESTIONS[(number + len(asked[number])) % len(QUESTIONS)]
        asked[number].append(person.writes(question))
    return asked, fault_count


def list_faults(telegram: TelegramDouble) -> list[Callable[[], None]]:
    """List the ways in which a request fails: before or after its effect, or by taking long."""
    flood = "Too Many Requests: retry after 1"
    return [
        lambda: telegram.fails_next("sendMessage", 502, "Bad Gateway"),
        lambda: telegram.fails_next("sendMessage", 429, flood, retry_after=1),
        lambda: telegram.drops_next("sendMessage"),
        lambda: telegram.loses_next("sendMessage"),
        lambda: telegram.loses_next("sendMessage", 500),
        lambda: telegram.slows_next("sendMessage", SLOW_S),
        lambda: telegram.fails_next("sendChatAction", 429, flood, retry_after=1),
        _after_a_success(telegram, lambda: telegram.fails_next("getUpdates", 502, "Bad Gateway")),
        _after_a_success(telegram, lambda: telegram.drops_next("getUpdates")),
    ]


def _after_a_success(telegram: TelegramDouble, fail: Callable[[], None]) -> Callable[[], None]:
    """Fail only one of several polls, as an outage would last for minutes otherwise; else drop a message."""
    polls = telegram.polls

    def fail_once() -> None:
        nonlocal polls
        if telegram.polls > polls:
            polls = telegram.polls
            fail()
        else:
            telegram.drops_next("sendMessage")

    return fail_once


def _answers(person: Person) -> list[Message]:
    messages = list(person.chat.messages.values())
    return [message for message in messages if message.sender["is_bot"] and not message.text.startswith(NOTICE)]


def wait_for_answers(people: Sequence[Person], asked: Sequence[Sequence[Message]]) -> None:
    """Wait until everybody has as many answers as questions, and a little longer for doubled ones."""
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        if all(len(_answers(person)) >= len(own) for person, own in zip(people, asked, strict=True)):
            break
        time.sleep(0.5)
    time.sleep(SLOW_S)


def count_answers(
    people: Sequence[Person], asked: Sequence[Sequence[Message]], expected: dict[str, str]
) -> dict[str, Any]:
    """Count the answers, and measure their delays."""
    delays: list[float] = []
    lost = doubled = other = 0
    sent: Counter[int] = Counter()
    for person, questions in zip(people, asked, strict=True):
        waiting: defaultdict[str, deque[Message]] = defaultdict(deque)
        for question in questions:
            waiting[expected[question.text]].append(question)
        for answer in _answers(person):
            sent[int(answer.at)] += 1
            if waiting[answer.text]:
                delays.append(answer.at - waiting[answer.text].popleft().at)
            elif answer.text in expected.values():
                doubled += 1
            else:
                other += 1
        lost += sum(map(len, waiting.values()))
    return {
        "questions": sum(map(len, asked)),
        "answered": len(delays),
        "lost": lost,
        "duplicated": doubled,
        "answered with something else": other,
        **({f"p{percent} ms": percentile(delays, percent) for percent in (50, 95, 99)} if delays[1:] else {}),
        "most answers in a second": max(sent.values(), default=0),
    }


def count_requests(telegram: TelegramDouble) -> dict[str, int]:
    """Count the edits, all of which look for a message that may have been sent, and what flood limits refused."""
    limits = telegram.flood_limits or FloodLimits()
    return {
        "guessed edits": len(telegram.calls("editMessageText")),
        "refused by flood limits": limits.refusals,
        "requests before their retry_after": len(limits.too_early),
    }


@dataclass(frozen=True)
class _Load:
    """The memory and the processor time that the bot has used so far."""

    resident: int
    """MiB."""
    seconds: dict[int, float]
    """Thread → its time on a processor."""
    process: int

    @classmethod
    def measure(cls, process: int) -> _Load:
        ticks = os.sysconf("SC_CLK_TCK")
        seconds = {}
        for path in Path(f"/proc/{process}/task").glob("*/stat"):
            fields = path.read_text("utf-8").rpartition(")")[2].split()
            seconds[int(path.parent.name)] = (int(fields[11]) + int(fields[12])) / ticks
        return cls(memory(process)[1], seconds, process)

    def since(self, before: _Load, seconds: float) -> dict[str, float]:
        """Get the load as shares of the time in between; the main thread has the process's number."""
        busy = {thread: (used - before.seconds.get(thread, 0)) / seconds for thread, used in self.seconds.items()}
        return {
            "MiB at the start": before.resident,
            "MiB at the end": self.resident,
            ALL_THREADS: sum(busy.values()),
            EVENT_LOOP: busy.pop(self.process),
            SEARCHING: max(busy.values(), default=0.0),
        }


def _find_bottleneck(results: dict[str, Any], cores: int) -> str:
    """Name the resource that is nearest to its limit, and its share."""
    shares = {
        EVENT_LOOP: results[EVENT_LOOP],
        SEARCHING: results[SEARCHING],
        "the processor": results[ALL_THREADS] / cores,
        "Telegram's 30 messages a second": results[A_SECOND] / TELEGRAMS_LIMIT,
    }
    name = max(shares, key=lambda share: shares[share])
    return f"{name}: {shares[name]:.0%}"


def table(results: dict[str, Any]) -> Table:
    """Make a table of the results."""
    lines = Table("", "")
    for row, value in results.items():
        lines.add_row(
            row,
            f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else value,
        )
    return lines


if __name__ == "__main__":
    main()
