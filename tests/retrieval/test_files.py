"""Files that are written as a whole or not at all."""

from __future__ import annotations

import os

import pytest

from retrieval.files import _LEFTOVER_S, atomic_write, remove_leftovers


def fill_the_disk(path):
    with atomic_write(path) as partial:
        partial.write_bytes(b"half")
        raise OSError("The disk is full.")


def test_two_writers_in_one_folder_keep_their_own_bytes(tmp_path):
    with atomic_write(tmp_path / "a") as one, atomic_write(tmp_path / "b") as other:
        one.write_bytes(b"one")
        other.write_bytes(b"other")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"one", "b": b"other"}


def test_two_writers_of_one_file_leave_it_whole(tmp_path):
    with atomic_write(tmp_path / "a") as one, atomic_write(tmp_path / "a") as other:
        one.write_bytes(b"one")
        other.write_bytes(b"other")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"one"}


def test_after_an_error_the_file_is_as_it_was(tmp_path):
    (tmp_path / "a").write_bytes(b"before")
    with pytest.raises(OSError, match="full"):
        fill_the_disk(tmp_path / "a")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"before"}


def test_an_old_partial_file_is_removed_and_a_young_one_is_not(tmp_path):
    old, young, visible = tmp_path / ".1.partial", tmp_path / ".2.partial", tmp_path / "3.partial"
    for path in (old, young, visible):
        path.write_bytes(b"half")
        with atomic_write(tmp_path / "a") as partial:
            assert partial.name.startswith(".")
            partial.touch()
    for path in (old, visible):
        os.utime(path, (path.stat().st_mtime - 2 * _LEFTOVER_S,) * 2)
    remove_leftovers(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".2.partial", "3.partial", "a"]
