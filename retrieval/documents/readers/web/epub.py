"""EPUB: the chapters of a book in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.documents.document import Location, Unit
from retrieval.documents.readers.building import Builder
from retrieval.documents.readers.packed import Package, resolve
from retrieval.documents.readers.titles import choose_title
from retrieval.documents.readers.web import html
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_PAGES = {"application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document"}
# These only make fonts unusable outside the book.
_FONT_SCRAMBLERS = {"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"}


def read(data: bytes, limits: Limits) -> Content:
    """Read a book; a chapter is a file of it that holds text."""
    package = Package(data, limits)
    ciphers = package.parse_optional("META-INF/encryption.xml").iter("{*}EncryptionMethod")
    if any(cipher.get("Algorithm") not in _FONT_SCRAMBLERS for cipher in ciphers):
        message = "The book is protected against copying. Get it without protection."
        raise DocumentError(message, DocumentFault.PROTECTED)
    name = next(package.parse_part("META-INF/container.xml").iter("{*}rootfile")).get("full-path", "")
    book = package.parse_part(name)
    chapters = _list_chapters(book, name)
    limits.check("pages", len(chapters))
    titles = _read_titles(package, book, name)
    builder = Builder(limits)
    number = 0
    for chapter in chapters:
        page = html.parse(html.decode_page(package.read_part(chapter))) if chapter in package else None
        body = page.find("body") if page is not None else None
        if body is None or not any(str(text).strip() for text in body.itertext()):
            continue
        number += 1
        place = Location(Unit.CHAPTER, number, number)
        builder.end_section()
        if next(body.iter("h1", "h2", "h3", "h4", "h5", "h6"), None) is None:
            builder.add_heading(titles.get(chapter, ""), place)
        html.write(body, builder, place)
    return builder.build(choose_title(book.findtext(".//{*}metadata//{*}title")))


def _list_chapters(book: Element, name: str) -> list[str]:
    """List the names of the parts to read, in the order of reading, without the table of contents."""
    items = {item.get("id"): item for item in book.iterfind("{*}manifest/{*}item")}
    spine = (items.get(item.get("idref")) for item in book.iterfind("{*}spine/{*}itemref"))
    return [
        resolve(name, item.get("href", ""))
        for item in spine
        if item is not None and item.get("media-type") in _PAGES and "nav" not in item.get("properties", "").split()
    ]


def _read_titles(package: Package, book: Element, name: str) -> dict[str, str]:
    """Read part → title from the table of contents."""
    titles: dict[str, str] = {}
    for item in book.iterfind("{*}manifest/{*}item"):
        part = resolve(name, item.get("href", ""))
        if part not in package:
            continue
        if "nav" in item.get("properties", "").split():
            for link in package.parse_part(part).iter("{*}a"):
                titles.setdefault(resolve(part, link.get("href", "")), "".join(map(str, link.itertext())))
        elif item.get("media-type") == "application/x-dtbncx+xml":
            for point in package.parse_part(part).iter("{*}navPoint"):
                target = point.find("{*}content")
                if target is not None:
                    label = point.findtext("{*}navLabel/{*}text") or ""
                    titles.setdefault(resolve(part, target.get("src", "")), label)
    return titles
