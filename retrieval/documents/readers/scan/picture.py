"""Pictures: the text of photographs and scans in files of their own. Each frame of a TIFF is a page."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps, ImageSequence

from retrieval.documents.readers.pdf.pdf import build_content
from retrieval.documents.readers.scan import ocr
from retrieval.documents.readers.scan.budget import begin_page
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits
    from retrieval.documents.readers.pdf.lines import PdfLine

_KINDS = ("BMP", "JPEG", "PNG", "TIFF", "WEBP")
"""Pillow's names. It reads many more, some of them with other programs."""
_DEEP = {"I", "I;16", "I;16B", "F"}
"""Greys of more than 255 steps."""
_MAX_MEGAPIXELS = 200
"""As many as the largest cameras of telephones have. A few kilobytes can declare billions."""
_MIN_SIDE = 16
"""In pixels: a smaller picture holds no text, as icons and lines."""


def read(data: bytes, limits: Limits) -> Content:
    """Read the text of a picture; it has no title."""
    pages = []
    for number, frame in enumerate(_open_frames(data, limits), 1):
        pages.append(_recognise(frame, number) if min(frame.size) >= _MIN_SIDE else [])
        limits.check("characters", sum(len(line.text) for page in pages for line in page))
    content = build_content(pages, "", limits)
    if not content.blocks:
        message = "The picture holds no text that Quoth recognises. Take a sharper one, or remove it."
        raise DocumentError(message, DocumentFault.EMPTY)
    if len(pages) == 1:
        return replace(content, blocks=tuple(replace(block, place=None) for block in content.blocks))
    return content


def _open_frames(data: bytes, limits: Limits) -> Iterator[Image.Image]:
    image = _open(data)
    frames = ImageSequence.Iterator(image) if image.format == "TIFF" else iter([image])
    for number, frame in enumerate(frames, 1):
        limits.check("pages", number)
        if frame.width * frame.height > _MAX_MEGAPIXELS * 1_000_000:
            message = f"The picture has more than {_MAX_MEGAPIXELS} million pixels. Save it smaller."
            raise DocumentError(message, DocumentFault.TOO_HEAVY)
        yield frame


def _open(data: bytes) -> Image.Image:
    Image.init()
    # Pillow's own limit is an error only at twice the size, and a warning before.
    Image.MAX_IMAGE_PIXELS = None
    if data[4:8] == b"ftyp":
        from pi_heif import register_heif_opener  # noqa: PLC0415 - other pictures do not need it

        register_heif_opener(thumbnails=False)
        return Image.open(BytesIO(data), formats=("HEIF",))
    return Image.open(BytesIO(data), formats=_KINDS)


def _recognise(image: Image.Image, number: int) -> list[PdfLine]:
    from retrieval.documents.readers.scan.recognition import fit  # noqa: PLC0415 - not before its memory is granted

    begin_page()
    scale = fit(*image.size, 1)
    # A large JPEG is decoded at a part of its size at once.
    image.draft("RGB", (round(image.width * scale), round(image.height * scale)))
    upright = _flatten(ImageOps.exif_transpose(image))
    scale = fit(*upright.size, 1)
    size = max(1, round(upright.width * scale)), max(1, round(upright.height * scale))
    pixels = np.asarray(upright.resize(size, Image.Resampling.LANCZOS))
    return ocr.recognise_picture(np.ascontiguousarray(pixels[:, :, ::-1]), number)


def _flatten(image: Image.Image) -> Image.Image:
    """Give the picture as red, green and blue, on white where one sees through it."""
    if image.has_transparency_data:
        colours = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), colours).convert("RGB")
    if image.mode in _DEEP:
        values = np.asarray(image, np.float32)
        values = (values - values.min()) * (255 / max(float(np.ptp(values)), 1.0))
        image = Image.fromarray(values.astype(np.uint8))
    return image.convert("RGB")
