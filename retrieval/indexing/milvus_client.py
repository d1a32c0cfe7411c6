"""MilvusClient: calls a Milvus server, and explains its errors."""

from __future__ import annotations

import importlib.util
import logging
import os
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from retrieval.errors import SettingsError, StoreError, UnreachableError

_PORT = 19530
_TIMEOUT_S = 5.0
"""Of a search: how long a person waits."""
_NOT_FOUND = 100
_NOT_LOADED = 101


@dataclass(frozen=True, slots=True)
class MilvusAddress:
    """The address of a Milvus server: `uri` for pymilvus, `shown` for people."""

    uri: str
    shown: str

    @classmethod
    def of(cls, url: str, *, tls: bool = False) -> MilvusAddress:
        """Parse `milvus://host:port`, or `milvus:///path/to/file.db`, which milvus-lite keeps in this process.

        Raises:
            SettingsError: it is neither.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port or _PORT
        except ValueError as error:
            raise _wrong_address("is wrong: " + str(error)) from None
        if parts.scheme != "milvus" or parts.query or parts.fragment:
            raise _wrong_address("is wrong")
        if "@" in parts.netloc:
            raise _wrong_address("must not hold a password", ", and QUOTH_MILVUS_TOKEN")
        if not host and parts.path.endswith(".db"):
            return cls(parts.path, parts.path)
        if not host or ":" in host or parts.path.strip("/"):
            raise _wrong_address("is wrong", "; QUOTH_MILVUS_DATABASE names a database")
        return cls(f"{'https' if tls else 'http'}://{host}:{port}", f"{host}:{port}")


def _wrong_address(what: str, more: str = "") -> SettingsError:
    return SettingsError(f"The address of the index {what}. Take milvus://host:{_PORT}{more}.")


class MilvusClient:
    """A connection to a server; any thread may use it. Arguments and errors are those of `MilvusStore`."""

    def __init__(self, url: str, *, token: str = "", tls: str = "", database: str = "") -> None:
        self.address = MilvusAddress.of(url, tls=bool(tls))
        if importlib.util.find_spec("pymilvus") is None:
            message = 'QUOTH_INDEX needs pymilvus. In the folder of Quoth\'s source: pip install ".[milvus]"'
            raise SettingsError(message)
        self._token = token
        self._tls = tls
        self._database = database
        self._client: Any = None
        self._lock = Lock()

    def close(self) -> None:
        """Close the connection; the next call opens it again."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def call(self, method: str, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - pymilvus has no types
        """Call a method of pymilvus; a collection that is not in Milvus's memory is loaded first.

        Raises:
            MissingError: there is no such collection.
            UnreachableError: there is no answer, or a refusal.
        """
        options.setdefault("timeout", _TIMEOUT_S)
        try:
            return self._call(method, *arguments, **options)
        except _UnloadedError:
            # On a server that has just started, loading may take longer than a person waits; the server completes it.
            self._call("load_collection", arguments[0], timeout=options["timeout"])
            return self._call(method, *arguments, **options)

    def _call(self, method: str, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        from grpc import RpcError  # noqa: PLC0415 - only those with Milvus have it

        try:
            return getattr(self._connect(), method)(*arguments, **options)
        except pymilvus().MilvusException as error:
            if error.code == _NOT_FOUND:
                message = (
                    f"Milvus at {self.address.shown} has lost the vectors of this index. Run `quoth index`, "
                    "which brings them there from the database."
                )
                raise MissingError(message) from None
            explained = self._explain(str(error.message))
            if error.code == _NOT_LOADED:
                raise _UnloadedError(explained) from None
            self.close()
            raise UnreachableError(explained) from None
        except (RpcError, ValueError) as error:  # ValueError: another thread has just closed the connection
            self.close()
            reason = error.details() if isinstance(error, RpcError) and hasattr(error, "details") else error
            raise UnreachableError(self._explain(str(reason))) from None

    def _connect(self) -> Any:  # noqa: ANN401
        with self._lock:
            if self._client is None:
                options: dict[str, Any] = {"token": self._token, "db_name": self._database, "timeout": _TIMEOUT_S}
                if self._tls:
                    options["secure"] = True
                if self._tls not in {"", "yes"}:
                    options["server_pem_path"] = self._tls
                self._client = pymilvus().MilvusClient(self.address.uri, dedicated=True, **options)
            return self._client

    def _explain(self, reason: str) -> str:
        without_token = reason.replace(self._token, "…") if self._token else reason
        short = " ".join(without_token.split())[:200] or "no answer"
        return (
            f"Milvus at {self.address.shown} does not answer as it should ({short}). Check that it runs, and that "
            "QUOTH_INDEX and the settings QUOTH_MILVUS_… are right; nothing is lost, and it can be asked again at once."
        )


class MissingError(StoreError):
    """Milvus has no collection of this name."""


class _UnloadedError(UnreachableError):
    """Milvus has not loaded the collection into its memory."""


@cache
def pymilvus() -> Any:  # noqa: ANN401 - pymilvus has no types
    """Import pymilvus without its side effects: it reads any .env into the environment, and logs tracebacks."""
    before = dict(os.environ)
    import pymilvus as imported  # noqa: PLC0415 - only those with Milvus have it

    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    for name in ("pymilvus", "pymilvus.milvus_client", "pymilvus.bulk_writer"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return imported
