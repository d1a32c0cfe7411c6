"""Unanswered questions → one message in Telegram's HTML."""

from __future__ import annotations

from collections.abc import Mapping

from bot.telegram.render.answer import PIN_SIGN, escape_html, format_file_name, to_one_line
from bot.texts import Texts, path
from retrieval import UnansweredGroup, UnansweredQuestion

MAX_VARIANTS = 2
MAX_QUESTION, MAX_VARIANT = 160, 120
"""Units, so that five groups fit into a message."""


def render_unanswered(page: Mapping[int, UnansweredGroup], count: int, texts: Texts) -> str:
    """Render some of `count` groups of unanswered questions, by number."""
    heading = f"{escape_html(texts.unanswered)} ({count})"
    return "\n\n".join([heading, *(_render_group(number, group, texts) for number, group in page.items())])


def unpinned(group: UnansweredGroup) -> list[UnansweredQuestion]:
    """List the questions of a group without a pinned answer, most asked first."""
    return [question for question in group.questions if question.pin is None]


def _render_group(number: int, group: UnansweredGroup, texts: Texts) -> str:
    question = texts.isolated(to_one_line(group.question, MAX_QUESTION))
    counts = [
        texts.count(texts.people_by_number, group.people),
        *([texts.unanswered_not_found.format(count=group.not_found)] if group.not_found else []),
        *([texts.unanswered_disliked.format(count=group.disliked)] if group.disliked else []),
        texts.newest(group.newest),
    ]
    lines = [f"{texts.line_start}{number}. <b>{escape_html(question)}</b>", escape_html(" · ".join(counts))]
    others = [escape_html(texts.isolated(to_one_line(other, MAX_VARIANT))) for other in group.others[:MAX_VARIANTS]]
    lines += [f"{texts.line_start}• {other}" for other in others]
    for pin in [question.pin for question in group.questions if question.pin][:1]:
        file = format_file_name(path(pin.span.collection, pin.span.path), texts)
        lines.append(f"{PIN_SIGN}{escape_html(texts.unanswered_pinned)} {file}")
    return "\n".join(lines)
