"""The commands on scheduled reports: `reports list`, `run`, `last`."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich.text import Text as Styled
from sqlalchemy import select

from center.load import Center
from console.accounts import center_of
from console.letters import session_of
from console.place import Place, place_of
from console.schedule import Clerk, scheduled
from console.show import json_, out
from console.wiring import database_of
from reports.runs import last_runs
from reports.schedule import next_due
from switchboard.clock import utc_now
from switchboard.outbox import OutboxRow

app = typer.Typer()
reports = typer.Typer(help="Reports that are sent by themselves.", no_args_is_help=True)
app.add_typer(reports, name="reports")
Json = Annotated[bool, typer.Option("--json", help="print JSON for programs")]
MOST = 50  # runs that are shown
WITHIN = timedelta(days=8)  # every schedule is due once in that time


@reports.command("list")
def list_(context: typer.Context, as_json: Json = False) -> None:
    """Which reports are sent, when next, to whom."""
    center = asyncio.run(center_of(place_of(context, center=False).state))
    found = [_scheduled(center, name) for name in scheduled(center)]
    if as_json:
        json_(found)
        return
    for one in found:
        when = f"{one['days']} {one['at']}, next {one['next_at'][:16].replace('T', ' ')}"
        head = f"{one['name']:16} {one['report']:12} {one['period']:12} {one['format']:5} {when}"
        out.print(Styled(f"{head}  {', '.join(one['to'])}"))
    out.print(f"{len(found)} reports")


def _scheduled(center: Center, name: str) -> dict[str, Any]:
    one, now = scheduled(center)[name], utc_now()
    due = next_due(one, now, now + WITHIN, center.ground.zone)
    return {
        "name": name,
        "report": str(one.report),
        "period": str(one.period),
        "days": str(one.days),
        "at": str(one.at),
        "format": str(one.format),
        "to": [str(address) for address in one.email],
        "next_at": due.astimezone(center.ground.zone).isoformat() if due else "",
    }


@reports.command()
def run(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="as `reports list` shows it")],
) -> None:
    """Send one now, as if it were due; what is due later is sent then, too."""
    out.print(f"in the outbox: {asyncio.run(_run(place_of(context, center=False), name))}")


async def _run(place: Place, name: str) -> str:
    center = await center_of(place.state)
    database = database_of(place.state)
    try:
        clerk = Clerk(place.state, place.directory, database, utc_now)
        return await clerk.send(center, name, utc_now(), is_asked=True)
    finally:
        await database.close()


@reports.command()
def last(context: typer.Context, as_json: Json = False) -> None:
    """What was sent lately, and what became of each letter."""
    found = asyncio.run(_last(place_of(context, center=False)))
    if as_json:
        json_(found)
        return
    for one in found:
        out.print(
            Styled(f"{one['due_at'][:16].replace('T', ' ')}  {one['name']:16} {one['state']}")
        )
    out.print(f"{len(found)} reports")


async def _last(place: Place) -> list[dict[str, Any]]:
    """`state` is that of the letter; a letter that was sent long ago is in the outbox no more."""
    center = await center_of(place.state)
    async with session_of(place.state) as session:
        if session is None:
            return []
        runs = await last_runs(session, MOST)
        known = select(OutboxRow).where(OutboxRow.message_id.in_([run.message_id for run in runs]))
        letters = {letter.message_id: letter for letter in await session.scalars(known)}

    def state_of(message_id: str | None) -> str:
        letter = letters.get(message_id or "")
        return letter.state if letter else "sent"

    def local(moment: datetime) -> str:
        return moment.astimezone(center.ground.zone).isoformat(timespec="seconds")

    return [
        {
            "name": run.name,
            "due_at": local(run.due_at),
            "asked": run.is_asked,
            "message_id": run.message_id,
            "state": state_of(run.message_id),
        }
        for run in runs
    ]
