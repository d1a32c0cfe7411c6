"""FaissIndex: finds the nearest unit vectors, whose inner product is the cosine.

Vectors have half precision, as in the database: no digit is lost, and with 100,000 vectors a search is three times as
fast as in single precision, since most of its time goes into reading memory.

Few vectors stand in one flat index and are all compared, which is exact. Many are sorted into inverted lists around
centroids, and a search reads the nearest lists only. `python -m benchmarks.scale`, with real questions in seven
languages over sentences in two, on two cores with AVX-512; in brackets, if all were compared:

    vectors    lists   found of the nearest ten   a search       50 rows removed   read and checked
      100,000  1,024   .990                       2 ms (4 ms)    .1 ms (6 ms)      .1 s
    1,000,000  2,896   .993                       8 ms (35 ms)   .1 ms (82 ms)     .7 s

Recall falls to .980 when half of the rows are about other subjects than those that trained the centroids. So we train
them anew whenever the rows have doubled: 3 s at 100,000, 7 s at 200,000 and 38 s at 1,000,000.
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

IdArray = npt.NDArray[np.int64]

FLAT = 100_000
"""With fewer vectors, all are compared."""
LISTS = 1_024
"""For FLAT vectors; whenever the vectors double, lists and search time grow by the root of 2."""
PROBES = 256
"""Lists that a search reads. 128 take half the time, with a recall of about .98."""
_SAMPLE = 32
"""Training vectors for each centroid. Twice as many take twice as long, with the same recall."""
_BATCH = 16_384
"""Vectors in single precision at once, while they are sorted into lists: 25 MB."""
_CHECKSUM = 4
"""Bytes at the end of a file."""
_CODE = np.dtype("<f2")
_BY_ID: int = faiss.DirectMap.Hashtable  # type: ignore[attr-defined]
_FP16 = faiss.ScalarQuantizer.QT_fp16


class FaissIndex:
    """Vectors under ids that the caller gives.

    Vectors that were added since the last save stand in the flat index, also where the others are in lists. Adding to a
    list reallocates it at twice its size: a twentieth more of a million rows took 500 MB, and now takes 40.
    """

    def __init__(self, dimension: int, index: faiss.Index | None = None) -> None:
        self._dimension = dimension
        # An IndexIDMap2 and an IndexIVFScalarQuantizer; FAISS's own types lack half of what these have.
        self._flat: Any = _make_flat(dimension) if index is None or _is_sorted(index) else index
        self._lists: Any = index if _is_sorted(index) else None
        self._flat_ids: set[int] = set(_read_ids(self._flat).tolist())

    @classmethod
    def load(cls, path: Path, dimension: int) -> FaissIndex | None:
        """Load the file that `save` wrote; None if it is missing, damaged or of another dimension.

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
        """Check the file's checksum. FAISS believes what it reads, and may crash over a damaged file."""
        try:
            size = path.stat().st_size - _CHECKSUM
            if size < 0:
                return False
            with path.open("rb") as file:
                file.seek(size)
                return file.read() == _checksum(path, size)
        except OSError:
            return False

    def save(self, path: Path) -> None:
        """Write the index atomically; if its size has changed much, first sort it into more or fewer lists.

        Sorting takes seconds, so it happens here, where all vectors are written anyway, and not in a process that
        only reads.

        Raises:
            OSError: the file cannot be written.
        """
        lists = self._lists.nlist if self._lists else 0
        # The range has room, lest a few vectors in and out sort all of them again and again.
        if not _choose_lists(len(self)) <= lists <= _choose_lists(4 * len(self)):
            self._sort(_choose_lists(len(self)), path.parent)
        elif self._lists:
            for batch in _batches(_read_ids(self._flat)):
                self._lists.add_with_ids(self.get(batch), batch)
            self._empty_flat()
        with atomic_write(path, is_durable=False) as partial:
            try:
                faiss.write_index(self._lists or self._flat, str(partial))
            except RuntimeError as error:
                raise OSError(str(error)) from error
            checksum = _checksum(partial, partial.stat().st_size)
            with partial.open("ab") as file:
                file.write(checksum)

    def __len__(self) -> int:
        return int(self._flat.ntotal + (self._lists.ntotal if self._lists else 0))

    def add(self, ids: IdArray, vectors: Vectors) -> None:
        """Add (n, dimension) float32 rows of unit length under n new ids."""
        self._flat.add_with_ids(np.ascontiguousarray(vectors, np.float32), ids)
        self._flat_ids.update(ids.tolist())

    def remove(self, ids: IdArray) -> None:
        """Remove those of the ids that are there."""
        known = self._flat_ids.intersection(ids.tolist())
        if known:
            self._flat.remove_ids(faiss.IDSelectorBatch(np.fromiter(known, np.int64)))
            self._flat_ids -= known
        if self._lists and len(ids):
            self._lists.remove_ids(faiss.IDSelectorArray(ids))

    def search(self, vector: Vectors, k: int) -> tuple[IdArray, Vectors]:
        """Find ids and cosines of the k rows nearest to a (dimension,) vector, best first; fewer if there are.

        Where rows are in lists, the search is approximate.
        """
        with _one_thread():
            results = [_search(index, vector, k) for index in (self._lists, self._flat) if index]
        ids, scores = map(np.concatenate, zip(*results, strict=True))
        best = np.argsort(-scores, kind="stable")[:k]
        return ids[best], scores[best]

    def get(self, ids: IdArray) -> Vectors:
        """Return the rows of n ids, which must be in the index: (n, dimension) float32."""
        is_flat = np.array([number in self._flat_ids for number in ids.tolist()], bool)
        rows = np.empty((len(ids), self._dimension), np.float32)
        for index, here in ((self._flat, is_flat), (self._lists, ~is_flat)):
            if here.any():
                rows[here] = index.reconstruct_batch(ids[here])
        return rows

    def _empty_flat(self) -> None:
        self._flat = _make_flat(self._dimension)
        self._flat_ids = set()

    def _sort(self, lists: int, folder: Path) -> None:
        """Sort all rows into so many lists; into the flat index if 0.

        They go through a file in `folder`, so that they are in memory only once. A full disk is noticed before
        anything has changed.
        """
        ids = np.concatenate([_read_ids(index) for index in (self._lists, self._flat) if index])
        with TemporaryFile(dir=folder) as file:
            for batch in _batches(ids):
                self.get(batch).astype(_CODE).tofile(file)
            self._lists = self._train(lists, ids) if lists else None
            self._empty_flat()
            file.seek(0)
            for batch in _batches(ids):
                numbers = np.fromfile(file, _CODE, len(batch) * self._dimension).astype(np.float32)
                rows = numbers.reshape(len(batch), self._dimension)
                if self._lists:
                    self._lists.add_with_ids(rows, batch)
                else:
                    self.add(batch, rows)

    def _train(self, lists: int, ids: IdArray) -> faiss.Index:
        """Make empty lists around centroids of some of the rows: always the same for the same rows."""
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


