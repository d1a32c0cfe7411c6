"""full_disk simulates a full disk."""

from __future__ import annotations

from contextlib import contextmanager

from retrieval.documents.language import detect


@contextmanager
def full_disk(most_bytes):
    """Limit the size of every file."""
    import resource  # noqa: PLC0415 - Windows has no such module

    detect("What tells languages apart is loaded once, through a file.")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
