"""What the documents, .env.example and --help say is complete and true."""

from __future__ import annotations

import os
import re
from itertools import chain

import pytest
import typer
from dotenv import dotenv_values
from support.commands import ROOT
from typer.testing import CliRunner

from bot.cli.app import app
from bot.cli.exit_codes import ExitCode
from bot.services.library import DEFAULT_FOLDER
from bot.settings import Settings
from bot.texts import ENGLISH

CHANGELOG = ROOT / "CHANGELOG.md"
DOCUMENTS = sorted(chain.from_iterable(map(ROOT.glob, ("*.md", "docs/*.md", "benchmarks/*.md", "seeds/*.md"))))
REFERENCE = (ROOT / "docs" / "commands.md").read_text("utf-8")
TELEGRAM = (ROOT / "docs" / "telegram.md").read_text("utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
EXAMPLE = (ROOT / ".env.example").read_text("utf-8")
COMMANDS = {name: command for name, command in typer.main.get_command(app).commands.items() if not command.hidden}
SETTINGS = {field.validation_alias: name for name, field in Settings.model_fields.items()}


def shown_help(*command):
    result = CliRunner().invoke(app, [*command, "--help"], prog_name="quoth", terminal_width=80)
    assert result.exit_code == 0
    return result.stdout


def named(path):
    return str(path.relative_to(ROOT))


def code_in(text):
    """The words that are set as code: in the text, and a line each in blocks."""
    text, *_ = re.subn(r"^```\w*\n(.*?)^```", r"\1", text, flags=re.MULTILINE | re.DOTALL)
    lines = re.findall(r"^(?:    |pip |uv |quoth ).+", text, re.MULTILINE)
    return [*re.findall(r"`([^`\n]+)`", text), *map(str.strip, lines)]


def anchors_in(text):
    headings = re.findall(r"^#+ (.+)", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_reference_names_every_command_and_its_options(name):
    code = code_in(REFERENCE)
    assert any(re.match(rf"quoth {name}\b", each) for each in code)
    for option in COMMANDS[name].params:
        if option.param_type_name == "option":
            names = "|".join(map(re.escape, option.opts))
            assert any(re.search(rf"(^|\s)({names})\b", each) for each in code), option.opts


# The changelog names commands that are gone, too.
@pytest.mark.parametrize("path", sorted({*DOCUMENTS, ROOT / ".env.example"} - {CHANGELOG}), ids=named)
def test_every_command_in_the_documents_exists(path):
    for code in code_in(path.read_text("utf-8")):
        for name, rest in re.findall(r"\bquoth ([a-z]+)\b([^&|]*)", code):
            assert name in COMMANDS, code
            known = set(chain.from_iterable(option.opts for option in COMMANDS[name].params))
            assert known.issuperset(re.findall(r"(?<=\s)--?[a-z][a-z-]*", rest)), code


def test_the_documents_name_every_command_of_the_bot_and_no_other():
    assert set(re.findall(r"`/([a-z_]+)", TELEGRAM)) == ENGLISH.commands.keys()


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_link_in_the_documents_leads_somewhere(path):
    text = path.read_text("utf-8")
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith("https://"):
            continue
        file, _, anchor = link.partition("#")
        target = path.parent / file if file else path
        assert target.exists(), link
        assert not anchor or anchor in anchors_in(target.read_text("utf-8")), link


def test_the_documents_install_the_torch_of_the_package():
    texts = [path.read_text("utf-8") for path in (*DOCUMENTS, ROOT / "pyproject.toml")]
    assert len(set(re.findall(r"\btorch==[\d.]+", "\n".join(texts)))) == 1


@pytest.mark.parametrize("package", ["retrieval", "bot", "bot/telegram"])
def test_the_architecture_has_a_row_for_every_folder(package):
    rows = re.findall(r"^\| (`.+?) \|", ARCHITECTURE, re.MULTILINE)
    paths = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    below = "telegram/" if package == "bot/telegram" else ""
    folders = {f"{below}{path.parent.name}/" for path in (ROOT / package).glob("[!_]*/__init__.py")}
    assert folders - {"telegram/"} <= paths


def test_the_architecture_is_one_page():
    assert len(ARCHITECTURE.splitlines()) <= 80


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_fits_the_smallest_usual_terminal(name):
    assert max(map(len, shown_help(*name.split()).splitlines())) <= 80


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_explains_every_argument_and_option(name):
    command = COMMANDS[name] if name else typer.main.get_command(app)
    for parameter in command.params:
        assert parameter.help or parameter.name == "help"


def test_the_defaults_that_help_names_are_those_of_the_settings():
    text = " ".join("".join(shown_help(*name.split()) for name in ("", *COMMANDS)).split())
    named = re.findall(r"\[default: (QUOTH_\w+),(?:[^\]]*,)? else ([^\],]+)\]", text)
    assert {setting for setting, _ in named} == {"QUOTH_DATA", "QUOTH_DOCUMENTS", "QUOTH_SERVE_PORT"}
    for setting, default in named:
        value = Settings.model_fields[SETTINGS[setting]].default
        assert default == str(DEFAULT_FOLDER if setting == "QUOTH_DOCUMENTS" else value)


def test_the_table_of_exit_codes_is_that_of_the_commands():
    table = REFERENCE.partition("## Exit codes")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", table, re.MULTILINE)
    assert rows == [(str(code.value), code.name) for code in ExitCode]
    assert "docs/commands.md#exit-codes" in (ROOT / "README.md").read_text("utf-8")


def test_every_command_ends_with_one_of_the_exit_codes():
    ends = [
        end
        for path in (ROOT / "bot").rglob("*.py")
        for end in re.findall(r"\b(?:typer\.Exit|sys\.exit)\((.*)\)", path.read_text("utf-8"))
    ]
    assert ends
    assert all("code" in end.lower() for end in ends)


def test_help_names_every_command_and_every_setting():
    text = shown_help()
    for name in COMMANDS:
        assert re.search(rf"^  {name} .*\.$", text, re.MULTILINE)
    assert "..." not in text.replace("[ARGS]...", "")
    for setting in SETTINGS:
        assert setting in text


def test_the_example_explains_every_setting():
    _, *settings = EXAMPLE.strip().split("\n\n")
    explained = {lines[-1].partition("=")[0] for lines in map(str.splitlines, settings) if lines[0].startswith("# ")}
    assert explained == SETTINGS.keys() == dotenv_values(ROOT / ".env.example").keys()


def test_the_values_of_the_example_are_the_defaults(monkeypatch):
    for name in [name for name in os.environ if name in SETTINGS]:
        monkeypatch.delenv(name)
    assert Settings(_env_file=ROOT / ".env.example") == Settings(_env_file=None)
