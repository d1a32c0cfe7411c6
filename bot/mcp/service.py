"""What the tools do: blocking functions over the library, and over the receipts."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass, fields
from threading import Event
from typing import TYPE_CHECKING

from bot.services.library import open_library
from bot.services.receipts import ReceiptService
from bot.services.watcher import watching
from bot.web import receipt_link
from bot.web.api import operations
from retrieval import Answer, Asker, Channel, DocumentError, DocumentFault, QuothError, read_quotes, read_source

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    from bot.services.for_programs import CheckedReceipt
    from bot.services.library import Library
    from bot.settings import Settings
    from bot.web.api.operations import AskBody, FindBody, VerifyBody
    from retrieval import Listing, Progress, SourceText

_ASKER = Asker(Channel.MCP)


class _StoppedError(QuothError):
    """Says that Quoth ends."""


@dataclass(frozen=True, slots=True)
class LinkedAnswer(Answer):
    """An answer with the address of its receipt."""

    link: str | None = None
    """None where no receipts are served to browsers."""
    is_indexing: bool = False
    """Whether documents are being indexed, so that some may be missing from the answer."""


class DocumentService:
    """Opens the library when it is first needed, keeps it up to date, and answers from it. Blocking; for one thread.

    Args:
        settings: where documents and data are.
        collections: names of those that there must be.
        message: called with what a person who waits should know.

    Raises:
        QuothError: from every method, if the library cannot be opened. The next call tries again.
    """

    def __init__(self, settings: Settings, collections: Sequence[str], message: Callable[[str], None]) -> None:
        self._settings = settings
        self._collections = collections
        self._message = message
        self._library: Library | None = None
        self._opened = ExitStack()
        self._stop = Event()
        self.doing = "Quoth is starting."
        """What a caller waits for, for any thread."""

    def open(self) -> Library:
        """Load the model and open the index, which is made now if there is none yet."""
        if self._library is None:
            with ExitStack() as opened:
                library = opened.enter_context(closing(open_library(self._settings, self._note)))
                if not library.index.can_be_searched:
                    library.sync(self._note_progress)
                for name in self._collections:
                    library.check_collection(name)
                opened.enter_context(watching(library))
                self._opened, self._library = opened.pop_all(), library
            self.doing = ""
        return self._library

    def stop(self) -> None:
        """End a sync that another thread has begun in `open`; the documents that it has indexed are kept."""
        self._stop.set()

    def close(self) -> None:
        """Release the library."""
        self._opened.close()

    def ask(self, view: Container[str], body: AskBody) -> LinkedAnswer:
        """Answer a question, and record a receipt of it."""
        library = self.open()
        answer = operations.answer(library.index, view, body, _ASKER)
        link = library.index.receipts.links.make(answer.receipt_id) if self._settings.public_url else None
        return LinkedAnswer(
            **{field.name: getattr(answer, field.name) for field in fields(answer)},
            link=receipt_link(self._settings, link) if link else None,
            is_indexing=library.index.is_being_written,
        )

    def find(self, view: Container[str], body: FindBody) -> Listing:
        """List passages without a verdict, and record a receipt of them."""
        return operations.list_passages(self.open().index, view, body, _ASKER)

    def read_quote(self, view: Container[str], receipt_id: str, rank: int, around: int) -> SourceText:
        """Read what stands around a quote of an earlier answer."""
        index = self.open().index
        quotes = read_quotes(index, receipt_id.strip().lower(), view)
        source = next((quote.source for quote in quotes if quote.rank == rank), None)
        if source is None:
            message = (
                f"There is no quote {rank} of the receipt {receipt_id} in the documents now. The tool verify tells "
                "what became of a receipt's quotes."
            )
            raise DocumentError(message, DocumentFault.NO_ACCESS)
        span = source.start, source.end
        return read_source(index, source.collection, source.path, span, around=around, collections=view)

    def read(self, view: Container[str], collection: str, path: str, span: tuple[int, int], around: int) -> SourceText:
        """Read a part of a document."""
        return read_source(self.open().index, collection, path, span, around=around, collections=view)

    def _note(self, message: str) -> None:
        self.doing = message
        self._message(message)

    def _note_progress(self, progress: Progress) -> None:
        if self._stop.is_set():
            raise _StoppedError("Quoth is ending.")
        self.doing = f"The documents are indexed for the first time: {progress.done:,} of {progress.total:,} are done."


class VerificationService:
    """Checks receipts, without a model. Blocking; for one thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._receipts: ReceiptService | None = None

    def verify(self, view: Container[str], body: VerifyBody) -> CheckedReceipt:
        """Read the quoted files again, and check the quotes of a receipt."""
        self._receipts = self._receipts or ReceiptService(self._settings)
        return operations.verify(self._receipts, view, body)

    def close(self) -> None:
        """Release the files."""
        if self._receipts:
            self._receipts.close()