def _make_flat(dimension: int) -> faiss.IndexIDMap2:
    return faiss.IndexIDMap2(faiss.IndexScalarQuantizer(dimension, _FP16, faiss.METRIC_INNER_PRODUCT))


def _choose_lists(vectors: int) -> int:
    """Choose the number of lists for so many vectors; 0 for a flat index."""
    if vectors < FLAT:
        return 0
    doublings = (vectors // FLAT).bit_length() - 1
    return int(LISTS * 2 ** (doublings / 2))


def _is_sorted(index: faiss.Index | None) -> bool:
    return isinstance(index, faiss.IndexIVFScalarQuantizer)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Search in this thread: FAISS shares out questions among threads, and one question still waits for all to begin.

    With threads, on two cores, idle or busy with something else, the slowest searches took twice as long.
    """
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)


def _search(index: Any, vector: Vectors, k: int) -> tuple[IdArray, Vectors]:  # noqa: ANN401
    k = min(k, index.ntotal)
    if not k:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    scores, ids = index.search(vector[None], k)
    if ids[0, -1] < 0:  # the nearest lists hold fewer than k
        all_lists = faiss.SearchParametersIVF(nprobe=index.nlist)  # type: ignore[call-arg]
        scores, ids = index.search(vector[None], k, params=all_lists)
    return ids[0], scores[0]


def _read_ids(index: Any) -> IdArray:  # noqa: ANN401
    if not _is_sorted(index):
        return np.asarray(faiss.vector_to_array(index.id_map))
    lists = index.invlists
    parts = [faiss.rev_swig_ptr(lists.get_ids(i), lists.list_size(i)) for i in range(lists.nlist)]
    return np.concatenate(parts)


def _batches(ids: IdArray) -> Iterator[IdArray]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]


def _checksum(path: Path, size: int) -> bytes:
    """Compute the CRC-32 of the first `size` bytes."""
    checksum = 0
    with path.open("rb") as file:
        while size > 0 and (part := file.read(min(size, 1 << 20))):
            checksum = zlib.crc32(part, checksum)
            size -= len(part)
    return checksum.to_bytes(_CHECKSUM, "little")
