"""Telegram's exports: who said what and when, those messages together that belong together, with their links."""

from __future__ import annotations

import json

import pytest
from support.reading import parts, read, refused, texts

from retrieval.documents.document import Omission

IDA, TOR = "Ida", "Tor"


def message(number, time="10:00", author=IDA, text="It rains.", **fields):
    """A message as Telegram Desktop writes it."""
    moment = {"date": f"2024-05-01T{time}:00", "date_unixtime": "1714557600"}
    sender = {"from": author, "from_id": "user5"}
    return {"id": number, "type": "message", **moment, **sender, "text": text, "text_entities": []} | fields


def service(number, action, **fields):
    moment = {"date": "2024-05-01T09:00:00", "date_unixtime": "1714554000"}
    return {"id": number, "type": "service", **moment, "actor": IDA, "action": action, "text": ""} | fields


def chat(*messages, **fields):
    return {"name": "Harbour group", "type": "private_supergroup", "id": 1234567890, "messages": messages} | fields


def exported(*messages, **fields):
    return read("result.json", json.dumps(chat(*messages, **fields), indent=1).encode())


def links(document):
    return [block.place.url for block in document.blocks]


def numbers(document):
    return [block.place.first for block in document.blocks]


def test_a_message_is_a_block_that_says_who_and_when():
    document = exported(message(5, "10:05", TOR, "The fee is 450 kroner.\nIt is due."))
    assert parts(document) == [("Tor, 2024-05-01 10:05: The fee is 450 kroner.\nIt is due.", "2024-05-01 10:05")]
    assert document.title == "Harbour group"
    assert numbers(document) == [5]


def test_the_parts_of_a_text_are_joined_as_they_are():
    text = ["See ", {"type": "link", "text": "https://example.org"}, ", ", {"type": "bold", "text": "now"}, "!"]
    assert texts(exported(message(1, text=text))) == ["Ida, 2024-05-01 10:00: See https://example.org, now!"]


@pytest.mark.parametrize(
    ("fields", "link"),
    [
        ({"type": "private_supergroup"}, "https://t.me/c/1234567890/7"),
        ({"type": "public_supergroup"}, "https://t.me/c/1234567890/7"),
        ({"type": "public_channel"}, "https://t.me/c/1234567890/7"),
        ({"id": -1001234567890}, "https://t.me/c/1234567890/7"),
        ({"type": "private_group"}, None),
        ({"type": "personal_chat"}, None),
        ({"type": "saved_messages", "name": None}, None),
        ({"id": 0}, None),
        ({"id": "x"}, None),
    ],
)
def test_only_supergroups_and_channels_have_links(fields, link):
    assert links(exported(message(7), **fields)) == [link]


def test_ids_of_old_exports_are_those_of_today_with_an_addition():
    old = message(7)
    del old["date_unixtime"]
    assert links(exported(old, id=(1 << 33) + 1234567890)) == ["https://t.me/c/1234567890/7"]


def test_messages_from_before_a_group_was_a_supergroup_have_no_link():
    document = exported(message(-999_999_990), message(10, text="It pours."))
    assert numbers(document) == [10, 10]
    assert links(document) == [None, "https://t.me/c/1234567890/10"]


def test_service_messages_reactions_and_deleted_accounts_are_left_out():
    document = exported(
        service(1, "invite_members", members=["Bo"]),
        message(2, author=None, text="I am gone."),
        message(3, reactions=[{"type": "emoji", "count": 2, "emoji": "👍", "recent": [{"from": "Bo"}]}]),
        {"id": 4, "type": "unsupported"},
    )
    assert texts(document) == ["Ida, 2024-05-01 10:00: It rains."]
    assert document.left_out == {Omission.SERVICE: len("Idainvite_members"), Omission.DELETED: len("Iamgone.")}


