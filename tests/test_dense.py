"""Vectors are found by their inner product, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from retrieval.dense import DenseIndex

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def index() -> DenseIndex:
    made = DenseIndex(2)
    made.add(np.array([7, 8, 9]), np.array([[1, 0], [0.6, 0.8], [0, 1]], np.float32))
    return made


def test_the_nearest_come_first(index: DenseIndex) -> None:
    ids, cosines = index.search(np.array([0.8, 0.6], np.float32), 2)
    assert ids.tolist() == [8, 7]
    assert cosines.tolist() == pytest.approx([0.96, 0.8], abs=1e-3)


def test_fewer_come_where_there_are_fewer(index: DenseIndex) -> None:
    assert index.search(np.array([1, 0], np.float32), 10)[0].tolist() == [7, 8, 9]
    assert DenseIndex(2).search(np.array([1, 0], np.float32), 10)[0].tolist() == []


def test_removed_ids_are_gone_and_unknown_ones_no_matter(index: DenseIndex) -> None:
    index.remove(np.array([8, 1_000]))
    assert index.search(np.array([0.8, 0.6], np.float32), 10)[0].tolist() == [7, 9]


def test_rows_are_given_by_id_in_the_order_asked(index: DenseIndex) -> None:
    assert index.get(np.array([9, 7])).tolist() == [[0, 1], [1, 0]]


def test_what_was_saved_is_loaded(index: DenseIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "a.faiss")
    loaded = DenseIndex.load(tmp_path / "a.faiss", 2)
    assert loaded is not None
    assert loaded.search(np.array([0.8, 0.6], np.float32), 3)[0].tolist() == [8, 7, 9]
    assert [path.name for path in tmp_path.iterdir()] == ["a.faiss"]


def test_a_missing_damaged_or_other_file_is_not_loaded(index: DenseIndex, tmp_path: Path) -> None:
    path = tmp_path / "a.faiss"
    assert DenseIndex.load(path, 2) is None
    index.save(path)
    assert DenseIndex.load(path, 3) is None
    path.write_bytes(path.read_bytes()[:-9])
    assert DenseIndex.load(path, 2) is None
