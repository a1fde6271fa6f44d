"""The watchmen of `run`: they look every few seconds, and what is wrong becomes an alarm."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from callrouter.stopped import outbound_troubles
from center.current import mail_server
from center.line import NotRunning, open_line
from center.missing import prompt_troubles
from console.wiring import AGAIN_SECONDS, Wiring, note_mail_trouble
from switchboard.alarm_letters import tell
from switchboard.errors import CenterInvalid
from switchboard.pbx.absent import absent, asterisk_away, congested
from switchboard.pbx.ami import Ami, AmiAway, AmiRefused, AmiTimeout
from switchboard.pbx.astdb import read_family
from switchboard.pbx.live import LiveView, Part
from switchboard.pbx.silent import Silent
from switchboard.supervisor import Ready, Service
from switchboard.troubles import dead_troubles, disk_troubles, mail_troubles
from switchboard.watch import Trouble, Watch, Watcher
from voicemail.pins import FAMILY, pin_troubles

LOOK_SECONDS = 5.0


@dataclass
class Eyes:
    """The line to Asterisk and the live view, None until Asterisk could be asked."""

    line: Ami | None = None
    view: LiveView | None = None


def alarms_service(wiring: Wiring) -> Service:
    """Keeps the alarms, and puts their letters into the outbox."""

    async def serve(ready: Ready) -> None:
        ready()
        await wiring.migrated.wait()
        eyes = Eyes()
        watcher = Watcher(wiring.database, watches(wiring, eyes), wiring.clock, wiring.say)
        async with asyncio.TaskGroup() as group:
            group.create_task(_open(eyes, wiring))
            group.create_task(_look(watcher, wiring))

    return Service("alarms", serve)


async def _open(eyes: Eyes, wiring: Wiring) -> None:
    while True:
        try:
            async with open_line(wiring.state) as ami:
                eyes.line, eyes.view = ami, LiveView(ami, (Part.EXTENSIONS, Part.DEPARTMENTS))
                await eyes.view.run()
        except NotRunning:
            await asyncio.sleep(AGAIN_SECONDS)


async def _look(watcher: Watcher, wiring: Wiring) -> None:
    while True:
        note_mail_trouble(wiring, await watcher.look())
        await _tell(wiring)
        await asyncio.sleep(LOOK_SECONDS)


async def _tell(wiring: Wiring) -> None:
    center = await wiring.current.center()
    if center is None:
        return
    try:
        async with wiring.database.begin() as session:
            await tell(session, center.ground, wiring.clock())
    except (SQLAlchemyError, OSError):
        return  # the watcher has told that the database is away; the letters are written later


def watches(wiring: Wiring, eyes: Eyes) -> dict[str, Watch]:
    """All that is watched, by the name that the keys of its alarms begin with."""
    silent = Silent()

    async def disk() -> list[Trouble]:
        return disk_troubles(wiring.state.root)

    async def prompts() -> list[Trouble]:
        return prompt_troubles(wiring.state)

    async def mail() -> list[Trouble]:
        homeless = await _without_server(wiring)
        async with wiring.database.reading() as session:
            return await mail_troubles(session, wiring.clock(), homeless)

    async def letters() -> list[Trouble]:
        async with wiring.database.reading() as session:
            return await dead_troubles(session, wiring.clock())

    async def asterisk() -> list[Trouble] | None:
        return asterisk_away(eyes.view.current) if eyes.view else None

    async def phones() -> list[Trouble] | None:
        return absent(eyes.view.current) if eyes.view else None

    async def pins() -> list[Trouble] | None:
        if eyes.line is None:
            return None
        try:
            return pin_troubles(await read_family(eyes.line, FAMILY), wiring.clock())
        except (AmiAway, AmiRefused, AmiTimeout):
            return None

    async def outbound() -> list[Trouble] | None:
        center = await wiring.current.center()
        if eyes.line is None or center is None:
            return None
        today = wiring.clock().astimezone(center.ground.zone).date()
        with suppress(AmiAway, AmiRefused, AmiTimeout):
            return await outbound_troubles(eyes.line, today)
        return None

    async def emergency() -> list[Trouble] | None:
        return wiring.seen.get("emergency")

    async def lines() -> list[Trouble] | None:
        if eyes.line is None:
            return None
        try:
            return congested(await eyes.line.ask("Getvar", Variable="CONGESTED"), wiring.clock())
        except (AmiAway, AmiRefused, AmiTimeout):
            return None

    async def sound() -> list[Trouble] | None:
        if eyes.line is None:
            return None
        with suppress(AmiAway, AmiRefused, AmiTimeout):
            return await silent.look(eyes.line, wiring.clock())
        return None

    async def abuse() -> list[Trouble] | None:
        return wiring.seen.get("abuse")

    async def voicemail() -> list[Trouble] | None:
        return wiring.seen.get("voicemail")

    async def fax() -> list[Trouble] | None:
        return wiring.seen.get("fax")

    async def searchable() -> list[Trouble] | None:
        return wiring.seen.get("searchable")

    async def room() -> list[Trouble] | None:
        return wiring.seen.get("room")

    async def records() -> list[Trouble] | None:
        return wiring.seen.get("records")

    async def scheduled() -> list[Trouble] | None:
        return wiring.seen.get("reports")

    return {
        "disk": disk,
        "prompts": prompts,
        "mail": mail,
        "letters": letters,
        "asterisk": asterisk,
        "phones": phones,
        "pin": pins,
        "outbound": outbound,
        "emergency": emergency,
        "abuse": abuse,
        "lines": lines,
        "sound": sound,
        "voicemail": voicemail,
        "fax": fax,
        "searchable": searchable,
        "room": room,
        "records": records,
        "reports": scheduled,
        "restart": wiring.restarts.troubles,
    }


async def _without_server(wiring: Wiring) -> str:
    """Why the letters have no server to go to, "" where they have one."""
    center = await wiring.current.center()
    try:
        server = mail_server(center, wiring.directory) if center else None
    except CenterInvalid as invalid:
        return str(invalid)
    return "" if server else "no `mail:` says which server takes our letters"
