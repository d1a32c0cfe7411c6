"""Recognises the lines of text in a picture with RapidOCR, and turns the picture upright first.

OpenVINO keeps memory for every shape of picture that it meets. So there are few shapes: a picture is put on one of a
few canvases, and a line on one of a few strips. Memory then stays the same from the first page to the hundredth.
"""

from __future__ import annotations

import math
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from retrieval.documents.readers.scan.budget import ScanMemoryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    """Rows of blue, green and red."""
    Boxes = NDArray[np.float64]
    """The four corners of each box, from the upper left one with the hands of a clock."""

_CANVASES = ((480, 96), (480, 352), (992, 192), (992, 704), (1984, 256), (1984, 704), (1984, 1408))
"""Long and short side. The largest shows an A4 page with 170 pixels an inch. On a large blank one, no line is found."""
MAX_LONG, MAX_SHORT = _CANVASES[-1]
_STRIP_HEIGHT = 48
"""What the recogniser takes."""
_STRIP_WIDTHS = (144, 288, 480, 720, 1056, 1440, 1920, 2880, 3840)
"""Multiples of the height: RapidOCR computes the width from their ratio, and must not round it."""
_WHITE, _GREY = 255, 128
_CONTRAST = 48
"""Pixels that differ less from the background are blank."""
_MARGIN = 16
"""Blank pixels that stay around the text."""
_LARGE, _USUAL = 64, 40
"""Heights of lines in pixels. Of larger ones words are found twice, so the picture is made smaller."""
_TALL = 1.5
"""A box that is so much higher than wide holds a line on its side."""
_SAMPLE = 6
"""The longest lines, whose scores tell which way is up."""
_SURE_SCORE = 0.9
"""Lines that stand upright score .95 and more, upside-down ones less than .8."""
_MIN_SCORE = 0.5
"""Below this, a line is no text."""
_LONG_LINE = 3
"""Times its height: a line that is so long has an angle that counts."""
_MAX_THREADS = 4
"""Each takes memory of its own, and more than these recognise a page hardly faster."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A recognised line, or a part of one, in pixels of the upright picture."""

    text: str
    left: float
    right: float
    base: float
    """Above the lower edge of the picture."""
    height: float


@dataclass(frozen=True, slots=True)
class _Found:
    """Lines that were found but not read yet."""

    crops: list[Pixels]
    boxes: Boxes


def recognise(picture: Pixels) -> list[Piece]:
    """Recognise the lines of a picture that is no larger than the largest canvas."""
    with _memory_errors():
        found = _find(picture)
        if found and (height := float(np.median(np.minimum(*_measure(found.boxes))))) > _LARGE:
            shrink = _USUAL / height
            smaller = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
            picture = np.asarray(smaller, np.uint8)
            found = _find(picture)
        if found and _lies_on_its_side(found.boxes):
            picture = np.ascontiguousarray(np.rot90(picture))
            found = _find(picture)
        if not found:
            return []
        if _is_upside_down(found.crops):
            found = _turn_around(found, *picture.shape[:2])
        read = _read(found.crops)
    kept = [index for index, (text, score) in enumerate(read) if text and score >= _MIN_SCORE]
    return _place([read[index][0] for index in kept], found.boxes[kept], picture.shape[0])


def fit(width: float, height: float, max_scale: float) -> float:
    """Give the scale at which a picture fits on the largest canvas, upright or on its side."""
    # A pixel less: pdfium rounds up.
    return min(max_scale, (MAX_LONG - 1) / max(width, height), (MAX_SHORT - 1) / min(width, height))


@contextmanager
def _memory_errors() -> Iterator[None]:
    """Turn what OpenVINO and OpenCV raise where memory ends into a ScanMemoryError."""
    try:
        yield
    except MemoryError as error:
        raise ScanMemoryError from error
    except Exception as error:
        # Neither has an error of its own for it.
        if any(word in str(error) for word in ("alloc", "memory")):
            raise ScanMemoryError from error
        raise


@cache
def _load_engine() -> Any:  # noqa: ANN401 - it has no types
    # OpenVINO would report to Google Analytics, and fail where it may write no identity into the home folder.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    from rapidocr import EngineType, RapidOCR  # noqa: PLC0415 - slow to load

    # The weights come with the package for any engine. Quoth has OpenVINO already.
    engines = {f"{part}.engine_type": EngineType.OPENVINO for part in ("Det", "Cls", "Rec")}
    options = {
        "Global.log_level": "error",
        "EngineConfig.openvino.inference_num_threads": min(_MAX_THREADS, os.cpu_count() or 1),
        # A batch would have more shapes, and is no faster on a CPU.
        "Rec.rec_batch_num": 1,
        "Rec.rec_img_shape": [3, _STRIP_HEIGHT, _STRIP_HEIGHT],
    }
    return RapidOCR(params=engines | options)


