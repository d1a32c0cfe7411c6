"""Pages: what all of them have in common, and the body of what browsers and programs send."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.texts import ENGLISH, LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from bot.texts import Texts

MAX_BODY = 65_536
"""Bytes; the longest question, with each character escaped, has a third of them."""
RETRY_AFTER_S = 5

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)


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


def render_page(
    template: str, status: int, texts: Texts, headers: Mapping[str, str] | None = None, **values: object
) -> Response:
    """Render a template in a language."""
    html = _TEMPLATES.get_template(template).render(texts=texts, **values)
    # A file's name may hold lone surrogates.
    return Response(html.encode("utf-8", "replace"), status, headers, "text/html")


async def read_body(request: Request) -> bytes:
    """Read what was sent.

    Raises:
        HTTPException: 413, if it has more than MAX_BODY bytes.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(413)
    return bytes(body)
