"""The key that persons are hashed with can be kept outside of the data."""

from __future__ import annotations

import stat
from contextlib import closing

import pytest

from retrieval import Asker, Ledger, SettingsError

ANN = Asker(person="Ann")


@pytest.fixture
def open_ledger(tmp_path, database):
    def opened(secret_file=None):
        return closing(Ledger(tmp_path / "data", database=database, secret_file=secret_file))

    return opened


@pytest.fixture
def file(tmp_path):
    return tmp_path / "secret"


def record(ledger):
    ledger.record("?", ANN, verdict=None, generation=1, model="", citations=[], texts=[])


def count(ledger):
    return ledger.personal_data("Ann").receipts


def facts(ledger):
    return dict(ledger._db.run("SELECT name, value FROM facts"))


def test_a_new_key_is_made_in_the_file(open_ledger, file):
    with open_ledger(file) as ledger:
        record(ledger)
        assert facts(ledger).keys() == {"hash of the person key"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(bytes.fromhex(file.read_text().strip())) == 32
    with open_ledger(file) as ledger:
        assert count(ledger) == 1


def test_a_key_in_the_database_moves_into_the_file(open_ledger, file, tmp_path):
    with open_ledger() as ledger:
        record(ledger)
        key = facts(ledger)["person key"]
    with open_ledger(file) as ledger:
        assert count(ledger) == 1
        assert facts(ledger).keys() == {"hash of the person key"}
        kept = b"".join(path.read_bytes() for path in tmp_path.glob("data/receipts.db*"))
    assert bytes.fromhex(file.read_text()) == key
    assert key not in kept


def test_without_its_file_nothing_is_hashed_with_another_key(open_ledger, file):
    with open_ledger(file):
        pass
    with pytest.raises(SettingsError, match="set QUOTH_SECRET_FILE to that file"):
        open_ledger()
    file.unlink()
    with pytest.raises(SettingsError, match=r"Cannot use QUOTH_SECRET_FILE, .*secret: No such file"):
        open_ledger(file)
    assert not file.exists()


@pytest.mark.parametrize("content", [f"{'ab' * 32}\n", "no key", ""])
def test_another_file_is_refused(open_ledger, file, content):
    with open_ledger(file):
        pass
    file.write_text(content)
    with pytest.raises(SettingsError, match=r"is not the file with the key|holds no key"):
        open_ledger(file)


def test_a_file_with_another_key_does_not_replace_one_in_use(open_ledger, file):
    file.write_text("ab" * 32)
    with open_ledger() as ledger:
        record(ledger)
    with pytest.raises(SettingsError, match="is not the file with the key of these receipts"):
        open_ledger(file)
    with open_ledger() as ledger:
        assert count(ledger) == 1


def test_a_folder_that_is_missing_is_explained(open_ledger, tmp_path):
    with pytest.raises(SettingsError, match="Check its folder and permissions"):
        open_ledger(tmp_path / "nowhere" / "secret")
