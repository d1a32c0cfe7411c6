"""Text in a picture is recognised whichever way the picture lies, and memory does not grow with its pages."""

from __future__ import annotations

import numpy as np
import pytest
from support.made_files import photographed

from retrieval.documents.readers.scan import recognition
from retrieval.documents.readers.scan.budget import ScanMemoryError

LINES = (
    "The ferry to Oban leaves at 9:45 from pier 3.",
    "Où était l'île à Noël ? Größe: 1.250,50 €.",
    "¿Cuándo llegó el señor Núñez? Call 0171 555-0123.",
)


def recognised(picture) -> list[str]:
    pixels = np.ascontiguousarray(np.asarray(picture.convert("RGB"))[:, :, ::-1])
    return [piece.text for piece in sorted(recognition.recognise(pixels), key=lambda piece: -piece.base)]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_picture_is_turned_upright_first(turn):
    assert recognised(photographed(*LINES).rotate(turn, expand=True)) == list(LINES)


def test_a_page_that_lies_askew_is_straightened():
    pixels = np.asarray(photographed(*LINES, scale=3).rotate(4, expand=True, fillcolor="white"))
    pieces = recognition.recognise(np.ascontiguousarray(pixels[:, :, ::-1]))
    lefts = [piece.left for piece in pieces]
    assert max(lefts) - min(lefts) < 6
    assert max(piece.height for piece in pieces) < 60


def test_a_picture_without_text_has_no_lines():
    assert recognised(photographed()) == []


def test_pictures_and_lines_have_few_shapes(monkeypatch):
    shapes = set()
    for name in ("_put_on_canvas", "_put_on_strip"):
        put = getattr(recognition, name)

        def noting(pixels, put=put):
            shapes.add((made := put(pixels)).shape)
            return made

        monkeypatch.setattr(recognition, name, noting)
    chance = np.random.default_rng(1)
    for _ in range(300):
        height, width = (int(side) for side in chance.integers(1, 1_408, 2))
        recognition._put_on_canvas(np.zeros((height, width, 3), np.uint8))
        recognition._put_on_strip(np.zeros((max(1, height // 30), width, 3), np.uint8))
    assert len(shapes) <= 14 + 9


def test_a_picture_of_any_size_fits_on_a_canvas():
    for width, height in ((1, 1), (16, 90_000), (90_000, 16), (1_654, 2_339), (2_339, 1_654), (3_000, 3_000)):
        scale = recognition.fit(width, height, 2)
        size = max(1, round(height * scale)), max(1, round(width * scale))
        assert recognition._put_on_canvas(np.zeros((*size, 3), np.uint8)).shape[0] >= size[0]


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("Could not allocate"), OSError("std::bad_alloc")])
def test_the_end_of_memory_is_told_from_other_errors(error):
    with pytest.raises(ScanMemoryError), recognition._memory_errors():
        raise error
    with pytest.raises(KeyError), recognition._memory_errors():
        raise KeyError
