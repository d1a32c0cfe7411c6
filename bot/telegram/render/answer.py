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

from bot.services.excerpts import CUT, Part, make_excerpt, split_quote
from bot.services.labels import distinct_labels
from bot.services.visibility import is_group_collection
from bot.texts import ENGLISH
from bot.texts import path as path_for_people
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

    @classmethod
    def of(cls, text: str) -> Line:
        """Make a line of plain text."""
        return cls(escape_html(text), count_units(text))


def render_answer(
    answer: Answer, texts: Texts = ENGLISH, *, brief: bool = False, searched_for: str | None = None
) -> str:
    """Render an answer: the verdict, what answers in the best passage, and, to unfold, in others that may answer.

    A brief one shows the best passage alone; the verdict `none` stands alone, see `render_closest`. `searched_for`
    stands above if it is not what was asked.
    """
    heading = texts.verdicts[answer.verdict]
    if searched_for:
        question = to_one_line(searched_for, MAX_QUESTION)
        heading = f"{texts.searched_for.format(question=texts.isolated(question))}\n{heading}"
    return render_again(heading, answer.quotes if answer.verdict.found else (), texts, brief=brief)


def extract_heading(text: str) -> str:
    """Take what a message says above its passages, for the messages that take its place."""
    return text.partition("\n\n")[0]


def render_again(heading: str, quotes: Sequence[Quote], texts: Texts, *, brief: bool) -> str:
    """Render the message of `render_answer` from its heading."""
    if brief:
        return _render(heading, quotes[:1], texts, is_open=True, max_units=MAX_UNITS_IF_BRIEF)
    return _render(heading, [quote for quote in quotes if quote.may_answer], texts, is_open=True)


def list_shown(answer: Answer, *, brief: bool) -> Sequence[Quote]:
    """List the quotes of which `render_answer` shows the first ones, as many as fit."""
    if not answer.verdict.found:
        return ()
    return answer.quotes[:1] if brief else [quote for quote in answer.quotes if quote.may_answer]


def render_further(heading: str, quotes: Sequence[Quote], texts: Texts) -> str:
    """Render the next passages, all to unfold."""
    remark = texts.further_passages if quotes else texts.further_are_gone
    return _render(f"{heading}\n\n{remark}", quotes, texts)


def render_context(heading: str, quote: Quote, context: Context, texts: Texts) -> str:
    """Render the best passage with its context, not to unfold: the reader has pressed a button for it."""
    source = _render_source_lines(quote, texts)
    before = ("" if context.is_beginning else f"{CUT} ") + context.before
    after = context.after + ("" if context.is_end else f" {CUT}")
    room = MAX_UNITS - count_units(heading) - len("\n\n\n") - source.units
    text = shorten([Part(before, is_bold=False), *split_quote(quote), Part(after, is_bold=False)], room)
    return f"{escape_html(heading)}\n\n<blockquote>{render_parts(text)}</blockquote>\n{source.html}"


def render_choice(heading: str, question: str, quotes: Sequence[Quote], texts: Texts) -> str:
    """Render the passages that can be pinned to a question, by number, all to unfold."""
    remark = texts.pin_which if quotes else texts.pin_nothing
    return _render(_render_pin_heading(heading, remark, question, texts), quotes, texts, is_numbered=True)


def render_pinned(heading: str, question: str, quote: Quote, texts: Texts) -> str:
    """Render the passage that was pinned to a question."""
    return _render(_render_pin_heading(heading, PIN_SIGN + texts.pin_done, question, texts), [quote], texts)


def render_gone(heading: str, texts: Texts) -> str:
    """Say that the best passage of an answer is not in the documents any more."""
    return f"{escape_html(heading)}\n\n{texts.answer_is_gone}"


def count_passages(message: str) -> int:
    """Count the passages that a message shows; their own words cannot be taken for one, as they are escaped."""
    return message.count("</blockquote>")


def render_closest(quotes: Sequence[Quote], texts: Texts = ENGLISH, heading: str | None = None) -> str:
    """Render the closest passages where nothing answered, to unfold, none as the answer."""
    remark = texts.closest_passages if quotes else texts.closest_are_gone
    heading = heading or texts.verdicts[Verdict.NONE]
    return _render(f"{heading}\n\n{remark}", quotes, texts, answered=False)


def render_quote(quote: Quote, link: str, texts: Texts = ENGLISH) -> str:
    """Quote a passage that a person has chosen, with a link to its receipt.

    It comes without a verdict and without missing words, as nobody there knows the question.
    """
    below = render_link(texts.receipt_button, link)
    source = _render_source_lines(replace(quote, missing=()), texts)
    text = shorten(split_quote(quote), MAX_UNITS - len("\n\n") - source.units - below.units)
    return f"<blockquote>{render_parts(text)}</blockquote>\n{source.html}\n{below.html}"


def render_link(text: str, url: str) -> Line:
    """Render a text that opens an address."""
    return Line(f'<a href="{html.escape(url)}">{escape_html(text)}</a>', count_units(text))


