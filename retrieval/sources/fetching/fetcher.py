"""Fetcher: fetches pages of the web, politely, within limits that no server can exceed.

Servers are hostile: they may redirect to private machines or in circles, never stop sending, send a byte a second, or
pack much into few bytes. Each request has a deadline, and each body a limit, before and after it is unpacked.
"""

from __future__ import annotations

import ssl
import time
import zlib
from contextlib import closing
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from importlib import metadata
from typing import TYPE_CHECKING

import httpx

from retrieval.documents.readers.limits import DEFAULT_LIMITS, MIB
from retrieval.errors import FetchError, FetchFault
from retrieval.sources.fetching.addresses import normalize, resolve
from retrieval.sources.fetching.robots import MAX_BYTES as MAX_ROBOTS
from retrieval.sources.fetching.robots import NAME, Robots
from retrieval.sources.fetching.transport import CheckedTransport, Deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from retrieval.sources.fetching.addresses import Resolve

_MAX_REDIRECTS = 5
_TRIES = 3
_BACKOFF_S = 2.0
_MAX_WAIT_S = 60.0
"""A site that asks for a longer pause is left alone until the next refresh."""
_MIN_PAUSE_S = 0.25
_MAX_PAUSE_S = 5.0
_STEP_S = 20.0
"""For one step of a request: to connect, or to get the next bytes."""
_BUSY = {429, 500, 502, 503, 504}
_REDIRECTS = {301, 302, 303, 307, 308}
_GONE = {404, 410}
_FORBIDDEN = {401, 402, 403, 407, 451}
_OK, _UNCHANGED = 200, 304


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """How pages are fetched."""

    allows_private: bool = False
    """Whether pages of private networks and of this machine may be fetched."""
    max_mib: int = DEFAULT_LIMITS.file_mib
    """Size of a page, also unpacked."""
    seconds: float = 60.0
    """For one request."""
    min_pause_s: float = _MIN_PAUSE_S
    """Between two requests to a site; it is longer where the site takes longer to answer."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What a site told of the version that it sent, so that it need not send it again."""

    etag: str = ""
    last_modified: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a request that is only answered in full if the page has changed."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in headers.items() if value}


@dataclass(frozen=True, slots=True)
class Response:
    """What a site answered."""

    address: str
    """After all redirects."""
    fetched_at: float
    """Seconds since 1970."""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = field(default=None, repr=False)
    """Unpacked; None if the page is unchanged."""

    def get(self, name: str) -> str:
        """Get a header; empty without."""
        return next((value for known, value in self.headers if known.lower() == name), "")

    @property
    def validators(self) -> Validators:
        """What the site tells of this version."""
        return Validators(self.get("etag"), self.get("last-modified"))


