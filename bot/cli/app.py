"""`quoth` on a terminal: its commands, one module for each or a few of them, and how errors end them."""

from __future__ import annotations

import sys
from contextlib import closing, nullcontext
from io import StringIO, TextIOWrapper
from typing import Annotated

import typer

from bot.cli import output
from bot.cli.documents import index, read, sources
from bot.cli.exit_codes import ExitCode
from bot.cli.operation import backup, doctor, stats
from bot.cli.options import Data, Documents
from bot.cli.questions import ask, evaluate, mcp, receipts, unanswered
from bot.monitoring.logs import log_to_stderr
from bot.settings import Settings, explain_unknown_names, load_settings
from retrieval import QuothError, SettingsError

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
    context: typer.Context,
    *,
    version: Annotated[  # noqa: ARG001 - its callback has shown it
        bool, typer.Option("-V", "--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
    documents: Documents = None,
    data: Data = None,
) -> None:
    """Answers questions with exact, sourced quotes from your own documents."""
    folders = {name: folder for name, folder in (("documents", documents), ("data", data)) if folder}
    context.default_map = {str(context.invoked_subcommand): folders}  # so that what stands after the command counts
    for explanation in explain_unknown_names():
        output.say(f"Warning: {explanation}")


def bot(documents: Documents = None, data: Data = None) -> None:
    """Answer in Telegram.

    It ends with Ctrl-C or SIGTERM. The token is read from TELEGRAM_BOT_TOKEN.
    """
    from bot.monitoring.monitor import Monitor  # noqa: PLC0415
    from bot.services.sources import refreshing  # noqa: PLC0415
    from bot.services.watcher import watching  # noqa: PLC0415
    from bot.telegram.app import bot_token, run_bot  # noqa: PLC0415 - a terminal needs no Telegram
    from bot.web.monitoring import monitoring  # noqa: PLC0415
    from bot.web.server import serving  # noqa: PLC0415

    settings = load_settings(documents, data)
    bot_token(settings)  # without one, it ends here and not after the model was loaded
    monitor = Monitor()
    log_to_stderr(settings, monitor)
    with monitoring(settings, monitor), closing(index.open_library(settings)) as library:
        if not library.index.can_be_searched:
            index.sync(library)
        pages = serving(settings) if settings.public_url else nullcontext()
        with watching(library, monitor), refreshing(library, settings), pages:
            is_terminal = sys.stderr.isatty() and settings.log_format != "json"
            run_bot(settings, library, (lambda text: typer.echo(text, err=True)) if is_terminal else None, monitor)


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
app.command()(receipts.receipts)
app.command()(receipts.forget)
app.command()(doctor.doctor)
app.command()(bot)
app.command()(unanswered.unanswered)
app.command("gaps", hidden=True)(unanswered.unanswered)
app.command()(unanswered.pin)
app.command()(stats.stats)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(receipts.serve)
app.command()(mcp.mcp)
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
        sys.exit(ExitCode.ERROR)
    except OSError as error:
        # What no part of the library could foresee, such as a full disk behind standard output.
        reason = error.strerror or str(error)
        output.say(f"Error: {reason}: {error.filename}" if error.filename else f"Error: {reason}")
        sys.exit(ExitCode.ERROR)


def _speak_utf8() -> None:
    """Read and write UTF-8, whatever the locale says.

    Other bytes come in as surrogates, which `ask` refuses, and go out as escapes, which JSON knows too.
    """
    sys.stdin = sys.stdin or StringIO()  # it is None for a process that was started with it closed
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            errors = "surrogateescape" if stream is sys.stdin else "backslashreplace"
            stream.reconfigure(encoding="utf-8", errors=errors)
