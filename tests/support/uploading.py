"""The bot over the real library, and people who send it files."""

from __future__ import annotations

from pydantic import SecretStr

from bot.services.library import open_library
from bot.settings import UPLOADS, Settings
from support.doubles import WordEncoder
from support.running_bot import RunningBot


class Bots:
    """Starts the bot over the real library; a second time, it remembers what the first one knew."""

    def __init__(self, telegram, folder, olga):
        self.encoder = WordEncoder("cat", "whale", "snow")
        self.data = folder / "data"
        self.documents = folder / "documents"
        self.documents.mkdir()
        (self.documents / "snow.txt").write_text("Snow is cold.")
        self._telegram = telegram
        self._settings = {"owners": frozenset({olga.user["id"]}), "public": True}
        self._running = self.library = None

    def start(self, **settings):
        made = Settings(
            QUOTH_DOCUMENTS=self.documents,
            QUOTH_DATA=self.data,
            TELEGRAM_BOT_TOKEN=SecretStr("unused"),
            _env_file=None,
        )
        self.library = open_library(made, lambda _: None)
        self.library.sync()
        options = self._settings | settings
        self._running = RunningBot(self._telegram, self.library, self.data, **options)

    def stop(self):
        if self._running:
            self._running.stop()
            self._running.wait()
            self.library.close()
            self._running = None

    def stored(self, collection="uploads"):
        """The names of the files that are kept, hidden ones too."""
        folder = self.data / UPLOADS / collection
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def sends(person, name, text, to=None, **options):
    """Send a file, and give the message in which the bot says what became of it, when it has."""
    data = text if isinstance(text, bytes) else text.encode()
    person.sends_file(name, data, to=to, **options)
    return (to or person.chat).reads()


def asks(person, question, to=None):
    person.writes(f"/ask {question}", to=to)
    return (to or person.chat).reads()
