"""The commands on letters and alarms: `outbox list`, `show`, `retry`, `forget`, and `alarms`."""

import asyncio
from typing import Annotated

import typer

from console import show_letters
from console.letters import alarms_of, forgotten, letter_of, letters_of, retried
from console.place import place_of
from console.show import out

app = typer.Typer()
outbox = typer.Typer(help="The letters: where each one is.", no_args_is_help=True)
app.add_typer(outbox, name="outbox")

LetterId = Annotated[int, typer.Argument(metavar="ID", help="as `outbox list` shows it")]
Json = Annotated[bool, typer.Option("--json", help="print JSON for programs")]


@outbox.command("list")
def list_(
    context: typer.Context,
    days: Annotated[int, typer.Option(help="show letters sent within so many days")] = 7,
    as_json: Json = False,
) -> None:
    """Every letter that is not sent, and those sent lately."""
    state = place_of(context, center=False).state
    show_letters.letters(asyncio.run(letters_of(state, days)), as_json)


@outbox.command()
def show(context: typer.Context, letter_id: LetterId, as_json: Json = False) -> None:
    """One letter, and what became of each recipient."""
    state = place_of(context, center=False).state
    show_letters.letter(asyncio.run(letter_of(state, letter_id)), as_json)


@outbox.command()
def retry(context: typer.Context, letter_id: LetterId, as_json: Json = False) -> None:
    """Try a letter at once, a dead one too."""
    state = place_of(context, center=False).state
    show_letters.letter(asyncio.run(retried(state, letter_id)), as_json)


@outbox.command()
def forget(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say how many")] = False,
) -> None:
    """Forget letters that were sent longer ago than `keep.letter_days`; `run` does so by itself."""
    state = place_of(context, center=False).state
    count = asyncio.run(forgotten(state, dry_run=dry_run))
    out.print(f"{count} letters {'would be' if dry_run else 'were'} forgotten")


@app.command()
def alarms(context: typer.Context, as_json: Json = False) -> None:
    """What is wrong, since when, and how to mend it."""
    state = place_of(context, center=False).state
    show_letters.alarms(asyncio.run(alarms_of(state)), as_json)
