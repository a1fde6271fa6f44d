"""`switchboard fax`: faxes that came, and what became of their letters."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.text import Text as Styled
from sqlalchemy.exc import SQLAlchemyError

from center.current import Current
from center.lines import lines_of
from center.state import State
from console import show, show_letters
from console.faxes import deliverer_of, kept
from console.letters import DatabaseAway, session_of
from console.place import Place, place_of
from console.wiring import database_of
from fax2pdf.deliver import Deliverer
from fax2pdf.lines import NO_LINES
from fax2pdf.store import FaxRow, Listed, NoSuchFax, find_fax, list_faxes
from switchboard.db import trouble_with
from switchboard.errors import SwitchboardError

app = typer.Typer()
fax = typer.Typer(help="Faxes that came.", no_args_is_help=True)
app.add_typer(fax, name="fax")
FaxId = Annotated[str, typer.Argument(metavar="ID", help="as `fax list` shows it")]
Json = Annotated[bool, typer.Option("--json", help="print JSON for programs")]
T = TypeVar("T")


class NoPages(SwitchboardError):
    """There is nothing to be exported."""


class NotSentAgain(SwitchboardError):
    """There is nobody to send it to."""


@fax.command("list")
def list_(
    context: typer.Context,
    line: Annotated[str | None, typer.Option(help="one fax line only")] = None,
    as_json: Json = False,
) -> None:
    """Every fax that is kept, the oldest first."""
    faxes, zone = asyncio.run(_listed(place_of(context, center=False).state, line))
    listed = [_as_json(one, zone) for one in faxes]
    if as_json:
        show.json_(listed)
        return
    for one in listed:
        show.out.print(show_letters.arrival(one, one["fax"], f"{one['pages']:4} pages"))
    show.out.print(f"{len(listed)} faxes")


@fax.command("show")
def show_(context: typer.Context, fax_id: FaxId, as_json: Json = False) -> None:
    """All that is known of a fax."""
    one, zone = asyncio.run(_found(place_of(context, center=False).state, fax_id))
    known = _as_json(one, zone) | _more(one.fax)
    if as_json:
        show.json_(known)
        return
    for key, value in known.items():
        if value not in (None, ""):
            show.out.print(Styled(f"{key:16} {value}"))


@fax.command()
def export(
    context: typer.Context,
    fax_id: FaxId,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="FILE.pdf; FILE.tif is the fax as it came")
    ],
) -> None:
    """Write a fax as PDF, made anew, or as it came."""
    asyncio.run(_exported(place_of(context, center=False), fax_id, output))


@fax.command()
def resend(context: typer.Context, fax_id: FaxId) -> None:
    """Send a fax again, to whom its line names now."""
    to = asyncio.run(_resent(place_of(context, center=False), fax_id))
    show.out.print(Styled(f"{fax_id} goes to {', '.join(to)}"))


async def _listed(state: State, line: str | None) -> tuple[list[Listed], tzinfo]:
    async with session_of(state) as session:
        return (await list_faxes(session, line) if session else []), await _zone(state)


async def _found(state: State, fax_id: str) -> tuple[Listed, tzinfo]:
    async with session_of(state) as session:
        if session is None:
            raise NoSuchFax("there is no fax yet")
        return await find_fax(session, fax_id), await _zone(state)


async def _zone(state: State) -> tzinfo:
    center = await Current(state).center()
    return center.ground.zone if center else UTC


async def _exported(place: Place, fax_id: str, output: Path) -> None:
    """Raises NoSuchFax, NoPages, DatabaseAway."""
    state = place.state
    row = (await _found(state, fax_id))[0].fax
    if not row.tiff_bytes:
        raise NoPages(f"of fax {fax_id} no page came")
    if output.suffix.lower() in (".tif", ".tiff"):
        _copy(kept(state) / f"{row.id}.tif", output)
        return
    center = await Current(state).center()
    lines = lines_of(center, place.directory) if center else NO_LINES

    async def write(deliverer: Deliverer) -> None:
        async with deliverer.made(row, lines) as made:
            if made.pdf is None:
                raise NoPages(f"no PDF can be made: {made.trouble}; -o FILE.tif has it as it came")
            _copy(made.pdf, output)

    await _with_deliverer(state, write)


def _copy(source: Path, output: Path) -> None:
    try:
        shutil.copyfile(source, output)
    except OSError as trouble:
        raise NoPages(f"cannot write {output}: {trouble.strerror}") from trouble


async def _resent(place: Place, fax_id: str) -> tuple[str, ...]:
    """Raises NoSuchFax, NotSentAgain, DatabaseAway."""
    state = place.state
    center = await Current(state).center()
    if center is None:
        raise NotSentAgain("nothing is applied yet")
    lines = lines_of(center, place.directory)

    async def send(deliverer: Deliverer) -> tuple[str, ...]:
        letter = await deliverer.resend(fax_id, lines)
        if letter is None:
            raise NotSentAgain("its line names no `email`, or there is no `mail:`")
        return letter.to

    return await _with_deliverer(state, send)


async def _with_deliverer(state: State, task: Callable[[Deliverer], Awaitable[T]]) -> T:
    database = database_of(state)
    deliverer = deliverer_of(state, database)
    try:
        if not database.exists:
            raise NoSuchFax("there is no fax yet")
        return await task(deliverer)
    except (SQLAlchemyError, OSError) as trouble:
        raise DatabaseAway(trouble_with(trouble)) from trouble
    finally:
        await deliverer.close()
        await database.close()


def _as_json(listed: Listed, zone: tzinfo) -> dict[str, Any]:
    one = listed.fax
    return {
        "id": one.id,
        "fax": one.line,
        "from": one.caller_number,
        "from_name": one.caller_name,
        "received_at": one.received_at.astimezone(zone).isoformat(),
        "pages": one.pages,
        "status": one.status,
        "mail": show_letters.fate_json(listed.letter),
    }


def _more(one: FaxRow) -> dict[str, Any]:
    return {
        "call": one.uniqueid,
        "dialled": one.dialled,
        "station": one.station,
        "confirmed": one.confirmed,
        "resolution": one.resolution,
        "bits_per_second": one.bits_per_second,
        "seconds": round(one.seconds, 1),
        "cause": one.cause,
        "error": one.error,
    }
