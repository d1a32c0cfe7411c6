"""restore_backup: replaces the databases, and then rebuilds the search indexes from the vectors in them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from retrieval.errors import StoreError
from retrieval.indexing.updater import IndexUpdater
from retrieval.storage.backup import replace_all, unpack_backup
from retrieval.storage.store import Store

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable
    from typing import BinaryIO

    from retrieval.indexing.vector_store import VectorStore
    from retrieval.storage.backup import Storage
    from retrieval.storage.database import Database


def restore_backup(
    file: BinaryIO,
    storage: Storage,
    vectors: VectorStore,
    *,
    find_folder: Callable[[str, Path], Path],
    force: bool = False,
) -> Counter[str]:
    """Replace everything by the content of a backup, all of it or nothing; no text is encoded.

    Args:
        file: the backup, a real file.
        storage: what to replace; its first schema is that of the index.
        vectors: where they are searched.
        find_folder: finds the folder of a collection without uploads, from its name and former folder.
        force: whether to replace what is there.

    Returns:
        the number of rows of each table.

    Raises:
        BackupError: the file is no whole backup or a newer Quoth has written it, or something is there already.
        StoreError: another process is indexing, a database cannot be written, or the vector store does not answer.
        OSError: a file cannot be read or written.
    """
    with unpack_backup(file, storage) as (unpacked, digest):
        with unpacked.open() as (index, *_):
            _adapt(index, storage, find_folder)
        with closing(Store(storage.data, storage.database)) as store:
            if not store.acquire(wait=False):
                raise StoreError("Another process is indexing. Wait for it to finish, or end it.")
            try:
                if force:
                    # On another machine, the vectors have a name that only the old database knows.
                    vectors.delete_all(store)
                counts = replace_all(storage, unpacked, digest, force=force)
                if store.log.read_state().manifest:
                    _build_search_indexes(store, storage.data, vectors)
            finally:
                store.release()
    return counts


def _adapt(index: Database, storage: Storage, find_folder: Callable[[str, Path], Path]) -> None:
    """Set this machine's folders and a new identity, as no search index shows this database yet."""
    with index.transaction() as db:
        for number, name, former in db.execute("SELECT id, name, folder FROM collections").fetchall():
            folder = (storage.uploads / name if storage.is_upload(name) else find_folder(name, Path(former))).absolute()
            db.execute("UPDATE collections SET folder = ? WHERE id = ?", (str(folder), number))
        db.execute("UPDATE manifest SET value = ? WHERE key = 'identity'", (uuid4().hex,))
        # The collections on a Milvus server stay the original's.
        db.execute("DELETE FROM milvus")


def _build_search_indexes(store: Store, data: Path, vectors: VectorStore) -> None:
    updater = IndexUpdater(data, store, vectors)
    try:
        for collection in store.collections.all():
            updater.catch_up(collection)
    except StoreError as error:
        message = f"Everything was restored, but cannot be searched yet; `quoth index` does the rest. {error}"
        raise type(error)(message) from error
