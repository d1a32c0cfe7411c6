"""The key that persons are hashed with: in the database, or in a file outside of the data.

Telegram's ids are few enough to try all of them. Whoever has the key and the hashes therefore has the persons, and
whoever has the hashes alone has nothing.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from retrieval.errors import SettingsError
from retrieval.storage.database import upsert

if TYPE_CHECKING:
    from pathlib import Path

    from retrieval.storage.database import Database

_KEY, _HASH = "person key", "hash of the person key"
"""Facts: the key itself, or what the key in the file must have as its SHA-256."""
_BYTES = 32


def open_person_key(database: Database, file: Path | None) -> bytes:
    """Read the key, or make one; a key that is in the database moves into the file, if one is given.

    Raises:
        SettingsError: the file cannot be used, or is not the one with the key of these receipts.
        StoreError: the database cannot be used.
    """
    facts: dict[str, bytes] = dict(database.run("SELECT name, value FROM facts"))
    if file is None:
        if _HASH in facts:
            raise SettingsError("The key of the receipts is in a file of its own: set QUOTH_SECRET_FILE to that file.")
        if _KEY not in facts:
            insert = "INSERT INTO facts VALUES (?, ?) ON CONFLICT DO NOTHING"
            database.run(insert, (_KEY, secrets.token_bytes(_BYTES)))
            ((facts[_KEY],),) = database.run("SELECT value FROM facts WHERE name = ?", (_KEY,))
        return facts[_KEY]
    key = _open_file(file, facts.get(_KEY) if _HASH not in facts else None, may_be_new=_HASH not in facts)
    digest = hashlib.sha256(key).digest()
    if facts.get(_HASH, digest) != digest or facts.get(_KEY, key) != key:
        message = f"{file} is not the file with the key of these receipts. Set QUOTH_SECRET_FILE to the right one."
        raise SettingsError(message)
    if _KEY in facts or _HASH not in facts:
        with database.transaction() as db:
            db.execute(upsert("facts", ["name"], ["value"]), (_HASH, digest))
            db.execute("DELETE FROM facts WHERE name = ?", (_KEY,))
        database.empty_log()  # which still holds the key
    return key


def _open_file(file: Path, key: bytes | None, *, may_be_new: bool) -> bytes:
    """Read the key in the file; if there is none yet, write this one there, or a random one."""
    try:
        if may_be_new:
            with suppress(FileExistsError):
                descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "w") as opened:
                    opened.write(f"{(key or secrets.token_bytes(_BYTES)).hex()}\n")
                    opened.flush()
                    os.fsync(descriptor)
        read = bytes.fromhex(file.read_text("ascii").strip())
    except OSError as error:
        message = f"Cannot use QUOTH_SECRET_FILE, {file}: {error.strerror}. Check its folder and permissions."
        raise SettingsError(message) from error
    except ValueError:
        read = b""
    if len(read) != _BYTES:
        message = f"QUOTH_SECRET_FILE, {file}, holds no key. Put it back, or name another file, which is made then."
        raise SettingsError(message)
    return read