def format_title(quote: Quote, texts: Texts = ENGLISH) -> str:
    """Name the document of a passage and the place in it, as plain text."""
    source = quote.source
    label = source.title.strip() or _shorten_path(path_for_people(source.collection, source.path))
    parts = [to_one_line(label), *([to_one_line(texts.place(source.place))] if source.place else [])]
    return _replace_surrogates((PIN_SIGN if quote.is_pinned else "") + " · ".join(map(texts.isolated, parts)))


def format_preview(quote: Quote) -> str:
    """Give the sentence of a passage that answers best, as plain text on one line."""
    return _replace_surrogates(to_one_line(quote.highlight.text, MAX_PREVIEW))


def _render(
    heading: str,
    quotes: Sequence[Quote],
    texts: Texts,
    *,
    answered: bool = True,
    is_open: bool = False,
    is_numbered: bool = False,
    max_units: int = MAX_UNITS,
) -> str:
    """Render a heading and passages, best first.

    Passages are shortened around their answering sentences, or the last ones left out, to keep within `max_units`.

    Args:
        heading: stands above.
        quotes: the passages.
        texts: the language.
        answered: sets the answering sentences in bold.
        is_open: shows excerpts, only the later ones to unfold; otherwise all passages are whole and to unfold.
        is_numbered: puts the passages' numbers in front of their sources.
        max_units: of the message.
    """
    blocks = [escape_html(heading)]
    room = max_units - count_units(heading)
    for position, quote in enumerate(quotes[:MAX_PASSAGES_A_MESSAGE]):
        source = _render_source_lines(quote, texts, f"{PIN_SIGN}{quote.rank} · " if is_numbered else "— ")
        space = room - len("\n\n") - len("\n") - source.units
        if position > 0 and space < MIN_PASSAGE:
            break
        parts = shorten(make_excerpt(quote) if is_open else split_quote(quote), space)
        room = space - sum(count_units(part.text) for part in parts)
        tag = "<blockquote>" if is_open and position == 0 else "<blockquote expandable>"
        text = render_parts(parts) if answered else escape_html("".join(part.text for part in parts))
        blocks.append(f"{tag}{text}</blockquote>\n{source.html}")
    return "\n\n".join(blocks)


def render_sources(sources: Mapping[str, str], texts: Texts = ENGLISH) -> str:
    """List the documents, given as path → title, as many as fit."""
    if not sources:
        return texts.no_documents
    heading = texts.documents(len(sources))
    room = MAX_UNITS - count_units(heading) - len("\n") - count_units(texts.more_documents(len(sources)))
    lines = [heading]
    for path, title in islice(sources.items(), MAX_SOURCES):
        bullet = f"{texts.line_start}• "
        line = render_labels([title], path, texts)
        room -= len("\n") + len(bullet) + line.units
        if room < 0:
            break
        lines.append(bullet + line.html)
    left_out = len(sources) - (len(lines) - 1)
    if left_out:
        lines.append(texts.more_documents(left_out))
    return "\n".join(lines)


def render_documents(page: Sequence[tuple[str, str]], texts: Texts = ENGLISH, *, first: int, count: int) -> str:
    """List some of `count` documents, given as titles and paths, with their numbers."""
    lines = [
        f"{texts.line_start}{number}. {render_labels([title], path, texts).html}"
        for number, (title, path) in enumerate(page, start=first)
    ]
    return "\n".join([texts.documents(count), *lines])


def format_file_name(path: str, texts: Texts) -> str:
    """Render a file's name inside a sentence."""
    return render_labels([], path, texts).html


def count_units(text: str) -> int:
    """Count the length of a text as Telegram does."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def render_parts(parts: Iterable[Part]) -> str:
    """Render the parts of a passage as Telegram's HTML."""
    return "".join(f"<b>{escape_html(part.text)}</b>" if part.is_bold else escape_html(part.text) for part in parts)


