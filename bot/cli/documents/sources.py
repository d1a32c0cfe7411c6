"""`quoth add` and `quoth sources`: web pages as documents."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from bot import texts
from bot.cli import output
from bot.cli.documents.index import open_library
from bot.cli.exit_codes import ExitCode
from bot.cli.options import Data, Documents
from bot.settings import load_settings
from retrieval import DEFAULT_COLLECTION, DEFAULT_MAX_PAGES, PageState, SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from retrieval import ListedSource, PageReport

MAX_PAGES = 100_000
_STYLES = {"fetched": "green", "unchanged": "dim", "gone": "yellow", "refused": "red", "failed": "red"}
Collection = Annotated[str, typer.Option(metavar="NAME", help="The collection of the pages.")]


def add(
    addresses: Annotated[list[str], typer.Argument(metavar="URL...", help="As a browser shows it.")],
    *,
    below: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=MAX_PAGES, help="Also pages below it that it leads to: N in all."),
    ] = None,
    sitemap: Annotated[bool, typer.Option("--sitemap", help="URL is a sitemap: add the pages that it lists.")] = False,
    max_pages: Annotated[
        int, typer.Option("--max", metavar="N", min=1, max=MAX_PAGES, help="Pages of a sitemap at most.")
    ] = DEFAULT_MAX_PAGES,
    collection: Collection = DEFAULT_COLLECTION,
    as_json: Annotated[bool, typer.Option("--json", help="Report in JSON.")] = False,
    documents: Documents = None,
    data: Data = None,
) -> None:
    """Add web pages to the documents.

    They are fetched now, and again by `quoth watch` and the bot, every day or as QUOTH_REFRESH says. After Ctrl-C,
    `quoth index` goes on. Exit status: 0; 1 after an error, or if a page could not be fetched or read.
    """
    from bot.services.sources import make_source, open_sources, refresh_pages  # noqa: PLC0415 - httpx takes long

    if sitemap and below:
        raise typer.BadParameter("--sitemap and --below are two ways to find pages: give one of them.")
    settings = load_settings(documents, data)
    with closing(open_library(settings)) as library, closing(open_sources(settings)) as sources:
        named = [make_source(collection, it, below, max_pages if sitemap else None) for it in addresses]
        added = {(source.collection, source.address) for source in map(sources.add, named)}
        with output.interruptible():
            reports = refresh_pages(
                sources, library, chosen=lambda source: (source.collection, source.address) in added
            )
            is_well = _show(reports, as_json=as_json)
    if not is_well:
        raise typer.Exit(ExitCode.ERROR)


def list_sources(
    *,
    refresh: Annotated[bool, typer.Option("--refresh", help="Fetch all pages that have changed, now.")] = False,
    remove: Annotated[str | None, typer.Option(metavar="URL", help="Remove one and its pages.")] = None,
    collection: Collection = DEFAULT_COLLECTION,
    as_json: Annotated[bool, typer.Option("--json", help="List in JSON.")] = False,
    documents: Documents = None,
    data: Data = None,
) -> None:
    """List the added web pages, and what became of them.

    A page that is gone keeps its last version for QUOTH_KEEP_GONE_DAYS days. Exit status: 0; 1 after an error, or if
    a page could not be fetched or read.
    """
    from bot.services.sources import open_sources, prune, refresh_pages, remove_source  # noqa: PLC0415 - see above

    settings = load_settings(documents, data)
    if not (refresh or remove):
        with closing(open_sources(settings)) as sources:
            listed = sources.all()
        lines = (line for source in listed for line in _describe(source))
        output.show("\n".join(lines) or "There are no web pages yet: quoth add URL", _to_json(listed), as_json=as_json)
        return
    with closing(open_library(settings)) as library, closing(open_sources(settings)) as sources:
        if remove:
            count = remove_source(sources, library, collection, remove)
            output.say(f"Removed, with {output.format_count(count, 'document')}.")
        is_well = True
        if refresh:
            with output.interruptible():
                is_well = _show(refresh_pages(sources, library), as_json=as_json)
        prune(sources, settings)
    if not is_well:
        raise typer.Exit(ExitCode.ERROR)


def _show(reports: Iterable[PageReport], *, as_json: bool) -> bool:
    """Print what became of each page as it happens; true if all could be fetched and read."""
    counts = Counter[str]()
    for report in reports:
        counts[report.change] += 1
        if as_json:
            output.print_json(asdict(report))
        else:
            output.console().print(_render(report))
    if not as_json:
        output.console().print(", ".join(f"{count:,} {change}" for change, count in counts.items()), style="bold")
    return counts.keys() <= {"fetched", "unchanged"}


def _render(report: PageReport) -> Text:
    line = Text.assemble(
        (f"{report.change:<9}", _STYLES[report.change]), f" {_name(report.collection, report.address)}"
    )
    if report.moved_to:
        line.append(f"  now at {output.one_line(report.moved_to)}", style="dim")
    if report.reason:
        line.append(f": {output.one_line(report.reason)}")
    return line


def _describe(listed: ListedSource) -> list[str]:
    """Lay out a source on a line, and below it the pages that are not as they should be."""
    source = listed.source
    day = datetime.fromtimestamp(listed.checked_at, UTC).date().isoformat() if listed.checked_at else "never"
    counts = ", ".join(f"{count:,} {state}" for state, count in listed.counts.items())
    where = ", in sources.txt" if source.is_listed else ""
    kind = "" if source.kind is SourceKind.PAGE else f"  {source.kind}, at most {source.max_pages:,}"
    head = f"{_name(source.collection, source.address)}{kind}  {counts or 'no pages'}, checked {day}{where}"
    if source.reason:
        head += f": {output.one_line(source.reason)}"
    wrong = (page for page in listed.pages if page.state not in {PageState.OK, PageState.WAITING})
    return [
        head,
        *(f"  {page.state:<8} {output.one_line(page.address)}: {output.one_line(page.reason)}" for page in wrong),
    ]


def _name(collection: str, address: str) -> str:
    return output.one_line(texts.path(collection, address))


def _to_json(listed: Iterable[ListedSource]) -> list[dict[str, object]]:
    return [asdict(it.source) | {"pages": [asdict(page) for page in it.pages]} for it in listed]
