"""HTML, EPUB and EML: what a person reads, without what stands around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.made_files import BOOK, CONTAINER, EPUB, NAV, mail
from support.reading import LAUGHS, STRANGER, assert_harmless, packed, parts, places, read, refused, repacked, texts

from retrieval.documents.document import Location, Unit
from retrieval.documents.readers.limits import Limits
from retrieval.errors import DocumentError

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Ferries to Oban – Harbour News</title>
<style>p { color: red }</style><script>var tracking = "on";</script></head>
<body class="has-sidebar">
<a class="skip-link" href="#main">Skip to content</a>
<div id="cookie-banner" role="dialog"><p>We use cookies to improve your visit.</p><button>Accept</button></div>
<header><img alt="Harbour News"><p>Harbour News, since 1921</p>
<ul class="main-menu"><li><a href="/">Home</a><li><a href="/n">News</a><li><a href="/w">Weather</a></ul></header>
<nav aria-label="Breadcrumb"><a href="/">Home</a> › <a href="/n">News</a></nav>
<div class="layout"><div class="post">
<h1>Ferries to Oban <a class="headerlink" href="#f">¶</a></h1>
<p>The ferry leaves at <b>nine</b>&nbsp;o’clock, on every
   week<wbr>day but <i>Mon&shy;day</i>.<br>Be early.</p>
<div class="share-buttons"><a href="#">Share</a> <a href="#">Post</a></div>
<h2>What it costs</h2>
<ul><li>Adults pay <em>£12</em>.<li>Children:<ul><li>under five, nothing</li><li>others, £6</li></ul></li></ul>
<table><caption>Times</caption>
<thead><tr><th>Day</th><th>From</th><th>To</th></tr></thead>
<tbody><tr><td>Tuesday</td><td>9:00</td><td>18:00</td></tr><tr><td>Sunday</td><td></td><td>12:00</td></tr></tbody>
</table>
<h2>How to get there</h2>
Take the bus.<p>Or walk:</p>
<ol><li><p>Follow the shore.</p><li><p>Cross the bridge.</p></ol>
<dl><dt>Pier</dt><dd>Where the ship lies.</dd></dl>
<pre>  A --- B
  |
  C</pre>
<blockquote><p>“A fine ship.”</p></blockquote>
<p style="display: none">Hidden.</p><p hidden>Hidden too.</p>
<form><label>Your mail <input value="x"></label><select><option>One</select><textarea>T</textarea></form>
</div>
<aside class="sidebar"><h3>Most read</h3><ul><li><a href="/1">A storm is coming to the islands</a></ul></aside></div>
<div class="related-posts"><a href="/2">A storm has passed by the islands</a></div>
<footer><p>© Harbour News. All rights reserved.</p></footer>
</body></html>"""


def test_a_page_is_read_without_its_boilerplate() -> None:
    document = read("a.html", PAGE.encode())
    top, costs, way = "Ferries to Oban", "What it costs", "How to get there"
    assert document.title == "Ferries to Oban – Harbour News"
    assert parts(document) == [
        ("The ferry leaves at nine\N{NO-BREAK SPACE}o’clock, on every weekday but Monday.\nBe early.", top),
        ("Adults pay £12.", costs),
        ("Children:", costs),
        ("under five, nothing", costs),
        ("others, £6", costs),
        ("Times", costs),
        ("Day | From | To", costs),
        ("Tuesday | 9:00 | 18:00", costs),
        ("Sunday |  | 12:00", costs),
        ("Take the bus.", way),
        ("Or walk:", way),
        ("Follow the shore.", way),
        ("Cross the bridge.", way),
        ("Pier\nWhere the ship lies.", way),
        ("A --- B\n  |\n  C", way),
        ("“A fine ship.”", way),
        ("Your mail", way),
    ]


