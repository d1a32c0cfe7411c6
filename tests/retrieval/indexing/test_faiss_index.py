"""A search is exact over few vectors, and approximate over many in lists."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from unittest.mock import patch

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from retrieval.encoding.vectors import unit
from retrieval.indexing import faiss_index as dense
from retrieval.indexing.faiss_index import FaissIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrieval.encoding.vectors import Vectors

DIMENSION = 32


@pytest.fixture
def index() -> FaissIndex:
    index = FaissIndex(2)
    index.add(np.array([7, 8, 9]), np.array([[1, 0], [0.6, 0.8], [0, 1]], np.float32))
    return index


@pytest.fixture
def few() -> Iterator[None]:
    """A thousand vectors are many."""
    with patch.multiple(dense, FLAT=1_000, LISTS=32, PROBES=12):
        yield


def clustered(count: int, seed: int = 0) -> Vectors:
    """Rows around 50 centres that are themselves near each other, as those of texts are."""
    centres = 1 + np.random.default_rng(0).standard_normal((50, DIMENSION))
    random = np.random.default_rng(seed)
    return rounded(unit(centres[random.integers(50, size=count)] + random.standard_normal((count, DIMENSION))))


def rounded(rows: Vectors) -> Vectors:
    """As an index keeps them."""
    return rows.astype(np.float16).astype(np.float32)


def filled(rows: Vectors, first: int = 0) -> FaissIndex:
    index = FaissIndex(rows.shape[1])
    index.add(np.arange(first, first + len(rows)), rows)
    return index


def saved(index: FaissIndex, path: Path) -> FaissIndex:
    """After a save that sorts rows into lists, and a load."""
    index.save(path)
    loaded = FaissIndex.load(path, DIMENSION)
    assert loaded is not None
    return loaded


def lists(index: FaissIndex) -> int:
    return index._lists.nlist if index._lists else 0


def recall(index: FaissIndex, rows: Vectors, k: int = 10) -> float:
    """The share of the k nearest rows, under ids from 0, that a search finds."""
    shares = []
    for vector in clustered(100, seed=1):
        nearest = np.argsort(-(rows @ vector))[:k]
        shares.append(len(np.intersect1d(nearest, index.search(vector, k)[0])) / k)
    return float(np.mean(shares))


def test_the_nearest_come_first(index: FaissIndex) -> None:
    ids, cosines = index.search(np.array([0.8, 0.6], np.float32), 2)
    assert ids.tolist() == [8, 7]
    assert cosines.tolist() == pytest.approx([0.96, 0.8], abs=1e-3)


def test_fewer_come_where_there_are_fewer(index: FaissIndex) -> None:
    assert index.search(np.array([1, 0], np.float32), 10)[0].tolist() == [7, 8, 9]
    assert FaissIndex(2).search(np.array([1, 0], np.float32), 10)[0].tolist() == []


def test_removed_ids_are_gone_and_unknown_ones_no_matter(index: FaissIndex) -> None:
    index.remove(np.array([8, 1_000]))
    assert index.search(np.array([0.8, 0.6], np.float32), 10)[0].tolist() == [7, 9]


def test_rows_are_given_by_id_in_the_order_asked(index: FaissIndex) -> None:
    assert index.get(np.array([9, 7])).tolist() == [[0, 1], [1, 0]]


# --- more and fewer


def test_few_are_found_exactly(few: None, tmp_path: Path) -> None:
    rows = clustered(999)
    assert recall(saved(filled(rows), tmp_path / "a.faiss"), rows) == 1


def test_many_are_found_nearly_all(few: None, tmp_path: Path) -> None:
    rows = clustered(4_000)
    loaded = saved(filled(rows), tmp_path / "a.faiss")
    assert lists(loaded) == 64
    assert 0.9 < recall(loaded, rows) < 1


def test_lists_grow_with_the_rows_and_go_with_them(few: None, tmp_path: Path) -> None:
    rows = clustered(8_000)
    index = FaissIndex(DIMENSION)
    before = 0
    # One that was sorted for twice as many stays so; for four times as many, reading its lists is not worth it.
    for count, expected in (
        (500, 0),
        (999, 0),
        (1_000, 32),
        (1_999, 32),
        (2_000, 45),
        (8_000, 90),
        (4_000, 90),
        (1_900, 32),
        (600, 32),
        (200, 0),
    ):
        index.add(np.arange(before, count), rows[before:count])
        index.remove(np.arange(count, before))
        before = count
        index = saved(index, tmp_path / "a.faiss")
        assert (len(index), lists(index)) == (count, expected)
        assert np.array_equal(index.get(np.arange(count)), rows[:count])
        assert recall(index, rows[:count]) > 0.9


def test_rows_that_were_in_no_training_are_found(few: None, tmp_path: Path) -> None:
    old, new = clustered(1_000), unit(clustered(900, seed=2) * np.linspace(-1, 1, DIMENSION))
    index = saved(filled(old), tmp_path / "a.faiss")
    index.add(np.arange(1_000, 1_900), new)
    hits = [index.search(row, 1)[0][0] for row in new[:100]]
    assert np.mean(hits == np.arange(1_000, 1_100)) > 0.9


def test_rows_that_come_and_go_between_two_saves_are_found(few: None, tmp_path: Path) -> None:
    rows = clustered(1_400)
    index = saved(filled(rows[:1_200]), tmp_path / "a.faiss")
    for first, last in ((1_200, 1_300), (1_300, 1_400)):
        index.add(np.arange(first, last), rows[first:last])
        index.remove(np.arange(first, first + 10))
        index.remove(np.arange(first - 1_000, first - 990))
        mixed = np.array([last - 1, 5, first + 10, first - 1])
        for _ in range(2):
            assert np.array_equal(index.get(mixed), rows[mixed])
            ids, cosines = index.search(rows[last - 1], 1_000)
            assert ids[0] == last - 1
            assert np.all(np.diff(cosines) <= 0)
            index.save(tmp_path / "a.faiss")
    assert len(index) == 1_360
    assert lists(index) == 32


def test_a_removed_row_can_come_back_as_another(few: None, tmp_path: Path) -> None:
    rows = clustered(1_500)
    index = saved(filled(rows), tmp_path / "a.faiss")
    index.remove(np.array([3, 4, 3, 10_000]))
    assert len(index) == 1_498
    index.add(np.array([4]), -rows[4:5])
    assert np.array_equal(index.get(np.array([4])), -rows[4:5])
    assert index.search(-rows[4], 1)[0].tolist() == [4]


def test_k_rows_come_even_if_the_nearest_lists_are_short(few: None, tmp_path: Path) -> None:
    rows = clustered(2_000)
    index = saved(filled(rows), tmp_path / "a.faiss")
    assert sorted(index.search(rows[0], 1_990)[0])[:2] == [0, 1]
    near = index.search(rows[0], 1_800)[0]
    index.remove(near)
    assert len(index.search(rows[0], 200)[0]) == 200


@pytest.mark.parametrize("different", [1, 2, 40])
def test_many_copies_of_a_row_are_indexed(few: None, tmp_path: Path, different: int) -> None:
    rows = np.repeat(clustered(different), 2_000 // different, axis=0)
    index = saved(filled(rows), tmp_path / "a.faiss")
    assert lists(index) == 45
    ids, cosines = index.search(rows[0], 10)
    assert cosines == pytest.approx(np.ones(10), abs=1e-2)
    assert np.array_equal(index.get(ids), np.repeat(rows[:1], 10, axis=0))


def test_the_same_rows_make_the_same_file(few: None, tmp_path: Path) -> None:
    for name in "ab":
        filled(clustered(1_000)).save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


class AgainstDict(RuleBasedStateMachine):
    """Whatever is done, the index holds what a dict would."""

    def __init__(self) -> None:
        super().__init__()
        self.patched = patch.multiple(dense, FLAT=40, LISTS=4, PROBES=1_000, _BATCH=7)
        self.patched.start()
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name) / "a.faiss"
        self.index = FaissIndex(DIMENSION)
        self.model: dict[int, Vectors] = {}
        self.used = 0

    def teardown(self) -> None:
        self.folder.cleanup()
        self.patched.stop()

    @rule(count=st.integers(1, 60), seed=st.integers(0, 3))
    def add(self, count: int, seed: int) -> None:
        rows = clustered(count, seed)  # with few seeds, many rows are copies
        ids = np.arange(self.used, self.used + count) * 3
        self.used += count
        self.index.add(ids, rows)
        self.model |= dict(zip(ids.tolist(), rows, strict=True))

    @rule(data=st.data(), unknown=st.lists(st.integers(0, 3_000), max_size=3))
    def remove(self, data: st.DataObject, unknown: list[int]) -> None:
        known = sorted(self.model)
        first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(known))] * 2)))
        gone = [*known[first:last], *unknown]
        self.index.remove(np.array(gone, np.int64))
        for number in gone:
            self.model.pop(number, None)

    @rule()
    def change(self) -> None:
        for number in sorted(self.model)[::5]:
            self.model[number] = -self.model[number]
            self.index.remove(np.array([number]))
            self.index.add(np.array([number]), self.model[number][None])

    @rule()
    def save(self) -> None:
        self.index.save(self.path)

    @rule()
    def save_and_load(self) -> None:
        self.index = saved(self.index, self.path)

    @rule(seed=st.integers(0, 3))
    def save_and_add_a_few(self, seed: int) -> None:
        self.index.save(self.path)
        self.add(5, seed)

    @invariant()
    def holds_the_same(self) -> None:
        assert len(self.index) == len(self.model)
        if self.model:
            ids = np.array(sorted(self.model))
            rows = np.stack([self.model[number] for number in ids.tolist()])
            assert np.array_equal(self.index.get(ids), rows)

    @rule(k=st.integers(1, 100), seed=st.integers(0, 3))
    def search(self, k: int, seed: int) -> None:
        vector = clustered(1, seed)[0]
        ids, cosines = self.index.search(vector, k)
        exact = {number: float(row @ vector) for number, row in self.model.items()}
        assert len(ids) == len(set(ids.tolist())) == min(k, len(exact))
        assert cosines == pytest.approx([exact[number] for number in ids.tolist()], abs=1e-5)
        assert cosines == pytest.approx(sorted(exact.values(), reverse=True)[:k], abs=1e-5)


TestAgainstDict = AgainstDict.TestCase
TestAgainstDict.settings = settings(max_examples=50, stateful_step_count=20, deadline=None)


# --- files


def test_what_was_saved_is_loaded(index: FaissIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "a.faiss")
    loaded = FaissIndex.load(tmp_path / "a.faiss", 2)
    assert loaded is not None
    assert loaded.search(np.array([0.8, 0.6], np.float32), 3)[0].tolist() == [8, 7, 9]
    assert [path.name for path in tmp_path.iterdir()] == ["a.faiss"]


def test_an_empty_index_is_saved_and_loaded(tmp_path: Path) -> None:
    index = saved(FaissIndex(DIMENSION), tmp_path / "a.faiss")
    index.add(np.array([5]), clustered(1))
    assert index.search(clustered(1)[0], 3)[0].tolist() == [5]


def test_only_a_file_of_this_dimension_is_loaded(index: FaissIndex, tmp_path: Path) -> None:
    path = tmp_path / "a.faiss"
    assert FaissIndex.load(path, 2) is None
    index.save(path)
    assert FaissIndex.load(path, 3) is None


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One without lists, and one with."""
    folder = tmp_path_factory.mktemp("files")
    with patch.multiple(dense, FLAT=100, LISTS=8):
        for rows in (50, 150):
            filled(clustered(rows)).save(folder / str(rows))
    return [folder / "50", folder / "150"]


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_not_loaded(files: list[Path], data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(files))
    whole = file.read_bytes()
    # What FAISS believes most, the sizes of all that follows, stands at the beginning.
    start = data.draw(st.integers(0, 200) | st.integers(0, len(whole)))
    stop = data.draw(st.sampled_from([start, start + 1, start + 8, len(whole)]))
    damaged = whole[:start] + data.draw(st.binary(max_size=16)) + whole[stop:]
    path = file.with_suffix(".damaged")
    path.write_bytes(damaged)
    loaded = FaissIndex.load(path, DIMENSION)
    assert (loaded is not None) == (damaged == whole)


