"""ReceiptService: what it refuses once, it does not try again."""

from __future__ import annotations

from contextlib import closing

import pytest
from support.made_files import drawn
from support.receipt_pages import Archive

from bot.services.receipts import ReceiptService
from retrieval import DocumentError, DocumentFault

WORDS = "Six ships may pass."


class Painter:
    """Takes too long for every page."""

    def __init__(self):
        self.pages = []

    def draw_page(self, path, data, page, marks):
        self.pages.append(page)
        raise DocumentError("Reading it took longer than 5 s.", DocumentFault.TOO_HEAVY)

    def close(self):
        pass


def test_a_page_that_cannot_be_drawn_is_tried_once(tmp_path):
    archive = Archive(tmp_path)
    archive.holds("rules.pdf", drawn([(50, 300, WORDS)]))
    archive.is_indexed()
    receipt_id = archive.quote("rules.pdf", WORDS)
    with closing(ReceiptService(archive.settings())) as receipts:
        receipts._painter.close()
        painter = receipts._painter = Painter()
        check = receipts.check(receipt_id)
        sha256 = check.receipt.statement.citations[0].span.document_sha256
        for page in (1, 1, 2):
            with pytest.raises(DocumentError, match="took longer"):
                receipts.render_page(check.quotes[0].now, sha256, page, [WORDS])
    assert painter.pages == [1, 2]
