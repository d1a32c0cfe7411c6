"""`quoth` on a terminal: its commands, one module for each or a few of them, and how errors end them."""

from __future__ import annotations

import sys
from contextlib import closing, nullcontext
from io import StringIO, TextIOWrapper
from typing import Annotated

import typer

from bot.cli import ask, backup, doctor, evaluate, index, output, read, receipts, sources, unanswered
from bot.cli.options import Data, Documents
from bot.services.library import open_library
from bot.settings import Settings, load_settings
from retrieval import QuothError, SettingsError

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(f"quoth {output.version()}")
        raise typer.Exit


@app.callback(
    epilog="Settings come from the environment or a file .env: "
    f"{', '.join(str(field.validation_alias) for field in Settings.model_fields.values())}. "
    "The file .env.example explains them."
)
def quoth(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Answers questions with exact, sourced quotes from your own documents."""


def bot(documents: Documents = None, data: Data = None) -> None:
    """Answer in Telegram.

    It ends with Ctrl-C or SIGTERM. The token is read from TELEGRAM_BOT_TOKEN.
    """
    from bot.services.sources import refreshing  # noqa: PLC0415
    from bot.services.watcher import watching  # noqa: PLC0415
    from bot.telegram.app import bot_token, run_bot  # noqa: PLC0415 - a terminal needs no Telegram
    from bot.web.server import serving  # noqa: PLC0415

    settings = load_settings(documents, data)
    bot_token(settings)  # without one, it ends here and not after the model was loaded
    with closing(open_library(settings, output.say)) as library:
        if not library.index.can_be_searched:
            index.sync(library)
        pages = serving(settings) if settings.public_url else nullcontext()
        with watching(library), refreshing(library, settings), pages:
            is_terminal = sys.stderr.isatty()
            run_bot(settings, library, (lambda text: typer.echo(text, err=True)) if is_terminal else None)


def name_successor(context: typer.Context) -> None:
    """Name the command that replaces a former one, which takes any options."""
    successor = {"export": "quoth backup FILE", "import": "quoth restore FILE"}[str(context.info_name)]
    message = f"`quoth {context.info_name}` is no more. Use: {successor}"
    raise SettingsError(message)


app.command()(index.index)
app.command()(ask.ask)
app.command()(ask.chat)
app.command()(index.watch)
app.command()(index.collections)
app.command()(sources.add)
app.command("sources")(sources.list_sources)
app.command()(read.read)
app.command()(receipts.verify)
app.command()(receipts.receipt)
app.command()(receipts.forget)
app.command()(doctor.doctor)
app.command()(bot)
app.command()(unanswered.unanswered)
app.command("gaps", hidden=True)(unanswered.unanswered)
app.command()(unanswered.pin)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(receipts.serve)
app.command("eval")(evaluate.evaluate)
for _former in ("export", "import"):
    _any_options = {"ignore_unknown_options": True, "allow_extra_args": True}
    app.command(_former, hidden=True, context_settings=_any_options)(name_successor)


def main() -> None:
    """Run the command; an error that a person can do something about is one line, with exit status 1."""
    _speak_utf8()
    try:
        app(prog_name="quoth")
    except QuothError as error:
        output.say(f"Error: {error}")
        sys.exit(1)
    except OSError as error:
        # What no part of the library could foresee, such as a full disk behind standard output.
        reason = error.strerror or str(error)
        output.say(f"Error: {reason}: {error.filename}" if error.filename else f"Error: {reason}")
        sys.exit(1)


def _speak_utf8() -> None:
    """Read and write UTF-8, whatever the locale says.

    Other bytes come in as surrogates, which `ask` refuses, and go out as escapes, which JSON knows too.
    """
    sys.stdin = sys.stdin or StringIO()  # it is None for a process that was started with it closed
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            errors = "surrogateescape" if stream is sys.stdin else "backslashreplace"
            stream.reconfigure(encoding="utf-8", errors=errors)
