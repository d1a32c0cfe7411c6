"""The buttons below an answer. Each names an action and the stored answer, so that it works for as long as that."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.texts import Texts
    from retrieval import Answer, Quote

SEPARATOR = ":"


class Action(StrEnum):
    """What a button does."""

    ANSWER = "answer"
    MORE = "more"
    CONTEXT = "context"
    CLOSEST = "closest"
    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Press:
    """What a pressed button says."""

    action: Action
    answer_id: str
    rank: int = 1
    """Of the first passage to show."""

    @classmethod
    def of(cls, data: str) -> Press | None:
        """From a button's data; None if it is of another version of the bot."""
        action, _, rest = data.partition(SEPARATOR)
        answer_id, _, rank = rest.partition(SEPARATOR)
        if action not in set(Action) or not answer_id or not (rank or "1").isdecimal():
            return None
        return cls(Action(action), answer_id, int(rank or 1))

    @property
    def data(self) -> str:
        """For the button."""
        rank = f"{SEPARATOR}{self.rank}" if self.rank > 1 else ""
        return f"{self.action}{SEPARATOR}{self.answer_id}{rank}"

    def button(self, label: str) -> InlineKeyboardButton:
        """The button that says this."""
        return InlineKeyboardButton(label, callback_data=self.data)


def below_answer(answer: Answer, shown: int, say: Texts) -> InlineKeyboardMarkup | None:
    """The buttons below an answer that shows so many passages; below one that found nothing, the closest ones."""
    if not answer.quotes:
        return None
    if answer.verdict.found:
        return below_passages(answer.answer_id, answer.quotes[shown:], say)
    return InlineKeyboardMarkup.from_button(Press(Action.CLOSEST, answer.answer_id).button(say.show_closest))


def below_passages(answer_id: str, further: Sequence[Quote], say: Texts) -> InlineKeyboardMarkup:
    """The buttons below an answer; `further` are the passages that it does not show."""
    labels = {
        Action.CONTEXT: say.context_button,
        Action.GOOD: "👍",
        Action.BAD: "👎",
    }
    row = [Press(action, answer_id).button(label) for action, label in labels.items()]
    return InlineKeyboardMarkup.from_row([*_more(answer_id, further, say), *row])


def below_view(answer_id: str, further: Sequence[Quote], say: Texts) -> InlineKeyboardMarkup:
    """The buttons below what stands in place of an answer: back to it, and on to what is not shown yet."""
    back = Press(Action.ANSWER, answer_id).button(say.back_button)
    return InlineKeyboardMarkup.from_row([back, *_more(answer_id, further, say)])


def _more(answer_id: str, further: Sequence[Quote], say: Texts) -> list[InlineKeyboardButton]:
    return [Press(Action.MORE, answer_id, quote.rank).button(say.more_button) for quote in further[:1]]
