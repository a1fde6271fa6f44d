"""One connection to Asterisk's manager interface: panoramisk, made safe for what is sent to it.

panoramisk connects again by itself, tries a wrong secret for ever, sends twice what was not
answered, waits for ever for some answers, loses letters that are split between two segments and
hangs up on what a caller can write. Here a connection is opened once; a lost one is thrown away.
"""

import asyncio
import codecs
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from unicodedata import category

from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager
from panoramisk.message import Message

from switchboard.errors import SwitchboardError

log = logging.getLogger(__name__)

# Asterisk writes these once per line or variable; any other header that comes twice is forged.
REPEATED = ("output", "variable", "chanvariable")


class AmiAway(SwitchboardError):
    """There is no line to Asterisk, or it was lost: the action may have run, or not."""


class AmiTimeout(SwitchboardError):
    """Asterisk did not answer in time: the action may have run, or not."""


class AmiRefused(SwitchboardError):
    """Asterisk answered no, and why."""


@dataclass(frozen=True)
class Event:
    """One message from Asterisk. `name` is empty for the answer to an action."""

    name: str
    headers: Mapping[str, str]  # names in small letters

    def __getitem__(self, header: str) -> str:
        """The header's value, "" where it is absent; the lines of a REPEATED one."""
        return self.headers.get(header.lower(), "")


class Link(Manager):  # type: ignore[misc]
    """A connection; `lost` is done once it is lost, and then it stays lost."""

    def __init__(self, on_event: Callable[[Event], None], **where: Any) -> None:
        super().__init__(**where, loop=asyncio.get_running_loop())
        self.on_event = on_event
        self.lost: asyncio.Future[None] = self.loop.create_future()

    async def open(self, deadline_seconds: float) -> None:
        """Connect and log in. Raises AmiAway, AmiRefused."""
        host, port, user = (self.config[name] for name in ("host", "port", "username"))
        try:
            async with asyncio.timeout(deadline_seconds):
                pair = await self.loop.create_connection(Protocol, host, port)
        except (OSError, TimeoutError) as error:
            raise AmiAway(f"Asterisk's manager at {host}:{port} does not answer.") from error
        connected = self.loop.create_future()
        connected.set_result(pair)
        self.connection_made(connected)
        login = self.authenticated_future
        await self._either(login, deadline_seconds)
        if not login.done():
            raise AmiAway(f"What listens at {host}:{port} does not answer like Asterisk.")
        if not login.result().success:
            raise AmiRefused(f"Asterisk refused the manager {user!r}: {login.result().message}")

    async def ask(self, query: "Query", deadline_seconds: float) -> list[Event]:
        """Send `query` and return all answers. Raises AmiAway, AmiTimeout, AmiRefused."""
        self.send_action(query)
        await self._either(query.future, deadline_seconds)
        self.protocol.responses.pop(query.id, None)  # what comes late finds nobody
        if not query.future.done():
            if self.lost.done():
                raise AmiAway(f"The line to Asterisk was lost before {query.name} was answered.")
            raise AmiTimeout(
                f"Asterisk did not answer {query.name} within {deadline_seconds:g} seconds."
            )
        answers = [_event(message) for message in query.future.result()]
        if answers[0]["Response"] != "Success":
            reason = answers[0]["Output"] or answers[0]["Message"]
            raise AmiRefused(f"Asterisk refused {query.name}: {reason}")
        return answers

    def close(self) -> None:
        """Hang up without waiting for a peer that may be gone."""
        super().close()
        if self.protocol is not None:
            self.protocol.transport.abort()
        self.connection_lost(None)

    def dispatch(self, message: Message) -> None:
        """For the protocol: an event that answers nothing."""
        self.on_event(_event(message))

    def connection_lost(self, exc: object) -> None:
        """For the protocol, which calls it unless we closed."""
        if not self.lost.done():
            self.lost.set_result(None)

    def ping(self) -> None:
        """panoramisk's does not look at the answer; ours is an action like others."""

    async def _either(self, answer: "asyncio.Future[Any]", deadline_seconds: float) -> None:
        await asyncio.wait(
            {answer, self.lost}, timeout=deadline_seconds, return_when=asyncio.FIRST_COMPLETED
        )


class Query(Action):  # type: ignore[misc]
    """An action and its answers: one, or with `many` all events of a list.

    Raises ValueError for a control character in a value: a line break would begin another action.
    """

    def __init__(self, name: str, headers: Mapping[str, str], *, many: bool) -> None:
        for value in headers.values():
            if any(category(character) in ("Cc", "Cs") for character in value):
                raise ValueError(f"{name}: a control character in {value!r}")
        super().__init__({"Action": name, **headers})
        self.name = name
        self.many = many

    def add_message(self, message: Message) -> bool:
        """For the protocol: True when it was the last.

        panoramisk guesses from English words; Asterisk marks the last event of a list.
        """
        if not self.responses and "response" not in message:
            return False
        self.responses.append(message)
        if self.many and self.responses[0].response == "Success" and not _ends_list(message):
            return False
        if not self.future.done():
            self.future.set_result(self.responses)
        return True


class Protocol(AMIProtocol):  # type: ignore[misc]
    """Bytes to messages and back."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.rest = ""

    def data_received(self, data: bytes) -> None:
        """A letter may be split between two segments, and so may the end of a message."""
        *blocks, self.rest = (self.rest + self.decoder.decode(data)).split("\r\n\r\n")
        for block in blocks:
            headers = parse(block)
            if headers is not None:
                self.handle_message(Message(headers))

    def handle_message(self, message: Message) -> None:
        """panoramisk would hang up when it reads of a shutdown, which any caller can write."""
        if message.id in self.responses:
            super().handle_message(message)
        elif "event" in message and self.factory is not None:
            self.factory.dispatch(message)


def parse(block: str) -> dict[str, str] | None:
    """The headers of one message, names in small letters; None for what is none.

    A caller's number stands in Asterisk's messages as it was sent, line breaks included: it can
    add headers to a message, or end it early and make up the next. So a message in which a header
    stands twice is dropped; what is made up cannot know the id of a question of ours.
    """
    headers: dict[str, str] = {}
    for line in block.split("\r\n"):
        name, colon, value = line.partition(":")
        name, value = name.lower(), value.removeprefix(" ")
        if not colon:
            continue
        if name not in headers:
            headers[name] = value
        elif name in REPEATED:
            headers[name] += "\n" + value
        else:
            log.info("Dropped a message from Asterisk that has the header %r twice.", name)
            return None
    return headers if "event" in headers or "response" in headers else None


def _event(message: Message) -> Event:
    headers = {name.lower(): value for name, value in message.items()}
    return Event(headers.get("event", ""), headers)


def _ends_list(message: Message) -> bool:
    # Both: a value can add the second to its own message, but no second `Event`.
    return bool(message.event.endswith("Complete") and message.eventlist == "Complete")
