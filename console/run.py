"""`switchboard run`: one foreground process tree, from the applied version to `ready` and back."""

import asyncio
import signal
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from center.apply import Invalid, apply_center, checked_center, listening
from center.current import read_version
from center.line import open_line
from center.load import Center
from center.members import sync_members
from center.secrets import read_secrets
from center.state import State
from console import show
from console.bans import bans_service
from console.collector import voicemail_service
from console.emergencies import emergency_service
from console.engine import engine_services
from console.faxes import fax_service
from console.place import Place
from console.ports import demand_ports
from console.post import mail_service
from console.records import records_service
from console.schedule import reports_service
from console.watchmen import alarms_service
from console.wiring import Wiring, database_service
from switchboard.pbx.account import choose_account, settle
from switchboard.pbx.ami import RESYNC
from switchboard.pbx.process import AsteriskProcess
from switchboard.supervisor import Ready, Service, Supervisor
from switchboard.troubles import Restarts

DRAIN_SECONDS = 20
STOP_SECONDS = 15  # for what is left after the draining


async def run_center(place: Place, show_secrets: bool) -> None:
    """Serve until SIGTERM or SIGINT; a second signal ends at once. Raises SwitchboardError."""
    with place.state.locked("run", f"this center runs already ({place.state.root})"):
        center = await _served_center(place)
        drain_seconds = center.ground.drain_seconds if center else DRAIN_SECONDS
        wiring = Wiring.of(place.state, place.directory, show.warn)
        services = [
            database_service(wiring),
            mail_service(wiring),
            *engine_services(place.state),
            _asterisk(place, drain_seconds),
            _members(place.state),
            voicemail_service(wiring),
            fax_service(wiring),
            alarms_service(wiring),
            emergency_service(wiring),
            bans_service(wiring),
            records_service(wiring),
            reports_service(wiring),
        ]
        supervisor = Supervisor(services, partial(_tell_restart, wiring.restarts))
        stopping = _on_signals(supervisor)
        starting = asyncio.create_task(supervisor.start())
        stopped = asyncio.create_task(stopping.wait())
        await asyncio.wait({starting, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
            await asyncio.wait({starting})
            return
        starting.result()
        if center:
            _welcome(center, place, show_secrets)
        show.out.print("ready")
        await stopped
        show.out.print(f"stopping; calls have {drain_seconds} s to end (again: at once)")
        await supervisor.stop(drain_seconds + STOP_SECONDS)


async def _served_center(place: Place) -> Center | None:
    """Apply on the first start; later say where the working files differ, and go on without them.

    Returns the center that callers are served by, None where its text cannot be read any more.
    Raises PortTaken, before prompts are made for a center that could not be heard.
    """
    applied = place.state.applied()
    if applied is None:
        working, _ = checked_center(place.directory, place.state)
        demand_ports(listening(working))
        with show.progress("prompts", quiet=False) as progress:
            await apply_center(place.directory, place.state, place.installation(), progress)
        return working
    demand_ports(place.state.manifest(applied).listen)
    changed = changed_files(place.directory, place.state.version(applied) / "center")
    if changed:
        show.out.print(
            f"serving version {applied}; not applied yet: {', '.join(changed)}", style="yellow"
        )
        try:
            checked_center(place.directory, place.state)
        except Invalid as invalid:
            show.out.print(f"the working files are broken, {invalid}", style="yellow")
    served = read_version(place.state, applied)
    return replace(served, directory=place.directory) if served else None


def changed_files(working: Path, applied: Path) -> list[str]:
    """The YAML files that differ between a center and its applied copy."""
    names = {
        str(path.relative_to(top)) for top in (working, applied) for path in top.glob("**/*.yaml")
    }
    return sorted(name for name in names if _bytes(working / name) != _bytes(applied / name))


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _asterisk(place: Place, drain_seconds: int) -> Service:
    installation = place.installation()
    choice = choose_account(place.state.root, installation)
    if choice.warning:
        show.out.print(choice.warning, style="yellow")

    async def serve(ready: Ready) -> None:
        note_start(place.state)
        settle(place.state.root, choice.account)
        conf = place.state.etc / "asterisk.conf"
        asterisk = AsteriskProcess(installation, conf, choice.account)
        await asterisk.serve(ready, drain_seconds=drain_seconds)

    return Service("Asterisk", serve)


def _members(state: State) -> Service:
    """Whoever is new in the applied version is signed in whenever Asterisk is there anew."""

    async def serve(ready: Ready) -> None:
        async with open_line(state) as ami:
            async for event in ami.events():
                if event.name == RESYNC.name:
                    applied = state.applied()
                    if applied is not None:
                        await sync_members(ami, state.manifest(applied).members, state)
                    ready()

    return Service("members", serve)


def note_start(state: State) -> None:
    """A mark before each start: what was alive before it was cut by the restart."""
    applied = state.applied()
    with (state.asterisk / "log" / "starts.csv").open("a") as marks:
        marks.write(f"{datetime.now(UTC).isoformat()},{applied}\n")
    if applied is not None:
        state.note_loaded(applied)
        state.note_listening(state.manifest(applied).listen)


def _tell_restart(restarts: Restarts, name: str, reason: str) -> None:
    show.out.print(f"{name} is started again: {reason}", style="red")
    restarts.note(name, reason)


def _on_signals(supervisor: Supervisor) -> asyncio.Event:
    """Set at the first SIGTERM or SIGINT; the second one hurries the stop."""
    stopping = asyncio.Event()

    def stop() -> None:
        if stopping.is_set():
            supervisor.hurry()
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    return stopping


def _welcome(center: Center, place: Place, show_secrets: bool) -> None:
    """Where a telephone and a caller find the center."""
    known = read_secrets(center, place.state)
    show.out.print(f"[bold]{center.ground.name}[/bold] answers SIP on {center.ground.listen.sip}")
    for number, extension in center.router.extensions.items():
        secret = known[number] if show_secrets else "(see `switchboard secrets`)"
        show.out.print(f"  extension {number}  {extension.name or ''}  secret {secret}")
    numbers = ", ".join(map(str, center.router.numbers))
    show.out.print(f"  callers dial {numbers}")
