"""Which collections a chat sees."""

from __future__ import annotations

import pytest

from bot.services.visibility import COMMON, View, is_upload_collection

GROUP, OTHER_GROUP = "chat-100", "chat-200"


@pytest.mark.parametrize(
    ("view", "seen"),
    [
        (View(COMMON, is_owners=True), {"default", COMMON, GROUP, OTHER_GROUP, "board"}),
        (View(COMMON, is_owners=False), {"default", COMMON}),
        (View(GROUP, is_owners=False), {"default", COMMON, GROUP}),
        (View(GROUP, is_owners=False, is_alone=True, shown=frozenset({"board"})), {GROUP}),
        (View(GROUP, is_owners=False, shown=frozenset({"board"})), {"default", COMMON, GROUP, "board"}),
    ],
    ids=[
        "an owner sees all",
        "a person what is common",
        "a group its own too",
        "a group alone its own",
        "a named one if shown",
    ],
)
def test_a_chat_sees_its_collections(view, seen):
    assert {name for name in ("default", COMMON, GROUP, OTHER_GROUP, "board") if name in view} == seen


def test_what_people_send_is_in_collections_of_its_own():
    assert [is_upload_collection(name) for name in (COMMON, GROUP, "default")] == [True, True, False]
