"""Draws the README's picture of the bot in Telegram: real answers over `seeds`, as a page for a browser to photograph.

    python docs/pictures.py && chromium --headless --hide-scrollbars --force-device-scale-factor=2 \
        --window-size=1000,1085 --screenshot=docs/telegram.png docs/telegram.html

What the messages say and which buttons they have is made by the bot's own code; only people's words, names and
times are invented.
"""

from __future__ import annotations

import html
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bot.services.library import open_library
from bot.services.receipts import ReceiptService
from bot.services.visibility import COMMON, View
from bot.settings import load_settings
from bot.telegram.questions.keyboards import below_answer, below_receipt
from bot.telegram.render.answer import list_shown, render_answer
from bot.telegram.render.receipt import entries_for, render_receipt
from bot.texts import in_language
from retrieval import ask

if TYPE_CHECKING:
    from telegram import InlineKeyboardMarkup

    from bot.services.library import Library
    from retrieval import Answer

HERE = Path(__file__).parent

_STYLE = """
* { box-sizing: border-box; margin: 0 }
body { width: 1000px; padding: 20px; background: #fff; font: 15px/1.38 "Segoe UI", "Noto Sans", "DejaVu Sans",
       sans-serif; color: #000; display: flex; gap: 20px; align-items: stretch }
.chat { flex: 1; border-radius: 14px; padding: 0 12px 14px; overflow: hidden;
        background: linear-gradient(160deg, #d6e4b8, #b5cf9c 45%, #9cc0a4) }
.chat header { margin: 0 -12px 12px; padding: 9px 16px; background: #fff; border-bottom: 1px solid #e2e2e2 }
.chat header b { display: block } .chat header span { color: #8a949c; font-size: 13px }
.dark { background: #0e1621; color: #f2f4f6 }
.dark header { background: #17212b; border-color: #0e161d }
.message { display: flex; gap: 8px; margin-top: 9px; align-items: flex-end }
.message.own { justify-content: flex-end }
.avatar { flex: none; width: 34px; height: 34px; border-radius: 50%; color: #fff; font-weight: 600;
          display: grid; place-items: center; margin-bottom: 2px }
.column { max-width: 88% } .bubble { display: flow-root }
.bubble { background: #fff; border-radius: 13px 13px 13px 4px; padding: 6px 11px 7px; white-space: pre-line;
          box-shadow: 0 1px 1px #0002; overflow-wrap: anywhere }
.own .bubble { background: #eeffde; border-radius: 13px 13px 4px 13px }
.dark .bubble { background: #182533; box-shadow: none } .dark .own .bubble { background: #2b5278 }
.name { font-weight: 600; font-size: 14px; display: block }
.reply { border-left: 3px solid; border-radius: 4px; padding: 1px 8px; margin: 2px 0 4px; font-size: 14px;
         background: color-mix(in srgb, currentColor 9%, transparent) }
.reply span { display: block; color: #000; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
.dark .reply span { color: #f2f4f6 }
blockquote { position: relative; border-left: 3px solid #3aa757; border-radius: 4px; padding: 2px 22px 3px 8px;
             margin: 2px 0; background: #3aa75714; white-space: pre-line }
blockquote::after { content: "\\201d"; position: absolute; right: 7px; top: -1px; color: #3aa757;
                    font: 700 21px Georgia, serif }
blockquote[expandable] { max-height: 4.46em; overflow: hidden }
blockquote[expandable]::before { content: "\\2304"; position: absolute; right: 7px; bottom: 0; color: #3aa757 }
.dark blockquote { border-color: #6ab7f0; background: #6ab7f01c } .dark blockquote::after,
.dark blockquote[expandable]::before { color: #6ab7f0 }
code { font: 13px "DejaVu Sans Mono", monospace; color: #b5476b } .dark code { color: #7fc1f5 }
.time { float: right; color: #8fa3ad; font-size: 12px; margin: 6px -3px -3px 12px }
.own .time { color: #62ac55 } .dark .time, .dark .own .time { color: #7d95aa }
a { color: #2e86c9; text-decoration: none } .dark a { color: #6ab7f0 }
.buttons { display: flex; gap: 4px; margin-top: 4px }
.buttons span { flex: 1 auto; text-align: center; padding: 7px 6px; border-radius: 8px; color: #fff; font-size: 14px;
                font-weight: 500; background: #5c8a6499; white-space: nowrap }
.dark .buttons span { background: #ffffff1a }
"""


