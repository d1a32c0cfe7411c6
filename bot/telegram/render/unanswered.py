"""Gaps → one message in Telegram's HTML: what people asked that the documents do not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.telegram.render.answer import PINNED, escaped, name_of_file, one_line
from bot.texts import path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.texts import Texts
    from retrieval import UnansweredGroup, UnansweredQuestion

MAX_OTHERS = 2
MAX_QUESTION, MAX_OTHER = 160, 120
"""Units; so five gaps fit into a message."""


def render_gaps(page: Mapping[int, UnansweredGroup], count: int, say: Texts) -> str:
    """The message that shows some of `count` gaps, by number."""
    heading = f"{escaped(say.missed)} ({count})"
    return "\n\n".join([heading, *(_gap(number, gap, say) for number, gap in page.items())])


def unpinned(gap: UnansweredGroup) -> list[UnansweredQuestion]:
    """The questions of a gap that nobody has pinned an answer to, most asked first."""
    return [each for each in gap.questions if each.pin is None]


def _gap(number: int, gap: UnansweredGroup, say: Texts) -> str:
    counts = [
        say.people(gap.people),
        *([say.gap_not_found.format(count=gap.not_found)] if gap.not_found else []),
        *([say.gap_disliked.format(count=gap.disliked)] if gap.disliked else []),
        say.newest(gap.newest),
    ]
    others = [one_line(each, MAX_OTHER) for each in gap.others[:MAX_OTHERS]]
    pins = [each.pin for each in gap.questions if each.pin]
    return "\n".join(
        [
            f"{say.line_start}{number}. <b>{escaped(say.isolated(one_line(gap.question, MAX_QUESTION)))}</b>",
            escaped(" · ".join(counts)),
            *(f"{say.line_start}• {escaped(say.isolated(each))}" for each in others),
            *(
                f"{PINNED}{escaped(say.gap_pinned)} {name_of_file(path(each.span.collection, each.span.path), say)}"
                for each in pins[:1]
            ),
        ]
    )
