"""Links: the secret addresses of receipts' pages; messages print a receipt's id, which opens no page."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retrieval.storage.database import Database

_BYTES = 16


class LinkTable:
    """The column `link` of receipts; a link is made when somebody wants it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def make(self, receipt_id: str) -> str | None:
        """Get the secret of a receipt's page, or make one; None if there is no such receipt."""
        get = "SELECT link FROM receipts WHERE id = ?"
        known = self._db.run(get, (receipt_id,))
        if known and known[0][0] is None:
            with self._db.transaction() as db:
                new = secrets.token_urlsafe(_BYTES)
                db.execute("UPDATE receipts SET link = coalesce(link, ?) WHERE id = ?", (new, receipt_id))
            known = self._db.run(get, (receipt_id,))
        return next((str(link) for (link,) in known), None)

    def find(self, link: str) -> str | None:
        """Find the id of the receipt whose page has this secret, unless it was revoked."""
        # An address that somebody typed may be no valid Unicode.
        query = "SELECT id FROM receipts WHERE link = ? AND revoked_at IS NULL"
        rows = self._db.run(query, (link,)) if link.isascii() and "\0" not in link else []
        return next((str(receipt_id) for (receipt_id,) in rows), None)
