"""CheckedTransport: HTTP connections to checked IP addresses only, within a time that no slow server can stretch.

A name is resolved once, and the connection goes to the IP address that was checked: a server of names that answers
otherwise the second time gains nothing. Host and certificate are still those of the name.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from retrieval.sources.fetching.addresses import choose_public

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator

    from retrieval.sources.fetching.addresses import Resolve

_ERRORS = {
    httpcore.TimeoutException: httpx.TimeoutException,
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.ProtocolError: httpx.ProtocolError,
    httpcore.NetworkError: httpx.NetworkError,
}


class Deadline:
    """The moment when a request must be over; one request at a time."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._end = float("inf")

    def set(self, seconds: float) -> None:
        """Give the next request so many seconds."""
        self._end = self._clock() + seconds

    def shorten(self, timeout: float | None) -> float:
        """Shorten the timeout of one step to what is left.

        Raises:
            httpcore.ReadTimeout: nothing is left.
        """
        left = self._end - self._clock()
        if left <= 0:
            raise httpcore.ReadTimeout("the request takes too long")
        return left if timeout is None else min(timeout, left)


class CheckedTransport(httpx.BaseTransport):
    """Connects httpx.

    Args:
        context: for TLS.
        resolve: gives the IP addresses of a name.
        deadline: of each request.
        allows_private: whether also machines of private networks may be connected to.
    """

    def __init__(self, context: ssl.SSLContext, resolve: Resolve, deadline: Deadline, *, allows_private: bool) -> None:
        backend = _Backend(resolve, deadline, allows_private=allows_private)
        self._pool = httpcore.ConnectionPool(
            context, max_connections=2, max_keepalive_connections=1, keepalive_expiry=30, network_backend=backend
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        url = request.url
        with _httpx_errors():
            response = self._pool.handle_request(
                httpcore.Request(
                    request.method,
                    httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                    headers=request.headers.raw,
                    extensions=request.extensions,
                )
            )
        return httpx.Response(response.status, headers=response.headers, stream=_Body(response))

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


class _Backend(httpcore.NetworkBackend):
    def __init__(self, resolve: Resolve, deadline: Deadline, *, allows_private: bool) -> None:
        self._resolve = resolve
        self._deadline = deadline
        self._allows_private = allows_private
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            message = f"the name {host} is not known"
            raise httpcore.ConnectError(message) from error
        last_error: Exception = httpcore.ConnectError(f"the name {host} has no address")
        for address in choose_public(host, found, allows_private=self._allows_private):
            try:
                left = self._deadline.shorten(timeout)
                stream = self._backend.connect_tcp(address, port, left, local_address, socket_options)
                return _Stream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last_error = error
        raise last_error


class _Stream(httpcore.NetworkStream):
    """A connection whose every step ends with the deadline: a server may send a byte before each timeout."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.shorten(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.shorten(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._deadline.shorten(timeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as the interface has it
        return self._stream.get_extra_info(info)


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        with _httpx_errors():
            yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


@contextmanager
def _httpx_errors() -> Iterator[None]:
    try:
        yield
    except tuple(_ERRORS) as error:
        kind = next(kind for known, kind in _ERRORS.items() if issubclass(type(error), known))
        raise kind(str(error)) from error
