"""FAISS over unit vectors: the inner product is the cosine.

Vectors are kept in half precision, as the store keeps them: exact all the same, in half the memory, and with 100,000
vectors three times as fast as in single precision, since reading them from memory is what takes time.

Few vectors stand in one row and are all compared, which is exact. Many are sorted into lists around centroids, and a
search reads the nearest lists only. Measured with real questions in seven languages over sentences in two, grown as
benchmarks/scale.py does; two cores with AVX-512; in brackets, if all were compared:

    vectors    lists   found of the nearest ten   a search       50 rows removed   read and checked
      100,000  1,024   .990                       2 ms (4 ms)    .1 ms (6 ms)      .1 s
    1,000,000  2,896   .993                       8 ms (35 ms)   .1 ms (82 ms)     .7 s

Rows of another subject than those that the centroids were trained on are found a little worse, .980 when they are
half of all; that is why they are trained anew whenever rows have doubled, which takes 3 s at 100,000, 7 s at 200,000
and 38 s at 1,000,000.
"""

from __future__ import annotations

import zlib
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

import faiss
import numpy as np
import numpy.typing as npt

from retrieval.files import atomic_write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from retrieval.encoding.vectors import Vectors

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


class FaissIndex:
    """Vectors under ids that the caller gives, nearest first.

    What was added since the last save stands in the row, also where the others are in lists. To add to a list moves
    it to where there is room for twice as much: to add a twentieth to a million rows took 500 MB, and now 40.

    Args:
        dimension: length of a vector.
        index: of FAISS, if there is one already.
    """

    def __init__(self, dimension: int, index: faiss.Index | None = None) -> None:
        self._dimension = dimension
        # An IndexIDMap2 and an IndexIVFScalarQuantizer; FAISS's own types lack half of what these have.
        self._row: Any = _flat(dimension) if index is None or _is_sorted(index) else index
        self._lists: Any = index if _is_sorted(index) else None
        self._in_row: set[int] = set(_ids(self._row).tolist())

    @classmethod
    def load(cls, path: Path, dimension: int) -> FaissIndex | None:
        """What `save` wrote; None where there is none, or it is damaged or of another dimension.

        A million vectors take .5 s to read and .2 s to check. Mapping the file into memory would take .05 s, but
        FAISS ends the process when a mapped index is changed, and damage would show only in the midst of a search.
        """
        try:
            if not cls.is_whole(path):
                return None
            index = faiss.read_index(str(path))
        except RuntimeError:
            return None
        if not (_is_sorted(index) or isinstance(index, faiss.IndexIDMap2)) or index.d != dimension:
            return None
        return cls(dimension, index)

    @staticmethod
    def is_whole(path: Path) -> bool:
        """Whether the file is as `save` wrote it. FAISS believes what it reads, and may crash over a damaged file."""
        try:
            size = path.stat().st_size - _CHECKSUM
            return size >= 0 and _checksum(path, size) == _end(path, size)
        except OSError:
            return False

    def save(self, path: Path) -> None:
        """Write the index so that `path` is either the old file or the whole new one.

        Vectors that have become many more or many fewer are first sorted into more or fewer lists. That takes
        seconds, so it happens here, where all of them are written anyway, and not in a process that only reads.

        Raises:
            OSError: the file cannot be written.
        """
        lists = self._lists.nlist if self._lists else 0
        # Between the two there is room, lest a few vectors in and out sort all of them again and again.
        if not _wanted(len(self)) <= lists <= _wanted(4 * len(self)):
            self._sort(_wanted(len(self)), path.parent)
        elif self._lists:
            self._empty_row()
        with atomic_write(path, is_durable=False) as partial:
            try:
                faiss.write_index(self._lists or self._row, str(partial))
            except RuntimeError as error:
                raise OSError(str(error)) from error
            checksum = _checksum(partial, partial.stat().st_size)
            with partial.open("ab") as file:
                file.write(checksum)

    def __len__(self) -> int:
        return int(self._row.ntotal + (self._lists.ntotal if self._lists else 0))

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Add (n, dimension) float32 rows of unit length under n new ids."""
        self._row.add_with_ids(np.ascontiguousarray(vectors, np.float32), ids)
        self._in_row.update(ids.tolist())

    def remove(self, ids: Ids) -> None:
        """Remove those of the ids that are there."""
        known = self._in_row.intersection(ids.tolist())
        if known:
            self._row.remove_ids(faiss.IDSelectorBatch(np.fromiter(known, np.int64)))
            self._in_row -= known
        if self._lists and len(ids):
            self._lists.remove_ids(faiss.IDSelectorArray(ids))

    def search(self, vector: Vectors, k: int) -> tuple[Ids, Vectors]:
        """Ids and cosines of the k nearest rows to a (dimension,) vector, best first; fewer if there are.

        Where rows are in lists, a few of the k may be others that are nearly as near.
        """
        with _one_thread():
            found = [_searched(index, vector, k) for index in (self._lists, self._row) if index]
        ids, scores = (np.concatenate(each) for each in zip(*found, strict=True))
        best = np.argsort(-scores, kind="stable")[:k]
        return ids[best], scores[best]

    def get(self, ids: Ids) -> Vectors:
        """(n, dimension) float32, the rows of n ids that are in the index."""
        in_row = np.array([each in self._in_row for each in ids.tolist()], bool)
        rows = np.empty((len(ids), self._dimension), np.float32)
        for index, here in ((self._row, in_row), (self._lists, ~in_row)):
            if here.any():
                rows[here] = index.reconstruct_batch(ids[here])
        return rows

    def _empty_row(self) -> None:
        """Put its rows into the lists that there are."""
        for batch in _batches(_ids(self._row)):
            self._lists.add_with_ids(self.get(batch), batch)
        self._row = _flat(self._dimension)
        self._in_row = set()

    def _sort(self, lists: int, folder: Path) -> None:
        """Put all rows into so many lists, or into the row.

        Through a file in `folder`, so that they are in memory once, and not twice. A full disk is noticed before
        anything has changed.
        """
        ids = np.concatenate([_ids(index) for index in (self._lists, self._row) if index])
        with TemporaryFile(dir=folder) as file:
            for batch in _batches(ids):
                self.get(batch).astype(_CODE).tofile(file)
            self._lists = self._trained(lists, ids) if lists else None
            self._row = _flat(self._dimension)
            self._in_row = set()
            file.seek(0)
            for batch in _batches(ids):
                numbers = np.fromfile(file, _CODE, len(batch) * self._dimension).astype(np.float32)
                rows = numbers.reshape(len(batch), self._dimension)
                if self._lists:
                    self._lists.add_with_ids(rows, batch)
                else:
                    self.add(batch, rows)

    def _trained(self, lists: int, ids: Ids) -> faiss.Index:
        """Empty lists, around centroids of some of the rows: always the same for the same rows."""
        sample = np.random.default_rng(0).choice(ids, min(len(ids), _SAMPLE * lists), replace=False)
        centroids = faiss.IndexFlatIP(self._dimension)
        by_residual = False  # or else a row would not come back as it was
        index = faiss.IndexIVFScalarQuantizer(
            centroids, self._dimension, lists, _FP16, faiss.METRIC_INNER_PRODUCT, by_residual
        )
        index.cp.min_points_per_centroid = 1
        index.train(self.get(sample))
        index.set_direct_map_type(_BY_ID)
        index.nprobe = PROBES
        return index


def _flat(dimension: int) -> faiss.IndexIDMap2:
    return faiss.IndexIDMap2(faiss.IndexScalarQuantizer(dimension, _FP16, faiss.METRIC_INNER_PRODUCT))


def _wanted(vectors: int) -> int:
    """How many lists for so many vectors; 0 for none."""
    if vectors < FLAT:
        return 0
    doublings = (vectors // FLAT).bit_length() - 1
    return int(LISTS * 2 ** (doublings / 2))


def _is_sorted(index: faiss.Index | None) -> bool:
    return isinstance(index, faiss.IndexIVFScalarQuantizer)


@contextmanager
def _one_thread() -> Iterator[None]:
    """FAISS shares out questions among threads. One question leaves them idle, and still waits for each to begin.

    On two cores, idle or busy with something else, the slowest searches took twice as long.
    """
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)


def _searched(index: Any, vector: Vectors, k: int) -> tuple[Ids, Vectors]:  # noqa: ANN401
    """Ids and cosines of the k rows of an index that are nearest to a (dimension,) vector."""
    k = min(k, index.ntotal)
    if not k:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    scores, ids = index.search(vector[None], k)
    if ids[0, -1] < 0:  # the nearest lists hold fewer than k
        all_lists = faiss.SearchParametersIVF(nprobe=index.nlist)  # type: ignore[call-arg]
        scores, ids = index.search(vector[None], k, params=all_lists)
    return ids[0], scores[0]


def _ids(index: Any) -> Ids:  # noqa: ANN401
    """Of all rows of an index."""
    if not _is_sorted(index):
        ids: Ids = faiss.vector_to_array(index.id_map)
        return ids
    lists = index.invlists
    parts = [faiss.rev_swig_ptr(lists.get_ids(i), lists.list_size(i)) for i in range(lists.nlist)]
    return np.concatenate(parts)


def _batches(ids: Ids) -> Iterator[Ids]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]


def _end(path: Path, start: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read()


def _checksum(path: Path, size: int) -> bytes:
    """Of the first `size` bytes."""
    checksum = 0
    with path.open("rb") as file:
        while size > 0 and (part := file.read(min(size, 1 << 20))):
            checksum = zlib.crc32(part, checksum)
            size -= len(part)
    return checksum.to_bytes(_CHECKSUM, "little")
