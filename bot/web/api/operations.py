"""Operations: what programs may ask for. Blocking; each function runs in a thread of its own kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from bot.services.for_programs import CheckedReceipt
from retrieval import MAX_QUESTION_LENGTH, Asker, Channel, QuothError, ask, find

if TYPE_CHECKING:
    from collections.abc import Container

    from bot.services.receipts import ReceiptService
    from retrieval import Answer, Index, Listing

PROGRAM = Asker(Channel.HTTP)

Question = Annotated[
    str,
    Field(
        description="In your own words, and in any language.",
        json_schema_extra={"minLength": 1, "maxLength": MAX_QUESTION_LENGTH},  # `ask` checks it, and says why
    ),
]
Collections = Annotated[
    tuple[str, ...] | None,
    Field(min_length=1, max_length=100, description="Those to search in; all that you may see if it is left out."),
]
ReceiptId = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,64}$", description="As an answer gives it.")]


class NotFoundError(QuothError):
    """There is no such thing, or the token does not see it."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class AskBody(_Body):
    """A question."""

    question: Question
    k: Annotated[int, Field(ge=1, le=100, description="How many quotes at most.")] = 3
    collections: Collections = None


class FindBody(_Body):
    """A question whose passages somebody chooses from."""

    question: Question
    start: Annotated[int, Field(ge=0, le=900, description="The first passage of the page, from 0.")] = 0
    k: Annotated[int, Field(ge=1, le=100, description="How many passages at most.")] = 10
    collections: Collections = None


class VerifyBody(_Body):
    """A receipt."""

    receipt_id: ReceiptId


def answer(index: Index, view: Container[str], body: AskBody, asker: Asker = PROGRAM) -> Answer:
    """Answer a question, as `quoth ask --json` does.

    Raises:
        QuothError: the question cannot be asked, or there is no such collection.
    """
    return ask(index, body.question, body.k, _choose(index, view, body.collections), asker)


def list_passages(index: Index, view: Container[str], body: FindBody, asker: Asker = PROGRAM) -> Listing:
    """List passages to choose from, without a verdict.

    Raises:
        QuothError: the question cannot be asked, or there is no such collection.
    """
    page = range(body.start, body.start + body.k)
    return find(index, body.question, page, _choose(index, view, body.collections), asker)


def verify(receipts: ReceiptService, view: Container[str], body: VerifyBody) -> CheckedReceipt:
    """Read the documents again, and check a receipt, as `quoth verify --json` does.

    Raises:
        NotFoundError: there is no such receipt, or it quotes from a collection that the token does not see.
    """
    for check in receipts.verify([body.receipt_id.lower()], lambda _: None):
        checked = CheckedReceipt.of(check)
        collections = {place.collection for quote in checked.quotes for place in (quote, quote.now or quote)}
        if all(collection in view for collection in collections):
            return checked
    raise NotFoundError("There is no such receipt, or you may not see its documents.")


def _choose(index: Index, view: Container[str], names: tuple[str, ...] | None) -> Container[str]:
    if names is None:
        return view
    seen = [collection.name for collection in index.collections() if collection.name in view]
    for name in names:
        if name not in seen:
            message = f"There is no collection {name} that you may see. There are: {', '.join(seen) or 'none yet'}."
            raise NotFoundError(message)
    return frozenset(names)
