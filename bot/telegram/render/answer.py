"""Answer → one message in Telegram's HTML; pure functions.

Telegram limits the text that is left when the tags are parsed. It is counted here in UTF-16 code units, the
longest of the ways to count.
"""

from __future__ import annotations

import html
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from wcwidth import iter_graphemes

from bot import texts
from bot.services.excerpts import CUT, Part, excerpt, parts_of_quote
from bot.services.visibility import is_group_collection
from bot.texts import ENGLISH
from retrieval import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.texts import Texts
    from retrieval import Answer, Context, Location, Quote, Source

MAX_UNITS = 4096
MAX_UNITS_IF_BRIEF = 700
MAX_PASSAGES_A_MESSAGE = 3
MAX_COPIES = 3
MAX_SOURCES = 90
"""Telegram allows 100 entities in a message, and each listed path is one."""
MIN_PASSAGE = 200
"""Units of text; a later passage that gets less room is left out."""
MAX_LABEL, MAX_PATH, MAX_QUESTION, MAX_PREVIEW = 100, 150, 300, 300
"""Units of a title or heading, of a path, of what was searched for, and of the sentence below a title to choose."""
MAX_WORD = 30
"""Graphemes; text that goes on without a space for longer is cut anywhere."""
MAX_MISSING = 5
"""Words that are named as missing from a passage."""
PIN_SIGN = "📌 "


class Line(NamedTuple):
    """A part of a message, and how long it is once its tags are parsed."""

    html: str
    units: int


def render_answer(answer: Answer, say: Texts = ENGLISH, *, brief: bool = False, searched_for: str | None = None) -> str:
    """The message that answers: the verdict, and what answers in the best passage.

    Unless it is to be brief, the same of further passages that may answer follows, to unfold. With the verdict `none`,
    it is the verdict alone; see `render_closest`. If something else was searched for than what was asked, that stands
    above.
    """
    heading = say.verdicts[answer.verdict]
    if searched_for:
        question = one_line(searched_for, MAX_QUESTION)
        heading = f"{say.searched_for.format(question=say.isolated(question))}\n{heading}"
    return render_answer_again(heading, answer.quotes if answer.verdict.found else (), say, brief=brief)


def heading_of(text: str) -> str:
    """What a message of `render_answer` says above its passages, for the messages that take its place."""
    return text.partition("\n\n")[0]


def render_answer_again(heading: str, quotes: Sequence[Quote], say: Texts, *, brief: bool) -> str:
    """The message of `render_answer`, from its heading."""
    if brief:
        return _render(heading, quotes[:1], say, is_open=True, most_units=MAX_UNITS_IF_BRIEF)
    return _render(heading, [quote for quote in quotes if quote.may_answer], say, is_open=True)


def render_further(heading: str, quotes: Sequence[Quote], say: Texts) -> str:
    """The message that shows the next passages, all to unfold."""
    remark = say.further_passages if quotes else say.further_are_gone
    return _render(f"{heading}\n\n{remark}", quotes, say)


def render_context(heading: str, quote: Quote, context: Context, say: Texts) -> str:
    """The message that shows the best passage with what stands around it, the answering sentences in bold.

    It is not to unfold: who wants the context has pressed a button for it.
    """
    source = _source_lines(quote, say)
    before = ("" if context.is_beginning else f"{CUT} ") + context.before
    after = context.after + ("" if context.is_end else f" {CUT}")
    room = MAX_UNITS - utf16_units(heading) - len("\n\n\n") - source.units
    text = shortened([Part(before, is_bold=False), *parts_of_quote(quote), Part(after, is_bold=False)], room)
    return f"{escaped(heading)}\n\n<blockquote>{bold_html(text)}</blockquote>\n{source.html}"


def render_choice(heading: str, question: str, quotes: Sequence[Quote], say: Texts) -> str:
    """The message that shows which passages can be pinned to a question, by number, all to unfold."""
    remark = say.pin_which if quotes else say.pin_nothing
    return _render(_above_pins(heading, remark, question, say), quotes, say, is_numbered=True)


def render_pinned(heading: str, question: str, quote: Quote, say: Texts) -> str:
    """The message that says which passage was pinned to a question."""
    return _render(_above_pins(heading, PIN_SIGN + say.pin_done, question, say), [quote], say)


def render_not_pinned(heading: str, reason: str) -> str:
    """The message that says why nothing was pinned."""
    return escaped("\n\n".join(filter(None, [heading, reason])))


def render_gone(heading: str, say: Texts) -> str:
    """The message of an answer whose best passage is not in the documents any more."""
    return f"{escaped(heading)}\n\n{say.answer_is_gone}"


def count_passages(message: str) -> int:
    """How many passages a message shows; what a passage says itself cannot be taken for one, as it is escaped."""
    return message.count("</blockquote>")


def render_closest(quotes: Sequence[Quote], say: Texts = ENGLISH, heading: str | None = None) -> str:
    """The message that shows what came closest where nothing answered: passages to unfold, none as the answer."""
    remark = say.closest_passages if quotes else say.closest_are_gone
    heading = heading or say.verdicts[Verdict.NONE]
    return _render(f"{heading}\n\n{remark}", quotes, say, answered=False)