@pytest.mark.parametrize(
    "main",
    ["<main>{}</main>", "<article>{}</article>", "<div role=main>{}</div>", '<div id="content">{}</div>'],
)
def test_the_content_is_what_the_page_says_it_is(main: str) -> None:
    links = "".join(f"<p><a href='/{n}'>Go to page {n}</a></p>" for n in range(3))
    page = f"{links}<div>{main.format('<p>The ferry leaves at nine, on every weekday but Monday.</p>')}</div>{links}"
    assert texts(read("a.htm", page.encode())) == ["The ferry leaves at nine, on every weekday but Monday."]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("It rains.", ["It rains."]),
        ("<p>It rains.", ["It rains."]),
        ("<div class=menu>It rains.</div>", ["It rains."]),  # a page with nothing but that
        ("<body><nav><a href=/>Home</a></nav><p>Rain.</p></body>", ["Rain."]),
        ("<ul><li><a href=a>a</a><li><a href=b>b</a><li><a href=c>c</a><li><a href=d>d</a></ul>", [*"abcd"]),
        ("<p>One<br/> two.<br> <br>\nThree.</p>", ["One\ntwo.", "Three."]),
        ("<p>Today:<p class=menu-item>Fish, 9 €.<p class=menu-item>Soup", ["Today:", "Fish, 9 €.", "Soup"]),
        ("<h1>Only a heading</h1>", ["Only a heading"]),
        ("<main></main><p>It rains in the mountains.</p>", ["It rains in the mountains."]),
        ("<article><header>By Ada</header>Rain.<footer>May</footer></article>", ["By Ada", "Rain.", "May"]),
        ("<title>T</title><frameset><frame src=a><noframes>No</noframes></frameset><p>x", ["x"]),
        ("a<a id='x'/>b<script/>c", ["abc"]),
        ("&lt;b&gt; &amp; &#65; &hellip; &unknown; &#0;&#xD800;", ["<b> & A … &unknown; \ufffd\ufffd"]),
        ("<p dir=rtl>שלום e\u0301 e&#769;</p>", ["שלום e\u0301 e\u0301"]),
        ("<table><tr><td><h2>Left</h2><p>One.</p></td><td><p>Two.</p></td></tr></table>", ["One.", "Two."]),
        ("<svg class=menu><text class=menu>x</text></svg><p>y</p><template><p>z</p></template>", ["y"]),
        ("<p>one<p>two" * 2, ["one", "two", "one", "two"]),
    ],
)  # fmt: skip
def test_small_and_strange_pages(page: str, expected: list[str]) -> None:
    assert texts(read("a.html", page.encode())) == expected


@pytest.mark.parametrize(
    ("declared", "encoding", "text"),
    [
        ("<meta charset=windows-1251>", "cp1251", "Привет"),
        ("<meta http-equiv=Content-Type content='text/html; charset=iso-8859-1'>", "cp1252", "“œuf” à 5 €"),
        ("<?xml version='1.0' encoding='Shift_JIS'?>", "cp932", "短い文書①"),
        ("<meta charset=iso-2022-jp>", "iso2022_jp", "短い文書"),
        ("<meta charset=windows-1252>", "utf-8", "Été"),  # it says so, but is not
        ("<meta charset=nonsense>", "utf-8", "Été"),
        ("<meta charset=utf-8>", "utf-16", "Été"),  # with a byte order mark
        ("", "utf-8-sig", "Été"),
        ("", "cp1251", "Привет, мир. Это короткий документ о полиции и море."),
    ],
)
def test_encodings_are_those_that_browsers_take(declared: str, encoding: str, text: str) -> None:
    assert texts(read("a.html", f"{declared}<p>{text}</p>".encode(encoding))) == [text]


def test_tags_that_are_never_closed_lose_nothing() -> None:
    assert len(texts(read("a.html", b"<p><font><b>It rains.</p>" * 600))) == 600


