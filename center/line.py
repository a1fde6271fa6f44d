"""The line to a center's running Asterisk, found through what was applied last."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from center.secrets import AMI_USER, ami_secret
from center.state import State
from switchboard.pbx.ami import Ami, AmiAway, AmiTimeout

ANSWER_SECONDS = 20.0  # a reload of many extensions takes its time on a busy machine


class NotRunning(AmiAway):
    """This center is not running; start it with `switchboard run`."""


@asynccontextmanager
async def open_line(state: State, events: str = "off") -> AsyncIterator[Ami]:
    """A line to the running Asterisk of a state directory. Raises NotRunning.

    `events` are the classes that it hears; whoever hears all costs each call a twentieth.
    """
    applied, secret = state.applied(), ami_secret(state)
    if applied is None or secret is None:
        raise NotRunning(f"nothing was applied to {state.root} yet")
    listen = state.listening() or state.manifest(applied).listen
    host, _, port = listen["ami"].rpartition(":")
    where = (host, int(port), AMI_USER, secret)
    ami = Ami(*where, answer_seconds=ANSWER_SECONDS, events=events)
    try:
        await ami.__aenter__()
    except (AmiAway, AmiTimeout) as away:
        raise NotRunning(f"this center is not running: {away}") from away
    try:
        yield ami
    finally:
        await ami.__aexit__()


@asynccontextmanager
async def line_if_running(state: State) -> AsyncIterator[Ami | None]:
    """The line, or None while the center is not running."""
    try:
        line = open_line(state)
        ami = await line.__aenter__()
    except NotRunning:
        yield None
        return
    try:
        yield ami
    finally:
        await line.__aexit__(None, None, None)