def main() -> None:
    """Write telegram.html."""
    with TemporaryDirectory() as data:
        settings = load_settings(HERE.parent / "seeds", Path(data))
        with (
            closing(open_library(settings, lambda _: None)) as library,
            closing(ReceiptService(settings)) as receipts,
        ):
            library.sync()
            chats = f"{_group(library)}{_private(library, receipts)}"
    page = f'<!doctype html><meta charset="utf-8"><title>Quoth in Telegram</title><style>{_STYLE}</style>{chats}'
    (HERE / "telegram.html").write_text(page, "utf-8")


def _group(library: Library) -> str:
    question = "Combien de policiers britanniques vont travailler à Coquelles ?"
    near_miss = "How many British police officers will work in Dunkirk?"
    messages = [
        _message("Ann", "#7bc862", f"/ask {question}", "14:32"),
        _answer(ask(library.index, question), "fr", "14:32", asked=("Ann", f"/ask {question}")),
        _message("Tom", "#ee7aae", f"/ask {near_miss}", "14:33"),
        _answer(ask(library.index, near_miss), "en", "14:33", asked=("Tom", f"/ask {near_miss}")),
    ]
    return _chat("Calais, revue de presse", "3 members", "", messages)


def _private(library: Library, receipts: ReceiptService) -> str:
    shown = partial(list_shown, brief=False)
    found, nothing = "How many migrants were deported on Friday?", "Which mushrooms may be eaten raw?"
    messages = [
        _message("", "", found, "14:40", own=True),
        _receipt(receipts, ask(library.index, found, choose_shown=shown), "en", "14:40"),
        _message("", "", nothing, "14:41", own=True),
        _answer(ask(library.index, nothing), "en", "14:41"),
    ]
    return _chat("Quoth", "bot", "dark", messages)


def _chat(title: str, below: str, style: str, messages: list[str]) -> str:
    head = f"<header><b>{html.escape(title)}</b><span>{html.escape(below)}</span></header>"
    return f'<div class="chat {style}">{head}{"".join(messages)}</div>'


def _message(name: str, colour: str, text: str, time: str, *, own: bool = False) -> str:
    head = f'<b class="name" style="color:{colour}">{html.escape(name)}</b>' if name else ""
    return _bubble(name, colour, f"{head}{html.escape(text)}", time, own=own)


def _answer(answer: Answer, language: str, time: str, *, asked: tuple[str, str] | None = None) -> str:
    """In a group if it says who asked there."""
    say = in_language(language)
    text = render_answer(answer, say, brief=asked is not None)
    name = '<b class="name" style="color:#65aadd">Quoth</b>' if asked else ""
    keyboard = below_answer(answer, say)
    return _bubble("Quoth" if asked else "", "#65aadd", f"{name}{_reply(asked)}{text}", time, below=keyboard)


def _receipt(receipts: ReceiptService, answer: Answer, language: str, time: str) -> str:
    """An answer whose button for the receipt was pressed."""
    say, view = in_language(language), View(COMMON, is_owners=False)
    check = receipts.check(answer.receipt_id)
    assert check is not None  # noqa: S101
    entries, page = entries_for(check, view) or [], f"https://quoth.example/r/{answer.receipt_id}"
    text = render_receipt(check, entries, view, "https://t.me/quoth_bot", say)
    keyboard = below_receipt(answer.receipt_id, answer.verdict, page, say, way_back=True)
    return _bubble("", "#65aadd", text, time, below=keyboard)


def _reply(to: tuple[str, str] | None) -> str:
    if to is None:
        return ""
    name, text = map(html.escape, to)
    return f'<div class="reply" style="color:#7bc862"><b>{name}</b><span>{text}</span></div>'


def _bubble(
    name: str,
    colour: str,
    text: str,
    time: str,
    *,
    own: bool = False,
    below: InlineKeyboardMarkup | None = None,
) -> str:
    avatar = f'<div class="avatar" style="background:{colour}">{name[:1]}</div>' if name else ""
    rows = [[html.escape(button.text) for button in row] for row in (below.inline_keyboard if below else ())]
    buttons = "".join(f'<div class="buttons">{"".join(f"<span>{label}</span>" for label in row)}</div>' for row in rows)
    # A quote ends its line in Telegram, too.
    text = text.replace("</blockquote>\n", "</blockquote>")
    bubble = f'<div class="bubble">{text}<span class="time">{time}</span></div>'
    return f'<div class="message{" own" if own else ""}">{avatar}<div class="column">{bubble}{buttons}</div></div>'


if __name__ == "__main__":
    main()