def test_a_page_without_text_is_refused() -> None:
    refused("a.html", b"<html><body><script>x</script></body></html>", "holds no text")
    refused("a.html", b"<!-- -->", "holds no text")
    refused("a.html", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not text")
    refused("a.html", b"<p>" + b"It rains. " * 20, "QUOTH_MAX_CHARACTERS", Limits(characters=100))


TAGS = st.sampled_from([
    "<p>", "</p>", "<div>", "</div>", "<ul><li>", "<table><tr><td>", "<td>", "</table>", "<h1>", "</h1>", "<br>",
    "<pre>", "</pre>", "<nav>", "</nav>", "<main>", "<a href=x>", "</a>", "<!--", "-->", "<svg>", "&#0;", "<",
])  # fmt: skip


@given(st.lists(st.one_of(TAGS, st.text("ab \n\t\u0301\u05e9\x01", max_size=5)), max_size=20))
def test_any_tags_are_read_soundly(pieces: list[str]) -> None:
    try:
        read("a.html", "".join(pieces).encode())
    except DocumentError as error:
        assert "holds no text" in str(error)  # noqa: PT017 - often there is none


def test_a_book_is_read_chapter_by_chapter() -> None:
    document = read("a.epub", EPUB)
    assert document.title == "The Ferry"
    assert parts(document) == [
        ("It rains.\nStill.", "At dawn"),
        ("Ça\N{NO-BREAK SPACE}va.", "At dawn"),
        ("It pours.", "Second part"),  # which has no heading of its own
    ]
    assert [block.place for block in document.blocks] == [
        Location(Unit.CHAPTER, 1, 1),
        Location(Unit.CHAPTER, 1, 1),
        Location(Unit.CHAPTER, 2, 2),
    ]


def test_the_older_table_of_contents_names_chapters_too() -> None:
    ncx = """<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>Part II</text>
    </navLabel><content src="text/two%20b.xhtml"/></navPoint></navMap></ncx>"""
    book = BOOK.replace(
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>',
        '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>',
    )
    data = repacked(EPUB, {"OEBPS/book.opf": book, "OEBPS/toc.ncx": ncx})
    assert [heading for _, heading in parts(read("a.epub", data))] == ["At dawn", "At dawn", "Part II"]


def test_a_protected_book_is_refused_scrambled_fonts_are_not() -> None:
    scrambled = '<x xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptionMethod Algorithm="{}"/></x>'
    fonts = scrambled.format("http://www.idpf.org/2008/embedding")
    assert texts(read("a.epub", repacked(EPUB, {"META-INF/encryption.xml": fonts})))
    locked = scrambled.format("http://www.w3.org/2001/04/xmlenc#aes128-cbc")
    refused("a.epub", repacked(EPUB, {"META-INF/encryption.xml": locked}), "protected against copying")


def test_a_book_that_is_none_is_refused() -> None:
    refused("a.epub", packed({"mimetype": "application/epub+zip"}), "damaged, or not what its name says")
    refused("a.epub", EPUB[:300], "damaged")
    refused("a.epub", repacked(EPUB, {"OEBPS/book.opf": "<package/>"}), "holds no text")
    refused("a.epub", EPUB, "QUOTH_MAX_PAGES", Limits(pages=2))
    refused("a.epub", EPUB, "QUOTH_MAX_UNPACKED_MIB", Limits(unpacked_mib=0))


@pytest.mark.parametrize("trick", [LAUGHS, STRANGER])
def test_entities_do_no_harm(trick: str) -> None:
    for name, xml in (
        ("META-INF/container.xml", CONTAINER),
        ("OEBPS/book.opf", BOOK),
        ("OEBPS/nav.xhtml", NAV),
    ):
        hostile = trick + "]>" + xml.rpartition("?>")[2].replace("The Ferry", "&j;").replace("Second", "&j;")
        assert_harmless("a.epub", repacked(EPUB, {name: hostile}))
    page = f"{trick}]><html><body><p title='&j;'>It rains. &j;</p></body></html>"
    assert texts(read("a.html", page.encode()))[-1] == "It rains. &j;"
    assert texts(read("a.epub", repacked(EPUB, {"OEBPS/text/one.xhtml": page})))[-2] == "It rains. &j;"


HEAD = (
    "From: Ada Lovelace <ada@example.org>\nTo: Alan <alan@example.org>, Émile <emile@example.org>\n"
    "Date: Tue, 05 Mar 2024 14:30:00 +0100"
)


def test_a_mail_is_read_with_its_head_and_attachment_names() -> None:
    message = mail("Hallo,\n\ndie Fähre\nfährt.\n\n> Fährt sie?\n> Wann?\n", "<p>The same.</p>")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="Fahrplan für Mai.pdf")
    message.add_attachment("Not read.", filename="notes.txt")
    document = read("a.eml", message.as_bytes())
    assert document.title == "Die Fähre nach Oban"
    assert texts(document) == [
        HEAD,
        "Hallo,",
        "die Fähre\nfährt.",
        "> Fährt sie?\n> Wann?",
        "Attachments: Fahrplan für Mai.pdf, notes.txt",
    ]
    assert places(document) == []


@pytest.mark.parametrize("plain", [None, " \n"])
def test_a_mail_of_html_is_read_as_a_page(plain: str | None) -> None:
    page = """<div style="display:none">Preview</div><table><tr><td><table><tr><td><h1>News</h1><p>It rains.</p></td>
    </tr></table></td></tr></table>"""
    assert parts(read("a.eml", mail(plain, page).as_bytes())) == [(HEAD, None), ("It rains.", "News")]


def test_a_mail_in_an_unknown_encoding_is_read_all_the_same() -> None:
    data = b"From: a@example.org\nContent-Type: text/plain; charset=none-such\n\nIt rains.\n"
    assert texts(read("a.eml", data)) == ["From: a@example.org", "It rains."]


def test_a_file_that_is_no_mail_is_refused() -> None:
    refused("a.eml", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not a mail")
    refused("a.eml", b"Just text.", "not a mail")
