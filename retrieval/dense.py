"""FAISS over unit vectors: the inner product is the cosine.

Vectors are kept in half precision, as the store keeps them: exact all the same, in half the memory, and with 100,000
vectors three times as fast as in single precision, since reading them from memory is what takes time.

Few vectors stand in one row and are all compared, which is exact. Many are sorted into lists around centroids, and a
search reads the nearest lists only. Measured over sentences in three subjects and two languages, grown to a million
by differences between neighbours, with real questions, on two cores with AVX-512:

    vectors    lists   found of the nearest 10   a search   if all were compared   50 rows removed
      100,000  1,024   .98                       1 ms       4 ms                   0.1 ms (else 6 ms)
    1,000,000  2,048   .99                       4 ms       35 ms                  0.1 ms (else 82 ms)
"""

from __future__ import annotations

import os
import zlib
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

import faiss
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from retrieval.vectors import Vectors

Ids = npt.NDArray[np.int64]

FLAT = 100_000
"""With fewer vectors, all are compared."""
LISTS = 1_024
"""With so many vectors; more by the root of 2 whenever they double, and so does the time of a search."""
PROBES = 256
"""Lists that a search reads. 128 find about .98 of the nearest ten in half the time."""
_SAMPLE = 32
"""Vectors for each list that its centroid is trained on. Twice as many take twice as long and find as much."""
_BATCH = 16_384
"""Vectors in single precision at once, while they are sorted into lists: 25 MB."""
_CHECKSUM = 4
"""Bytes at the end of a file."""
_CODE = np.dtype("<f2")
_BY_ID: int = faiss.DirectMap.Hashtable  # type: ignore[attr-defined]
_FP16 = faiss.ScalarQuantizer.QT_fp16


