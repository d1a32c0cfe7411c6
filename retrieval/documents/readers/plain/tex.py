"""LaTeX: the source's exact characters; its sections, paragraphs, list items and table rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.documents.readers.plain.lines import Kind, Line, Part, assemble, part, split_lines
from retrieval.documents.readers.text import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_BEGIN = re.compile(r"^[^%\n\r]*?\\begin\s*\{document\}", re.MULTILINE)
_END = re.compile(r"^[^%\n\r]*?(\\end\s*\{document\})", re.MULTILINE)
_TITLE = re.compile(r"^[ \t]*\\title\s*(?:\[[^\]]*\]\s*)?\{", re.MULTILINE)
_SECTION = re.compile(r"\s*\\(part|chapter|(?:sub)*section|(?:sub)?paragraph)\*?\s*(?:\[[^\]]*\]\s*)?\{")
_FRONT = re.compile(r"^[ \t]*\\(?:author|date)\s*(?:\[[^\]]*\]\s*)?\{", re.MULTILINE)
_VERBATIM = re.compile(r"\s*\\begin\s*\{(verbatim\*?|lstlisting|minted)\}")
_BRACE = re.compile(r"(?<!\\)[{}]")
_MAX_ARGUMENT = 1_000
"""Characters of a heading's or title's argument; a brace that is never closed ends nothing."""
_COMMENT = re.compile(r"(?<!\\)(?:\\\\)*(%)")
_HIDDEN = re.compile(r"\s*\\begin\s*\{comment\}")
_HIDDEN_END = re.compile(r"\s*\\end\s*\{comment\}")
_MARKUP = re.compile(
    r"\s*(?:\\(?:begin|end|label|usepackage|input|include|includegraphics|bibliography|bibliographystyle|maketitle"
    r"|tableofcontents|listoffigures|listoftables|newpage|clearpage|pagebreak|centering|raggedright|noindent"
    r"|hline|cline|toprule|midrule|bottomrule|smallskip|medskip|bigskip|vspace|hspace|vfill|setlength|setcounter"
    r"|newcommand|renewcommand|def|pagestyle|thispagestyle|appendix|printbibliography|small|large|title)"
    r"(?![a-zA-Z])\*?(?:\s*\[[^\]]*\]|\s*\{[^{}]*\})*\s*)+"
)
"""A line of commands that set no words of their own."""
_ITEM = re.compile(r"\s*\\item(?![a-zA-Z])")
_ROW = re.compile(r".*[^\\]&.*")
_NAME = re.compile(r"\\[a-zA-Z]+\*?(?:\[[^\]]*\])?\s*|\\(?=[^a-zA-Z])|[{}]")


def read(data: bytes, limits: Limits) -> Content:  # noqa: ARG001 - they hold for any file
    r"""Read LaTeX; its title is that of `\title`. The preamble and comments are left out."""
    text = decode(data)
    return assemble(text, _find_parts(text))


def _find_parts(text: str) -> Iterator[Part]:
    begin = _BEGIN.search(text)
    start = begin.end() if begin else 0
    last = _END.search(text, start)
    end = last.start(1) if last else len(text)
    if title := _TITLE.search(text):
        yield Part(Kind.TITLE, title.end(), title.end(), _clean(text[title.end() : _find_brace(text, title.end())]))
    yield from _read_preamble(text, start)
    yield from _read_body(text, start, end)
    yield Part(Kind.HIDDEN, end, len(text))


def _read_preamble(text: str, end: int) -> Iterator[Part]:
    """Read who wrote the document, and when; the rest says how it is set."""
    start = 0
    for front in _FRONT.finditer(text, 0, end):
        close = _find_brace(text, front.end())
        yield Part(Kind.HIDDEN, start, front.end())
        yield Part(Kind.ALONE, front.end(), close)
        start = close
    yield Part(Kind.HIDDEN, start, end)


def _read_body(text: str, start: int, end: int) -> Iterator[Part]:
    hidden_until: re.Pattern[str] | None = None
    verbatim_until = ""
    done = start
    """The end of a heading that goes over several lines."""
    for whole in split_lines(text[start:end]):
        line = Line(start + whole.start, start + whole.end, whole.text)
        if hidden_until or _HIDDEN.match(line.text):
            hidden_until = None if _HIDDEN_END.match(line.text) else _HIDDEN_END
            yield part(Kind.HIDDEN, line)
        elif verbatim_until:
            verbatim_until = "" if verbatim_until in line.text else verbatim_until
            yield part(Kind.TEXT if verbatim_until and not line.is_blank else Kind.GAP, line)
        elif verbatim := _VERBATIM.match(line.text):
            verbatim_until = f"\\end{{{verbatim[1]}}}"
            yield part(Kind.GAP, line)
        elif section := _SECTION.match(line.text):
            close = _find_brace(text, line.start + section.end())
            words = _clean(text[line.start + section.end() : close])
            yield Part(Kind.HEADING, line.start, close, words)
            done = min(close + 1, end)
            yield from _read_line(Line(done, line.end, text[done : line.end]))
        elif line.end >= done:
            rest = max(done, line.start)
            yield from _read_line(Line(rest, line.end, text[rest : line.end]))


def _read_line(line: Line) -> Iterator[Part]:
    comment = _COMMENT.search(line.text)
    before, after = (line.text[: comment.start(1)], line.text[comment.end(1) :]) if comment else (line.text, "")
    if comment and not before.strip():
        yield part(Kind.HIDDEN, line)
        return
    # A sign at the end of a line only hides the line end.
    shown = Line(line.start, line.start + len(before), before) if after.strip() else line
    yield part(_classify(before), shown)
    if shown is not line:
        yield Part(Kind.HIDDEN, shown.end, line.end)


def _classify(text: str) -> Kind:
    if not text.strip() or _MARKUP.fullmatch(text):
        return Kind.GAP
    if _ITEM.match(text):
        return Kind.START
    return Kind.ALONE if _ROW.fullmatch(text) else Kind.TEXT


def _find_brace(text: str, start: int) -> int:
    """Find the brace that closes the argument that starts here; the start if none is near."""
    depth = 1
    for match in _BRACE.finditer(text, start, start + _MAX_ARGUMENT):
        depth += 1 if match[0] == "{" else -1
        if not depth:
            return match.start()
    return start


def _clean(argument: str) -> str:
    """Take the words of a heading or title out of its markup."""
    return _NAME.sub("", argument.replace("~", " ").replace("\\\\", " "))
