"""What readers get of a file, against the text that people say it has.

    python -m benchmarks.reading --readability FOLDER --articles FOLDER --trafilatura FOLDER --files FOLDER

The folders are checkouts of mozilla/readability, scrapinghub/article-extraction-benchmark and adbar/trafilatura. The
last one is of any files, `NAME.pdf` with its text beside it in `NAME.pdf.txt`. Each may be left out. Peers take part
where they are installed. Rules are tuned on the first half of a collection, every second page; the second is held out.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import re
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from operator import itemgetter
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from benchmarks.measuring import machine, timed, use_cores
from retrieval.documents import readers
from retrieval.documents.readers.web.html import decode_page
from retrieval.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_WORD = re.compile(r"\w+")


class Counts(NamedTuple):
    """What was found rightly, found wrongly, and not found."""

    right: float
    wrong: float
    missed: float


class Score(NamedTuple):
    """How good it is."""

    f1: float
    precision: float
    recall: float


class Page(NamedTuple):
    """A file, and how to count what a system got of it."""

    name: str
    data: bytes
    count: Callable[[str], Counts]


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection's pages, and how its authors put their counts together."""

    pages: list[Page]
    score: Callable[[Sequence[Counts]], Score]


def count_shingles(text: str, expected: str, size: int) -> Counts:
    """Count the shingles of a text that are expected."""
    got, wanted = _shingle(text, size), _shingle(expected, size)
    right = (got & wanted).total()
    return Counts(right, got.total() - right, wanted.total() - right)


def _shingle(text: str, size: int) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    return Counter(tuple(words[start : start + size]) for start in range(max(1, len(words) - size + 1)) if words)


def count_chunks(text: str, wanted: Sequence[str], unwanted: Sequence[str]) -> Counts:
    """Count the given pieces of a page that stand in a text."""
    line = _join_words(text)
    right, wrong = (sum(_join_words(chunk) in line for chunk in chunks) for chunks in (wanted, unwanted))
    return Counts(right, wrong, len(wanted) - right)


def _join_words(text: str) -> str:
    # Without soft hyphens, which nobody sees.
    return " ".join(text.replace("\xad", "").split())


def score_pages(counts: Sequence[Counts]) -> Score:
    """Give the means of the pages' scores."""
    pages = [_score(each) for each in counts]
    # A page of which nothing is read has no precision.
    precisions = [page.precision for page, each in zip(pages, counts, strict=True) if each.right + each.wrong]
    return Score(mean(page.f1 for page in pages), mean(precisions or [0]), mean(page.recall for page in pages))


def score_chunks(counts: Sequence[Counts]) -> Score:
    """Score the pieces of all pages together."""
    return _score(Counts(*(sum(values) for values in zip(*counts, strict=True))))


def _score(counts: Counts) -> Score:
    right, wrong, missed = counts
    if not right:
        return Score(0, 0, 0)
    return Score(2 * right / (2 * right + wrong + missed), right / (right + wrong), right / (right + missed))


def read_readability(folder: Path, size: int) -> Collection:
    """Read the test pages of mozilla/readability."""
    pages = [
        Page(
            f"{source.parent.name}.html",
            source.read_bytes(),
            partial(count_shingles, expected=_get_text(source.with_name("expected.html")), size=size),
        )
        for source in sorted(folder.glob("test/test-pages/*/source.html"))
    ]
    return Collection(pages, score_pages)


def read_articles(folder: Path, size: int) -> Collection:
    """Read the pages of scrapinghub/article-extraction-benchmark."""
    truth = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    pages = [
        Page(
            f"{name}.html",
            gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()),
            partial(count_shingles, expected=page["articleBody"], size=size),
        )
        for name, page in sorted(truth.items())
    ]
    return Collection(pages, score_pages)


def read_trafilatura(folder: Path, _: int) -> Collection:
    """Read the pages of trafilatura's evaluation, with pieces that belong to the text, and pieces that do not."""
    truth = json.loads((folder / "tests/evaldata.json").read_text("utf-8")).values()
    pages = []
    for page in sorted(truth, key=itemgetter("file")):
        path = next(path for part in ("cache", "eval") if (path := folder / "tests" / part / page["file"]).exists())
        count = partial(count_chunks, wanted=page["with"], unwanted=page["without"])
        pages.append(Page(path.name, path.read_bytes(), count))
    return Collection(pages, score_chunks)


def read_files(folder: Path, size: int) -> Collection:
    """Read files of any kind that have their text beside them."""
    pages = [
        Page(path.name, path.read_bytes(), partial(count_shingles, expected=text.read_text("utf-8"), size=size))
        for text in sorted(folder.rglob("*.txt"))
        if (path := text.with_suffix("")).suffix and path.exists()
    ]
    return Collection(pages, score_pages)


