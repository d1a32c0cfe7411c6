"""A site of made-up pages: added, refreshed unchanged, and refreshed with 1 % of them changed.

The site is on this machine, and its pauses are left out: a real one takes at least a quarter of a second a page.

    python -m benchmarks.sources [--pages 1000]
"""

from __future__ import annotations

import argparse
import hashlib
import random
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import TYPE_CHECKING, Any

from retrieval import (
    Fetcher,
    FetchSettings,
    Index,
    SourceKind,
    WebSource,
    WebSources,
    load_encoder,
    resolve_model,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval import Encoder
    from retrieval.encoding.vectors import Vectors

WORDS = [
    "tower",
    "bell",
    "harbour",
    "ferry",
    "council",
    "garden",
    "school",
    "bridge",
    "market",
    "winter",
    "summer",
    "mayor",
    "river",
    "minutes",
    "ticket",
    "boat",
]


class Server(ThreadingHTTPServer):
    """Counts the requests."""

    daemon_threads = True
    count = 0


class CountingEncoder:
    """Counts the texts that an encoder gets."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.texts = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - all else is the encoder's
        return getattr(self._encoder, name)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Encode texts, and count them."""
        self.texts += len(texts)
        return self._encoder.encode_passages(texts)


def make_page(number: int, *, version: int = 0) -> str:
    """Make a page of about 60 words in five paragraphs."""
    chance = random.Random(f"{number} {version}")  # noqa: S311 - no secret
    sentences = [f"{' '.join(chance.choices(WORDS, k=12)).capitalize()} {number}." for _ in range(5)]
    body = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    return f"<!doctype html><title>Page {number}</title><nav><a href=/>Start</a></nav><h1>Page {number}</h1>{body}"


def serve(pages: dict[str, str]) -> Server:
    """Serve pages, path → HTML, with ETags, until this process ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            server.count += 1
            body = pages.get(self.path, "").encode()
            etag = f'"{hashlib.sha256(body).hexdigest()}"'
            status = 404 if self.path not in pages else 304 if self.headers["If-None-Match"] == etag else 200
            self.send_response(status)
            self.send_header("ETag", etag)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body) if status == 200 else 0))  # noqa: PLR2004
            self.end_headers()
            if status == 200:  # noqa: PLR2004
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    return server


def main() -> None:
    """Print a line for each run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1_000)
    count = parser.parse_args().pages
    pages = {f"/{number}": make_page(number) for number in range(count)}
    server = serve(pages)
    site = f"http://127.0.0.1:{server.server_port}"
    locations = "".join(f"<url><loc>{site}/{number}</loc></url>" for number in range(count))
    pages["/sitemap.xml"] = f"<urlset>{locations}</urlset>"
    encoder = CountingEncoder(load_encoder(resolve_model()))
    with TemporaryDirectory() as name:
        folder, data = Path(name) / "documents", Path(name) / "data"
        folder.mkdir()
        fetcher = Fetcher(FetchSettings(allows_private=True, min_pause_s=0))
        with closing(Index(data, encoder)) as index, closing(WebSources(data, fetcher)) as sources:
            sources.add(WebSource("default", f"{site}/sitemap.xml", SourceKind.SITEMAP, count))
            for what in ("added", "refreshed, unchanged", "refreshed, 1 % changed"):
                if "changed" in what and "un" not in what:
                    pages |= {f"/{number}": make_page(number, version=1) for number in range(0, count, 100)}
                server.count = encoder.texts = 0
                began = time.perf_counter()
                changes = [report.change for report in sources.refresh()]
                fetched = time.perf_counter()
                index.sync(folder)
                ended = time.perf_counter()
                print(
                    f"{what:<24} {changes.count('fetched'):>6,} new, {server.count:>6,} requests, "
                    f"{encoder.texts:>7,} texts encoded; "
                    f"fetching {fetched - began:6.1f} s, indexing {ended - fetched:6.1f} s"
                )
            size = sum(file.stat().st_size for file in data.glob("pages/*/*"))
            print(f"snapshots: {size / count / 1024:.1f} KiB a page")


if __name__ == "__main__":
    main()
