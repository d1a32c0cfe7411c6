"""The buttons below an answer. Each names an action and the stored answer, so that it works for as long as that."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.telegram.render.answer import PINNED
from retrieval import Verdict

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
    RECEIPT = "receipt"
    NOTHING = "nothing"
    """Back to where nothing answers."""
    CLOSEST = "closest"
    GOOD = "good"
    BAD = "bad"
    CHOOSE = "passages"
    """Which passage to pin to the question: for owners, like the next two."""
    PIN = "pin"
    UNPIN = "unpin"


@dataclass(frozen=True, slots=True)
class Press:
    """What a pressed button says."""

    action: Action
    receipt_id: str
    rank: int = 1
    """Of the first passage to show, or of the one to pin; to unpin, the pin's number."""

    @classmethod
    def of(cls, data: str) -> Press | None:
        """From a button's data; None if it is of another version of the bot."""
        action, _, rest = data.partition(SEPARATOR)
        receipt_id, _, rank = rest.partition(SEPARATOR)
        if action not in set(Action) or not receipt_id or not (rank or "1").isdecimal():
            return None
        return cls(Action(action), receipt_id, int(rank or 1))

    @property
    def data(self) -> str:
        """For the button."""
        rank = f"{SEPARATOR}{self.rank}" if self.rank > 1 else ""
        return f"{self.action}{SEPARATOR}{self.receipt_id}{rank}"

    def button(self, label: str) -> InlineKeyboardButton:
        """The button that says this."""
        return InlineKeyboardButton(label, callback_data=self.data)


def below_answer(answer: Answer, say: Texts) -> InlineKeyboardMarkup:
    """The buttons below an answer; below one that found nothing, for the closest passages."""
    if answer.verdict.found:
        return below_passages(answer.receipt_id, answer.quotes[1:], say)
    return below_nothing(answer.receipt_id, say, are_close=bool(answer.quotes))


def below_passages(receipt_id: str, further: Sequence[Quote], say: Texts) -> InlineKeyboardMarkup:
    """The buttons below an answer; `further` are the passages that it does not show, or not whole."""
    context = Press(Action.CONTEXT, receipt_id).button(say.context_button)
    ratings = [Press(Action.GOOD, receipt_id).button("👍"), Press(Action.BAD, receipt_id).button("👎")]
    return InlineKeyboardMarkup([[*_more(receipt_id, further, say), context, _receipt(receipt_id, say)], ratings])


def below_nothing(receipt_id: str, say: Texts, *, are_close: bool) -> InlineKeyboardMarkup:
    """The buttons where nothing answers; whether there are passages that come close."""
    closest = Press(Action.CLOSEST, receipt_id).button(say.show_closest)
    return InlineKeyboardMarkup.from_row([*([closest] if are_close else []), _receipt(receipt_id, say)])


def below_closest(receipt_id: str, say: Texts) -> InlineKeyboardMarkup:
    """The buttons below the passages that come closest."""
    back = Press(Action.NOTHING, receipt_id).button(say.back_button)
    return InlineKeyboardMarkup.from_row([back, _receipt(receipt_id, say)])


def below_gone(receipt_id: str, say: Texts) -> InlineKeyboardMarkup:
    """The button below an answer whose passage is gone: the receipt says what became of it."""
    return InlineKeyboardMarkup.from_button(_receipt(receipt_id, say))


def below_view(receipt_id: str, further: Sequence[Quote], say: Texts) -> InlineKeyboardMarkup:
    """The buttons below what stands in place of an answer: back to it, and on to what is not shown yet."""
    back = Press(Action.ANSWER, receipt_id).button(say.back_button)
    return InlineKeyboardMarkup.from_row([back, *_more(receipt_id, further, say)])


def below_receipt(
    receipt_id: str, verdict: Verdict | None, page: str | None, say: Texts, *, way_back: bool
) -> InlineKeyboardMarkup | None:
    """The buttons below a receipt: back to the answer whose place it takes, and its page, if there is one."""
    answer = Action.NOTHING if verdict is Verdict.NONE else Action.ANSWER
    row = [Press(answer, receipt_id).button(say.back_button)] if way_back else []
    row += [InlineKeyboardButton(say.browser_button, url=page)] if page else []
    return InlineKeyboardMarkup.from_row(row) if row else None


def below_choice(
    receipt_id: str, quotes: Sequence[Quote], shown: int, say: Texts, *, way_back: bool
) -> InlineKeyboardMarkup | None:
    """The buttons below passages, so many of which are shown, to pin one."""
    pins = [Press(Action.PIN, receipt_id, each.rank).button(f"{PINNED}{each.rank}") for each in quotes[:shown]]
    more = [Press(Action.CHOOSE, receipt_id, each.rank).button(say.more_button) for each in quotes[shown : shown + 1]]
    rows = [pins, [*_back(receipt_id, say, way_back=way_back), *more]]
    return InlineKeyboardMarkup([row for row in rows if row]) if any(rows) else None


def below_pinned(receipt_id: str, number: int, say: Texts, *, way_back: bool) -> InlineKeyboardMarkup:
    """The buttons where a passage was pinned."""
    undo = Press(Action.UNPIN, receipt_id, number).button(say.undo)
    return InlineKeyboardMarkup.from_row([undo, *_back(receipt_id, say, way_back=way_back)])


def _back(receipt_id: str, say: Texts, *, way_back: bool) -> list[InlineKeyboardButton]:
    return [Press(Action.ANSWER, receipt_id).button(say.back_button)] if way_back else []


def _receipt(receipt_id: str, say: Texts) -> InlineKeyboardButton:
    return Press(Action.RECEIPT, receipt_id).button(say.receipt_button)


def _more(receipt_id: str, further: Sequence[Quote], say: Texts) -> list[InlineKeyboardButton]:
    return [Press(Action.MORE, receipt_id, quote.rank).button(say.more_button) for quote in further[:1]]
