"""What was read right before is read no worse: ordinary files, and the text, headings and places of their blocks.

A difference is wanted or it is a mistake. If it is wanted, say why in the commit, and write the texts anew with
`python -m support.frozen_files` in `tests`.
"""

from __future__ import annotations

import pytest
from support.frozen_files import FROZEN, describe, frozen_files

from retrieval.documents import readers

FILES = frozen_files()


def test_every_frozen_file_has_its_text():
    assert {f"{name}.txt" for name in FILES} == {path.name for path in FROZEN.iterdir()}
    assert len(FILES) >= 40


@pytest.mark.parametrize("name", FILES)
def test_a_frozen_file_is_read_as_before(name):
    expected = (FROZEN / f"{name}.txt").read_text("utf-8")
    assert describe(readers.read(name, FILES[name])) == expected
