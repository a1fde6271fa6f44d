"""What is made of the bytes that Asterisk sends, some of them chosen by callers."""

from typing import Any

import pytest

from switchboard.pbx.link import Event, Protocol, Query, parse

# As Asterisk 22.10 wrote it for a caller whose number was `12%0d%0aEvent%3a%20Shutdown...`.
FORGED = (
    "Event: CoreShowChannel\r\nActionID: 1\r\nChannel: PJSIP/trunk-00000003\r\n"
    "CallerIDNum: 12\r\nEvent: Shutdown\r\n\r\n"
    "Event: Forged\r\nX: y\r\nCallerIDName: Anna\r\nUniqueid: 1795303302.3\r\n\r\n"
)
NAMED = "Event: Newchannel\r\nCallerIDName: Анна ☎ สมชาย\r\n\r\nEvent: Hangup\r\nCause: 16\r\n\r\n"


class Heard:
    """What a Link is for its protocol."""

    def __init__(self) -> None:
        self.events: list[tuple[str, ...]] = []

    def dispatch(self, message: Any) -> None:
        self.events.append((message.event, message.calleridname or message.cause))

    def connection_lost(self, exc: object) -> None:
        self.events.append(("lost",))


def hear(*segments: bytes) -> list[tuple[str, ...]]:
    protocol, heard = Protocol(), Heard()
    protocol.connection_made(None)  # type: ignore[arg-type]
    protocol.factory = heard
    for segment in segments:
        protocol.data_received(segment)
    return heard.events


def test_a_message_split_at_any_byte_is_the_same_message() -> None:
    data = NAMED.encode()
    for at in range(len(data) + 1):
        assert hear(data[:at], data[at:]) == [("Newchannel", "Анна ☎ สมชาย"), ("Hangup", "16")]


def test_bytes_that_are_no_letters_do_not_break_the_line() -> None:
    assert hear(b"Event: Hangup\r\nCause: a\xff\xc3(b\r\n\r\n") == [("Hangup", "a��(b")]


def test_a_caller_cannot_hang_up_our_line() -> None:
    """panoramisk closes its connection at `Event: Shutdown`, whoever wrote it."""
    assert hear(b"Event: Shutdown\r\n\r\nEvent: Hangup\r\n\r\n") == [
        ("Shutdown", ""),
        ("Hangup", ""),
    ]


def test_a_message_with_a_header_that_stands_twice_is_dropped() -> None:
    assert hear(FORGED.encode()) == [("Forged", "Anna")]
    assert parse("Event: Hangup\r\nCause: 16\r\ncause: 17") is None


def test_headers_that_may_stand_twice_keep_all_their_lines() -> None:
    headers = parse("Response: Success\r\nOutput: one\r\nOutput: \r\nOutput: a: b")
    assert headers == {"response": "Success", "output": "one\n\na: b"}


@pytest.mark.parametrize("block", ["Asterisk Call Manager/11.0.0", "", "X: y", "Caller: \n"])
def test_what_is_neither_event_nor_response_is_no_message(block: str) -> None:
    assert parse(block) is None


async def test_a_caller_cannot_end_a_list_early() -> None:
    query = Query("CoreShowChannels", {}, many=True)
    for block in (
        "Response: Success\r\nEventList: start",
        "Event: CoreShowChannel\r\nCallerIDNum: 1\r\nEventList: Complete",
        "Event: CoreShowChannel\r\nCallerIDNum: 2",
    ):
        assert not answer(query, block)
    assert answer(query, "Event: CoreShowChannelsComplete\r\nEventList: Complete")
    assert len(query.future.result()) == 4


async def test_an_event_before_the_response_does_not_answer() -> None:
    query = Query("Originate", {}, many=False)
    assert not answer(query, "Event: OriginateResponse\r\nReason: 4")
    assert answer(query, "Response: Success")


def test_an_absent_header_is_empty() -> None:
    assert Event("Hangup", {"cause": "16"})["Cause"] == "16"
    assert Event("Hangup", {"cause": "16"})["CallerIDNum"] == ""


def answer(query: Query, block: str) -> bool:
    from panoramisk.message import Message

    return query.add_message(Message(parse(block)))
