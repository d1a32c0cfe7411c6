"""Subtitles (SubRip and WebVTT): what is said, as running text, with the time of each part."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, NamedTuple

from retrieval.documents.document import Location, Omission, Unit
from retrieval.documents.readers.building import Builder
from retrieval.documents.readers.text import decode
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,]\d{1,3})?"
_TIMING = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?")
_NUMBER = re.compile(r"\s*\d+\s*")
_NOTES = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]([^<>]*)>")
_TAG = re.compile(r"</?(?:[bius]|font|c|v|lang|ruby|rt|\d[\d:.]*)(?:[.\s=][^<>]*)?>|\{\\[^{}]*\}", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:amp|lt|gt|nbsp|lrm|rlm|quot|#\d{1,7}|#x[0-9a-fA-F]{1,6});")
_SENTENCE_END = re.compile(r"[.!?…。！？؟।]['\"”’»)\]]*\s*$")
_PAUSE_S = 3
"""A longer silence ends a block, as it ends what is said."""
_MAX_BLOCK = 600
"""Characters after which the next cue begins a block: speech without punctuation never ends a sentence."""


class _Cue(NamedTuple):
    start: int
    """In seconds."""
    end: int
    lines: tuple[str, ...]


def read(data: bytes, limits: Limits) -> Content:
    """Read subtitles. A block is a sentence or a few, from the cues that it runs through."""
    text = decode(data)
    is_web = text.startswith("WEBVTT")
    builder = Builder(limits)
    cues = list(_parse(text, builder, is_web=is_web))
    if not cues:
        message = (
            "The file is damaged: it holds no subtitles, as no line has two times with an arrow between. Save it anew."
        )
        raise DocumentError(message, DocumentFault.DAMAGED)
    _write(cues, builder, is_web=is_web)
    return builder.build()


def _parse(text: str, builder: Builder, *, is_web: bool) -> Iterator[_Cue]:
    """Find the cues. Their numbers and names, notes and styles are no text."""
    timing: re.Match[str] | None = None
    lines: list[str] = []
    for line in [*re.split(r"\r\n|\r|\n", text), None]:
        match = None if line is None else _TIMING.fullmatch(line)
        if match is None and line is not None:
            lines.append(line)
            continue
        if match and lines and (_NUMBER.fullmatch(lines[-1]) or (is_web and not "".join(lines[-2:-1]).strip())):
            lines.pop()  # the number or the name of this cue
        shown = tuple(_drop_notes(lines, builder, is_web=is_web))
        if timing:
            yield _Cue(_count_seconds(timing, 1), _count_seconds(timing, 4), shown)
        timing, lines = match, []


def _count_seconds(timing: re.Match[str], group: int) -> int:
    hours, minutes, seconds = (int(timing[number] or 0) for number in range(group, group + 3))
    return hours * 3_600 + minutes * 60 + seconds


def _drop_notes(lines: Iterable[str], builder: Builder, *, is_web: bool) -> Iterator[str]:
    """Keep the lines that are shown."""
    before, is_note = "x", False
    for line in lines:
        is_note = bool(line.strip()) and (is_note or (is_web and not before.strip() and bool(_NOTES.match(line))))
        if is_note:
            builder.leave_out(Omission.HIDDEN, line)
        elif line.strip():
            yield line
        before = line


def _write(cues: Iterable[_Cue], builder: Builder, *, is_web: bool) -> None:
    """Join the cues to blocks that end with a sentence, before a silence, or where another person speaks."""
    block = ""
    start = end = 0
    speaker = ""
    shown: tuple[str, ...] = ()
    for cue in cues:
        voices = [" ".join(voice.split()) for voice in _VOICE.findall(" ".join(cue.lines))]
        lines = tuple(filter(None, (_clean(line, is_web=is_web) for line in cue.lines)))
        new = lines[_count_repeated(shown, lines) :]
        builder.leave_out(Omission.REPETITIONS, " ".join(lines[: len(lines) - len(new)]))
        shown = lines
        is_other = bool(voices) and voices[0] != speaker
        silence = cue.start - end > _PAUSE_S
        if block and (silence or is_other or _SENTENCE_END.search(block) or len(block) > _MAX_BLOCK):
            builder.add_block(block, Location(Unit.SECOND, start, max(start, end)), tight=True)
            block = ""
        if not new:
            continue
        if is_other:
            speaker = voices[0]
            new = (f"{speaker}: {new[0]}", *new[1:])
        start = start if block else cue.start
        end = max(cue.start, cue.end)
        block = " ".join(filter(None, [block, *new]))
    builder.add_block(block, Location(Unit.SECOND, start, max(start, end)), tight=True)


def _count_repeated(shown: Sequence[str], lines: Sequence[str]) -> int:
    """Count the lines that the cue before has shown already: made by machines, subtitles roll up line by line."""
    return next((count for count in range(min(len(shown), len(lines)), 0, -1) if shown[-count:] == lines[:count]), 0)


def _clean(line: str, *, is_web: bool) -> str:
    """Remove tags and positions."""
    line = _TAG.sub("", line)
    if is_web:
        line = _ENTITY.sub(lambda entity: html.unescape(entity[0]), line)
    return " ".join(line.split())
