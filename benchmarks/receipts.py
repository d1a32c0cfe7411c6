"""How long `quoth verify` takes over 100,000 receipts, and how much memory.

    python -m benchmarks.receipts [--json OUT]

The documents are made up of random words, a paragraph a passage. Each receipt quotes one to ten passages from
anywhere among them. Then some documents are changed, moved and removed, and the command runs as people run it, in a
process of its own, which reads every file again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.measuring import machine, timed, use_cores
from retrieval import Asker, Channel, Citation, Ledger, Verdict
from retrieval.documents import readers
from retrieval.documents.document import Locator
from retrieval.receipts.statement import Span, hash_text
from retrieval.storage.records import DEFAULT_COLLECTION
from retrieval.storage.store import Store

if TYPE_CHECKING:
    from retrieval.documents.document import Document

_WORDS = [f"{'bcdfghklmnprstvz'[n % 16]}{'aeiou'[n % 5]}{n:x}" for n in range(5_000)]
_WORDS_A_PARAGRAPH = (40, 140)
_PARAGRAPHS = (5, 40)
_MAX_QUOTES = 10
_SHARE = 100
"""Of so many documents one is changed, one moved, and one removed."""


def main() -> None:
    """Make documents and receipts, and measure how they are checked."""
    options = _options()
    use_cores(options.cores)
    with TemporaryDirectory(dir=options.folder) as folder:
        documents, data = Path(folder) / "documents", Path(folder) / "data"
        quotes, making = timed(lambda: _fill(documents, data, options.documents, options.receipts))
        _disturb(documents)
        verified = _verify(data)
        results = {
            "documents": options.documents,
            "receipts": options.receipts,
            "quotes": quotes,
            "MiB of receipts.db": (data / "receipts.db").stat().st_size >> 20,
            "make documents and receipts, s": round(making, 1),
        } | verified
    for name, value in results.items():
        print(f"{name:<32} {value}")
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), "results": results}, indent=1), "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How long it takes to check all receipts.")
    parser.add_argument("--receipts", type=int, default=100_000, help="[default: 100,000]")
    parser.add_argument("--documents", type=int, default=3_000, help="[default: 3,000]")
    parser.add_argument("--folder", type=Path, help="for the documents and the receipts: 1 GB")
    parser.add_argument("--cores", type=int, default=2, help="[default: 2]")
    parser.add_argument("--json", type=Path, metavar="OUT", help="keep the results in this file, too")
    return parser.parse_args()


def _fill(folder: Path, data: Path, documents: int, receipts: int) -> int:
    """Make all of them; how many quotes there are."""
    folder.mkdir()
    chance = random.Random(0)  # noqa: S311 - nothing secret
    passages = []
    for number in range(documents):
        path = folder / f"{number}.txt"
        path.write_text(_text(chance), "utf-8")
        passages += _passages(readers.read(path.name, path.read_bytes()))
    store = Store(data)
    store.collections.save(DEFAULT_COLLECTION, folder)
    store.close()
    kept = Ledger(data)
    quotes = 0
    for _ in range(receipts):
        chosen = chance.choices(passages, k=chance.randint(1, _MAX_QUOTES))
        quotes += len(chosen)
        kept.record(
            "How many?",
            Asker(Channel.TERMINAL),
            verdict=Verdict.STRONG,
            generation=documents,
            model="made up",
            citations=[citation for citation, _ in chosen],
            texts=[text for _, text in chosen],
        )
    kept.close()
    return quotes


def _text(chance: random.Random) -> str:
    paragraphs = (
        " ".join(chance.choices(_WORDS, k=chance.randint(*_WORDS_A_PARAGRAPH)))
        for _ in range(chance.randint(*_PARAGRAPHS))
    )
    return "\n\n".join(paragraphs)


def _passages(document: Document) -> list[tuple[Citation, str]]:
    made = []
    for block in document.blocks:
        text = document.text[block.start : block.end]
        span = Span(DEFAULT_COLLECTION, document.path, document.sha256, block.start, block.end)
        made.append(
            (
                Citation(
                    rank=1,
                    span=span,
                    text_sha256=hash_text(text),
                    reader=document.reader,
                    title=document.path,
                    heading=None,
                    place=Locator(document).locate(block.start, block.end),
                    sentence=(block.start, block.end),
                    score=1.0,
                ),
                text,
            )
        )
    return made


def _disturb(folder: Path) -> None:
    """Change, move and remove some documents."""
    for number, path in enumerate(sorted(folder.iterdir())):
        match number % _SHARE:
            case 0:
                words = path.read_text("utf-8").split(" ")
                path.write_text(" ".join([*words[: len(words) // 2], "new", *words[len(words) // 2 :]]), "utf-8")
            case 1:
                path.rename(path.with_name(f"moved {path.name}"))
            case 2:
                path.unlink()


def _verify(data: Path) -> dict[str, object]:
    """Run the command."""
    start = perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "verify", "--data", str(data)], stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        table = process.stdout.read().splitlines()[-7:] if process.stdout else []
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = perf_counter() - start
    states = {line.split()[0]: line.split()[1:] for line in table if not line.startswith(" ")}
    return {
        "check all, s": round(seconds, 1),
        "of them, of one processor": round(used.ru_utime + used.ru_stime, 1),
        "MiB at most": used.ru_maxrss >> 10,
        "exit status": process.returncode,
        "receipts and quotes by state": states,
    }


if __name__ == "__main__":
    main()
