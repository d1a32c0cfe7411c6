"""The web application: pages of receipts, and where questions are answered, the page to ask on and the API.

Strangers write what a page shows, and strangers look at it. So all of it is escaped, a page may load nothing but its
own style and pictures, and a revoked receipt looks like one that never existed.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from bot.services.background import BusyError
from bot.services.failure_log import FailureLog
from bot.services.supervision import describe
from bot.web.api.routes import make_api
from bot.web.ask_page import AskPage
from bot.web.pages import RETRY_AFTER_S, language_of, render_page
from bot.web.receipt_page import render_picture, show_receipt
from retrieval import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from bot.services.background import BackgroundThread
    from bot.services.receipts import ReceiptService
    from bot.web.asking import Asking

T = TypeVar("T")

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
_STATIC = {
    name: Response((_FOLDER / name).read_bytes(), media_type=kind)
    for name, kind in {"style.css": "text/css", "icon.svg": "image/svg+xml"}.items()
}
"""Next to the pages, so that a page can name them wherever it is."""


def web_app(
    receipts: ReceiptService, background: BackgroundThread, prefix: str = "", asking: Asking | None = None
) -> ASGIApp:
    """Make the application; all paths work also behind the prefix, as the server in front may take it away or not.

    Args:
        receipts: checks receipts.
        background: runs what needs the receipts.
        prefix: the path of the public address; empty without one.
        asking: answers questions; without it, there are receipts only.
    """
    failures = FailureLog("A receipt cannot be shown", "Receipts can be shown again.")
    unanswered = FailureLog("A question cannot be answered", "Questions can be answered again.")

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
        return render_page("page.html", 500, texts, heading=texts.web_receipt, text=texts.failed)

    async def show(request: Request) -> Response:
        shown = await find(show_receipt, request.path_params["link"])
        values = {"receipt": shown.receipt, "quotes": shown.quotes, "link": request.path_params["link"]}
        return render_page("receipt.html", 200, language_of(request), **values)

    async def picture(request: Request) -> Response:
        png = await find(render_picture, request.path_params["link"], request.path_params["rank"])
        return Response(png, media_type="image/png")

    routes: list[BaseRoute] = [
        *(Route(f"/r/{name}", response, methods=["GET"]) for name, response in _STATIC.items()),
        Route("/r/{link}", show),
        Route("/r/{link}/{rank:int}.png", picture),
    ]
    if asking:
        routes += AskPage(asking, unanswered).routes
        if asking.authentication.has_tokens:
            routes.append(Mount("/api", make_api(asking, receipts, background, unanswered)))
    if prefix:
        # Without the slash, a page's own addresses would lead beside it.
        routes = [*routes, Route(prefix, lambda _: RedirectResponse(f"{prefix}/")), Mount(prefix, routes=routes)]
    app = Starlette(
        routes=routes,
        exception_handlers={HTTPException: partial(_explain_status, f"{prefix}/r/"), StoreError: explain_failure},
    )
    # The address would come from the request's headers, which anybody can make up.
    app.router.redirect_slashes = False
    return WithHeaders(app)


class WithHeaders:
    """Adds the headers that every response has, also those of errors, and logs what nobody foresaw."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._failures = FailureLog("A page failed", "Pages work again.")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, as ASGI has it."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                added = [(name, value) for name, value in _RAW_HEADERS if name not in own]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
            self._failures.end()
        except ClientDisconnect:
            pass
        except Exception as error:  # noqa: BLE001 - it is answered by now; its message may hold what was asked
            self._failures.note(describe(error), kind=type(error).__name__)


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
    return render_page("page.html", error.status_code, texts, error.headers, **values)