def shorten(parts: Sequence[Part], room: int) -> list[Part]:
    """Cut the text furthest from the bold parts until all fit; the bold parts only if need be, from the end."""
    parts = [part for part in parts if part.text]
    if sum(count_units(part.text) for part in parts) <= room:
        return parts
    bold = [i for i, part in enumerate(parts) if part.is_bold] or range(len(parts))
    first, last = bold[0], bold[-1] + 1
    before, after = ("".join(part.text for part in some) for some in (parts[:first], parts[last:]))
    room -= 2 * count_units(f" {CUT}")
    kept = _take_fitting(parts[first:last], room)
    if kept != parts[first:last]:
        return [*([Part(f"{CUT} ", is_bold=False)] if before else []), *kept, Part(f" {CUT}", is_bold=False)]
    room -= sum(count_units(part.text) for part in kept)
    kept_before = _take_last(before, max(room // 2, room - count_units(after)))
    kept_after = _take_first(after, room - count_units(kept_before))
    if kept_before != before:
        kept_before = f"{CUT} {kept_before.lstrip()}"
    if kept_after != after:
        kept_after = f"{kept_after.rstrip()} {CUT}"
    return [Part(kept_before, is_bold=False), *kept, Part(kept_after, is_bold=False)]


def _take_fitting(parts: Sequence[Part], room: int) -> list[Part]:
    """Take the parts that fit, the last of them cut."""
    kept = list[Part]()
    for part in parts:
        kept.append(Part(_take_first(part.text, room), part.is_bold))
        room -= count_units(kept[-1].text)
        if kept[-1] != part:
            break
    return kept


def _take_first(text: str, room: int) -> str:
    clusters = list(iter_graphemes(text))
    return "".join(clusters[: _count_fitting(clusters, room)])


def _take_last(text: str, room: int) -> str:
    clusters = list(iter_graphemes(text))
    return "".join(clusters[len(clusters) - _count_fitting(reversed(clusters), room) :])


def _count_fitting(clusters: Iterable[str], room: int) -> int:
    """Count the clusters that fit into the room; fewer if that spares cutting a word."""
    count = words_end = 0
    for cluster in clusters:
        if cluster.isspace():
            words_end = count
        room -= count_units(cluster)
        if room < 0:
            word_is_cut = words_end > 0 and count - words_end <= MAX_WORD
            return words_end if word_is_cut else count
        count += 1
    return count


def _render_pin_heading(heading: str, remark: str, question: str, texts: Texts) -> str:
    asked = f"{texts.line_start}{texts.isolated(to_one_line(question, MAX_QUESTION))}"
    return "\n\n".join(filter(None, [heading, f"{remark}\n{asked}"]))


def _render_source_lines(quote: Quote, texts: Texts, mark: str = "— ") -> Line:
    """Render where a quote stands, behind a mark, where else its words stand, and which words it lacks."""
    first, mark = _render_source(quote.source, texts), f"{texts.line_start}{mark}"
    pinned = f" · {PIN_SIGN}{texts.pinned}" if quote.is_pinned else ""
    lines = [Line(f"{mark}{first.html}{pinned}", count_units(mark + pinned) + first.units)]
    for copy in quote.also_in[:MAX_COPIES]:
        line = _render_source(copy, texts)
        lines.append(Line(texts.also_in(line.html), count_units(texts.also_in("")) + line.units))
    if quote.missing:
        missing = texts.not_in_passage([to_one_line(word.text) for word in quote.missing[:MAX_MISSING]])
        lines.append(Line.of(missing))
    return Line("\n".join(line.html for line in lines), sum(line.units + 1 for line in lines) - 1)


def _render_source(source: Source, texts: Texts) -> Line:
    labels = source.title, source.heading or ""
    line = render_location(source.collection, source.path, source.place, texts, *labels, url=source.url)
    if source.fetched_at is None:
        return line
    return add_day(line, source.fetched_at, texts, is_gone=source.is_gone)


def add_day(source: Line, fetched_at: str, texts: Texts, *, is_gone: bool = False) -> Line:
    """Add the day on which a web page was fetched to its source."""
    fetched = Line.of(f" · {texts.fetched(fetched_at, is_gone=is_gone)}")
    return Line(source.html + fetched.html, source.units + fetched.units)


def render_location(
    collection: str, path: str, place: Location | None, texts: Texts, *labels: str, url: str | None = None
) -> Line:
    """Put labels, a place and their document on one line; `url` is where a browser shows them."""
    # A group need not be told that what it was sent is its own.
    shown = path if is_group_collection(collection) else path_for_people(collection, path)
    return render_labels(labels, shown, texts, place, url)


def render_labels(
    labels: Sequence[str], path: str, texts: Texts, place: Location | None = None, url: str | None = None
) -> Line:
    """Put labels, a place and a path on one line; the path leads to `url`, if there is one.

    Else the path is set as code, because Telegram would make a link of a name such as `notes.md`.
    """
    parts = [Line.of(texts.isolated(to_one_line(label))) for label in distinct_labels(labels, place, path)]
    if place:
        name = to_one_line(texts.place(place))
        parts.append(render_link(name, place.link) if place.link else Line.of(name))
    path = _shorten_path(path)
    linked = render_link(path, url).html if url else f"<code>{escape_html(path)}</code>"
    code = texts.isolated(linked)
    parts.append(Line(code, count_units(texts.isolated(path))))
    separator = " · "
    units = sum(part.units for part in parts) + len(separator) * (len(parts) - 1)
    return Line(separator.join(part.html for part in parts), units)


def to_one_line(label: str, max_units: int = MAX_LABEL) -> str:
    """Remove the line breaks of a title, a heading or a question, and cut it if it is very long."""
    label = " ".join(label.split())
    return label if count_units(label) <= max_units else _take_first(label, max_units) + "…"


def _shorten_path(path: str) -> str:
    """Remove the line breaks of a path; keep only its end, which names the file, if it is very long."""
    path = " ".join(path.split())
    return path if count_units(path) <= MAX_PATH else "…" + _take_last(path, MAX_PATH)


def escape_html(text: str) -> str:
    """Escape a text for Telegram's HTML."""
    return html.escape(_replace_surrogates(text), quote=False)


def _replace_surrogates(text: str) -> str:
    """Replace lone surrogates, which cannot be sent: a file name that is no valid UTF-8 has them."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
