"""The pages: each shows one receipt, or says that there is none.

What a page shows is written by strangers, and who looks at it is one too. So all of it is escaped, a page may load
nothing but its own style and pictures, and what was revoked looks like what never was.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Mount, Route

from bot.services.background import BusyError
from bot.texts import ENGLISH, LANGUAGES
from retrieval import StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from bot.services.background import BackgroundThread
    from bot.texts import Texts
    from bot.web.receipt_page import Exhibits

logger = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

RETRY_AFTER_S = 5
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Vary": "Accept-Language",
}

_HERE = Path(__file__).parent
_PAGES = Environment(
    loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_STATIC = {"style.css": "text/css", "icon.svg": "image/svg+xml"}
"""Next to the pages, so that a page can name them wherever it is."""


def web_app(exhibits: Exhibits, background: BackgroundThread, prefix: str = "") -> ASGIApp:
    """The application.

    Args:
        exhibits: the receipts.
        background: where they are made.
        prefix: a path that may stand before all others, as the server in front may take it away or not.
    """
    pages = Pages(exhibits, background)
    routes = [
        *(Route(f"/r/{name}", _static(name, kind)) for name, kind in _STATIC.items()),
        Route("/r/{receipt_id}", pages.receipt),
        Route("/r/{receipt_id}/{rank:int}.png", pages.picture),
    ]
    app = Starlette(
        routes=[*routes, Mount(prefix, routes=routes)] if prefix else routes,
        exception_handlers={HTTPException: _refused, StoreError: _failed},
    )
    # The address would come from the request's headers, which anybody can make up.
    app.router.redirect_slashes = False
    return WithHeaders(app)


class Pages:
    """Answers requests."""

    def __init__(self, exhibits: Exhibits, background: BackgroundThread) -> None:
        self._exhibits = exhibits
        self._background = background

    async def receipt(self, request: Request) -> Response:
        """The page of a receipt."""
        shown = await self._found(self._exhibits.receipt, request.path_params["receipt_id"])
        say = language_of(request)
        return _page("receipt.html", 200, say, receipt=shown.receipt, exhibits=shown.exhibits)

    async def picture(self, request: Request) -> Response:
        """The page of a PDF that a quote stands on."""
        receipt_id, rank = request.path_params["receipt_id"], request.path_params["rank"]
        picture = await self._found(self._exhibits.picture, receipt_id, rank)
        return Response(picture, media_type="image/png")

    async def _found(self, find: Callable[P, T | None], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            found = await self._background.run(find, *args, **kwargs)
        except BusyError:
            raise HTTPException(503, headers={"Retry-After": str(RETRY_AFTER_S)}) from None
        if found is None:
            raise HTTPException(404)
        return found


class WithHeaders:
    """Adds the headers that every response has, whatever comes to pass inside."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += [(name.lower().encode(), each.encode()) for name, each in HEADERS.items()]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def language_of(request: Request) -> Texts:
    """Of the languages that Quoth speaks, the one that the browser likes best."""
    wishes = []
    for wish in request.headers.get("accept-language", "").split(","):
        tag, _, weight = wish.partition(";")
        wishes.append((_weight(weight), tag.strip().lower().partition("-")[0]))
    # What is as welcome stays in its order.
    wishes.sort(key=lambda wish: wish[0], reverse=True)
    return next((LANGUAGES[code] for weight, code in wishes if weight > 0 and code in LANGUAGES), ENGLISH)


def _weight(text: str) -> float:
    """Of "q=0.8", 0.8; 1 if nothing is said."""
    name, _, value = text.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


def _page(
    template: str, status: int, say: Texts, headers: Mapping[str, str] | None = None, **values: object
) -> Response:
    html = _PAGES.get_template(template).render(say=say, **values)
    # A file's name may hold halves of characters.
    return Response(html.encode("utf-8", "replace"), status, headers, "text/html")


def _static(name: str, kind: str) -> Callable[[Request], Awaitable[Response]]:
    content = (_HERE / name).read_bytes()

    async def give(_: Request) -> Response:
        return Response(content, media_type=kind)

    return give


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    status, headers = error.status_code, error.headers
    say = language_of(request)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return _page("page.html", status, say, headers, heading=say.web_receipt, text=say.web_busy)
    heading, text = say.web_not_found, say.web_not_found_why
    return _page("page.html", status, say, headers, heading=heading, text=text)


async def _failed(request: Request, error: Exception) -> Response:
    logger.error("A receipt cannot be shown: %s", error)
    say = language_of(request)
    return _page("page.html", 500, say, heading=say.web_receipt, text=say.failed)