def render_quote(quote: Quote, link: str, say: Texts = ENGLISH) -> str:
    """The message that quotes a passage which a person has chosen, with a link to its receipt.

    It comes without a verdict, as nobody asks for one; and without what is missing, as nobody there knows the question.
    """
    below = linked(say.receipt_button, link)
    source = _source_lines(replace(quote, missing=()), say)
    text = shortened(parts_of_quote(quote), MAX_UNITS - len("\n\n") - source.units - below.units)
    return f"<blockquote>{bold_html(text)}</blockquote>\n{source.html}\n{below.html}"


def linked(text: str, url: str) -> Line:
    """A text that opens an address."""
    return Line(f'<a href="{html.escape(url)}">{escaped(text)}</a>', utf16_units(text))


def title_of(quote: Quote, say: Texts = ENGLISH) -> str:
    """Plain text: which document a passage is from, and where it stands there."""
    source = quote.source
    label = source.title.strip() or _path_end(texts.path(source.collection, source.path))
    parts = [one_line(label), *([one_line(say.place(source.place))] if source.place else [])]
    return _sendable((PIN_SIGN if quote.is_pinned else "") + " · ".join(map(say.isolated, parts)))


def preview_of(quote: Quote) -> str:
    """Plain text: the sentence of a passage that answers best, on one line."""
    return _sendable(one_line(quote.highlight.text, MAX_PREVIEW))


def _render(
    heading: str,
    quotes: Sequence[Quote],
    say: Texts,
    *,
    answered: bool = True,
    is_open: bool = False,
    is_numbered: bool = False,
    most_units: int = MAX_UNITS,
) -> str:
    """A heading and passages.

    If it would be too long, passages are shortened around their answering sentences or left out, the last ones
    first.

    Args:
        heading: what stands above.
        quotes: the passages, best first.
        say: the language.
        answered: whether the answering sentences are in bold.
        is_open: whether of the passages their excerpts are shown, only the later ones to unfold; otherwise all are
            whole and to unfold.
        is_numbered: whether the passages' numbers stand in front of their sources.
        most_units: of the message.
    """
    blocks = [escaped(heading)]
    room = most_units - utf16_units(heading)
    for position, quote in enumerate(quotes[:MAX_PASSAGES_A_MESSAGE]):
        source = _source_lines(quote, say, f"{PIN_SIGN}{quote.rank} · " if is_numbered else "— ")
        space = room - len("\n\n") - len("\n") - source.units
        if position > 0 and space < MIN_PASSAGE:
            break
        parts = shortened(excerpt(quote) if is_open else parts_of_quote(quote), space)
        room = space - sum(utf16_units(part.text) for part in parts)
        tag = "<blockquote>" if is_open and position == 0 else "<blockquote expandable>"
        text = bold_html(parts) if answered else escaped("".join(part.text for part in parts))
        blocks.append(f"{tag}{text}</blockquote>\n{source.html}")
    return "\n\n".join(blocks)


def render_sources(sources: Mapping[str, str], say: Texts = ENGLISH) -> str:
    """The message that lists the documents, given as path → title, as many as fit."""
    if not sources:
        return say.no_documents
    heading = say.documents(len(sources))
    room = MAX_UNITS - utf16_units(heading) - len("\n") - utf16_units(say.more_documents(len(sources)))
    lines = [heading]
    for path, title in islice(sources.items(), MAX_SOURCES):
        bullet = f"{say.line_start}• "
        line = labelled([title], path, say)
        room -= len("\n") + len(bullet) + line.units
        if room < 0:
            break
        lines.append(bullet + line.html)
    left_out = len(sources) - (len(lines) - 1)
    if left_out:
        lines.append(say.more_documents(left_out))
    return "\n".join(lines)


def render_documents(page: Sequence[tuple[str, str]], say: Texts = ENGLISH, *, first: int, count: int) -> str:
    """The message that lists some of `count` documents, given as titles and paths, with their numbers."""
    lines = [
        f"{say.line_start}{number}. {labelled([title], path, say).html}"
        for number, (title, path) in enumerate(page, start=first)
    ]
    return "\n".join([say.documents(count), *lines])


def name_of_file(path: str, say: Texts) -> str:
    """A file's name inside a sentence."""
    return labelled([], path, say).html


def utf16_units(text: str) -> int:
    """Length of a text as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def bold_html(parts: Iterable[Part]) -> str:
    """The parts of a passage as Telegram's HTML."""
    return "".join(f"<b>{escaped(part.text)}</b>" if part.is_bold else escaped(part.text) for part in parts)


