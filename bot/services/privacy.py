"""Privacy: other users of the machine can read nothing in the data folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from retrieval import make_all_private

if TYPE_CHECKING:
    from bot.settings import Settings


def protect(settings: Settings) -> tuple[list[Path], list[Path]]:
    """Keep other users out of the data folder and the uploads; give what was open to them, and what still is.

    A folder that is not Quoth's own is left alone, but for the databases: the current or the home folder, or one above.
    """
    changed: list[Path] = []
    refused: list[Path] = []
    places = [Path.cwd(), Path.home()]
    others = {folder for place in places for folder in (place.resolve(), *place.resolve().parents)}
    for folder in (settings.data, settings.folder_of_uploads):
        if folder.is_dir() and folder.resolve() not in others:
            mended, left = make_all_private(folder)
            changed += mended
            refused += left
    return changed, refused
