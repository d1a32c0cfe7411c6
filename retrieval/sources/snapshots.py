"""Snapshots: what sites sent, byte for byte, with its headers: files in the data folder, named for their own hash.

Each is a WARC file, the format of web archives, with one record, packed by gzip. So other programs can read it too,
and `sha256sum` shows that it is the one that a receipt names.
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

from retrieval.documents import readers
from retrieval.errors import DocumentError, DocumentFault, SettingsError, StoreError
from retrieval.files import atomic_write
from retrieval.storage.pages import SNAPSHOTS

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from pathlib import Path

    from retrieval.sources.fetching.fetcher import Response
    from retrieval.storage.store import Store

_SUFFIX = ".warc.gz"
_OF_CONNECTION = {"transfer-encoding", "content-encoding", "content-length", "connection", "keep-alive"}
"""Headers of how the bytes came, which are kept unpacked and whole."""
_SECRET = {"set-cookie", "set-cookie2"}


def describe_time(seconds: float) -> str:
    """Write a time since 1970 in ISO 8601, in UTC, to the second."""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat()


def write_record(response: Response) -> bytes:
    """Write a WARC file with what a site sent."""
    # A question needs none of it, and it takes 0.1 s to import.
    from warcio.statusandheaders import StatusAndHeaders  # noqa: PLC0415
    from warcio.warcwriter import WARCWriter  # noqa: PLC0415

    body = response.body or b""
    kept = [
        (name if name.lower() not in _OF_CONNECTION else f"X-Archive-Orig-{name}", value)
        for name, value in response.headers
        if name.lower() not in _SECRET
    ]
    headers = StatusAndHeaders("200 OK", [*kept, ("Content-Length", str(len(body)))], protocol="HTTP/1.1")
    date = {"WARC-Date": describe_time(response.fetched_at).replace("+00:00", "Z")}
    file = BytesIO()
    writer = WARCWriter(file, gzip=True)
    writer.write_record(
        writer.create_warc_record(
            response.address, "response", BytesIO(body), len(body), http_headers=headers, warc_headers_dict=date
        )
    )
    return file.getvalue()


class Snapshots:
    """The files. Any number of threads and processes may use them.

    Args:
        data: the folder for everything that Quoth keeps.
    """

    def __init__(self, data: Path) -> None:
        self._folder = data / SNAPSHOTS

    def save(self, record: bytes) -> str:
        """Save a WARC file, and give its SHA-256 in hexadecimal.

        Raises:
            StoreError: it cannot be written.
        """
        name = sha256(record).hexdigest()
        try:
            path = self._path(name)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with atomic_write(path) as partial:
                partial.touch(mode=0o600)
                partial.write_bytes(record)
        except OSError as error:
            message = f"Cannot write into {self._folder}: {error.strerror or error}. Free some space, and try again."
            raise StoreError(message) from error
        return name

    def load(self, name: str) -> bytes:
        """Load the WARC file with this SHA-256.

        Raises:
            DocumentError: it is not there, or was altered.
        """
        try:
            record = self._path(name).read_bytes()
        except OSError:
            message = "What was fetched of this page is not in the data folder any more. Refresh it."
            raise DocumentError(message, DocumentFault.NO_ACCESS) from None
        if sha256(record).hexdigest() != name:
            message = f"The file {self._path(name)} was altered. Delete it, and refresh the page."
            raise DocumentError(message, DocumentFault.DAMAGED)
        return record

    def measure(self, name: str) -> int:
        """Give the bytes of a file; 0 if it is not there."""
        try:
            return self._path(name).stat().st_size
        except OSError:
            return 0

    def all(self) -> Iterator[str]:
        """List the hashes of all files."""
        for path in self._folder.glob(f"??/*{_SUFFIX}"):
            if not path.name.startswith("."):
                yield path.name.removesuffix(_SUFFIX)

    def remove(self, names: Container[str]) -> int:
        """Delete files, and count them."""
        removed = [name for name in self.all() if name in names]
        for name in removed:
            self._path(name).unlink(missing_ok=True)
        return len(removed)

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / f"{name}{_SUFFIX}"


def forget_page(data: Path, store: Store, path: str) -> None:
    """Delete all snapshots of a page, if the path is one's.

    Raises:
        SettingsError: a source still names it, so that it would be fetched again.
    """
    if not readers.is_page(path):
        return
    page = next((page for page in store.pages.pages() if page.address == path), None)
    if page:
        message = f"{path} would be fetched again. Remove its source first: quoth sources --remove {page.source}"
        raise SettingsError(message)
    hashes = store.pages.snapshots_of([path])
    Snapshots(data).remove(hashes)
    store.pages.forget_snapshots(hashes)
