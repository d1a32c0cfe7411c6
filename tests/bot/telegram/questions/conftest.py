"""The documents that several tests ask about."""

from __future__ import annotations

import pytest
from support.small_library import SmallLibrary


@pytest.fixture
def weather_library(tmp_path):
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "rain.txt").write_text("It will rain. Take an umbrella.")
    (documents / "snow.txt").write_text("Snow is cold.")
    library = SmallLibrary(tmp_path)
    yield library
    library.close()
