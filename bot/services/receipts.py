"""ReceiptService: receipts as the front ends use them. It needs no model, and can run beside the answers."""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from cachetools import LRUCache

from bot.services.privacy import protect
from retrieval import DEFAULT_COLLECTION, Context, DocumentError, DocumentFault, IsolatedReader, Ledger, Verifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bot.settings import Settings
    from retrieval import Check, CurrentPlace, Progress, Receipt


_PICTURE_S = 5
"""How long drawing a page may take: others wait for their receipts meanwhile."""


def open_ledger(settings: Settings) -> Ledger:
    """Open the receipts.

    Raises:
        SettingsError: the file with their key is another one.
        StoreError: the data folder cannot be used.
    """
    protect(settings)
    return Ledger(settings.data, settings.question_days, settings.database_url, settings.secret_file)


class ReceiptService:
    """Holds the ledger, and checks the quotes of its receipts. Blocking; for one thread at a time.

    Args:
        settings: where the data folder is, and the limits on reading.

    Raises:
        StoreError: from every method, if the data folder cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        limits = settings.limits
        self._settings = settings
        self._reader = IsolatedReader(limits)
        self._painter = IsolatedReader(replace(limits, seconds=min(limits.seconds, _PICTURE_S)))
        self._refused_pages: LRUCache[tuple[str, int], DocumentError] = LRUCache(1_000)
        self.ledger = open_ledger(settings)
        folders = {DEFAULT_COLLECTION: settings.documents} if settings.documents else {}
        self._verifier = verifier = partial(
            Verifier, settings.data, self.ledger, self._reader, folders=folders, database=settings.database_url
        )
        self._quick, self._thorough = verifier(is_quick=True), verifier()

    def check(self, receipt_id: str) -> Check | None:
        """Check one receipt, quickly; None if there is none with this id."""
        receipt = self.ledger.get(receipt_id)
        return self._quick.check(receipt) if receipt else None

    def check_linked(self, link: str) -> Check | None:
        """Check the receipt whose page has this secret, quickly; None if there is none, or it was revoked."""
        receipt_id = self.ledger.links.find(link)
        return self.check(receipt_id) if receipt_id else None

    def choose(self, receipt_id: str, rank: int) -> None:
        """Put a passage that was chosen from a list on the list's receipt, which would be forgotten otherwise."""
        receipt = self.ledger.get(receipt_id)
        chosen = next((one for one in receipt.further if one.rank == rank), None) if receipt else None
        if chosen is None:
            return
        try:
            text = self._quick.read_document(chosen.span.collection, chosen.span.path).text
        except DocumentError:  # it is gone, and with it what could be shown of it
            return
        self.ledger.mark_shown(receipt_id, {rank: text[chosen.span.start : chosen.span.end]})

    def verify(self, receipt_ids: Sequence[str], progress: Callable[[Progress], None]) -> Iterator[Check]:
        """Read the files again, and check these receipts, or all if none is named; unknown ids are left out."""
        return self._thorough.check_all(lambda: self._named(receipt_ids), progress)

    def verify_online(self, receipt_ids: Sequence[str], progress: Callable[[Progress], None]) -> Iterator[Check]:
        """Check as `verify` does, but compare quotes of web pages with the pages of today."""
        from bot.services.sources import open_fetcher  # noqa: PLC0415 - httpx takes long to import
        from retrieval import fetch_record  # noqa: PLC0415

        with (
            closing(open_fetcher(self._settings)) as fetcher,
            closing(self._verifier(fetch=lambda address: fetch_record(fetcher, address))) as online,
        ):
            yield from online.check_all(lambda: self._named(receipt_ids), progress)

    def read_context(self, now: CurrentPlace, characters: int) -> Context | None:
        """Read what stands around these words, within their section; None if they have just changed.

        Raises:
            DocumentError: the document cannot be read.
        """
        document = self._quick.read_document(now.collection, now.path)
        if document.text[now.start : now.end] != now.text:
            return None
        section = self._quick.find_section(document, now.start, now.end)
        return Context.around(document.text, now.start, now.end, characters, section)

    def render_page(self, now: CurrentPlace, sha256: str, page: int, marks: Sequence[str]) -> bytes:
        """Render a page of the PDF that these words stand in as PNG, with these texts marked.

        Raises:
            DocumentError: the file has other bytes by now, or the page cannot be shown; it is not tried twice.
        """
        if refusal := self._refused_pages.get((sha256, page)):
            raise refusal
        data = self._quick.read_file(now.collection, now.path)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise DocumentError("The file has changed.", DocumentFault.NO_ACCESS)
        try:
            return self._painter.draw_page(now.path, data, page, marks)
        except DocumentError as error:
            self._refused_pages[sha256, page] = error
            raise

    def _named(self, receipt_ids: Sequence[str]) -> Iterator[Receipt]:
        return filter(None, map(self.ledger.get, receipt_ids)) if receipt_ids else self.ledger.all()

    def close(self) -> None:
        """Release the files."""
        for part in (self._quick, self._thorough, self.ledger, self._reader, self._painter):
            part.close()
