"""PDF: text layers that are not what the page shows, scripts that run from the right or from the top."""

from __future__ import annotations

from io import BytesIO
from textwrap import wrap

import pytest
from PIL import Image
from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas
from support.made_files import drawn
from support.reading import read, refused, texts

from retrieval.documents.document import Omission
from retrieval.documents.readers.pdf.lines import PdfLine
from retrieval.documents.readers.pdf.page.legibility import is_legible
from retrieval.documents.readers.scan import ocr

LIGHTHOUSE = "The lighthouse keeper at Torungen was called Amund and he kept eleven goats and one donkey on the island."
LANGUAGES = [
    LIGHTHOUSE,
    "Der Leuchtturmwärter von Torungen hieß Amund; er hielt elf Ziegen, schrieb Postanschriften und Hausanschriften.",
    "Le gardien du phare s'appelait Amund et gardait onze chèvres et un âne sur l'île pendant trente longues années.",
    "Strażnik latarni morskiej nazywał się Amund i trzymał na wyspie jedenaście kóz, chrząszcze oraz jednego osła.",
    "Strážce majáku se jmenoval Amund a choval na ostrově jedenáct koz a jednoho osla po třicet dlouhých roků.",
    "Majakanvartijan nimi oli Amund, ja hän piti saarella yhtätoista vuohta ja yhtä aasia kolmenkymmenen vuoden ajan.",
    "Deniz fenerinin bekçisi Amund adında biriydi ve adada otuz yıl boyunca on bir keçi ile bir eşek besledi.",
    "Người gác ngọn hải đăng tên là Amund và ông nuôi mười một con dê cùng một con lừa trên hòn đảo suốt ba mươi năm.",
    "A világítótorony őrét Amundnak hívták, és tizenegy kecskét meg egy szamarat tartott a szigeten harminc évig.",
    "Смотрителя маяка звали Амунд, и тридцать лет он держал на острове одиннадцать коз и одного осла.",
    "Ο φύλακας του φάρου λεγόταν Άμουντ και κρατούσε στο νησί έντεκα κατσίκες και έναν γάιδαρο για τριάντα χρόνια.",
    "كان اسم حارس المنارة أموند، وكان يربي في الجزيرة إحدى عشرة عنزة وحمارا واحدا مدة ثلاثين عاما كاملة.",
    "לשומר המגדלור קראו אמונד והוא החזיק באי אחת עשרה עיזים וחמור אחד במשך שלושים שנה ארוכות.",
    "灯台守の名はアムンドといい、島で山羊を十一頭飼っていた。灯が自動になるまで三十年のあいだ、毎朝四時に起きた。",
    "灯塔看守人名叫阿蒙德，他在岛上养了十一只山羊和一头驴，整整三十年，直到灯塔改成了自动的为止，他才离开。",
    "ผู้ดูแลประภาคารชื่ออามุนด์และเขาเลี้ยงแพะสิบเอ็ดตัวกับลาหนึ่งตัวบนเกาะเป็นเวลาสามสิบปีจนกระทั่งโคมไฟทำงานเอง",
    "प्रकाशस्तंभ के रखवाले का नाम अमुंड था और उसने तीस वर्ष तक द्वीप पर ग्यारह बकरियाँ और एक गधा पाला।",
]
NO_PROSE = [
    "12.5 13.75 -4,194,229.68 35,078,254.69 -111.96% 0.0053 0.0178 70.22% 298,608,889.04 306,236,911.04 2.49",
    "PDF HTML XML HTTP HTTPS SQL CSS JSON BGP DNS TCP SSH SFTP LDAP SMTP NTP DHCP VLAN MPLS TLS XSLT RSS PGP",
    'for (int i = 0; i < n; i++) { printf("%d\\n", arr[i]); if (ptr != NULL && ptr->next) return strcmp(a, b); }',
    "∀x ∈ ℝ: f(x) = ∑ₙ aₙ xⁿ / n! ≤ ∫ e^(−x²) dx, ∂u/∂t = α ∇²u, λ₁ + λ₂ = 2μ, x = (−b ± √(b² − 4ac)) / 2a",
    "ATGCTGAGGATTTGGAAAGG CAGAGGGCTACAATGTGATGG GCTGGGAACTGCAACTCATCT TTCTTTGGCGCATAGGCAAC ACATTTGTGACTGG",
    "Name ____________________ Date ____________________ Contents ......................... 5 ================",
    "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789",
]


def shift(text: str, by: int = 29) -> str:
    """A text as fonts give it that number their glyphs from the space."""
    return "".join(chr(ord(letter) - by) if letter != " " else letter for letter in text)


@pytest.mark.parametrize("text", LANGUAGES)
def test_languages_are_legible(text: str) -> None:
    assert is_legible(text)
    assert is_legible(text.upper())


@pytest.mark.parametrize("text", NO_PROSE)
def test_numbers_code_and_formulas_are_legible(text: str) -> None:
    assert is_legible(text)


@pytest.mark.parametrize(
    "text",
    [
        shift(LIGHTHOUSE),
        shift(LANGUAGES[1]),
        shift(LIGHTHOUSE, by=31),
        LANGUAGES[9].encode("cp1251").decode("latin-1"),
        LIGHTHOUSE.replace(" ", "") * 2,
        LANGUAGES[9].replace(" ", "") * 2,
        "\uf054\uf068\uf065 \uf06c\uf069\uf067\uf068\uf074",
        "\ufffd\ufffd\ufffd \ufffd\ufffd\ufffd\ufffd",
    ],
)
def test_wrong_private_and_glued_letters_are_not(text: str) -> None:
    assert not is_legible(text)


def paged(*pages: str) -> bytes:
    """A PDF with a text on each page, in lines."""
    return drawn(*([(40.0, 500.0 - 12 * n, line) for n, line in enumerate(wrap(page, 50))] for page in pages))


@pytest.fixture
def _without_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "is_installed", lambda: False)


@pytest.mark.usefixtures("_without_ocr")
def test_a_file_of_unreadable_text_is_refused_with_the_remedies() -> None:
    refused("a.pdf", paged(shift(LIGHTHOUSE)), r"its fonts do not say which letters.*\.\[ocr\].*ocrmypdf")


@pytest.mark.usefixtures("_without_ocr")
def test_an_unreadable_page_is_counted() -> None:
    document = read("a.pdf", paged(LIGHTHOUSE, shift(LIGHTHOUSE)))
    assert texts(document) == [LIGHTHOUSE]
    assert document.left_out == {Omission.UNREADABLE: len(LIGHTHOUSE.replace(" ", ""))}


def test_an_unreadable_page_is_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    line = PdfLine(LIGHTHOUSE, page=1, left=40, right=300, base=500, size=10, bold=False)
    monkeypatch.setattr(ocr, "is_installed", lambda: True)
    monkeypatch.setattr(ocr, "recognise_lines", lambda page, number: [line])
    document = read("a.pdf", paged(shift(LIGHTHOUSE)))
    assert texts(document) == [LIGHTHOUSE]
    assert not document.left_out


@pytest.mark.usefixtures("_without_ocr")
def test_a_picture_without_letters_is_still_a_scan() -> None:
    file = BytesIO()
    canvas = Canvas(file, pagesize=A5)
    canvas.drawInlineImage(Image.new("L", (50, 50)), 0, 0)
    canvas.save()
    refused("a.pdf", file.getvalue(), "is a scan")
