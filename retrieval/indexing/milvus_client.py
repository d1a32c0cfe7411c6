"""MilvusClient: asks a Milvus server, and explains why it does not answer."""

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

PORT = 19530
ANSWER_S = 5.0
"""How long a person waits for a search."""
_NOT_FOUND = 100
_NOT_LOADED = 101
_EXAMPLE = "milvus://host:19530"


@dataclass(frozen=True, slots=True)
class MilvusAddress:
    """Where Milvus is."""

    uri: str
    """As pymilvus wants it."""
    shown: str
    """As a person knows it."""

    @classmethod
    def of(cls, url: str, *, tls: bool = False) -> MilvusAddress:
        """Take apart `milvus://host:port`, or `milvus:///path/to/file.db`, which milvus-lite keeps in this process.

        Raises:
            SettingsError: it is neither.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port or PORT
        except ValueError as error:
            message = f"The address of the index is wrong: {error}. Take {_EXAMPLE}."
            raise SettingsError(message) from None
        if parts.scheme != "milvus" or parts.query or parts.fragment:
            message = f"The address of the index is wrong. Take {_EXAMPLE}."
            raise SettingsError(message)
        if "@" in parts.netloc:
            message = f"The address of the index must not hold a password. Take {_EXAMPLE}, and QUOTH_MILVUS_TOKEN."
            raise SettingsError(message)
        if not host and parts.path.endswith(".db"):
            return cls(parts.path, parts.path)
        if not host or ":" in host or parts.path.strip("/"):
            message = f"The address of the index is wrong. Take {_EXAMPLE}; QUOTH_MILVUS_DATABASE names a database."
            raise SettingsError(message)
        return cls(f"{'https' if tls else 'http'}://{host}:{port}", f"{host}:{port}")


class MilvusClient:
    """A connection to the server at an address; any thread may use it.

    Args:
        url: `milvus://host:port`.
        token: that Milvus wants, such as `user:password`; empty if none.
        tls: a file with the authority that signed Milvus's certificate, `yes` for the usual ones, empty for no TLS.
        database: of Milvus; empty for its default.

    Raises:
        SettingsError: the address cannot be one, or pymilvus is not installed.
    """

    def __init__(self, url: str, *, token: str = "", tls: str = "", database: str = "") -> None:
        self.address = MilvusAddress.of(url, tls=bool(tls))
        if importlib.util.find_spec("pymilvus") is None:
            raise SettingsError('QUOTH_INDEX needs what is not installed: pip install "quoth[milvus]"')
        self._token = token
        self._tls = tls
        self._database = database
        self._client: Any = None
        self._lock = Lock()

    def close(self) -> None:
        """Hang up; whoever asks after that is connected again."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def call(self, method: str, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - pymilvus has no types
        """Ask for something by the name of pymilvus's method; a collection that is not in memory is loaded first.

        Raises:
            MissingError: there is no such collection.
            UnreachableError: there is no answer, or a refusal.
        """
        options.setdefault("timeout", ANSWER_S)
        try:
            return self._ask(method, *arguments, **options)
        except _UnloadedError:
            # Of a server that has just been started, it may take longer than a person waits; then it goes on there.
            self._ask("load_collection", arguments[0], timeout=options["timeout"])
            return self._ask(method, *arguments, **options)

    def _ask(self, method: str, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        from grpc import RpcError  # noqa: PLC0415 - only those with Milvus have it

        try:
            return getattr(self._connected(), method)(*arguments, **options)
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
        except (RpcError, ValueError) as error:  # ValueError: another thread has just hung up
            self.close()
            reason = error.details() if isinstance(error, RpcError) and hasattr(error, "details") else error
            raise UnreachableError(self._explain(str(reason))) from None

    def _connected(self) -> Any:  # noqa: ANN401
        with self._lock:
            if self._client is None:
                options: dict[str, Any] = {"secure": True} if self._tls else {}
                if self._tls not in {"", "yes"}:
                    options["server_pem_path"] = self._tls
                self._client = pymilvus().MilvusClient(
                    self.address.uri,
                    token=self._token,
                    db_name=self._database,
                    timeout=ANSWER_S,
                    dedicated=True,
                    **options,
                )
            return self._client

    def _explain(self, reason: str) -> str:
        told = reason.replace(self._token, "…") if self._token else reason
        short = " ".join(told.split())[:200] or "no answer"
        return (
            f"Milvus at {self.address.shown} does not answer as it should ({short}). Check that it runs, and that "
            "QUOTH_INDEX and the settings QUOTH_MILVUS_… are right; nothing is lost, and it can be asked again at once."
        )


class MissingError(StoreError):
    """Milvus has no collection of this name."""


class _UnloadedError(UnreachableError):
    """Milvus has the collection, but not in its memory."""


@cache
def pymilvus() -> Any:  # noqa: ANN401 - pymilvus has no types
    """Import pymilvus without what else that does: it reads any .env into the environment, and logs tracebacks."""
    before = dict(os.environ)
    import pymilvus as imported  # noqa: PLC0415 - only those with Milvus have it

    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    for name in ("pymilvus", "pymilvus.milvus_client", "pymilvus.bulk_writer"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return imported
