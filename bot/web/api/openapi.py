"""OpenAPI: describes the API, from the types that check its requests and make its answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from retrieval import Location, MissingWord

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.web.api.routes import Operation

VERSION = "1"
"""Of the API: it is raised where a program has to change."""
_NAMES = {"Location": Location, "MissingWord": MissingWord}
"""Types that the library imports for its type checker only."""
_REFUSALS = {
    400: "The body is no JSON.",
    401: "The token is missing or wrong.",
    404: "There is no such receipt, or no such collection that the token sees.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "The body has a wrong field, or the question cannot be asked.",
    429: "Too many requests in this minute; Retry-After says when to go on.",
    500: "Something failed, and the log says what.",
    503: "Too many requests wait, it took too long, or another machine does not answer; try again in a few seconds.",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, as RFC 9457 has it."""

    title: str
    status: int
    detail: str
    """What is wrong and what to do, for a person."""
    type: str = "about:blank"
    fault: str | None = None
    """Why a question cannot be asked, for a program."""


def describe_api(operations: Iterable[Operation], url: str) -> dict[str, Any]:
    """Describe the API for an address."""
    types: list[tuple[type, Any, TypeAdapter[Any]]] = [(Problem, "serialization", TypeAdapter(Problem))]
    for operation in operations:
        types.append((operation.body, "validation", TypeAdapter(operation.body)))
        types.append((operation.result, "serialization", TypeAdapter(operation.result)))
    for _, _, adapter in types:
        adapter.rebuild(_types_namespace=_NAMES)
    references, schemas = TypeAdapter.json_schemas(types, ref_template="#/components/schemas/{model}")
    named = {of: reference for (of, _), reference in references.items()}
    refusals = {
        str(status): {"description": text, "content": {"application/problem+json": {"schema": named[Problem]}}}
        for status, text in _REFUSALS.items()
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Quoth",
            "version": VERSION,
            "description": "Answers questions with exact, sourced quotes from documents.",
        },
        "servers": [{"url": url}],
        "paths": {
            f"/api/{operation.name}": {
                "post": {
                    "operationId": operation.name,
                    "summary": operation.summary,
                    "security": [{"token": []}],
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": named[operation.body]}},
                    },
                    "responses": {
                        "200": {
                            "description": operation.summary,
                            "content": {"application/json": {"schema": named[operation.result]}},
                        },
                        **refusals,
                    },
                }
            }
            for operation in operations
        },
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