class Fetcher:
    """Fetches one page after another, and remembers what robots.txt asks; for one thread, one run at a time.

    Args:
        settings: how.
        now: gives the time, as `time.time` does.
        clock: gives seconds that only grow.
        sleep: waits.
        resolve: gives the IP addresses of a name.
        context: for TLS; by default, with the authorities that httpx trusts, or those of SSL_CERT_FILE.
    """

    def __init__(
        self,
        settings: FetchSettings = FetchSettings(),
        *,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        resolve: Resolve = resolve,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._now, self._clock, self._sleep = now, clock, sleep
        self._deadline = Deadline(clock)
        transport = CheckedTransport(
            context or httpx.create_ssl_context(), resolve, self._deadline, allows_private=settings.allows_private
        )
        agent = f"{NAME}/{metadata.version('quoth')} (reads pages that its owner has named)"
        # What the proxy of the environment would connect to, nobody could check.
        self._client = httpx.Client(
            transport=transport, headers={"User-Agent": agent, "Accept-Encoding": "identity"}, trust_env=False
        )
        self._robots = Robots(self._fetch_robots)
        self._next_times: dict[str, float] = {}
        """Host → when it may be asked again."""
        self.requests = 0
        """How many were sent."""

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def fetch(self, address: str, known: Validators = Validators()) -> Response:
        """Fetch a page that the site's robots.txt allows.

        Args:
            address: of the page.
            known: what the site told of the version that is known; if that is the newest, the body is None.

        Raises:
            FetchError: it cannot be fetched, or may not be.
        """
        return self._follow(address, known, self._robots.check, self._settings.max_mib * MIB)

    def _fetch_robots(self, address: str) -> bytes:
        return self._follow(address, Validators(), lambda _: 0.0, MAX_ROBOTS).body or b""

    def _follow(self, address: str, known: Validators, check: Callable[[str], float], max_bytes: int) -> Response:
        """Fetch a page where its redirects lead."""
        address = normalize(address)
        for _ in range(_MAX_REDIRECTS + 1):
            delay_s = check(address)
            response, status = self._try(address, known, delay_s, max_bytes)
            if status not in _REDIRECTS or not response.get("location"):
                return response
            try:
                address = normalize(str(httpx.URL(address).join(response.get("location"))))
            except (httpx.InvalidURL, ValueError):
                raise FetchError("The site redirects to something that is no address.") from None
        message = f"The site redirects more than {_MAX_REDIRECTS} times, perhaps in a circle."
        raise FetchError(message)

    def _try(self, address: str, known: Validators, delay_s: float, max_bytes: int) -> tuple[Response, int]:
        """Send a request, again if the site is busy or the connection breaks; raise an error of any other status."""
        for tries_left in reversed(range(_TRIES)):
            wait_s = _BACKOFF_S * 2 ** (_TRIES - 1 - tries_left)
            try:
                self._wait_for_turn(address, delay_s)
                response, status = self._send(address, known, max_bytes)
            except httpx.TransportError as error:
                failure = _explain(error)
                if not tries_left or _is_certificate(error):
                    raise failure from error
            else:
                if status not in _BUSY:
                    _check_status(status)
                    return response, status
                failure = FetchError(f"The site answers that it is busy or broken (HTTP {status}).")
                wait_s = max(wait_s, _parse_wait(response.get("retry-after"), self._now()))
                if not tries_left or wait_s > _MAX_WAIT_S:
                    raise failure
            self._sleep(wait_s)
        raise AssertionError

    def _wait_for_turn(self, address: str, delay_s: float) -> None:
        """Wait until the site has rested for as long as its last answer took, or for as long as it asks."""
        host = httpx.URL(address).host
        if (left := self._next_times.get(host, 0.0) + delay_s - self._clock()) > 0:
            self._sleep(left)

    def _send(self, address: str, known: Validators, max_bytes: int) -> tuple[Response, int]:
        began = self._clock()
        self._deadline.set(self._settings.seconds)
        request = self._client.build_request("GET", address, headers=known.headers, timeout=_STEP_S)
        self.requests += 1
        try:
            with closing(self._client.send(request, stream=True)) as response:
                headers = tuple(
                    (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw
                )
                status = response.status_code
                has_body = status == _OK
                body = b"".join(_limit(_unpack(response, max_bytes), max_bytes)) if has_body else None
                return Response(address, self._now(), headers, body), status
        finally:
            ended = self._clock()
            pause_s = min(max(ended - began, self._settings.min_pause_s), _MAX_PAUSE_S)
            self._next_times[httpx.URL(address).host] = ended + (pause_s if self._settings.min_pause_s else 0)


def _unpack(response: httpx.Response, max_bytes: int) -> Iterator[bytes]:
    """Stream the body, unpacked where a site packs although it was asked not to."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    chunks = response.iter_raw()
    if encoding in {"", "identity"}:
        yield from chunks
        return
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        message = "The site packs its page in a way that it was not asked for. Save the page in a browser, as a file."
        raise FetchError(message)
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        for chunk in chunks:
            yield unpacker.decompress(chunk, max_bytes + 1)
            if unpacker.unconsumed_tail:
                yield bytes(max_bytes + 1)
    except zlib.error:
        raise FetchError("The page is damaged: it cannot be unpacked.") from None
    if not unpacker.eof:
        raise FetchError("The page is damaged: its end is missing.")


def _limit(chunks: Iterator[bytes], max_bytes: int) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > max_bytes:
            message = f"The page is larger than {max(1, max_bytes // MIB):,} MiB. Raise QUOTH_MAX_FILE_MIB."
            raise FetchError(message, FetchFault.TOO_LARGE)
        yield chunk


def _check_status(status: int) -> None:
    if status in _GONE:
        message = f"The site says that there is no such page (HTTP {status}). Check the address."
        raise FetchError(message, FetchFault.GONE)
    if status in _FORBIDDEN:
        message = f"The site shows this page only to some (HTTP {status}). Save it in a browser, as a file."
        raise FetchError(message, FetchFault.FORBIDDEN)
    if status not in {_OK, _UNCHANGED, *_REDIRECTS}:
        message = f"The site does not answer as it should (HTTP {status})."
        raise FetchError(message)


def _parse_wait(header: str, now: float) -> float:
    """Parse how long a site asks to wait: seconds, or a date; 0 if it says nothing."""
    if header.strip().isdigit():
        return float(header[:9])
    try:
        return parsedate_to_datetime(header).timestamp() - now
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _explain(error: httpx.TransportError) -> FetchError:
    if _is_certificate(error):
        return FetchError(f"The site's certificate is not valid: {error}. Nothing was read.")
    if isinstance(error, httpx.TimeoutException):
        return FetchError("The site takes too long to answer. It is tried again with the next refresh.")
    return FetchError(f"The site cannot be reached: {str(error) or type(error).__name__}.")


def _is_certificate(error: BaseException | None) -> bool:
    while error:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
