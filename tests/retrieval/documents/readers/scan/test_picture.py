"""Pictures: photographs and scans in files of their own."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from support.made_files import HEIC, in_format, photographed
from support.reading import parts, places, read, refused

from retrieval.documents import readers
from retrieval.documents.readers.limits import Limits
from retrieval.errors import DocumentError, DocumentFault

SAID = "The ferry leaves at nine from pier 3."
PICTURE = photographed(SAID)


def exif(orientation: int) -> Image.Exif:
    made = Image.Exif()
    made[0x0112] = orientation
    return made


def see_through(picture: Image.Image) -> Image.Image:
    """Black letters on nothing."""
    letters = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    letters.putalpha(Image.eval(picture.convert("L"), lambda value: 255 - value))
    return letters


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("photo.jpg", in_format("JPEG", PICTURE)),
        ("turned.jpg", in_format("JPEG", PICTURE.rotate(90, expand=True), exif=exif(6))),
        ("large.jpeg", in_format("JPEG", PICTURE.resize((PICTURE.width * 5, PICTURE.height * 5)))),
        ("print.jpg", in_format("JPEG", PICTURE.convert("CMYK"))),
        ("small.png", in_format("PNG", photographed(SAID, scale=1.3))),
        ("deep.png", in_format("PNG", Image.fromarray(np.asarray(PICTURE.convert("L"), np.uint16) * 257))),
        ("nothing behind.webp", in_format("WEBP", see_through(PICTURE))),
        ("colours.bmp", in_format("BMP", PICTURE.convert("P"))),
        ("fax.tif", in_format("TIFF", PICTURE.convert("1"), compression="group4")),
        ("misnamed.jpg", in_format("PNG", PICTURE)),
    ],
)
def test_text_is_recognised_in_every_kind_of_picture(name, data):
    document = read(name, data)
    assert parts(document) == [(SAID, None)]
    assert (document.title, places(document)) == (None, [])


def test_a_heic_is_read():
    assert read("a.heic", HEIC).text == "The cat sleeps."


def test_each_frame_of_a_tiff_is_a_page():
    frames = [photographed(f"{word} is on a page of its own.") for word in ("Snow", "Rain", "Hail")]
    document = read("a.tiff", in_format("TIFF", frames[0], save_all=True, append_images=frames[1:]))
    assert [text.split()[0] for text, _ in parts(document)] == ["Snow", "Rain", "Hail"]
    assert places(document) == [(1, 1), (2, 2), (3, 3)]


def test_a_picture_without_text_is_refused():
    for picture in (Image.new("L", (300, 200), 255), Image.new("RGB", (9, 9)), Image.new("L", (2_000, 3))):
        with pytest.raises(DocumentError, match="holds no text that Quoth recognises") as error:
            read("a.png", in_format("PNG", picture))
        assert error.value.fault is DocumentFault.EMPTY


def declaring(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1_000)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


def test_a_picture_that_declares_too_many_pixels_is_refused():
    with pytest.raises(DocumentError, match=r"more than 200 million pixels. Save it smaller") as error:
        read("a.png", declaring(30_000, 30_000))
    assert error.value.fault is DocumentFault.TOO_HEAVY


def test_a_damaged_picture_is_refused():
    refused("a.jpg", b"\xff\xd8\xff\xe0 and nothing", "is damaged")
    refused("a.png", declaring(300, 300), "is damaged")
    refused("a.heic", HEIC[:400], "is damaged")


def test_too_many_frames_are_refused():
    frames = [Image.new("1", (20, 20))] * 3
    data = in_format("TIFF", frames[0], save_all=True, append_images=frames[1:])
    refused("a.tif", data, "QUOTH_MAX_PAGES", Limits(pages=2))


def test_pictures_need_the_extra(monkeypatch):
    monkeypatch.setattr(readers, "find_spec", lambda name: None)
    assert not readers.reads("a.png")
    assert 'pip install "quoth[ocr]"' in str(readers.explain_refusal("a.png"))
    assert readers.reads("a.txt")
