"""Run several `quoth bot` on one PostgreSQL, and kill one midway: nothing lost, nothing doubled.

    python -m benchmarks.replicas [--replicas 2] [--chats 100] [--seconds 60] [--no-kill] [--json OUT]

The replicas are real processes over the bundled documents, and PostgreSQL is a real server. The tests' double is both
Telegram and the load balancer, which sends each update to the next replica, and to another one if that refuses. The
figures are those of `benchmarks.telegram`.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import TYPE_CHECKING

from rich.console import Console

from benchmarks.measuring import machine
from benchmarks.telegram import ROOT, TIMEOUT_S, answer_without_faults, ask, count_answers, table, wait_for_answers

sys.path.append(str(ROOT / "tests"))

from support.postgres_server import PostgresServer
from support.telegram_double import Balancer, TelegramDouble

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "a-secret-of-the-webhook"  # noqa: S105


def main() -> None:
    """Ask for a while, kill one replica halfway, wait for the last answers, and count."""
    options = _options()
    with (
        TelegramDouble() as telegram,
        Balancer(telegram, "/quoth", SECRET) as balancer,
        PostgresServer() as postgres,
        _replicas(telegram, postgres.create(), options) as processes,
    ):
        balancer.ports += processes
        expected = answer_without_faults(telegram)
        people = [telegram.person(f"Person{number}") for number in range(options.chats)]
        began = time.monotonic()
        killing = Timer(options.seconds / 2, next(iter(processes.values())).kill)
        if options.kill:
            killing.start()
        asked, _ = ask(telegram, people, options)
        wait_for_answers(people, asked)
        killing.cancel()
        seconds = time.monotonic() - began
        results = {"replicas": options.replicas, "chats": options.chats, "seconds": options.seconds}
        results |= {"killed": int(options.kill)} | count_answers(people, asked, expected)
    results["answers a second"] = results["answered"] / seconds
    Console(width=100).print(table(results))
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), "results": results}, indent=1), "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Several bots side by side, of which one is killed.")
    parser.add_argument("--replicas", type=int, default=2, help="[default: 2]")
    parser.add_argument("--chats", type=int, default=100, help="[default: 100]")
    parser.add_argument("--seconds", type=int, default=60, help="for so long they ask [default: 60]")
    parser.add_argument("--every", type=float, default=10, help="seconds between the questions of a chat [default: 10]")
    parser.add_argument("--no-kill", dest="kill", action="store_false", help="let all of them live")
    parser.add_argument("--json", type=Path, metavar="OUT", help="keep the results in this file, too")
    parser.set_defaults(faults=0.0)
    return parser.parse_args()


@contextmanager
def _replicas(
    telegram: TelegramDouble, database: str, options: argparse.Namespace
) -> Iterator[dict[int, subprocess.Popen[bytes]]]:
    """Start the replicas, and yield port → process as soon as all of them listen."""
    processes = {}
    with TemporaryDirectory() as folder:
        try:
            for _ in range(options.replicas):
                port = _free_port()
                processes[port] = _start(telegram, database, Path(folder), port)
            deadline = time.monotonic() + TIMEOUT_S
            while not all(map(_is_listening, processes)):
                if time.monotonic() > deadline:
                    sys.exit("The bots do not start: see what they wrote above.")
                time.sleep(0.2)
            yield processes
        finally:
            for process in processes.values():
                process.terminate()
                process.wait()


def _start(telegram: TelegramDouble, database: str, folder: Path, port: int) -> subprocess.Popen[bytes]:
    environment = {
        "TELEGRAM_API_URL": telegram.url,
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "QUOTH_DATABASE": database,
        "QUOTH_UPLOADS": str(folder / "uploads"),
        "QUOTH_PUBLIC": "true",
        "QUOTH_OWNERS": "1",
        "QUOTH_LOG_LEVEL": "error",
        "QUOTH_QUESTIONS_A_MINUTE": "1000",
        "QUOTH_WEBHOOK_URL": "https://bot.example.org/quoth",
        "QUOTH_WEBHOOK_SECRET": SECRET,
        "QUOTH_WEBHOOK_PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }
    data = folder / f"data-{port}"
    return subprocess.Popen(
        [sys.executable, "-m", "bot", "bot", "--documents", ROOT / "seeds", "--data", data],
        cwd=folder,
        env=os.environ | environment,
    )


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    main()
