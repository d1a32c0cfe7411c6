"""The page to ask on: a field for a question, and below it the answer's quotes.

A question is sent in the body of a form, so that it stands in no address, history or log.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.services.background import BusyError
from bot.services.excerpts import make_excerpt, split_quote
from bot.services.labels import distinct_labels
from bot.texts import path as path_for_people
from bot.texts.ask_page import ASK_PAGE
from bot.web.authentication import COOKIE, is_same_origin
from bot.web.pages import language_of, read_body, render_page
from retrieval import Asker, Channel, QuestionError, StoreError, UnreachableError, ask

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.services.excerpts import Part
    from bot.services.failure_log import FailureLog
    from bot.web.asking import Asking
    from bot.web.authentication import Visitor
    from retrieval import Answer, Quote, Source

PASSAGES = 5
"""Of an answer, with those that are folded."""
SESSION_S = 30 * 24 * 3600
"""How long a browser stays signed in."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    # With `no-referrer`, browsers would not say that the form was sent from this page.
    "Referrer-Policy": "same-origin",
}
_AT_PAGE = Asker(Channel.WEB)


@dataclass(frozen=True, slots=True)
class ShownSource:
    """Where a passage stands, as the page names it."""

    title: str
    labels: tuple[str, ...]
    """What the heading and the file say beside the title."""
    source: Source

    @classmethod
    def of(cls, source: Source) -> ShownSource:
        """Leave out what the title says already."""
        path = path_for_people(source.collection, source.path)
        title = source.title.strip() or path
        labels = distinct_labels([title, source.heading or ""], source.place, source.path, PurePosixPath(path).stem)
        return cls(title, tuple(label for label in labels if label != title), source)

    @property
    def path(self) -> str:
        """The file, with its collection."""
        return path_for_people(self.source.collection, self.source.path)


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """A quote, as the page shows it."""

    quote: Quote
    excerpt: list[Part]
    """What answers."""
    whole: list[Part]
    source: ShownSource
    also_in: tuple[ShownSource, ...]

    @classmethod
    def of(cls, quote: Quote) -> ShownPassage:
        """Prepare a quote."""
        also_in = tuple(map(ShownSource.of, quote.also_in))
        return cls(quote, make_excerpt(quote), split_quote(quote), ShownSource.of(quote.source), also_in)


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """An answer, as the page shows it."""

    answer: Answer
    link: str | None
    """The secret of its receipt's page."""

    @property
    def first(self) -> list[ShownPassage]:
        """The passages that are shown at once."""
        return [ShownPassage.of(quote) for quote in self.answer.quotes if self._answers(quote)]

    @property
    def further(self) -> list[ShownPassage]:
        """The passages that are folded."""
        return [ShownPassage.of(quote) for quote in self.answer.quotes if not self._answers(quote)]

    def _answers(self, quote: Quote) -> bool:
        return self.answer.verdict.found and quote.may_answer


class AskPage:
    """Answers at the address of the page, and signs people in and out.

    Args:
        asking: answers questions, and knows the tokens.
        failures: logs what fails.
    """

    def __init__(self, asking: Asking, failures: FailureLog) -> None:
        self._asking = asking
        self._authentication = asking.authentication
        self._failures = failures

    @property
    def routes(self) -> list[Route]:
        """The page's addresses."""
        routes = [Route("/", self.show, methods=["GET"]), Route("/", self.answer, methods=["POST"])]
        if self._authentication.has_tokens:
            routes.append(Route("/sign-in", self.sign_in, methods=["POST"]))
            routes.append(Route("/sign-out", self.sign_out, methods=["POST"]))
        return routes

    async def show(self, request: Request) -> Response:
        """Show the field, or who may ask."""
        if self._authentication.person(request):
            return _render(request, 200)
        return self._show_door(request, 200 if self._authentication.has_tokens else 403)

    async def answer(self, request: Request) -> Response:
        """Answer a question, or say why not, below the field."""
        texts, visitor = language_of(request), self._authentication.person(request)
        if visitor is None:
            return self._show_door(request, 403)
        if not is_same_origin(request):
            return _render(request, 403, error=ASK_PAGE[texts.language].other_site)
        question = await _read_field(request, "question")
        if self._asking.is_too_fast(visitor):
            return _render(request, 429, question=question, error=texts.slow_down)
        return await self._ask(request, question, visitor)

    async def _ask(self, request: Request, question: str, visitor: Visitor) -> Response:
        texts = language_of(request)
        try:
            index = self._asking.index
            answer = await self._asking.run(Channel.WEB, ask, index, question, PASSAGES, visitor.view, _AT_PAGE)
            shown = ShownAnswer(answer, await self._asking.make_link(answer))
        except QuestionError as error:
            text = texts.faults[error.fault].format(limit=texts.number(error.max_length))
            return _render(request, 422, question=question, error=text)
        except (BusyError, TimeoutError):
            return _render(request, 503, question=question, error=texts.busy)
        except StoreError as error:
            self._failures.note(error)
            is_temporary = isinstance(error, UnreachableError)
            text = texts.unreachable if is_temporary else texts.failed
            return _render(request, 503 if is_temporary else 500, question=question, error=text)
        self._failures.end()
        return _render(request, 200, question=question, shown=shown)

    async def sign_in(self, request: Request) -> Response:
        """Give a browser that sends a token the cookie."""
        token = (await _read_field(request, "token")).strip()
        session = self._authentication.sign_in(token) if is_same_origin(request) else None
        if session is None:
            error = ASK_PAGE[language_of(request).language].wrong_token
            return self._show_door(request, 403, error=error)
        return self._set_cookie(session, SESSION_S)

    async def sign_out(self, request: Request) -> Response:
        """Take the cookie back."""
        return self._set_cookie("", 0) if is_same_origin(request) else RedirectResponse("./", 303)

    def _set_cookie(self, session: str, seconds: int) -> Response:
        response = RedirectResponse("./", 303)
        is_secure = self._asking.public_url.startswith("https:")
        # Without a path, it is for this page and below, wherever the server in front puts it.
        response.set_cookie(COOKIE, session, seconds, path=None, secure=is_secure, httponly=True, samesite="strict")
        return response

    def _show_door(self, request: Request, status: int, *, error: str = "") -> Response:
        texts = language_of(request)
        template = "sign_in.html" if self._authentication.has_tokens else "here_only.html"
        return render_page(template, status, texts, HEADERS, words=ASK_PAGE[texts.language], error=error)


async def _read_field(request: Request, name: str) -> str:
    body = (await read_body(request)).decode("utf-8", "replace")
    return parse_qs(body, keep_blank_values=True).get(name, [""])[0]


def _render(
    request: Request, status: int, *, question: str = "", error: str = "", shown: ShownAnswer | None = None
) -> Response:
    texts = language_of(request)
    values = {"question": question, "error": error, "shown": shown, "is_signed_in": COOKIE in request.cookies}
    return render_page("ask.html", status, texts, HEADERS, words=ASK_PAGE[texts.language], **values)
