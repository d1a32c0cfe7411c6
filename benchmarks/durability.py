"""What it costs a question that its receipt and the bot's state outlive a power cut.

    python -m benchmarks.durability [FOLDER]

For each question, it does the transactions that the bot does, in files in FOLDER, with and without waiting for the
disk. FOLDER is on the disk to be measured, and the current one by default.
"""

from __future__ import annotations

import statistics
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from unittest.mock import patch

from bot.telegram import state
from bot.telegram.state.conversations import Exchange
from retrieval import Asker, Ledger
from retrieval.receipts import ledger

_QUESTIONS = 300


def main() -> None:
    """Measure, and print medians and 95th percentiles in milliseconds."""
    where = sys.argv[1] if len(sys.argv) > 1 else "."
    for is_durable in (False, True):
        receipts, others = _measure(where, is_durable=is_durable)
        print(f"synchronous = {'FULL' if is_durable else 'NORMAL'}, milliseconds a question (median, 95 %):")
        print(f"  receipt {_describe(receipts)}; state of the bot, six transactions {_describe(others)}")


def _measure(where: str, *, is_durable: bool) -> tuple[list[float], list[float]]:
    receipts_schema = replace(ledger.SCHEMA, is_durable=is_durable)
    bot_schema = replace(state.BOT_SCHEMA, is_durable=is_durable)
    receipts, others = [], []
    with (
        TemporaryDirectory(dir=where) as folder,
        patch.object(ledger, "SCHEMA", receipts_schema),
        patch.object(state, "BOT_SCHEMA", bot_schema),
        closing(Ledger(Path(folder))) as kept,
        closing(state.State(Path(folder), "42")) as bot,
    ):
        for number in range(1, _QUESTIONS + 1):
            began = perf_counter()
            text = f"A passage of about so many characters, number {number}. " * 15
            kept.record("?", Asker(), verdict=None, generation=1, model="", citations=[], texts=[text], further=[])
            receipts.append(perf_counter() - began)
            began = perf_counter()
            bot.updates.add(number, "x" * 1_500, "chat 1")
            bot.updates.set_sent_after(number, number)
            bot.updates.set_last_sent(1, number, number)
            bot.conversations.keep_answer(1, number, number)
            bot.conversations.keep(Exchange(1, number, number, 1, "What?"))
            bot.updates.finish(number)
            others.append(perf_counter() - began)
    return receipts, others


def _describe(seconds: list[float]) -> str:
    last = statistics.quantiles(seconds, n=20)[-1]
    return f"{1_000 * statistics.median(seconds):.1f}, {1_000 * last:.1f}"


if __name__ == "__main__":
    main()
