"""Routes of the API: each request is let in, paced, checked, run off the event loop, and answered in JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from bot.services.background import BusyError
from bot.services.for_programs import CheckedReceipt, json_line
from bot.services.rate_limit import WINDOW_S
from bot.web.api.openapi import Problem, describe_api
from bot.web.api.operations import AskBody, FindBody, NotFoundError, VerifyBody, answer, list_passages, verify
from bot.web.asking import TIMEOUT_S
from bot.web.pages import RETRY_AFTER_S, read_body
from retrieval import Answer, Channel, Listing, QuestionError, QuothError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Container, Mapping

    from starlette.requests import Request

    from bot.services.background import BackgroundThread
    from bot.services.failure_log import FailureLog
    from bot.services.receipts import ReceiptService
    from bot.web.asking import Asking

_DETAILS = {
    400: "The body is no JSON. Send an object in UTF-8.",
    401: "The token is missing or wrong. Send one of QUOTH_API_TOKEN: Authorization: Bearer TOKEN",
    404: "There is nothing at this address. See /api/openapi.json for what there is.",
    405: "This address takes another method. See /api/openapi.json.",
    413: "The body is too large. A question has at most 2,000 characters.",
    415: "The body is of another type. Send application/json.",
    429: "Too many requests in this minute. Wait a minute, or raise QUOTH_QUESTIONS_A_MINUTE.",
    500: "Something failed here. The log of `quoth serve` says what.",
    503: "Too many requests are waiting, or a database does not answer. Try again in a few seconds.",
}
_TOO_SLOW = f"The answer took longer than {TIMEOUT_S} seconds, with its wait for others. Try again in a few seconds."
_RETRY_AFTER_S = {429: WINDOW_S, 503: RETRY_AFTER_S}


@dataclass(frozen=True, slots=True)
class Operation:
    """An address of the API."""

    name: str
    summary: str
    body: type[BaseModel]
    result: type
    run: Callable[[Container[str], Any], Awaitable[Any]]
    """Gets what the token sees, and the checked body."""


def make_api(asking: Asking, receipts: ReceiptService, background: BackgroundThread, failures: FailureLog) -> Starlette:
    """Make the application below /api.

    Args:
        asking: answers questions, and knows the tokens.
        receipts: checks receipts.
        background: runs what needs the receipts.
        failures: logs what fails.
    """
    operations = [
        Operation(
            "ask",
            "Answer a question with quotes.",
            AskBody,
            Answer,
            lambda *wish: asking.run(Channel.HTTP, answer, asking.index, *wish),
        ),
        Operation(
            "find",
            "List passages to choose from, without a verdict.",
            FindBody,
            Listing,
            lambda *wish: asking.run(Channel.HTTP, list_passages, asking.index, *wish),
        ),
        Operation(
            "verify",
            "Check a receipt against the documents.",
            VerifyBody,
            CheckedReceipt,
            lambda *wish: background.run(verify, receipts, *wish),
        ),
    ]
    document = describe_api(operations, asking.public_url.rstrip("/") or "/")

    async def describe(_: Request) -> Response:
        return _json(document)

    async def explain(_: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return _problem(error.status_code, headers=error.headers)
        if isinstance(error, ValidationError):
            return _explain_body(error)
        if isinstance(error, QuestionError):
            return _problem(422, str(error), fault=error.fault)
        if isinstance(error, NotFoundError):
            return _problem(404, str(error))
        if isinstance(error, QuothError) and not isinstance(error, BusyError):
            failures.note(error)
        if isinstance(error, TimeoutError):
            return _problem(503, _TOO_SLOW)
        return _problem(503 if isinstance(error, BusyError | UnreachableError) else 500)

    return Starlette(
        routes=[
            Route("/openapi.json", describe, methods=["GET"]),
            *(Route(f"/{operation.name}", _endpoint(asking, operation), methods=["POST"]) for operation in operations),
        ],
        exception_handlers=dict.fromkeys(
            (HTTPException, ValidationError, QuothError, TimeoutError, Exception), explain
        ),
    )


def _endpoint(asking: Asking, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        visitor = asking.authentication.program(request)
        if visitor is None:
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
        if asking.is_too_fast(visitor):
            raise HTTPException(429)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise HTTPException(415)
        body = operation.body.model_validate_json(await read_body(request))
        return _json(asdict(await operation.run(visitor.view, body)))

    return respond


def _json(
    value: object, status: int = 200, media_type: str = "application/json", headers: Mapping[str, str] | None = None
) -> Response:
    # A file's name may hold lone surrogates, which JSON escapes in the same way.
    return Response(json_line(value).encode("utf-8", "backslashreplace"), status, headers, media_type)


def _problem(
    status: int, detail: str = "", *, fault: str | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    if wait_s := _RETRY_AFTER_S.get(status):
        headers = {**(headers or {}), "Retry-After": str(wait_s)}
    problem = Problem(HTTPStatus(status).phrase, status, detail or _DETAILS[status], fault=fault)
    return _json(asdict(problem), status, "application/problem+json", headers)


def _explain_body(error: ValidationError) -> Response:
    wrong = error.errors(include_url=False, include_context=False, include_input=False)
    if wrong[0]["type"] == "json_invalid":
        return _problem(400)
    fields = "; ".join(f"{'.'.join(map(str, each['loc'])) or 'body'}: {each['msg']}" for each in wrong)
    return _problem(422, f"The body is wrong: {fields}. See /api/openapi.json.")