def shortened(parts: Sequence[Part], room: int) -> list[Part]:
    """Cut what is furthest from the bold parts until all fit; what stands from the first of them on only if need be."""
    parts = [part for part in parts if part.text]
    if sum(utf16_units(part.text) for part in parts) <= room:
        return parts
    bold = [i for i, part in enumerate(parts) if part.is_bold] or range(len(parts))
    first, last = bold[0], bold[-1] + 1
    before, after = ("".join(part.text for part in some) for some in (parts[:first], parts[last:]))
    room -= 2 * utf16_units(f" {CUT}")
    kept = _fitting(parts[first:last], room)
    if kept != parts[first:last]:
        return [*([Part(f"{CUT} ", is_bold=False)] if before else []), *kept, Part(f" {CUT}", is_bold=False)]
    room -= sum(utf16_units(part.text) for part in kept)
    kept_before = _tail(before, max(room // 2, room - utf16_units(after)))
    kept_after = _head(after, room - utf16_units(kept_before))
    if kept_before != before:
        kept_before = f"{CUT} {kept_before.lstrip()}"
    if kept_after != after:
        kept_after = f"{kept_after.rstrip()} {CUT}"
    return [Part(kept_before, is_bold=False), *kept, Part(kept_after, is_bold=False)]


def _fitting(parts: Sequence[Part], room: int) -> list[Part]:
    """The first parts, the last of them cut."""
    kept = list[Part]()
    for part in parts:
        kept.append(Part(_head(part.text, room), part.is_bold))
        room -= utf16_units(kept[-1].text)
        if kept[-1] != part:
            break
    return kept


def _head(text: str, room: int) -> str:
    """The first graphemes of a text that fit."""
    clusters = list(iter_graphemes(text))
    return "".join(clusters[: _count_fitting(clusters, room)])


def _tail(text: str, room: int) -> str:
    """The last graphemes of a text that fit."""
    clusters = list(iter_graphemes(text))
    return "".join(clusters[len(clusters) - _count_fitting(reversed(clusters), room) :])


def _count_fitting(clusters: Iterable[str], room: int) -> int:
    """How many of the clusters fit into the room; fewer if that spares cutting a word."""
    count = words_end = 0
    for cluster in clusters:
        if cluster.isspace():
            words_end = count
        room -= utf16_units(cluster)
        if room < 0:
            word_is_cut = words_end > 0 and count - words_end <= MAX_WORD
            return words_end if word_is_cut else count
        count += 1
    return count


def _above_pins(heading: str, remark: str, question: str, say: Texts) -> str:
    asked = f"{say.line_start}{say.isolated(one_line(question, MAX_QUESTION))}"
    return "\n\n".join(filter(None, [heading, f"{remark}\n{asked}"]))


def _source_lines(quote: Quote, say: Texts, mark: str = "— ") -> Line:
    """Where the quote stands, behind a mark, where else the same words do, and what is missing from it."""
    first, mark = _source_line(quote.source, say), f"{say.line_start}{mark}"
    pinned = f" · {PIN_SIGN}{say.pinned}" if quote.is_pinned else ""
    lines = [Line(f"{mark}{first.html}{pinned}", utf16_units(mark + pinned) + first.units)]
    for copy in quote.also_in[:MAX_COPIES]:
        line = _source_line(copy, say)
        lines.append(Line(say.also_in(line.html), utf16_units(say.also_in("")) + line.units))
    if quote.missing:
        missing = say.not_in_passage([one_line(word.text) for word in quote.missing[:MAX_MISSING]])
        lines.append(Line(escaped(missing), utf16_units(missing)))
    return Line("\n".join(line.html for line in lines), sum(line.units + 1 for line in lines) - 1)


def _source_line(source: Source, say: Texts) -> Line:
    labels = source.title, source.heading or ""
    return located(source.collection, source.path, source.place, say, *labels)


def located(collection: str, path: str, place: Location | None, say: Texts, *labels: str) -> Line:
    """Put labels, a place and the file that they are of on one line."""
    # A group need not be told that what it was sent is its own.
    shown = path if is_group_collection(collection) else texts.path(collection, path)
    return labelled(labels, shown, say, place)


def labelled(labels: Sequence[str], path: str, say: Texts, place: Location | None = None) -> Line:
    """Labels, a place and a path on one line.

    The path is set as code because Telegram would make a link of a name such as `notes.md`.
    """
    parts = [say.isolated(one_line(label)) for label in labels if label.strip() and label != path]
    if place:
        parts.append(one_line(say.place(place)))
    text = "".join(f"{part} · " for part in parts)
    path = _path_end(path)
    code = say.isolated(f"<code>{escaped(path)}</code>")
    return Line(escaped(text) + code, utf16_units(text + say.isolated(path)))


def one_line(label: str, most: int = MAX_LABEL) -> str:
    """A title, a heading or a question without line breaks, cut if it is very long."""
    label = " ".join(label.split())
    return label if utf16_units(label) <= most else _head(label, most) + "…"


def _path_end(path: str) -> str:
    """A path without line breaks; if it is very long, its end, which names the file."""
    path = " ".join(path.split())
    return path if utf16_units(path) <= MAX_PATH else "…" + _tail(path, MAX_PATH)


def escaped(text: str) -> str:
    """As Telegram's HTML."""
    return html.escape(_sendable(text), quote=False)


def _sendable(text: str) -> str:
    """A file name that is no valid UTF-8 comes as lone surrogates, which cannot be sent."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
