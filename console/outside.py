"""`switchboard outbound`: whose calls outside are stopped, and how they are let go again."""

import asyncio
import json
import sys
from typing import Annotated

import typer
from rich.text import Text as Styled

from callrouter.stopped import Stopped, read_stopped, release
from center.line import open_line
from center.state import State
from console import show
from console.place import place_of
from switchboard.clock import utc_now

app = typer.Typer()
outbound = typer.Typer(help="Calls to the outside: whose are stopped, and why.")
app.add_typer(outbound, name="outbound")
Json = Annotated[bool, typer.Option("--json", help="print JSON for programs")]


@outbound.callback(invoke_without_command=True)
def stopped(context: typer.Context, as_json: Json = False) -> None:
    """Every extension whose calls outside are stopped, and why."""
    if context.invoked_subcommand is not None:
        return
    found = asyncio.run(_stopped(place_of(context, center=False).state))
    if as_json:
        sys.stdout.write(json.dumps(list(map(_as_json, found)), ensure_ascii=False) + "\n")
        return
    for one in found:
        since = one.since.astimezone().strftime("%d.%m.%y %H:%M:%S")
        show.out.print(Styled(f"{since}  {one.words}", style="red"))
    if not found:
        show.out.print("no extension is stopped")


@outbound.command("release")
def release_(
    context: typer.Context,
    extension: Annotated[str, typer.Argument(metavar="NUMBER", help="as `outbound` shows it")],
) -> None:
    """Let an extension call outside again."""
    asyncio.run(_release(place_of(context, center=False).state, extension))
    show.out.print(f"{extension} may call outside again")


async def _stopped(state: State) -> list[Stopped]:
    async with open_line(state) as ami:
        return await read_stopped(ami)


async def _release(state: State, extension: str) -> None:
    async with open_line(state) as ami:
        await release(ami, extension, utc_now())


def _as_json(one: Stopped) -> dict[str, str]:
    since = one.since.isoformat()
    return {
        "extension": one.extension,
        "reason": one.reason,
        "since": since,
        "number": one.number,
    }