def _find(picture: Pixels) -> _Found | None:
    from rapidocr.main import RapidOCRError  # noqa: PLC0415 - slow to load

    part, corner = _trim(picture)
    try:
        crops, result = _load_engine().detect_and_crop(_put_on_canvas(part), {})
    except RapidOCRError:  # its word for a picture without text
        return None
    return _Found(crops, np.asarray(result.boxes, np.float64) + corner)


def _trim(picture: Pixels) -> tuple[Pixels, tuple[int, int]]:
    """Cut off blank margins; give where the rest begins, too."""
    grey = picture[:, :, 1].astype(np.int16)
    is_marked = np.abs(grey - np.median(grey)) > _CONTRAST
    rows, columns = np.flatnonzero(is_marked.any(axis=1)), np.flatnonzero(is_marked.any(axis=0))
    if not len(rows):
        return picture, (0, 0)
    top, left = max(0, rows[0] - _MARGIN), max(0, columns[0] - _MARGIN)
    return picture[top : rows[-1] + _MARGIN, left : columns[-1] + _MARGIN], (int(left), int(top))


def _put_on_canvas(picture: Pixels) -> Pixels:
    height, width = picture.shape[:2]
    long, short = next(size for size in _CANVASES if max(height, width) <= size[0] and min(height, width) <= size[1])
    shape = (long, short, 3) if height > width else (short, long, 3)
    canvas = np.full(shape, _WHITE, np.uint8)
    canvas[:height, :width] = picture
    return canvas


def _read(crops: Sequence[Pixels]) -> list[tuple[str, float]]:
    """Read lines: the text of each, and how sure it is."""
    if not crops:
        return []
    result = _load_engine().recognize_txt([_put_on_strip(crop) for crop in crops])
    return [(text.strip(), score) for text, score in zip(result.txts, result.scores, strict=True)]


def _put_on_strip(crop: Pixels) -> Pixels:
    height, width = crop.shape[:2]
    needed = math.ceil(_STRIP_HEIGHT * width / max(height, 1))
    strip_width = next((known for known in _STRIP_WIDTHS if needed <= known), _STRIP_WIDTHS[-1])
    strip = np.full((_STRIP_HEIGHT, strip_width, 3), _GREY, np.uint8)
    used = max(1, min(needed, strip_width))
    strip[:, :used] = cv2.resize(crop, (used, _STRIP_HEIGHT))
    return strip


def _measure(boxes: Boxes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the width and the height of each box."""
    return np.linalg.norm(boxes[:, 1] - boxes[:, 0], axis=1), np.linalg.norm(boxes[:, 3] - boxes[:, 0], axis=1)


def _lies_on_its_side(boxes: Boxes) -> bool:
    widths, heights = _measure(boxes)
    is_tall = heights > _TALL * widths
    return bool(heights[is_tall].sum() > widths[~is_tall].sum())


def _is_upside_down(crops: Sequence[Pixels]) -> bool:
    sample = sorted(crops, key=lambda crop: crop.shape[1] / crop.shape[0])[-_SAMPLE:]
    upright = _mean_score(sample)
    return upright < _SURE_SCORE and upright < _mean_score([crop[::-1, ::-1] for crop in sample])


def _mean_score(crops: Sequence[Pixels]) -> float:
    return float(np.mean([score for _, score in _read(crops)]))


def _turn_around(found: _Found, height: int, width: int) -> _Found:
    boxes = np.array([width, height]) - found.boxes
    return _Found([crop[::-1, ::-1] for crop in found.crops], boxes[:, [2, 3, 0, 1]])


def _place(texts: Sequence[str], boxes: Boxes, page_height: int) -> list[Piece]:
    """Say where lines stand, once the page is straight: a page lies askew on the scanner."""
    widths, heights = _measure(boxes)
    along = boxes[:, 1] - boxes[:, 0]
    angles = np.arctan2(along[:, 1], along[:, 0])[widths > _LONG_LINE * heights]
    angle = float(np.median(angles)) if len(angles) else 0.0
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    straight = boxes @ turn
    left, right = straight[:, :, 0].min(axis=1), straight[:, :, 0].max(axis=1)
    bottom = straight[:, :, 1].max(axis=1)
    sizes = bottom - straight[:, :, 1].min(axis=1)
    columns = (left, right, page_height - bottom, sizes)
    return [Piece(text, *map(float, box)) for text, *box in zip(texts, *columns, strict=True)]
