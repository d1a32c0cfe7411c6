"""BotApi: the Bot API as Telegram answers it, with raw updates and without pages of proxies in between."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import Any, cast

from telegram.error import BadRequest, NetworkError
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest, RequestData

Json = dict[str, Any]

TIMEOUT_S = 20
"""For a request to Telegram; after that, it is repeated."""
MAX_CONNECTIONS = 256
_QUOTED = re.compile(r'"[^"]*"')


class BotApi(ExtBot[int]):
    """A bot that also fetches updates without parsing them.

    python-telegram-bot parses all updates of a response at once: one that it cannot parse takes the others with it.
    """

    async def fetch_updates(self, offset: int, timeout_s: int, kinds: list[str]) -> list[Any]:
        """Fetch updates from a number on; wait for some if there are none."""
        data = {"offset": offset, "timeout": timeout_s, "allowed_updates": kinds}
        updates = cast("Any", await self._post("getUpdates", data, read_timeout=TIMEOUT_S + timeout_s))
        if not isinstance(updates, list):
            raise NetworkError("The response to getUpdates is no list.")
        return updates


class ApiRequest(HTTPXRequest):
    """Reads responses that are not Telegram's as errors, and drops the words of people from descriptions."""

    def __init__(self, max_connections: int = MAX_CONNECTIONS) -> None:
        super().__init__(max_connections, connect_timeout=TIMEOUT_S, read_timeout=TIMEOUT_S, write_timeout=TIMEOUT_S)

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        *args: Any,  # noqa: ANN401 - the timeouts
        **kwargs: Any,  # noqa: ANN401
    ) -> tuple[int, bytes]:
        """Make a request.

        Raises:
            NetworkError: there is no response, or a proxy has given it.
            BadRequest: the request cannot be encoded.
        """
        try:
            code, payload = await super().do_request(url, method, request_data, *args, **kwargs)
        except UnicodeEncodeError:
            # Its message holds the text.
            raise BadRequest("The text holds characters that do not exist.") from None
        if not HTTPStatus.OK <= code < HTTPStatus.MULTIPLE_CHOICES:
            return code, _plain_error(code, payload)
        # A file comes by GET, as it is.
        if method == "POST" and "result" not in _object(payload):
            raise NetworkError("The response is not Telegram's.")
        return code, payload


def _plain_error(code: int, payload: bytes) -> bytes:
    """Reduce an error to what python-telegram-bot reads; the page of a proxy becomes the name of its status."""
    reply = _object(payload)
    description, parameters = reply.get("description"), reply.get("parameters")
    error: Json = {"description": _QUOTED.sub('"…"', description) if isinstance(description, str) else _phrase(code)}
    if isinstance(parameters, dict):
        error["parameters"] = {name: value for name, value in parameters.items() if isinstance(value, int | float)}
    return json.dumps(error).encode()


def _phrase(code: int) -> str:
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return f"Status {code}"


def _object(payload: bytes) -> Json:
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
