"""The image, the units and the workflows name files, commands and settings that there are; packages are complete."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from support.commands import ROOT

from bot.cli.app import app
from bot.settings import Settings

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
OPERATE = (ROOT / "docs" / "operate.md").read_text("utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
COMPOSED = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]["bot"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
COMMANDS = {command.name or command.callback.__name__ for command in app.registered_commands}
SETTINGS = {field.validation_alias for field in Settings.model_fields.values()}
COMMANDED = {
    "ENTRYPOINT": ["quoth"],
    "CMD": ["bot"],
    "HEALTHCHECK": ["quoth", "doctor", "--running", "--json"],
}
VARIABLES = dict(re.findall(r"(\w+)=(\S+)", re.search(r"^ENV (.+)$", DOCKERFILE, re.MULTILINE)[1]))


@pytest.fixture(scope="module")
def unit():
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str
    text = (ROOT / "deploy" / "quoth.service").read_text("utf-8")
    # A later line adds to an earlier one, but a ConfigParser keeps the last.
    parser.read_string(text.replace("\nSystemCallFilter=~", "\nSystemCallsLeftOut="))
    return parser["Service"]


def test_the_unit_starts_what_the_documents_install(unit):
    program, command = unit["ExecStart"].split()
    assert (program, command) == ("/opt/quoth/bin/quoth", "bot")
    assert command in COMMANDS
    assert f"python3 -m venv {Path(program).parents[1]}\n" in OPERATE
    assert f"--home-dir {unit['WorkingDirectory']} " in OPERATE
    assert unit["WorkingDirectory"] == f"/var/lib/{unit['StateDirectory']}"


def test_the_unit_lets_model_and_reader_do_their_work(unit):
    assert "MemoryDenyWriteExecute" not in unit
    calls = {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "seccomp"}
    assert calls <= set(unit["SystemCallFilter"].split())
    assert unit["SystemCallErrorNumber"] == "EPERM"  # else capset, which is left out, would end the process


def test_the_image_runs_commands_with_settings_there_are():
    instructions = {name: re.search(rf"^{name} .*?(\[.+)$", DOCKERFILE, re.MULTILINE)[1] for name in COMMANDED}
    assert {name: json.loads(words) for name, words in instructions.items()} == COMMANDED
    assert {"bot", "doctor"} <= COMMANDS
    assert VARIABLES.keys() - {"PATH"} <= SETTINGS


def test_the_image_is_made_of_all_that_it_needs():
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    packages = {pattern.rstrip("*") for pattern in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]}
    named = set(re.findall(r"--(?:constraints|excludes|documents) (\S+)", DOCKERFILE))
    assert kept == packages | named | {
        "pyproject.toml",
        PROJECT["project"]["readme"],
        *PROJECT["project"]["license-files"],
    }
    assert all((ROOT / name).exists() for name in kept)


def test_compose_sets_settings_there_are_as_the_image_has_them():
    variables = COMPOSED["environment"]
    assert variables.keys() <= SETTINGS
    assert {name: variables.get(name) for name in VARIABLES.keys() - {"PATH"}} == {
        name: value for name, value in VARIABLES.items() if name != "PATH"
    }
    folders = dict(volume.removesuffix(":ro").rsplit(":", 1)[::-1] for volume in COMPOSED["volumes"])
    assert folders.keys() == {variables["QUOTH_DATA"], variables["QUOTH_DOCUMENTS"]}
    assert COMPOSED["ports"] == [f"127.0.0.1:8080:{variables['QUOTH_SERVE_PORT']}"]


def test_what_can_be_left_out_is_a_dependency():
    lines = (ROOT / "deploy" / "without-torch.txt").read_text("utf-8").splitlines()
    names = {line for line in lines if not line.startswith("#")}
    assert names == {"sentence-transformers", "torch"}
    assert names <= {Requirement(text).name for text in PROJECT["project"]["dependencies"]}


def test_messages_and_documents_install_extras_from_a_checkout():
    places = [ROOT / "Dockerfile", *ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("[br]*/**/*.py")]
    extras = PROJECT["project"]["optional-dependencies"]
    for path in places:
        for what, names in re.findall(r'install "(\S*)\[([\w,]+)\]', path.read_text("utf-8")):
            assert what == ".", path
            assert set(names.split(",")) <= extras.keys(), path


@pytest.mark.parametrize("package", ["bot", "retrieval"])
def test_every_file_of_a_package_is_installed(package):
    patterns = PROJECT["tool"]["setuptools"]["package-data"][package]
    files = [path for path in (ROOT / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    installed = {path for pattern in patterns for path in (ROOT / package).glob(pattern)}
    assert [path for path in files if path.suffix != ".py" and path not in installed] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_only_read_and_has_steps(path):
    workflow = yaml.safe_load(path.read_text("utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    assert all(job["steps"] for job in workflow["jobs"].values())


def test_linux_runs_all_that_the_authors_run():
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text("utf-8"))["jobs"]
    assert {"run": ".ci/run"} in jobs["linux"]["steps"]


def test_the_changelog_describes_the_version_of_the_package():
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    version = re.escape(PROJECT["project"]["version"])
    assert re.search(rf"^## \[{version}\] - \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE)
