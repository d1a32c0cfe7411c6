"""Other users of the machine can read nothing that Quoth keeps."""

from __future__ import annotations

import stat

import pytest

from bot.services.privacy import protect
from bot.settings import Settings


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    (folder / ".uploads" / "uploads").mkdir(parents=True)
    (folder / ".uploads" / "uploads" / "a.txt").write_text("Mine.")
    (folder / "bot.db").touch()
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def settings(data, **changes):
    return Settings.model_construct(data=data, **changes)


def modes(folder):
    return {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in (folder, *folder.rglob("*"))}


PRIVATE = {"data": "0o700", ".uploads": "0o700", "uploads": "0o700", "a.txt": "0o600", "bot.db": "0o600"}


def test_everything_in_the_data_folder_becomes_private(data):
    changed, refused = protect(settings(data))
    assert (len(changed), refused) == (5, [])
    assert modes(data) == PRIVATE
    assert protect(settings(data)) == ([], [])


def test_uploads_elsewhere_become_private_too(data, tmp_path):
    uploads = (data / ".uploads").rename(tmp_path / ".uploads")
    protect(settings(data, uploads=uploads))
    assert modes(uploads) == {".uploads": "0o700", "uploads": "0o700", "a.txt": "0o600"}


def test_what_a_link_names_is_left_alone(data, tmp_path):
    (tmp_path / "shared.txt").write_text("Everybody's.")
    (tmp_path / "shared.txt").chmod(0o644)
    (data / "link.txt").symlink_to(tmp_path / "shared.txt")
    protect(settings(data))
    assert oct(stat.S_IMODE((tmp_path / "shared.txt").stat().st_mode)) == "0o644"


@pytest.mark.parametrize("place", ["cwd", "home"])
def test_a_folder_that_is_not_quoths_own_is_left_alone(data, monkeypatch, place):
    monkeypatch.setattr(f"bot.services.privacy.Path.{place}", lambda: data)
    assert protect(settings(data, uploads=data.parent)) == ([], [])


def test_a_folder_for_all_users_is_left_alone(data):
    data.chmod(0o1777)
    protect(settings(data))
    assert oct(stat.S_IMODE(data.stat().st_mode)) == "0o1777"


def test_without_a_data_folder_nothing_happens(tmp_path):
    assert protect(settings(tmp_path / "data")) == ([], [])