def test_no_other_file_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "a.faiss"
    for other in (b"", b"abc", b"\0" * 1_000, bytes(range(256))):
        path.write_bytes(other)
        assert FaissIndex.load(path, DIMENSION) is None
    other = faiss.IndexFlatIP(DIMENSION)
    faiss.write_index(other, str(path))
    path.write_bytes(path.read_bytes() + dense._checksum(path, path.stat().st_size))
    assert FaissIndex.load(path, DIMENSION) is None
    path.unlink()
    path.mkdir()
    assert FaissIndex.load(path, DIMENSION) is None


def test_a_save_that_fails_leaves_the_old_file(few: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.faiss"
    index = saved(filled(clustered(900)), path)
    before = path.read_bytes()
    index.add(np.arange(900, 1_100), clustered(200, seed=2))

    def fill_the_disk(_: object, name: str) -> None:
        Path(name).write_bytes(before[:100])
        raise RuntimeError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(faiss, "write_index", fill_the_disk)
        with pytest.raises(OSError, match="No space"):
            index.save(path)
    assert path.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.faiss"]
    assert len(saved(index, path)) == len(index) == 1_100


def test_a_folder_that_is_not_there_is_an_error(index: FaissIndex, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="gone"):
        index.save(tmp_path / "gone" / "a.faiss")
