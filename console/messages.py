"""`switchboard voicemail`: messages that callers left, and what became of their letters."""

import asyncio
import shutil
import subprocess
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.exc import SQLAlchemyError

from center.current import Current
from center.state import State
from console import show, show_letters
from console.collector import afterwards_of, kept
from console.letters import DatabaseAway, session_of
from console.place import place_of
from console.wiring import database_of
from switchboard.db import trouble_with
from switchboard.errors import SwitchboardError
from voicemail.store import Listed, NoSuchMessage, find_message, list_messages

app = typer.Typer()
voicemail = typer.Typer(help="Messages that callers left.", no_args_is_help=True)
app.add_typer(voicemail, name="voicemail")
MessageId = Annotated[str, typer.Argument(metavar="ID", help="as `voicemail list` shows it")]


class NoSound(SwitchboardError):
    """There is no sound to be played or exported."""


@voicemail.command("list")
def list_(
    context: typer.Context,
    mailbox: Annotated[str | None, typer.Option(help="one mailbox only")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON for programs")] = False,
) -> None:
    """Every message that is kept, the oldest first."""
    messages, zone = asyncio.run(_listed(place_of(context, center=False).state, mailbox))
    listed = [_as_json(one, zone) for one in messages]
    if as_json:
        show.json_(listed)
        return
    for one in listed:
        show.out.print(show_letters.arrival(one, one["mailbox"], f"{one['seconds']:6.1f} s"))
    show.out.print(f"{len(listed)} messages")


@voicemail.command()
def play(context: typer.Context, message_id: MessageId) -> None:
    """Play a message on this machine's loudspeaker."""
    sound = asyncio.run(_sound(place_of(context, center=False).state, message_id))
    if shutil.which("ffplay") is None:
        raise NoSound("ffplay is not installed; `switchboard voicemail export` writes a file")
    argv = ["ffplay", "-nodisp", "-autoexit", "-v", "error", f"file:{sound}"]
    if subprocess.run(argv, check=False).returncode:
        raise NoSound("ffplay could not play it; `switchboard voicemail export` writes a file")


@voicemail.command()
def export(
    context: typer.Context,
    message_id: MessageId,
    output: Annotated[Path, typer.Option("--output", "-o", help="the WAV to be written")],
) -> None:
    """Write a message as it was recorded."""
    sound = asyncio.run(_sound(place_of(context, center=False).state, message_id))
    try:
        shutil.copyfile(sound, output)
    except OSError as trouble:
        raise NoSound(f"cannot write {output}: {trouble.strerror}") from trouble


@voicemail.command()
def delete(context: typer.Context, message_id: MessageId) -> None:
    """Delete a message here and on the telephone, once its letter is sent."""
    asyncio.run(_deleted(place_of(context, center=False).state, message_id))
    show.out.print(f"deleted {message_id}")


async def _listed(state: State, mailbox: str | None) -> tuple[list[Listed], tzinfo]:
    center = await Current(state).center()
    zone = center.ground.zone if center else UTC
    async with session_of(state) as session:
        return (await list_messages(session, mailbox) if session else []), zone


async def _sound(state: State, message_id: str) -> Path:
    """The original of a message. Raises NoSuchMessage, NoSound, DatabaseAway."""
    async with session_of(state) as session:
        if session is None:
            raise NoSuchMessage("there is no message yet")
        listed = await find_message(session, message_id)
    sound = kept(state) / f"{listed.message.id}.wav"
    if not listed.message.sound_bytes or not sound.is_file():
        raise NoSound(f"message {message_id} has no sound")
    return sound


async def _deleted(state: State, message_id: str) -> None:
    database = database_of(state)
    try:
        if not database.exists:
            raise NoSuchMessage("there is no message yet")
        await afterwards_of(state, database).delete(message_id)
    except (SQLAlchemyError, OSError) as trouble:
        raise DatabaseAway(trouble_with(trouble)) from trouble
    finally:
        await database.close()


def _as_json(listed: Listed, zone: tzinfo) -> dict[str, Any]:
    message = listed.message
    return {
        "id": message.id,
        "mailbox": message.mailbox,
        "from": message.caller_number,
        "from_name": message.caller_name,
        "received_at": message.received_at.astimezone(zone).isoformat(),
        "seconds": round(message.seconds, 1),
        "status": message.status,
        "mail": show_letters.fate_json(listed.letter),
    }
