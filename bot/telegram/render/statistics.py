"""Statistics → one message in Telegram's HTML."""

from __future__ import annotations

from collections.abc import Iterable

from bot.monitoring.statistics import DAYS, WEEK, Statistics
from bot.telegram.render.answer import escape_html, format_file_name
from bot.texts import Texts, path

MAX_LISTED = 5
"""Documents of each list, so that long names fit into a message."""


def render_statistics(statistics: Statistics, texts: Texts) -> str:
    """Render how much was asked and answered, which documents were quoted most, and which files cannot be read."""
    parts = [_render_questions(statistics, texts)]
    if statistics.count_questions(DAYS):
        parts.append(_render_answers(statistics, texts))
    if statistics.quoted:
        quoted = (
            f"{_name(document.collection, document.path, texts)} · {texts.number(document.answers)}"
            for document in statistics.quoted[:MAX_LISTED]
        )
        parts.append(_render_list(texts.stats_quoted, quoted, texts))
    if statistics.unreadable:
        files = (_name(file.collection, file.path, texts) for file in statistics.unreadable[:MAX_LISTED])
        left = len(statistics.unreadable) - MAX_LISTED
        more = [escape_html(texts.more_documents(left))] if left > 0 else []
        listed = _render_list(texts.stats_unreadable, files, texts)
        parts.append("\n".join([listed, *more, escape_html(texts.stats_doctor)]))
    return "\n\n".join(parts)


def _render_questions(statistics: Statistics, texts: Texts) -> str:
    if not statistics.count_questions(DAYS):
        return escape_html(texts.stats_nothing)
    days = [*statistics.questions.items()][-WEEK:]
    lines = [
        _heading(texts.stats_questions),
        escape_html(" · ".join(f"{texts.weekday(day)} {texts.number(count)}" for day, count in days)),
        escape_html(_count(texts.stats_week, statistics, WEEK, texts)),
        escape_html(_count(texts.stats_month, statistics, DAYS, texts)),
    ]
    return "\n".join(lines)


def _count(text: str, statistics: Statistics, days: int, texts: Texts) -> str:
    count = statistics.count_questions(days)
    return text.format(count=texts.number(count), average=texts.number(round(count / days, 1)))


def _render_answers(statistics: Statistics, texts: Texts) -> str:
    total = sum(statistics.verdicts.values())
    lines = [
        f"{texts.percent(count / total)} {texts.stats_verdicts[verdict]} ({texts.number(count)})"
        for verdict, count in statistics.verdicts.items()
    ]
    good, bad = statistics.ratings.good, statistics.ratings.bad
    if good or bad:
        lines.append(f"👍 {texts.number(good)} · 👎 {texts.number(bad)}")
    return "\n".join([_heading(texts.stats_answers), *map(escape_html, lines)])


def _render_list(heading: str, items: Iterable[str], texts: Texts) -> str:
    return "\n".join([_heading(heading), *(f"{texts.line_start}• {item}" for item in items)])


def _heading(text: str) -> str:
    return f"<b>{escape_html(text)}</b>"


def _name(collection: str, file: str, texts: Texts) -> str:
    return format_file_name(path(collection, file), texts)
