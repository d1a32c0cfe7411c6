"""The web application: a page shows one receipt, or says that there is none.

Strangers write what a page shows, and strangers look at it. So all of it is escaped, a page may load nothing but its
own style and pictures, and a revoked receipt looks like one that never existed.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Mount, Route

from bot.services.background import BusyError
from bot.services.failure_log import FailureLog
from bot.texts import ENGLISH, LANGUAGES
from bot.web.receipt_page import render_picture, show_receipt
from retrieval import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from bot.services.background import BackgroundThread
    from bot.services.receipts import ReceiptService
    from bot.texts import Texts

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
_RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]

_FOLDER = Path(__file__).parent
_TEMPLATES = Environment(
    loader=FileSystemLoader(_FOLDER / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_STATIC = {
    name: Response((_FOLDER / name).read_bytes(), media_type=kind)
    for name, kind in {"style.css": "text/css", "icon.svg": "image/svg+xml"}.items()
}
"""Next to the pages, so that a page can name them wherever it is."""


def web_app(receipts: ReceiptService, background: BackgroundThread, prefix: str = "") -> ASGIApp:
    """Make the application; all paths work also behind the prefix, as the server in front may take it away or not."""
    failures = FailureLog("A receipt cannot be shown", "Receipts can be shown again.")

    async def find(function: Callable[..., T | None], *args: object) -> T:
        try:
            result = await background.run(function, receipts, *args)
        except BusyError:
            raise HTTPException(503, headers={"Retry-After": str(RETRY_AFTER_S)}) from None
        failures.end()
        if result is None:
            raise HTTPException(404)
        return result

    async def explain_failure(request: Request, error: Exception) -> Response:
        failures.note(error)  # the reason is for the log only
        texts = language_of(request)
        return _page("page.html", 500, texts, heading=texts.web_receipt, text=texts.failed)

    async def show(request: Request) -> Response:
        shown = await find(show_receipt, request.path_params["link"])
        values = {"receipt": shown.receipt, "quotes": shown.quotes, "link": request.path_params["link"]}
        return _page("receipt.html", 200, language_of(request), **values)

    async def picture(request: Request) -> Response:
        png = await find(render_picture, request.path_params["link"], request.path_params["rank"])
        return Response(png, media_type="image/png")

    routes = [
        *(Route(f"/r/{name}", response, methods=["GET"]) for name, response in _STATIC.items()),
        Route("/r/{link}", show),
        Route("/r/{link}/{rank:int}.png", picture),
    ]
    app = Starlette(
        routes=[*routes, Mount(prefix, routes=routes)] if prefix else routes,
        exception_handlers={HTTPException: partial(_explain_status, f"{prefix}/r/"), StoreError: explain_failure},
    )
    # The address would come from the request's headers, which anybody can make up.
    app.router.redirect_slashes = False
    return WithHeaders(app)


class WithHeaders:
    """Adds the headers that every response has, also those of errors."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, as ASGI has it."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_RAW_HEADERS]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def language_of(request: Request) -> Texts:
    """Choose the language that the browser likes best, of those that Quoth speaks."""
    wishes = []
    for wish in request.headers.get("accept-language", "").split(","):
        tag, _, weight = wish.partition(";")
        wishes.append((_weight(weight), tag.strip().lower().partition("-")[0]))
    # `sort` is stable: languages of one weight stay in their order.
    wishes.sort(key=lambda wish: wish[0], reverse=True)
    return next((LANGUAGES[code] for weight, code in wishes if weight > 0 and code in LANGUAGES), ENGLISH)


def _weight(text: str) -> float:
    """Parse "q=0.8"; without it, the weight is 1."""
    name, _, value = text.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


def _page(
    template: str, status: int, texts: Texts, headers: Mapping[str, str] | None = None, **values: object
) -> Response:
    html = _TEMPLATES.get_template(template).render(texts=texts, **values)
    # A file's name may hold lone surrogates.
    return Response(html.encode("utf-8", "replace"), status, headers, "text/html")


async def _explain_status(assets: str, request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    texts = language_of(request)
    heading, text = texts.web_no_page, texts.web_no_page_why
    if request.scope["path"].startswith((assets, "/r/")):
        heading, text = texts.web_not_found, texts.web_not_found_why
    if error.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        heading, text = texts.web_receipt, texts.web_busy
    values = {"heading": heading, "text": text, "assets": assets}
    return _page("page.html", error.status_code, texts, error.headers, **values)