def _get_text(path: Path) -> str:
    root = etree.fromstring(path.read_bytes(), etree.HTMLParser(encoding="utf-8", remove_comments=True))
    return " ".join(map(str, root.itertext()))


def read_by_quoth(name: str, data: bytes) -> str:
    """Read a file as Quoth does."""
    try:
        return readers.read(name, data).text
    except DocumentError:
        return ""


def _read_by_trafilatura(_: str, data: bytes) -> str:
    # The settings of its own evaluation.
    return str(import_module("trafilatura").extract(data, include_comments=False, include_tables=True) or "")


def _read_by_readability(_: str, data: bytes) -> str:
    page = import_module("readability").Document(decode_page(data)).summary()
    return " ".join(map(str, etree.fromstring(page, etree.HTMLParser()).itertext()))


def _read_by_pypdf(_: str, data: bytes) -> str:
    return "\n".join(page.extract_text() for page in import_module("pypdf").PdfReader(io.BytesIO(data)).pages)


def _read_by_pymupdf(_: str, data: bytes) -> str:
    return "\n".join(page.get_text() for page in import_module("pymupdf").open(stream=data, filetype="pdf"))


def _read_by_markitdown(name: str, data: bytes) -> str:
    with tempfile.NamedTemporaryFile(suffix=Path(name).suffix) as file:
        file.write(data)
        file.flush()
        return str(import_module("markitdown").MarkItDown().convert(file.name).text_content)


class System(NamedTuple):
    """A library that reads files of some kinds, or of any."""

    name: str
    module: str
    suffixes: tuple[str, ...] | None
    read: Callable[[str, bytes], str]


SYSTEMS = (
    System("quoth", "retrieval", None, read_by_quoth),
    System("trafilatura", "trafilatura", (".html",), _read_by_trafilatura),
    System("readability-lxml", "readability", (".html",), _read_by_readability),
    System("pypdf", "pypdf", (".pdf",), _read_by_pypdf),
    System("PyMuPDF", "pymupdf", (".pdf",), _read_by_pymupdf),
    System("markitdown", "markitdown", None, _read_by_markitdown),
)


def measure(system: System, collection: Collection) -> dict[str, object] | None:
    """Measure a system over the files of a collection that it reads; None where there is none."""
    pages = [page for page in collection.pages if system.suffixes is None or page.name.endswith(system.suffixes)]
    counts, seconds, failed = [], 0.0, 0
    for page in pages:
        try:
            text, took = timed(lambda page=page: system.read(page.name, page.data))
        except Exception as error:  # noqa: BLE001 - any library, any file
            print(f"{system.name}: {page.name}: {type(error).__name__}: {error}", file=sys.stderr)
            text, took = "", 0.0
        failed += not text
        seconds += took
        counts.append(page.count(text))
    if not counts:
        return None
    parts = {"first half": counts[::2], "second half": counts[1::2] or counts, "all": counts}
    scores = {name: collection.score(part)._asdict() for name, part in parts.items()}
    return {"system": system.name, "files": len(counts), "empty": failed, "seconds": seconds, **scores}


def _choose_systems(names: str | None) -> Iterator[System]:
    for system in SYSTEMS:
        if find_spec(system.module) and (names is None or system.name in names.split(",")):
            yield system


def main() -> None:
    """Print a table for each collection."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    collections = {
        "readability": read_readability, "articles": read_articles, "trafilatura": read_trafilatura, "files": read_files
    }  # fmt: skip
    for name in collections:
        parser.add_argument(f"--{name}", type=Path, metavar="FOLDER")
    parser.add_argument("--systems", help="names, with commas between; by default all that are installed")
    parser.add_argument("--every", type=int, default=1, help="take only every so many files")
    parser.add_argument("--words", type=int, default=1, help="words of a shingle, the unit that is counted")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--json", type=Path, metavar="OUT")
    options = parser.parse_args()
    use_cores(options.cores)
    report: dict[str, object] = {"machine": machine()}
    for name, read in collections.items():
        if not (folder := getattr(options, name)):
            continue
        collection = read(folder, options.words)
        collection = Collection(collection.pages[:: options.every], collection.score)
        print(f"\n{name}, F1 (precision, recall)")
        rows = [row for system in _choose_systems(options.systems) if (row := measure(system, collection))]
        for row in rows:
            print(_format(row))
        report[name] = rows
    if options.json:
        options.json.write_text(json.dumps(report, indent=1), "utf-8")


def _format(row: dict[str, object]) -> str:
    parts = (
        f"{name} {row[name]['f1']:.3f} ({row[name]['precision']:.3f}, {row[name]['recall']:.3f})"
        for name in ("first half", "second half", "all")
    )
    return (
        f"{row['system']:<17} {row['files']:>5} files  {'  '.join(parts)}  {row['empty']} empty, {row['seconds']:.1f} s"
    )


if __name__ == "__main__":
    main()