class DenseIndex:
    """Vectors under ids that the caller gives, nearest first.

    Args:
        dimension: length of a vector.
        index: of FAISS, if there is one already.
    """

    def __init__(self, dimension: int, index: faiss.Index | None = None) -> None:
        # An IndexIDMap2 or an IndexIVFScalarQuantizer; FAISS's own types lack half of what these have.
        self._index: Any = _flat(dimension) if index is None else index

    @classmethod
    def load(cls, path: Path, dimension: int) -> DenseIndex | None:
        """What `save` wrote; None where there is none, or it is damaged or of another dimension.

        A million vectors take .5 s to read and .2 s to check. Mapping the file into memory would take .05 s, but
        FAISS ends the process when a mapped index is changed, and damage would show only in the midst of a search.
        """
        try:
            if not _is_whole(path):
                return None
            index = faiss.read_index(str(path))
        except (OSError, RuntimeError):
            return None
        if not isinstance(index, faiss.IndexIDMap2 | faiss.IndexIVFScalarQuantizer) or index.d != dimension:
            return None
        return cls(dimension, index)

    def save(self, path: Path) -> None:
        """Write the index so that `path` is either the old file or the whole new one.

        Vectors that have become many more or many fewer are first sorted into more or fewer lists. That takes
        seconds, so it happens here, where all of them are written anyway, and not in a process that only reads.

        Raises:
            OSError: the file cannot be written.
        """
        lists = self._index.nlist if isinstance(self._index, faiss.IndexIVF) else 0
        # Between the two there is room, lest a few vectors in and out sort all of them again and again.
        if not _lists(len(self)) <= lists <= _lists(4 * len(self)):
            self._sort(_lists(len(self)), path.parent)
        partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
        try:
            faiss.write_index(self._index, str(partial))
            checksum = _checksum(partial, partial.stat().st_size)
            with partial.open("ab") as file:
                file.write(checksum)
            partial.replace(path)
        except (OSError, RuntimeError) as error:
            partial.unlink(missing_ok=True)
            raise OSError(str(error)) from error

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Add (n, dimension) float32 rows of unit length under n new ids."""
        self._index.add_with_ids(np.ascontiguousarray(vectors, np.float32), ids)

    def remove(self, ids: Ids) -> None:
        """Remove those of the ids that are there."""
        if not len(ids) or not len(self):
            return
        # Lists look up each id; a row without lists is read from end to end, and asks whether each is meant.
        listed = isinstance(self._index, faiss.IndexIVF)
        self._index.remove_ids((faiss.IDSelectorArray if listed else faiss.IDSelectorBatch)(ids))

    def search(self, vector: Vectors, k: int) -> tuple[Ids, Vectors]:
        """Ids and cosines of the k nearest rows to a (dimension,) vector, best first; fewer if there are.

        Where rows are in lists, a few of the k may be others that are nearly as near.
        """
        if not len(self):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        k = min(k, len(self))
        scores, ids = self._index.search(vector[None], k)
        if ids[0, -1] < 0:  # the nearest lists hold fewer than k
            all_lists = faiss.SearchParametersIVF(nprobe=self._index.nlist)  # type: ignore[call-arg]
            scores, ids = self._index.search(vector[None], k, params=all_lists)
        return ids[0], scores[0]

    def get(self, ids: Ids) -> Vectors:
        """(n, dimension) float32, the rows of n ids that are in the index."""
        rows: Vectors = self._index.reconstruct_batch(ids)
        return rows

    def _sort(self, lists: int, folder: Path) -> None:
        """Put all rows into so many lists, or into none.

        Through a file in `folder`, so that they are in memory once, and not twice.
        """
        ids = _ids(self._index)
        dimension = self._index.d
        with TemporaryFile(dir=folder) as file:
            for batch in _batches(ids):
                self.get(batch).astype(_CODE).tofile(file)
            self._index = self._trained(lists, ids) if lists else _flat(dimension)
            file.seek(0)
            for batch in _batches(ids):
                rows = np.fromfile(file, _CODE, len(batch) * dimension).astype(np.float32)
                self.add(batch, rows.reshape(-1, dimension))

    def _trained(self, lists: int, ids: Ids) -> faiss.Index:
        """Empty lists, around centroids of some of the rows: always the same for the same rows."""
        sample = np.random.default_rng(0).choice(ids, min(len(ids), _SAMPLE * lists), replace=False)
        centroids = faiss.IndexFlatIP(self._index.d)
        by_residual = False  # or else a row would not come back as it was
        index = faiss.IndexIVFScalarQuantizer(
            centroids, self._index.d, lists, _FP16, faiss.METRIC_INNER_PRODUCT, by_residual
        )
        index.cp.min_points_per_centroid = 1
        index.train(self.get(sample))
        index.set_direct_map_type(_BY_ID)
        index.nprobe = PROBES
        return index


def _flat(dimension: int) -> faiss.IndexIDMap2:
    return faiss.IndexIDMap2(faiss.IndexScalarQuantizer(dimension, _FP16, faiss.METRIC_INNER_PRODUCT))


def _lists(vectors: int) -> int:
    """How many lists for so many vectors; 0 for none."""
    if vectors < FLAT:
        return 0
    doublings = (vectors // FLAT).bit_length() - 1
    return int(LISTS * 2 ** (doublings / 2))


def _ids(index: Any) -> Ids:  # noqa: ANN401
    """Of all rows of an IndexIDMap2 or an IndexIVFScalarQuantizer."""
    if isinstance(index, faiss.IndexIDMap2):
        ids: Ids = faiss.vector_to_array(index.id_map)
        return ids
    lists = index.invlists
    parts = [faiss.rev_swig_ptr(lists.get_ids(i), lists.list_size(i)) for i in range(lists.nlist)]
    return np.concatenate(parts)


def _batches(ids: Ids) -> Iterator[Ids]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]


def _is_whole(path: Path) -> bool:
    """Whether a file is as `save` wrote it. FAISS believes what it reads, and may crash over a damaged file."""
    size = path.stat().st_size - _CHECKSUM
    if size < 0:
        return False
    with path.open("rb") as file:
        file.seek(size)
        written = file.read()
    return _checksum(path, size) == written


def _checksum(path: Path, size: int) -> bytes:
    """Of the first `size` bytes."""
    checksum = 0
    with path.open("rb") as file:
        while size > 0 and (part := file.read(min(size, 1 << 20))):
            checksum = zlib.crc32(part, checksum)
            size -= len(part)
    return checksum.to_bytes(_CHECKSUM, "little")
