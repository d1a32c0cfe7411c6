"""RTF: paragraphs, table rows, notes and comments, with numbers as the file has them.

Read by hand: striprtf 0.0.35 gives hidden and deleted text, but neither notes nor headings, and halves of characters.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from retrieval.documents.document import Omission
from retrieval.documents.readers.building import Builder, join_lines
from retrieval.documents.readers.office.margins import PAGE, strip_page_number
from retrieval.documents.readers.titles import choose_title
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_TOKEN = re.compile(r"\\([A-Za-z]{1,32})(-?\d{1,10})? ?|\\'([0-9A-Fa-f]{2})|\\([^A-Za-z])|([{}])|([^\\{}]+)", re.DOTALL)
_MAX_DEPTH = 5_000
_MAX_CELL_LINES = 3
"""A table with more in a cell is there for the page's looks, as in a Word document."""
_CHARACTERS = {
    "tab": "\t", "line": "\n", "lbr": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ", "chpgn": PAGE,
    "~": "\N{NO-BREAK SPACE}", "_": "\N{NON-BREAKING HYPHEN}", "\n": "\n", "\r": "\n", "\\": "\\", "{": "{", "}": "}",
}  # fmt: skip
# Groups that are no text; all others that begin with \* are none either.
_SKIPPED = {
    "colortbl", "stylesheet", "pict", "objdata", "objclass", "objname", "fldinst", "pn", "themedata", "datastore", "xe",
    "tc", "rxe", "listtable", "listoverridetable", "nesttableprops", "nonesttables", "bkmkstart", "bkmkend",
    "generator", "revtbl", "rsidtbl", "ftnsep", "ftnsepc", "aftnsep", "aftnsepc", "private", "template", "filetbl",
    "author", "operator", "subject", "keywords", "comment", "doccomm", "company", "manager", "category", "hlinkbase",
    "atnid", "atntime", "atndate", "atnref", "atnparent", "shppict", "nonshppict", "sp",
}  # fmt: skip
_ASIDE = {"footnote", "annotation", "atnauthor", "title", "listtext", "pntext"}
_HEADS = {"header", "headerl", "headerr", "headerf"}
_FEET = {"footer", "footerl", "footerr", "footerf"}
_READ = _ASIDE | _HEADS | _FEET | {"shptxt", "shpinst", "shp", "fldrslt", "result", "fonttbl", "info"}
_ENDS = {"par", "sect", "page"}
_LAYOUT = {"cell", "row", "nestcell", "nestrow", "pard", "intbl", "outlinelevel"} | _ENDS
_FORMATS = {"uc", "v", "deleted", "plain", "f", "fcharset", "mac", "pc", "pca", "ansicpg"}
_OBEYED = {*_SKIPPED, *_READ, *_CHARACTERS, *_LAYOUT, *_FORMATS, "u"}
_CHARSETS = {
    2: "", 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "cp950", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
"""Character set of a font → code page; that of symbols has no letters."""


@dataclass(frozen=True, slots=True)
class _Format:
    """What a group takes over from the one around it."""

    target: str = ""
    """The part that text belongs to: the body, if empty; `-` if none."""
    encoding: str = "cp1252"
    fallback: int = 1
    """Characters after a Unicode one, for programs that know none."""
    is_hidden: bool = False
    is_deleted: bool = False


def read(data: bytes, limits: Limits) -> Content:
    """Read a document; its title is the one in its properties, else the first main heading."""
    if not data.lstrip().startswith(b"{\\rtf"):
        message = "The file is damaged: it is not in Rich Text Format. Save it anew in the program that made it."
        raise DocumentError(message, DocumentFault.DAMAGED)
    reader = _Reader(limits)
    reader.read(data.decode("latin-1"))
    return reader.build()


class _Reader:
    def __init__(self, limits: Limits) -> None:
        self._builder = Builder(limits)
        self._format = _Format()
        self._stack: list[_Format] = []
        self._encoding = "cp1252"
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._texts: dict[str, list[str]] = {}
        self._pending: list[bytes] = []
        self._to_skip = 0
        self._is_optional = False
        self._cells: list[str] = []
        self._is_in_table = False
        self._level: int | None = None
        self._title = ""
        self._first_heading: str | None = None
        self._author = ""
        self._asides: list[str] = []
        self._margins: dict[str, None] = {}
        self._feet: dict[str, None] = {}

    def read(self, text: str) -> None:
        position = 0
        while match := _TOKEN.match(text, position):
            position = match.end()
            word, number, code, symbol, brace, letters = match.groups()
            if brace:
                self._to_skip = 0
                self._enter() if brace == "{" else self._leave()
            elif word == "bin":
                position += max(0, int(number or 0))
            elif self._format.target == "-" and not word:
                continue
            elif word:
                self._obey(word, None if number is None else int(number))
            elif code:
                self._add_bytes(bytes.fromhex(code))
            elif symbol == "*":
                self._is_optional = True
            elif symbol:
                self._add(_CHARACTERS.get(symbol, "")) if symbol not in "\r\n" else self._obey("par", None)
            elif letters:
                self._add_bytes(letters.replace("\r", "").replace("\n", "").encode("latin-1"), is_plain=True)
            # A backslash at the very end is no token.

    def build(self) -> Content:
        self._end_paragraph()
        self._end_row()
        self._builder.end_section()
        for line in self._feet:
            self._builder.add_block(line)
        return self._builder.build(choose_title(self._title, self._first_heading))

    def _enter(self) -> None:
        self._flush()
        if len(self._stack) >= _MAX_DEPTH:
            message = "The file is damaged: its groups have no end. Save it anew in the program that made it."
            raise DocumentError(message, DocumentFault.DAMAGED)
        self._stack.append(self._format)

    def _leave(self) -> None:
        self._flush()
        if not self._stack:
            return
        left, self._format = self._format.target, self._stack.pop()
        if left not in {"", "-", self._format.target}:
            self._end_target(left, "".join(self._texts.pop(left, [])))

    def _end_target(self, target: str, text: str) -> None:
        """Put the text of a group where it belongs: beside its paragraph, around the pages, in the title."""
        if target == "title":
            self._title = text
        elif target == "atnauthor":
            self._author = text.strip()
        elif target in {"listtext", "pntext"}:
            if any(map(str.isalnum, text)):  # a bullet says nothing
                self._texts.setdefault(self._format.target, []).append(" ".join(text.split()) + " ")
        elif target == "annotation":
            self._asides.append(f"{self._author}: {text.strip()}" if self._author else text)
        elif target == "footnote":
            self._asides.append(text)
        elif target in _HEADS | _FEET:
            for line in text.splitlines():
                self._add_margin(strip_page_number(line, self._builder), is_foot=target in _FEET)

    def _add_margin(self, line: str, *, is_foot: bool) -> None:
        if line in self._margins:
            self._builder.leave_out(Omission.RUNNING_HEADS, line)
        elif line:
            self._margins[line] = None
            if is_foot:
                self._feet[line] = None
            else:
                self._builder.add_block(line)

    def _obey(self, word: str, number: int | None) -> None:
        is_optional, self._is_optional = self._is_optional, False
        if word not in _OBEYED and not is_optional:
            return
        if word in _SKIPPED or (is_optional and word not in _READ):
            self._flush()
            self._format = replace(self._format, target="-")
        elif self._format.target == "-" or word in {"shp", "shpinst", "result", "fldrslt", "info"}:
            return
        elif word in _READ:
            self._flush()
            self._format = replace(self._format, target=word if word != "shptxt" else self._format.target)
        elif word in _CHARACTERS:
            self._add(_CHARACTERS[word])
        elif word == "u" and number is not None:
            self._add_unicode(number)
        elif word in _LAYOUT:
            self._flush()
            self._obey_layout(word, number)
        else:
            self._flush()
            self._obey_format(word, number)

    def _obey_format(self, word: str, number: int | None) -> None:
        if word == "uc":
            self._format = replace(self._format, fallback=max(0, number or 0))
        elif word == "v":
            self._format = replace(self._format, is_hidden=number != 0)
        elif word == "deleted":
            self._format = replace(self._format, is_deleted=number != 0)
        elif word == "plain":
            self._format = replace(self._format, is_hidden=False, is_deleted=False, encoding=self._encoding)
        elif word == "f":
            self._font = number or 0
            if self._format.target != "fonttbl":
                encoding = self._fonts.get(self._font, self._encoding)
                self._format = replace(self._format, encoding=encoding)
        elif word == "fcharset" and self._format.target == "fonttbl":
            self._fonts[self._font] = _CHARSETS.get(number or 0, self._encoding)
        elif word in {"mac", "pc", "pca", "ansicpg"}:
            self._encoding = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}.get(word) or _find_code_page(number)
            self._format = replace(self._format, encoding=self._encoding)

    def _obey_layout(self, word: str, number: int | None) -> None:
        if self._format.target:
            if word in _ENDS:
                self._add("\n")
        elif word == "pard":
            self._is_in_table, self._level = False, None
        elif word == "intbl":
            self._is_in_table = True
        elif word == "outlinelevel":
            self._level = number
        elif word in {"cell", "nestcell"}:
            self._cells.append("".join(self._texts.pop("", [])))
        elif word in {"row", "nestrow"}:
            self._end_row()
        elif self._is_in_table:
            self._add("\n")
        else:
            self._end_paragraph()

    def _add_bytes(self, data: bytes, *, is_plain: bool = False) -> None:
        skipped = min(self._to_skip, len(data))
        self._to_skip -= skipped
        if data[skipped:] and (self._format.encoding or is_plain):
            self._pending.append(data[skipped:])

    def _add_unicode(self, number: int) -> None:
        self._flush()
        letter = chr(number % 0x10000)
        self._add("" if "\ue000" <= letter <= "\uf8ff" else letter)  # signs of a symbol font
        self._to_skip = self._format.fallback

    def _flush(self) -> None:
        """Decode the bytes that were gathered: a letter may be two of them."""
        if self._pending:
            data = b"".join(self._pending)
            self._pending.clear()
            self._put(data.decode(self._format.encoding or "ascii", "replace"))

    def _add(self, text: str) -> None:
        self._flush()
        self._put(text)

    def _put(self, text: str) -> None:
        target = self._format.target
        if self._format.is_hidden or self._format.is_deleted:
            self._builder.leave_out(Omission.HIDDEN, text)
        elif target not in {"-", "fonttbl", "info"}:
            self._texts.setdefault(target, []).append(text)

    def _end_paragraph(self) -> None:
        self._flush()
        if self._cells:
            self._end_row()
        text = _join_surrogates("".join(self._texts.pop("", [])))
        if self._level is not None and 0 <= self._level < 9:  # noqa: PLR2004 - 9 is body text
            if self._level == 0 and self._first_heading is None:
                self._first_heading = join_lines(text)
            self._builder.add_heading(text)
        else:
            self._builder.add_block(text)
        self._end_asides()

    def _end_row(self) -> None:
        lines = [[line for line in _join_surrogates(cell).splitlines() if line.strip()] for cell in self._cells]
        self._cells.clear()
        if len(lines) == 1 or any(len(cell) > _MAX_CELL_LINES for cell in lines):
            for line in (line for cell in lines for line in cell):
                self._builder.add_block(line)
        else:
            row = (" ".join(" ".join(cell).split()) for cell in lines)
            self._builder.add_block(" | ".join(filter(None, row)), tight=True)
        self._end_asides()

    def _end_asides(self) -> None:
        for text in self._asides:
            self._builder.add_block(_join_surrogates(text))
        self._asides.clear()


def _find_code_page(number: int | None) -> str:
    name = {65001: "utf-8", 936: "gb18030", 10000: "mac_roman"}.get(number or 0, f"cp{number}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "cp1252"


def _join_surrogates(text: str) -> str:
    """Put the halves of a character together that is written as two."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
