"""`quoth verify`, `receipt`, `forget` and `serve`: what was answered, and whether the documents still say so."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import asdict
from enum import StrEnum
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from bot import texts
from bot.cli import output
from bot.cli.documents.index import open_library, sync
from bot.cli.exit_codes import ExitCode
from bot.cli.options import Data, Documents
from bot.cli.output import describe_location, one_line, place, visible
from bot.monitoring.logs import log_to_stderr
from bot.services.for_programs import CheckedReceipt
from bot.services.receipts import ReceiptService, open_ledger
from bot.settings import load_settings
from bot.web import find_pages, page_address
from retrieval import DEFAULT_COLLECTION, QuoteStatus, read_missing_words, word_diff

if TYPE_CHECKING:
    from rich.console import RenderableType

    from retrieval import Check, Citation, QuoteCheck, Receipt

_STYLES = {
    QuoteStatus.UNCHANGED: "green",
    QuoteStatus.MOVED: "green",
    QuoteStatus.CHANGED: "yellow",
    QuoteStatus.GONE: "yellow",
    QuoteStatus.UNCHECKED: "yellow",
    QuoteStatus.MISQUOTED: "bold red",
}


class FailOn(StrEnum):
    """What `--fail-on` takes, each worse than the one before."""

    MOVED = QuoteStatus.MOVED.value
    CHANGED = QuoteStatus.CHANGED.value
    GONE = QuoteStatus.GONE.value
    UNCHECKED = QuoteStatus.UNCHECKED.value
    MISQUOTED = QuoteStatus.MISQUOTED.value


_WAS_ASKED = {
    True: "This was the question.",
    False: "This was not the question.",
    None: "Whether this was the question cannot be said any more.",
}
_NO_VERDICT = "Passages to choose from, without a verdict."
_ALTERED = texts.ENGLISH.receipt_altered
_diff_words = lru_cache(1_000)(word_diff)
"""Many receipts quote the same words."""


def verify(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Which receipts. [default: all]")] = None,
    *,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="End with status 1 if a quote is so, or worse.")
    ] = FailOn.MISQUOTED,
    online: Annotated[bool, typer.Option("--online", help="Compare with the web pages of today.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Report in JSON, one receipt a line.")] = False,
    documents: Documents = None,
    data: Data = None,
) -> None:
    """Check that quoted words still stand in the documents.

    The documents are read again and compared with what the receipts say was shown; the index is not used. Of web
    pages, what was fetched then is read again; with --online, they are fetched once more and compared instead. Exit
    status: 0; 1 after an error, or if a receipt was altered or quotes words that never stood in its document, or
    something better than that with --fail-on, for a timer; 2 if there is no such receipt.
    """
    receipts: Counter[QuoteStatus] = Counter()
    quotes: Counter[QuoteStatus] = Counter()
    with closing(ReceiptService(load_settings(documents, data))) as service:
        named = [_find_id(service, receipt_id) for receipt_id in ids or ()]
        console = output.console()
        styled = output.is_styled(console)
        with output.interruptible("Stopped."), output.progress_bar("Checking") as show:
            checks = service.verify_online(named, show) if online else service.verify(named, show)
            first = list(islice(checks, 1))  # the files are read before it comes
        for check in chain(first, checks):
            receipts[check.state] += 1
            quotes.update(quote.state for quote in check.quotes)
            if as_json:
                output.print_json(asdict(CheckedReceipt.of(check)))
            elif check.state is not QuoteStatus.UNCHANGED:
                console.print(_render_check(check, styled=styled))
    if not as_json:
        console.print(_render_counts(receipts, quotes))
    if any(receipts[state] for state in QuoteStatus if state.is_as_bad_as(QuoteStatus(fail_on))):
        raise typer.Exit(ExitCode.ERROR)


def receipt(
    receipt_id: Annotated[str, typer.Argument(metavar="ID", help="As it stands below the answer.")],
    *,
    question: Annotated[str | None, typer.Option(metavar="TEXT", help="Say whether this question was asked.")] = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="Let the link to it show nothing any more.")] = False,
    link: Annotated[
        bool, typer.Option("--link", help="Print the address of its page, for those who may see it.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Show it in JSON.")] = False,
    documents: Documents = None,
    data: Data = None,
) -> None:
    """Show the receipt of an answer.

    It names the quotes and the bytes of their files, and says whether they still stand there. Exit status: 0; 1 after
    an error, if the receipt was altered, quotes words that never stood in its document, or is not of the question; 2
    if there is no such receipt.
    """
    settings = load_settings(documents, data)
    with closing(ReceiptService(settings)) as service:
        known_id = _find_id(service, receipt_id)
        if revoke:
            service.ledger.revoke(known_id)
        if link:
            output.console().print(page_address(settings, service.ledger.links.make(known_id) or ""), soft_wrap=True)
            return
        (check,) = service.verify([known_id], lambda _: None)
        pages = None if check.receipt.is_revoked else find_pages(settings)
        page = f"{pages}/r/{service.ledger.links.make(known_id)}" if pages else None
    result = asdict(CheckedReceipt.of(check)) | {"question": check.receipt.question, "link": page}
    rendered = _render_receipt(check, page, styled=output.is_styled(output.console()))
    was_asked = None
    if question is not None:
        was_asked = check.receipt.matches(question.strip())
        result["was_asked"] = was_asked
        rendered = Group(rendered, Text(f"\n{_WAS_ASKED[was_asked]}", style="bold"))
    output.show(rendered, result, as_json=as_json)
    if check.state is QuoteStatus.MISQUOTED or (question is not None and not was_asked):
        raise typer.Exit(ExitCode.ERROR)


def receipts(
    *,
    limit: Annotated[int, typer.Option("-n", metavar="N", min=1, help="How many at most.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="List in JSON.")] = False,
    data: Data = None,
) -> None:
    """List the latest receipts, newest first.

    Each has its id, when and where the answer was given, how many passages were quoted, and the question, if that is
    still kept. `quoth receipt ID` shows one. Exit status: 0, or 1 after an error.
    """
    with closing(open_ledger(load_settings(None, data))) as ledger:
        latest = list(ledger.all(latest=limit))[::-1]
    listed = [
        {
            "receipt_id": one.id,
            "given_at": one.statement.given_at,
            "channel": one.statement.channel,
            "verdict": one.statement.verdict,
            "quotes": len(one.citations),
            "question": one.question,
        }
        for one in latest
        if one.is_intact
    ]
    none = "There are no receipts yet."
    output.show(Group(*map(_render_listed, latest)) if latest else none, listed, as_json=as_json)


def _find_id(service: ReceiptService, receipt_id: str) -> str:
    """Find a receipt whose id was typed, and give the id as it is stored."""
    known = service.ledger.get(receipt_id.strip().lower())
    if known is None:
        message = f"There is no receipt {one_line(receipt_id)}."
        raise typer.BadParameter(message)
    return known.id


def forget(
    path: Annotated[str, typer.Argument(metavar="PATH", help="Of the document in its folder, as answers name it.")],
    *,
    collection: Annotated[str, typer.Option(metavar="NAME", help="The document's collection.")] = DEFAULT_COLLECTION,
    data: Data = None,
) -> None:
    """Erase the words of a document that had to go.

    They go from the index, from receipts and from pins; delete the file before, and make new backups after. Receipts
    still name its path, title and headings, and hashes. Exit status: 0, or 1 after an error.
    """
    with closing(open_library(load_settings(None, data))) as library:
        count = library.index.forget(collection, path, output.say)
    output.say(f"Nothing of {texts.path(collection, path)} is kept; {output.format_count(count, 'quote')} erased.")


def serve(
    *,
    port: Annotated[
        int | None,
        typer.Option(metavar="PORT", min=1, max=65535, help="Where to listen. [default: QUOTH_SERVE_PORT, else 8080]"),
    ] = None,
    documents: Documents = None,
    data: Data = None,
) -> None:
    """Show a page to ask on, and receipts, in a browser.

    It ends with Ctrl-C or SIGTERM. With QUOTH_API_TOKEN, programs may ask too. `quoth bot` shows receipts by itself if
    QUOTH_PUBLIC_URL is set.
    """
    from bot.monitoring.monitor import Monitor  # noqa: PLC0415 - the other commands need no server
    from bot.web import server  # noqa: PLC0415
    from bot.web.monitoring import monitoring  # noqa: PLC0415

    settings, monitor = load_settings(documents, data), Monitor()
    settings = settings.model_copy(update={"serve_port": port}) if port else settings
    log_to_stderr(settings, monitor)
    # A port that is taken ends it here, and not after the model was loaded.
    with (
        monitoring(settings, monitor),
        closing(server.listen_for_pages(settings)) as listener,
        closing(open_library(settings)) as library,
    ):
        if not library.index.can_be_searched:
            sync(library)
        server.serve(settings, library, listener, monitor, output.say)


# --- what people see


def _render_listed(receipt: Receipt) -> Text:
    """Lay out a receipt on one line, or two where a terminal is narrow."""
    statement = receipt.statement
    line = Text(receipt.id, style="bold")
    if not receipt.is_intact:
        return line.append(f"  {_ALTERED}", style="red")
    quotes = output.format_count(len(receipt.citations), "quote")
    line.append(f"  {statement.at:%Y-%m-%d %H:%M}  {statement.channel:<8}  {quotes:<8}", style="dim")
    return line.append(f"  {one_line(receipt.question or '(the question is not kept)')}")


def _render_counts(receipts: Counter[QuoteStatus], quotes: Counter[QuoteStatus]) -> RenderableType:
    if not receipts:
        return Text("There are no receipts yet.")
    head = Text(f"{'':<9}  {'receipts':>9}  {'quotes':>9}", style="dim")
    states = (state for state in QuoteStatus if receipts[state] or quotes[state])
    lines = (Text.assemble(_label(state), f"  {receipts[state]:>9,}  {quotes[state]:>9,}") for state in states)
    total = Text(f"{'together':<9}  {receipts.total():>9,}  {quotes.total():>9,}", style="bold")
    return Group(head, *lines, total)


def _render_check(check: Check, *, styled: bool) -> RenderableType:
    """Lay out the status of a receipt and of each quote, with the words that stand there now."""
    head = Text.assemble(_label(check.state), f" {check.receipt.id}")
    if not check.receipt.is_intact:
        return Group(head, _indent(Text(_ALTERED), 2, styled=styled))
    statement = check.receipt.statement
    head.append(f"  {statement.given_at[:10]}", style="dim")
    lines: list[RenderableType] = [head]
    for citation, quote in zip(check.receipt.citations, check.quotes, strict=True):
        line = Text.assemble(_label(quote.state), f" {citation.rank:>2}  {place(citation)}")
        if quote.state is QuoteStatus.MOVED and (now := quote.now):
            line.append(f" → {describe_location(now.collection, now.path, now.place)}")
        if quote.reason:
            line.append(f": {one_line(quote.reason)}")
        lines.append(_indent(line, 2, styled=styled))
        if diff := _render_diff(quote, styled=styled):
            lines.append(_indent(diff, 6, styled=styled))
    return Group(*lines)


def _render_receipt(check: Check, page: str | None, *, styled: bool) -> RenderableType:
    """Lay out all that a receipt says, and what became of its quotes."""
    receipt, statement = check.receipt, check.receipt.statement
    head = Text(f"Receipt {receipt.id}", style="bold")
    if not receipt.is_intact:
        return Group(head, Text(_ALTERED, style="bold red"))
    facts = {
        "given": f"{statement.at:%Y-%m-%d %H:%M:%S %Z}, {statement.channel}",
        "verdict": texts.VERDICTS[statement.verdict] if statement.verdict else _NO_VERDICT,
        "question": receipt.question or "is not kept any more; with --question, yours is compared",
        "model": statement.model,
        "index": f"generation {statement.generation}",
        "quotes": str(len(receipt.citations)),
    }
    if receipt.is_revoked:
        facts["link"] = "is revoked, and shows nothing any more"
    elif page:
        facts["link"] = page
    lines = (Text.assemble((f"{name:<9} ", "dim"), one_line(fact)) for name, fact in facts.items())
    quotes = zip(receipt.citations, check.quotes, strict=True)
    asked = check.receipt.question
    return Group(head, *lines, *(_render_quote(citation, quote, asked, styled=styled) for citation, quote in quotes))


def _render_quote(citation: Citation, quote: QuoteCheck, question: str | None, *, styled: bool) -> RenderableType:
    span = citation.span
    lines: list[RenderableType] = [
        Text(),
        Text(f"{citation.rank}. {place(citation)}", style="bold"),
        Text.assemble(_label(quote.state), f" {one_line(quote.reason or texts.ENGLISH.states[quote.state])}"),
    ]
    if citation.is_pinned:
        lines.append(Text("pinned    An owner said that this answers the question.", style="dim"))
    if missing := read_missing_words(question, citation.missing):
        lines.append(Text(output.not_in_passage(missing), style="yellow"))
    now = quote.now
    if now and quote.state is QuoteStatus.MOVED:
        lines.append(Text.assemble(("now at    ", "dim"), describe_location(now.collection, now.path, now.place)))
    characters = f"characters {span.start:,} to {span.end:,}"
    if citation.fetched_at:
        lines.append(Text(f"fetched   {citation.fetched_at}", style="dim"))
    if now and now.url:
        lines.append(Text(f"address   {one_line(now.url)}", style="dim"))
    lines.append(Text(f"file      {span.document_sha256} (SHA-256)", style="dim"))
    lines.append(Text(f"words     {citation.text_sha256} (SHA-256), {characters}", style="dim"))
    words = _render_diff(quote, styled=styled) or Text(visible(now.text) if now else "")
    return Group(*lines, *([_indent(words, 2, styled=styled)] if words else []))


def _render_diff(quote: QuoteCheck, *, styled: bool) -> Text:
    """Mark words that are gone and new by a line through or below, or as [-gone-]{+new+}; empty if all are the same."""
    text = Text()
    if quote.state in {QuoteStatus.UNCHANGED, QuoteStatus.MOVED} or quote.quoted is None:
        return text
    for part in _diff_words(quote.quoted, quote.now.text if quote.now else ""):
        if part.is_none:
            text.append(visible(part.old))
            continue
        if part.old:
            text.append(visible(part.old if styled else f"[-{part.old}-]"), style="red strike")
        if part.new:
            text.append(visible(part.new if styled else f"{{+{part.new}+}}"), style="green underline")
    return text


def _indent(text: Text, by: int, *, styled: bool) -> RenderableType:
    """Indent a text: on a terminal, also where a line is wrapped; elsewhere, lines are as the document has them."""
    if styled:
        return Padding(text, (0, 0, 0, by), expand=False)
    margin = Text(" " * by)
    return Text("\n").join(margin + line for line in text.split("\n"))


def _label(state: QuoteStatus) -> tuple[str, str]:
    return f"{state:<9}", _STYLES[state]
