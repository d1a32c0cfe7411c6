"""PDF: text that runs from the right, or from the top."""

from __future__ import annotations

from support.made_files import drawn
from support.reading import read, texts

LAM_ALEF, LAM_ALEF_HAMZA = "لا", "لأ"
TATE = [
    "灯台守の名はアムンドといい、島で山羊を十一頭",
    "飼っていた。灯が自動になるまで三十年のあいだ、",
    "彼は毎朝四時に起きて油をついだ。",
]


def made(content: str, font: str, maps: str = "") -> bytes:
    """A PDF of one page with a font that has no file, and a map from its glyphs to Unicode."""
    parts = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(content)}>>stream\n{content}\nendstream",
        font,
        f"<</Length {len(maps)}>>stream\n{maps}\nendstream",
        "<</Type/FontDescriptor/FontName/A/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0/Ascent 900/Descent -200"
        "/CapHeight 700/StemV 80>>",
    ]
    body, offsets = "%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{part}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    end = f"xref\n0 8\n0000000000 65535 f \n{table}trailer<</Size 8/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF"
    return f"{body}{end}".encode("latin-1")


def written(*glyphs: str) -> bytes:
    """A line of Arabic, of glyphs that stand for one or more letters."""
    pairs = "\n".join(f"<{n:04x}> <{glyph.encode('utf-16-be').hex()}>" for n, glyph in enumerate(glyphs, 3))
    maps = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def "
        f"1 begincodespacerange <0000> <ffff> endcodespacerange {len(glyphs)} beginbfchar\n{pairs}\n"
        "endbfchar endcmap end end"
    )
    font = (
        "<</Type/Font/Subtype/Type0/BaseFont/A/Encoding/Identity-H/ToUnicode 6 0 R/DescendantFonts[<</Type/Font"
        "/Subtype/CIDFontType2/BaseFont/A/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/DW 500"
        "/FontDescriptor 7 0 R>>]>>"
    )
    line = "".join(f"{n:04x}" for n in range(len(glyphs) + 2, 2, -1))  # the file has them from the left
    return made(f"BT /F1 16 Tf 60 700 Td <{line}> Tj ET", font, maps)


def test_the_letters_of_a_ligature_stand_in_order() -> None:
    glyphs = ["ا", "ل", "س", LAM_ALEF, "م", " ", "ا", LAM_ALEF_HAMZA, "و", "ل", " ", "أ", "ل", "ف"]
    assert texts(read("a.pdf", written(*glyphs))) == ["السلام الأول ألف"]


def test_a_ligature_that_is_one_character_is_its_letters() -> None:
    assert texts(read("a.pdf", written("س", "\ufefb", "م"))) == ["سلام"]


def test_vertical_lines_are_read_from_the_top_and_from_the_right() -> None:
    font = (
        "<</Type/Font/Subtype/Type0/BaseFont/A/Encoding/UniJIS-UTF16-V/DescendantFonts[<</Type/Font/Subtype"
        "/CIDFontType0/BaseFont/A/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 6>>/DW 1000"
        "/FontDescriptor 7 0 R>>]>>"
    )
    content = " ".join(
        f"BT /F1 14 Tf 1 0 0 1 {500 - 24 * n} 760 Tm <{line.encode('utf-16-be').hex()}> Tj ET"
        for n, line in enumerate(TATE)
    )
    assert texts(read("a.pdf", made(content, font))) == ["".join(TATE)]


def test_turned_lines_are_read_as_they_run() -> None:
    content = " ".join(
        f"BT /F1 12 Tf 0 1 -1 0 {100 + 14 * n} 100 Tm ({line}) Tj ET"
        for n, line in enumerate(
            ["The ferry leaves at nine in the morning on every", "day but Monday, when it leaves at ten."]
        )
    )
    data = made(content, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
    assert texts(read("a.pdf", data)) == [
        "The ferry leaves at nine in the morning on every day but Monday, when it leaves at ten."
    ]


def test_digits_below_each_other_are_no_word() -> None:
    page = [(30.0, 500.0 - 14 * n, str(n)) for n in range(4)]
    page += [(60.0, 500.0 - 14 * n, f"anchor {n}") for n in range(4)]
    assert texts(read("a.pdf", drawn(page))) == [f"{n} anchor {n}" for n in range(4)]
