"""What README.md, .env.example and --help say is complete and true."""

from __future__ import annotations

import os
import re

import pytest
import typer
from dotenv import dotenv_values
from support.commands import ROOT
from typer.testing import CliRunner

from bot.cli.app import app
from bot.settings import Settings

README = (ROOT / "README.md").read_text("utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
EXAMPLE = (ROOT / ".env.example").read_text("utf-8")
COMMANDS = {name: command for name, command in typer.main.get_command(app).commands.items() if not command.hidden}
SETTINGS = {field.validation_alias: name for name, field in Settings.model_fields.items()}


def shown_help(*command):
    result = CliRunner().invoke(app, [*command, "--help"], prog_name="quoth", terminal_width=80)
    assert result.exit_code == 0
    return result.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_the_readme_names_every_command_and_its_options(name):
    code = re.findall(r"`([^`\n]+)`", README)
    assert any(re.match(rf"quoth {name}\b", each) for each in code)
    for option in COMMANDS[name].params:
        if option.param_type_name == "option":
            names = "|".join(map(re.escape, option.opts))
            assert any(re.search(rf"(^|\s)({names})\b", each) for each in code), option.opts


@pytest.mark.parametrize("package", ["retrieval", "bot"])
def test_the_architecture_names_every_module_or_its_folder(package):
    paths = [path.relative_to(ROOT / package) for path in (ROOT / package).rglob("[!_]*.py")]
    assert paths
    for path in paths:
        names = [path.name, *(f"{folder}/" for folder in path.parts[:-1])]
        assert any(f"`{name}`" in ARCHITECTURE for name in names), path


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
