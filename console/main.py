"""The command `switchboard`: reads its arguments, calls one function, prints what it returns.

Exit codes: 0 done, 1 refused or problems found, 2 wrong usage.
"""

import asyncio
import json
import os
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from center.apply import Applied, Invalid, apply_center, checked_center
from center.schema import center_schema, menu_schema
from console import show
from console.ask import ask_asterisk, live_now, secrets_of, simulated
from console.doors import Doors
from console.place import Place, place_of
from switchboard.errors import SwitchboardError

app = typer.Typer(
    cls=Doors,
    help="Switchboard: a telephone center on Asterisk.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Json = Annotated[bool, typer.Option("--json", help="print JSON for programs")]


def _version(asked: bool) -> None:
    if asked:
        print(f"switchboard {version('switchboard')}")
        raise typer.Exit


@app.callback()
def _place(
    context: typer.Context,
    center: Annotated[Path, typer.Option(help="the center's directory")] = Path(),
    state: Annotated[
        Path | None, typer.Option(help="where everything is written (default: beside the center)")
    ] = None,
    _: Annotated[
        bool, typer.Option("--version", help="print the version", callback=_version, is_eager=True)
    ] = False,
) -> None:
    place = Place.of(center, state)
    context.obj = place
    if context.invoked_subcommand not in ("run", "alarms") and (why := place.state.mail_trouble()):
        show.warn(f"{why}; see `switchboard alarms`")


@app.command()
def check(context: typer.Context, as_json: Json = False) -> None:
    """Validate the center: every problem of every file, in one pass."""
    place = place_of(context)
    try:
        _, problems = checked_center(place.directory, place.state)
    except Invalid as invalid:
        problems = invalid.problems
    show.problems(problems, as_json)
    if problems.errors:
        raise typer.Exit(1)


@app.command()
def apply(context: typer.Context, as_json: Json = False) -> None:
    """Check, render aside, swap at once, reload only what changed."""
    place = place_of(context)
    applied = asyncio.run(_apply(place, as_json))
    show.applied(applied, as_json)


async def _apply(place: Place, as_json: bool) -> Applied:
    with show.progress("prompts", quiet=as_json) as progress:
        return await apply_center(place.directory, place.state, place.installation(), progress)


@app.command()
def simulate(
    context: typer.Context,
    to: Annotated[str, typer.Option(help="the number that is dialled")],
    caller: Annotated[
        str | None, typer.Option("--from", help="the caller's number (default: withheld)")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(help="when, ISO 8601 (default: now; without offset: center's zone)"),
    ] = None,
    keys: Annotated[
        str, typer.Option(help="what is pressed; a comma is a pause, _ is silence: 2,1 or 202")
    ] = "",
    interactive: Annotated[
        bool, typer.Option("--interactive", "-i", help="read the prompts and type the keys")
    ] = False,
    language: Annotated[
        str | None, typer.Option(help="the call's language (default: the center's)")
    ] = None,
    as_json: Json = False,
) -> None:
    """Walk a call with the production engine, and print each step and why."""
    walk = simulated(place_of(context), to, caller, at, None if interactive else keys, language)
    show.simulation(asyncio.run(walk), as_json)


@app.command()
def status(context: typer.Context, as_json: Json = False) -> None:
    """What is going on now: extensions, departments, who waits, who talks."""
    show.live(asyncio.run(live_now(place_of(context, center=False))), as_json)


@app.command()
def secrets(context: typer.Context, as_json: Json = False) -> None:
    """The extensions' secrets, those that were made included."""
    show.secrets(secrets_of(place_of(context)), as_json)


@app.command()
def schema(
    menu: Annotated[bool, typer.Option("--menu", help="the schema of menus/NAME.yaml")] = False,
) -> None:
    """JSON Schema of center.yaml, for editors."""
    print(json.dumps(menu_schema() if menu else center_schema(), ensure_ascii=False, indent=2))


@app.command(context_settings={"ignore_unknown_options": True})
def asterisk(
    context: typer.Context,
    command: Annotated[list[str], typer.Argument(metavar="CLI-COMMAND")],
) -> None:
    """Ask the Asterisk console of this center, for example: asterisk core show channels."""
    print(asyncio.run(ask_asterisk(place_of(context, center=False), " ".join(command))))


def main() -> None:
    """The entry point. What the user can mend is told in one line, without a traceback."""
    os.umask(0o077)
    try:
        app()
    except Invalid as invalid:
        show.problems(invalid.problems, as_json=False)
        raise SystemExit(1) from None
    except SwitchboardError as error:
        show.error(str(error))
        raise SystemExit(1) from None
    except (
        OSError
    ) as trouble:  # a file: its disk is full, it may not be read, it is not what it was
        show.error(f"{trouble.strerror or trouble}: {trouble.filename or 'the state directory'}")
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
