"""Asterisk's answers as values."""

import json
from datetime import UTC, datetime

from switchboard.pbx.link import Event
from switchboard.pbx.snapshot import (
    Live,
    Phone,
    read_calls,
    read_departments,
    read_extensions,
)

NOW = datetime(2026, 11, 21, 12, 0, 5, 700, UTC)


def event(event_name: str, **headers: str) -> Event:
    return Event(event_name, {name.lower(): value for name, value in headers.items()})


def channel(name: str, uniqueid: str, linkedid: str = "", **headers: str) -> Event:
    return event(
        "CoreShowChannel",
        Channel=name,
        Uniqueid=uniqueid,
        Linkedid=linkedid or uniqueid,
        **headers,
    )


def test_an_extension_is_registered_at_its_newest_contact() -> None:
    extensions = read_extensions(
        [
            event("EndpointList", ObjectName="201", DeviceState="Ringing"),
            event("EndpointList", ObjectName="202", DeviceState="Unavailable"),
            event("EndpointList", ObjectName="carrier", DeviceState="Not in use"),
        ],
        [
            event("ContactList", Endpoint="201", ExpirationTime="200", Uri="sip:201@[::1]:5062;ob"),
            event("ContactList", Endpoint="201", ExpirationTime="100", Uri="sip:201@10.0.0.1:5060"),
        ],
    )
    assert list(extensions) == ["201", "202"]
    assert (extensions["201"].address, extensions["201"].state) == ("[::1]:5062", Phone.RINGING)
    assert not extensions["202"].registered


def test_members_stand_in_the_order_in_which_they_are_rung() -> None:
    departments = read_departments(
        [
            event("QueueParams", Queue="sales"),
            event(
                "QueueMember", Queue="sales", StateInterface="PJSIP/201", Penalty="1", Status="5"
            ),
            event(
                "QueueMember", Queue="sales", StateInterface="PJSIP/203", Penalty="0", Status="2"
            ),
            event(
                "QueueMember", Queue="sales", StateInterface="PJSIP/202", Penalty="0", Status="1"
            ),
            event("QueueMember", Queue="gone", StateInterface="PJSIP/204", Penalty="0", Status="1"),
        ],
        NOW,
    )
    assert list(departments) == ["sales"]
    assert [(member.extension, member.state) for member in departments["sales"].members] == [
        ("202", Phone.IDLE),
        ("203", Phone.TALKING),
        ("201", Phone.UNREACHABLE),
    ]


def test_a_waiting_caller_waits_since_a_whole_second() -> None:
    answers = [
        event("QueueParams", Queue="sales"),
        event("QueueEntry", Queue="sales", Position="1", CallerIDNum="unknown", Wait="65"),
    ]
    [caller] = read_departments(answers, NOW)["sales"].waiting
    assert (caller.number, caller.since) == ("", datetime(2026, 11, 21, 11, 59, 0, tzinfo=UTC))


def test_the_channels_of_one_linkedid_are_one_call_from_its_first() -> None:
    calls = read_calls(
        [
            channel("PJSIP/201-00000002", "sb-1795303302.11", "sb-1795303302.9", BridgeId="b"),
            channel(
                "PJSIP/carrier-00000001",
                "sb-1795303302.9",
                CallerIDNum="+7916",
                CallerIDName="O\\'Neil \\\\ \\v\\\"x",
                BridgeId="b",
                Application="Queue",
            ),
            channel("PJSIP/carrier-00000003", "sb-1795303302.10", CallerIDNum="<unknown>"),
        ]
    )
    assert [call.id for call in calls] == ["sb-1795303302.9", "sb-1795303302.10"]
    assert (calls[0].place, calls[0].talking_to) == ("talking", ("201",))
    assert (calls[0].from_number, calls[0].from_name) == ("+7916", "O'Neil \\ \"x")
    assert calls[0].since == datetime.fromtimestamp(1795303302, UTC)
    assert calls[1].from_number == ""


def test_where_a_call_is_stands_in_words() -> None:
    def place(**headers: str) -> str:
        [call] = read_calls([channel("PJSIP/carrier-1", "1.1", **headers)])
        return call.place

    assert place(Context="ask", Application="ReadExten",
                 ApplicationData="KEY,sb/a-1f,keys-on-duty-v17") == "menu on-duty"  # fmt: skip
    assert place(Context="menu-support-v17") == "menu support"
    assert place(Context="serve", Application="Queue",
                 ApplicationData="sales,b(x^y^1),,,120") == "department sales"  # fmt: skip
    assert place(Application="Dial", ApplicationData="PJSIP/201,20") == "ringing 201"
    assert place(Application="VoiceMail", ApplicationData="sales@center,u") == "voicemail sales"
    assert place(Application="ReceiveFAX", ApplicationData="/x/y.tif,f") == "fax y.tif"
    assert place(Context="numbers-v17", Application="Wait") == "numbers"


def test_a_record_that_was_cut_short_is_left_out() -> None:
    """As `12%0d%0a%0d%0a` in a caller's number cuts it."""
    cut = event("CoreShowChannel", Channel="PJSIP/trunk-00000003", CallerIDNum="12")
    assert read_calls([cut, channel("PJSIP/trunk-00000004", "nonsense")]) == ()


def test_a_name_keeps_its_letters_and_nothing_that_moves_others() -> None:
    name = "A\x00n\x1bn\u202ea\u2028 Иванова สมชาย" + "x" * 100
    [call] = read_calls([channel("PJSIP/t-1", "1.1", CallerIDName=name)])
    assert call.from_name.startswith("Anna Иванова สมชาย")
    assert len(call.from_name) == 80


def test_a_snapshot_is_one_json_object() -> None:
    live = Live(
        extensions=read_extensions([event("EndpointList", ObjectName="201")], []),
        calls=read_calls([channel("PJSIP/201-1", "1795303302.9", CallerIDName="Анна")]),
        asked_at=NOW,
    )
    told = json.loads(live.as_json())
    assert told["extensions"]["201"] == {"registered": False, "state": "unknown", "address": ""}
    assert told["calls"][0]["from_name"] == "Анна"
    assert told["calls"][0]["since"] == "2026-11-21T23:21:42+00:00"
    assert told["asked_at"].startswith("2026-11-21T12:00:05")
