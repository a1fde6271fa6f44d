"""The guard of `run` against guessing: Asterisk's security events become bans, and bans end."""

import asyncio
import ipaddress
import logging
from contextlib import suppress
from functools import partial
from pathlib import Path

from center.line import NotRunning, open_line
from console.wiring import AGAIN_SECONDS, Wiring
from switchboard.bans import Ban, Bans, address_of
from switchboard.pbx.ami import Ami, AmiAway, AmiRefused, AmiTimeout
from switchboard.supervisor import Ready, Service
from switchboard.watch import Trouble

LOOK_SECONDS = 0.5

log = logging.getLogger(__name__)


def bans_service(wiring: Wiring) -> Service:
    """Without it nobody new is banned, and whoever is banned stays so."""

    async def serve(ready: Ready) -> None:
        ready()
        bans = Bans()
        while True:
            with suppress(NotRunning):
                line = open_line(wiring.state, events="security")
                async with line as ami, asyncio.TaskGroup() as group:
                    group.create_task(_listen(ami, bans, wiring))
                    group.create_task(_enforce(ami, bans, wiring))
            await asyncio.sleep(AGAIN_SECONDS)

    return Service("bans", serve)


async def _listen(ami: Ami, bans: Bans, wiring: Wiring) -> None:
    async for event in ami.events():
        if event["Service"] == "PJSIP":
            bans.note(event.name, address_of(event["RemoteAddress"]), wiring.clock())


async def _enforce(ami: Ami, bans: Bans, wiring: Wiring) -> None:
    written: str | None = None
    path = wiring.state.asterisk / "lib" / "banned.conf"
    while True:
        bans.never = await _carriers(wiring)
        standing = bans.standing(wiring.clock())
        wiring.seen["abuse"] = [_trouble(ban) for ban in standing]
        text = "".join(f"deny = {ban.address}\n" for ban in standing if _is_banned(ban))
        if text != written:
            try:
                await asyncio.to_thread(partial(_write, path, text))
                await ami.ask("Command", Command="module reload acl")
                written = text
            except (AmiAway, AmiRefused, AmiTimeout, OSError) as trouble:
                log.warning("bans are set later: %s", trouble)
        await asyncio.sleep(LOOK_SECONDS)


async def _carriers(wiring: Wiring) -> frozenset[str]:
    center = await wiring.current.center()
    trunks = center.router.trunks.values() if center else ()
    written = [address for trunk in trunks for address in (trunk.host, *trunk.accept_from)]
    return frozenset(one.rpartition(":")[0] or one for one in map(str, written))


def _is_banned(ban: Ban) -> bool:
    if ban.until is None:
        return False
    try:
        ipaddress.ip_address(ban.address)
    except ValueError:  # not to be written into a file that Asterisk reads
        return False
    return True


def _write(path: Path, text: str) -> None:
    """Asterisk's account, which is another one, only reads it."""
    path.write_text(text)
    path.chmod(0o644)


def _trouble(ban: Ban) -> Trouble:
    if ban.until is None:
        words = f"{ban.address} {ban.reason}; a telephone signs in from there, so it is not banned"
        return Trouble(f"abuse:{ban.address}", words, "look for a wrong secret, or a guest, there")
    until = ban.until.astimezone().strftime("%H:%M:%S")
    words = f"{ban.address} {ban.reason} and is banned until {until}"
    return Trouble(f"abuse:{ban.address}", words, "nothing is to be done; close SIP to the world")
