"""Measure how soon passages are listed for inline queries, in an index of 100,000 sentences.

    python -m benchmarks.inline --data FILE... [--sentences 100000] [--json OUT]

The bot is the real process, Telegram the double of the tests, on loopback. The corpus is that of `benchmarks.scale`. A
delay begins when Telegram has a query and ends when it has the list; one query follows the other, as in typing.
"""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks import scale
from benchmarks.measuring import machine, memory, percentile, timed
from benchmarks.telegram import TelegramDouble, bot, table

WARM_UP = 5
"""Queries that are not counted: the first one reads the files."""


def main() -> None:
    """Grow the corpus, start the bot, and type."""
    options = _options()
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    with TemporaryDirectory(dir=options.folder) as name, TelegramDouble() as telegram:
        folder = Path(name)
        scale.in_new_process(scale.grow, folder, options.data, options.sentences)
        queries = scale.choose_questions(options.data, options.queries + WARM_UP)
        with bot(telegram, folder / "data", folder / "documents", options.cores) as process:
            somebody = telegram.person("Somebody")
            lists = [timed(lambda query=query: somebody.types(query).reads()) for query in queries]
            _, resident = memory(process)
    found, seconds = zip(*lists[WARM_UP:], strict=True)
    results = {
        "sentences": options.sentences,
        "queries": len(found),
        "lists with passages": sum(bool(each.results) for each in found),
        **{f"p{percent} ms": percentile(seconds, percent) for percent in (50, 95, 99)},
        "MiB": resident,
    }
    Console(width=100).print(table(results))
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), "results": results}, indent=1), "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Inline queries to a large index.")
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="FILE", help="in SQuAD form")
    parser.add_argument("--sentences", type=int, default=100_000, help="[default: 100000]")
    parser.add_argument("--queries", type=int, default=200, help="[default: 200]")
    parser.add_argument("--cores", type=int, default=2, help="for the bot [default: 2]")
    parser.add_argument("--folder", type=Path, help="for the corpus and its index, half a gigabyte")
    parser.add_argument("--json", type=Path, metavar="OUT", help="keep the results in this file, too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