def test_replies_and_forwarded_messages_are_marked():
    document = exported(
        message(1),
        message(2, author=TOR, text="Yes.", reply_to_message_id=1),
        message(3, text="Closed.", forwarded_from="Office"),
        message(4, text="Open.", forwarded_from=None),
        message(5, text="No.", reply_to_message_id=1, reply_to_peer_id="channel9"),
        message(6, text="Hm.", reply_to_message_id=99),
    )
    head = "Ida, 2024-05-01 10:00"
    assert texts(document) == [
        f"{head}: It rains.",
        "Tor, 2024-05-01 10:00, in reply to Ida: Yes.",
        f"{head}, forwarded from Office: Closed.",
        f"{head}, forwarded: Open.",
        f"{head}, in reply: No.",
        f"{head}, in reply: Hm.",
    ]


def test_a_silence_begins_another_exchange():
    document = exported(message(1), message(2, "10:59"), message(3, "12:10"), message(4, "12:11"))
    assert [heading for _, heading in parts(document)] == ["2024-05-01 10:00"] * 2 + ["2024-05-01 12:10"] * 2


def test_a_late_reply_stands_with_what_it_replies_to():
    document = exported(message(1), message(2, "12:10"), message(3, "13:00", reply_to_message_id=1))
    assert numbers(document) == [1, 3, 2]


def test_a_topic_is_a_heading_of_its_messages():
    document = exported(
        service(1, "topic_created", title="Fees"),
        message(2, reply_to_message_id=1),
        message(3, text="Hello."),
        message(4, text="Still.", reply_to_message_id=2),
    )
    assert parts(document) == [
        ("Ida, 2024-05-01 10:00: It rains.", "Fees · 2024-05-01 10:00"),
        ("Ida, 2024-05-01 10:00, in reply to Ida: Still.", "Fees · 2024-05-01 10:00"),
        ("Ida, 2024-05-01 10:00: Hello.", "2024-05-01 10:00"),
    ]


def test_captions_polls_and_places_are_read():
    poll = {"question": "When?", "closed": False, "total_voters": 3}
    answers = [{"text": "Now", "voters": 3, "chosen": True}, {"text": "Later", "voters": 0, "chosen": False}]
    document = exported(
        message(1, text="A boat.", photo="photos/1.jpg"),
        message(2, text="", poll=poll | {"answers": answers}),
        message(3, text="", place_name="Quay", address="3 Main Street"),
        message(4, text="", photo="photos/2.jpg"),
    )
    head = "Ida, 2024-05-01 10:00"
    assert texts(document) == [f"{head}: A boat.", f"{head}: When?\n- Now\n- Later", f"{head}: Quay, 3 Main Street"]


def test_a_whole_account_has_its_chats_as_headings():
    account = {
        "about": "Here is the data you requested.",
        "personal_information": {"user_id": 5, "first_name": IDA},
        "chats": {
            "about": "",
            "list": [chat(message(1), name="One"), chat(message(1), name="Two", type="private_group")],
        },
        "left_chats": {"about": "", "list": [chat(message(2), name="Three", id=9)]},
    }
    document = read("result.json", json.dumps(account).encode())
    assert [heading for _, heading in parts(document)] == [
        f"{name} · 2024-05-01 10:00" for name in ("One", "Two", "Three")
    ]
    assert links(document) == ["https://t.me/c/1234567890/1", None, "https://t.me/c/9/2"]


def test_the_order_of_keys_is_of_no_meaning():
    turned = dict(reversed(chat(message(7)).items()))
    assert links(read("a.json", json.dumps(turned).encode())) == ["https://t.me/c/1234567890/7"]


def test_control_characters_are_read_as_telegram_desktop_writes_them():
    data = json.dumps(chat(message(1, text="It@rains."))).replace("@", r"\x1F")
    assert texts(read("a.json", data.encode())) == ["Ida, 2024-05-01 10:00: Itrains."]


def test_other_json_with_messages_is_read_as_json():
    data = json.dumps({"log": {"type": "private_group", "messages": [{"text": "It rains."}]}})
    assert texts(read("a.json", data.encode())) == ["type: private_group", "text: It rains."]


