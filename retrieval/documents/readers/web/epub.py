"""EPUB: the chapters of a book in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.documents.document import Location, Unit
from retrieval.documents.readers.building import Builder
from retrieval.documents.readers.packed import Package, resolve
from retrieval.documents.readers.web import html
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_PAGES = {"application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document"}
# These only make fonts useless outside of the book.
_FONT_SCRAMBLERS = {"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"}


def read(data: bytes, limits: Limits) -> Content:
    """Read a book; a chapter is a file of it that holds text.

    Raises:
        DocumentError: it is damaged or protected, or holds too much.
    """
    package = Package(data, limits)
    ciphers = package.optional(_ENCRYPTION).iter("{*}EncryptionMethod")
    if any(cipher.get("Algorithm") not in _FONT_SCRAMBLERS for cipher in ciphers):
        raise DocumentError(
            "The book is protected against copying. Get it without protection.", DocumentFault.PROTECTED
        )
    name = next(package.xml(_CONTAINER).iter("{*}rootfile")).get("full-path", "")
    book = package.xml(name)
    chapters = _chapters(book, name)
    limits.check_pages(len(chapters))
    titles = _titles(package, book, name)
    builder = Builder(limits)
    number = 0
    for chapter in chapters:
        page = html.parse(html.decode_page(package.part(chapter))) if chapter in package else None
        body = page.find("body") if page is not None else None
        if body is None or not any(str(text).strip() for text in body.itertext()):
            continue
        number += 1
        place = Location(Unit.CHAPTER, number, number)
        builder.end_section()
        if next(body.iter("h1", "h2", "h3", "h4", "h5", "h6"), None) is None:
            builder.heading(titles.get(chapter, ""), place)
        html.write(body, builder, place)
    return builder.content(book.findtext(".//{*}metadata//{*}title"))


def _chapters(book: Element, name: str) -> list[str]:
    """The names of the parts to read, in the order of reading, without the table of contents."""
    items = {item.get("id"): item for item in book.iterfind("{*}manifest/{*}item")}
    spine = (items.get(item.get("idref")) for item in book.iterfind("{*}spine/{*}itemref"))
    return [
        resolve(name, item.get("href", ""))
        for item in spine
        if item is not None and item.get("media-type") in _PAGES and "nav" not in item.get("properties", "").split()
    ]


def _titles(package: Package, book: Element, name: str) -> dict[str, str]:
    """What the table of contents calls each chapter."""
    titles: dict[str, str] = {}
    for item in book.iterfind("{*}manifest/{*}item"):
        part = resolve(name, item.get("href", ""))
        if part not in package:
            continue
        if "nav" in item.get("properties", "").split():
            for link in package.xml(part).iter("{*}a"):
                titles.setdefault(resolve(part, link.get("href", "")), "".join(map(str, link.itertext())))
        elif item.get("media-type") == "application/x-dtbncx+xml":
            for point in package.xml(part).iter("{*}navPoint"):
                target = point.find("{*}content")
                if target is not None:
                    label = point.findtext("{*}navLabel/{*}text") or ""
                    titles.setdefault(resolve(part, target.get("src", "")), label)
    return titles
