"""The commands on what is known of a number, and on what is let go: `export`, `forget`, `keep`."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from console import show
from console.forgetting import forgotten, known_of, let_go, overdue, write_zip
from console.place import place_of

app = typer.Typer()
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="as calls have it, E.164")]
Json = Annotated[bool, typer.Option("--json", help="print JSON for programs")]


@app.command()
def export(
    context: typer.Context,
    number: Number,
    file: Annotated[
        Path | None, typer.Option("-o", help="a ZIP with sounds and pages, too")
    ] = None,
) -> None:
    """All that is known of a number: calls, messages, faxes, letters and forwards, as JSON."""
    known, period = asyncio.run(known_of(place_of(context, center=False).state, number))
    if file is None:
        whole = json.dumps(known.as_json(period), ensure_ascii=False, indent=2)
        sys.stdout.write(whole + "\n")
        return
    write_zip(known, period, file)
    show.counts(known.counted(), as_json=False)


@app.command()
def forget(
    context: typer.Context,
    number: Number,
    yes: Annotated[bool, typer.Option("--yes", help="really; it cannot be undone")] = False,
    as_json: Json = False,
) -> None:
    """Forget a number: its messages and faxes go, its calls stay in all figures without it."""
    state = place_of(context, center=False).state
    if not yes:
        known, _ = asyncio.run(known_of(state, number))
        show.counts(known.counted(), as_json)
        show.warn(f"nothing was forgotten; `switchboard forget {number} --yes` does it")
        return
    known, is_scrubbed = asyncio.run(forgotten(state, number))
    show.counts(known.counted(), as_json)
    for extension in known.forwards or ():
        show.warn(f"the calls of extension {extension} go on to it no longer")
    if known.forwards is None:
        show.warn("Asterisk is away: a forward to it (*72) stays; forget again while `run` runs")
    if not is_scrubbed:
        show.warn("the database was busy: its file may still hold what was deleted; forget again")
    show.warn("Asterisk's own files below asterisk/log still have it until they are rotated away")


@app.command()
def keep(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only tell how much it is")] = False,
    as_json: Json = False,
) -> None:
    """Let go what is older than `keep:` says, as `run` does by itself."""
    place = place_of(context, center=False)
    work = overdue(place.state) if dry_run else let_go(place.state, place.directory)
    found = asyncio.run(work)
    show.overdue([(one.kind, one.days, one.count) for one in found], dry_run, as_json)