def test_a_damaged_export_is_refused_with_the_position():
    data = json.dumps(chat(message(1), message(2)), indent=1).encode()
    refused("result.json", data[:-5], "is damaged: its JSON cannot be read beyond line 2")


PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"/><title>Exported Data</title></head><body>
<div class="page_wrap"><div class="page_header"><div class="content"><div class="text bold">
Harbour group
</div></div></div><div class="page_body chat_page"><div class="history">{}</div></div></div></body></html>"""


def entry(number, body, author=None, time="10:00"):
    """A message as Telegram Desktop writes it; without an author it is joined to the one before."""
    name = f'<div class="from_name">\n{author} \n</div>' if author else ""
    return f"""<div class="message default clearfix{"" if author else " joined"}" id="message{number}">
      <div class="pull_left userpic_wrap"><div class="userpic"><div class="initials">\nI\n</div></div></div>
      <div class="body"><div class="pull_right date details" title="01.05.2024 {time}:00 UTC+02:00">\n{time}\n</div>
      {name}{body}</div></div>"""


def said(text):
    return f'<div class="text">\n{text}\n       </div>'


def page(*entries):
    day = '<div class="message service" id="message-1"><div class="body details">\n1 May 2024\n</div></div>'
    return read("messages.html", PAGE.format(day + "".join(entries)).encode())


def test_messages_of_a_page_are_read_as_those_of_json():
    document = page(
        entry(2, said("The <strong>fee</strong> is 450&nbsp;kroner<br>a &lt;season&gt;."), IDA),
        entry(3, said("It is due."), time="10:01"),
    )
    assert parts(document) == [
        ("Ida, 2024-05-01 10:00: The fee is 450\N{NO-BREAK SPACE}kroner\na <season>.", "2024-05-01 10:00"),
        ("Ida, 2024-05-01 10:01: It is due.", "2024-05-01 10:00"),
    ]
    assert document.title == "Harbour group"
    assert numbers(document) == [2, 3]
    assert links(document) == [None, None]
    assert document.left_out == {Omission.SERVICE: len("1May2024")}


def test_replies_and_forwarded_messages_of_a_page_are_marked():
    here = '<div class="reply_to details">\nIn reply to <a href="#go_to_message2">this message</a>\n</div>'
    there = (
        '<div class="reply_to details">\nIn reply to <a href="messages.html#go_to_message1">this message</a>\n</div>'
    )
    origin = '<div class="from_name">\nOffice <span class="date details"> 30.04.2024 10:00:00</span>\n</div>'
    document = page(
        entry(2, said("It rains."), IDA),
        entry(3, here + said("Yes."), "Tor via @gif"),
        entry(4, there + said("No.")),
        entry(5, f'<div class="forwarded body">{origin}{said("Closed.")}</div>', IDA),
    )
    assert texts(document)[1:] == [
        "Tor, 2024-05-01 10:00, in reply to Ida: Yes.",
        "Tor, 2024-05-01 10:00, in reply: No.",
        "Ida, 2024-05-01 10:00, forwarded from Office: Closed.",
    ]


def test_deleted_accounts_and_reactions_of_a_page_are_left_out():
    reactions = '<span class="reactions"><span class="reaction"><span class="emoji">\n👍\n</span></span></span>'
    document = page(
        entry(2, said("I am gone."), "Deleted Account"),
        entry(3, said("Too.")),
        entry(4, said("Here.") + reactions, IDA),
    )
    assert texts(document) == ["Ida, 2024-05-01 10:00: Here."]
    assert document.left_out[Omission.DELETED] == len("Iamgone.Too.")


def test_polls_of_a_page_are_read():
    poll = """<div class="media_wrap clearfix"><div class="media_poll"><div class="question bold">\nWhen?\n</div>
    <div class="details">\nAnonymous poll\n</div>
    <div class="answer">\n- Now <span class="details">3 votes</span>\n</div>
    <div class="answer">\n- Later\n</div><div class="total details">\n3 votes\n</div></div></div>"""
    assert texts(page(entry(2, poll, IDA))) == ["Ida, 2024-05-01 10:00: When?\n- Now\n- Later"]
