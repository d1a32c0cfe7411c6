"""A library about the weather, and `quoth serve` over it, all in the test's process."""

from __future__ import annotations

import json
from contextlib import ExitStack, closing

from pydantic import SecretStr

from support.receipt_pages import Archive, Site
from support.small_library import SmallLibrary

RAIN = "The rain falls on Monday."
TOKEN, HANDBOOK_TOKEN = "token-of-all-programs", "token-of-the-handbook"
TOKENS = f"{TOKEN}; {HANDBOOK_TOKEN}: handbook"


class AskSite(Site):
    """Documents on rain, in the folder and in the collection `handbook`; a context manager."""

    def __init__(self, folder, monitor=None, **settings):
        archive = Archive(folder)
        archive.holds("rain.md", f"# Weather\n\n{RAIN} Nothing else does.\n")
        (folder / "handbook").mkdir()
        (folder / "handbook" / "secret.md").write_text("Rain is secret.\n")
        self._stack = ExitStack()
        self.library = self._stack.enter_context(closing(SmallLibrary(folder)))
        self.library.sync_collection("handbook", folder / "handbook")
        settings.setdefault("api_token", SecretStr(""))
        super().__init__(archive, self.library, monitor, **settings)

    def call(self, name, token=TOKEN, **body):
        """Call the API, and give the status and the JSON."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        response = self.post(f"/api/{name}", json.dumps(body).encode(), **headers)
        return response.status_code, response.json()

    def __exit__(self, *error):
        super().__exit__(*error)
        self._stack.close()
