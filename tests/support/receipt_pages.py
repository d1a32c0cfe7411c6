"""Documents, receipts of what they say, and the server of the pages, all in the test's process."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing
from typing import TYPE_CHECKING

import httpx
from pydantic import AnyHttpUrl

from bot.settings import Settings
from bot.web.server import serving
from retrieval import Asker, Channel, Citation, Index, Ledger, Verdict
from retrieval.documents import readers
from retrieval.documents.document import Locator
from retrieval.receipts.statement import Span, hash_text
from support.doubles import ReaderHere, WordEncoder

if TYPE_CHECKING:
    from pathlib import Path

TIMEOUT_S = 60
QUESTION = "Is the harbour master at home?"


class Archive:
    """A folder of documents, its index, and the receipts of quotes from it."""

    def __init__(self, folder: Path) -> None:
        self.documents = folder / "documents"
        self.documents.mkdir()
        self.data = folder / "data"

    def holds(self, path, content):
        """Put a text, or the bytes of a file, there; nobody has indexed it yet."""
        (self.documents / path).write_bytes(content.encode() if isinstance(content, str) else content)

    def is_indexed(self):
        with closing(Index(self.data, WordEncoder("rain"), reader=ReaderHere())) as index:
            index.sync(self.documents)

    def quotes(self, *quoted, verdict=Verdict.STRONG, further=None):
        """The id of a receipt of these citations, as `cited` makes them."""
        further = None if further is None else [citation for citation, _ in further]
        with closing(Ledger(self.data)) as receipts:
            return receipts.record(
                QUESTION,
                Asker(Channel.TERMINAL, "Ann"),
                verdict=verdict,
                generation=1,
                model="a model",
                citations=[citation for citation, _ in quoted],
                texts=[text for _, text in quoted],
                further=further,
            )

    def cited(self, path, words, sentence=None, *, rank=1, title="A title", heading=None, is_pinned=False):
        """A citation of words that stand in a document, and the words."""
        document = readers.read(path, (self.documents / path).read_bytes())
        start = document.text.index(words)
        end = start + len(words)
        first = start + words.index(sentence or words)
        citation = Citation(
            rank=rank,
            span=Span("default", path, document.sha256, start, end),
            text_sha256=hash_text(words),
            reader=document.reader,
            title=title,
            heading=heading,
            place=Locator(document).locate(start, end),
            sentence=(first, first + len(sentence or words)),
            score=0.5,
            is_pinned=is_pinned,
        )
        return citation, words

    def quote(self, *arguments, **options):
        """The id of a receipt with one citation."""
        return self.quotes(self.cited(*arguments, **options))

    def link(self, receipt_id):
        """The address of a receipt's page, without the server's."""
        with closing(Ledger(self.data)) as receipts:
            return f"/r/{receipts.links.make(receipt_id)}"

    def revoke(self, receipt_id):
        with closing(Ledger(self.data)) as receipts:
            assert receipts.revoke(receipt_id)

    def alter(self, receipt_id, old, new):
        """Change what a receipt says behind its back."""
        with closing(sqlite3.connect(self.data / "receipts.db")) as db, db:
            ((said,),) = db.execute("SELECT said FROM receipts WHERE id = ?", (receipt_id,))
            changed = zlib.decompress(said).replace(old.encode(), new.encode())
            assert changed != zlib.decompress(said)
            db.execute("UPDATE receipts SET said = ? WHERE id = ?", (zlib.compress(changed), receipt_id))

    def settings(self, public_url=None, **changes):
        """Of a server on a free port."""
        url = AnyHttpUrl(public_url) if public_url else None
        return Settings.model_construct(data=self.data, serve_port=0, public_url=url, **changes)


class Site:
    """The pages of an archive, and those to ask a library on, if there is one; a context manager."""

    def __init__(self, archive, library=None, monitor=None, **settings):
        self.archive = archive
        self._serving = serving(archive.settings(**settings), library, monitor=monitor)

    def __enter__(self):
        self.address = self._serving.__enter__()
        self._client = httpx.Client(base_url=self.address, trust_env=False)
        return self

    def get(self, path, language="en", method="GET", **headers):
        return self._client.request(method, path, headers={"Accept-Language": language} | headers)

    def post(self, path, body, *, language="en", cookies=None, **headers):
        """Send a form or, given as bytes, a body."""
        sent = {"content": body} if isinstance(body, bytes) else {"data": body}
        headers = {"Accept-Language": language} | headers
        with httpx.Client(base_url=self.address, timeout=TIMEOUT_S, trust_env=False, cookies=cookies) as client:
            return client.post(path, headers=headers, **sent)

    def __exit__(self, *error):
        self._client.close()
        self._serving.__exit__(*error)
