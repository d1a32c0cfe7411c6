"""The lock and the list of licences name what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)
DEPENDENCIES = [Requirement(text) for text in PROJECT["dependencies"]]
EXTRAS = [
    Requirement(text) for extra in ("ocr", "postgres", "milvus") for text in PROJECT["optional-dependencies"][extra]
]


def test_the_lock_has_a_version_in_each_range():
    text = (ROOT / "requirements.lock").read_text("utf-8")
    locked = {canonicalize_name(name): version for name, version in LOCKED.findall(text)}
    for dependency in DEPENDENCIES:
        assert locked[canonicalize_name(dependency.name)] in dependency.specifier, dependency


def test_every_locked_version_has_hashes():
    text = (ROOT / "requirements.lock").read_text("utf-8")
    for entry in re.split(r"\n(?=[A-Za-z0-9])", text)[1:]:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_the_licences_name_every_dependency():
    text = (ROOT / "THIRD_PARTY_LICENSES.md").read_text("utf-8")
    listed = {canonicalize_name(line.split("|")[1].strip()) for line in text.splitlines() if line.startswith("| ")}
    assert {canonicalize_name(dependency.name) for dependency in DEPENDENCIES + EXTRAS} <= listed
