"""The commands on calls and figures: `report`, `call`, `rebuild`."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, get_args

import typer

from console import show, show_reports
from console.accounts import Request, rebuilt, report_of, told_call
from console.place import place_of
from console.show_reports import Format
from reports.call import Outcome
from reports.listing import call_json, timeline
from reports.period import PeriodInvalid
from reports.picture import picture
from reports.report import Report
from reports.section import NAMES as Name
from reports.store import Filters

app = typer.Typer()
Json = Annotated[bool, typer.Option("--json", help="print JSON for programs")]
MANY = 2000  # calls, of which some time passes


@app.command()
def report(
    context: typer.Context,
    name: Annotated[Name, typer.Argument(help="which report", metavar="NAME")],
    begin: Annotated[str, typer.Option("--from", help="a date or a time, ISO 8601")],
    end: Annotated[str, typer.Option("--to", help="a date (included) or a time (not included)")],
    department: Annotated[str | None, typer.Option(help="only calls that were in it")] = None,
    agent: Annotated[str | None, typer.Option(help="only calls this extension spoke in")] = None,
    number: Annotated[str | None, typer.Option(help="only calls from or to it, E.164")] = None,
    language: Annotated[str | None, typer.Option(help="only calls in it")] = None,
    outcome: Annotated[Outcome | None, typer.Option(help="only calls that ended so")] = None,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="how it is written (default: as FILE ends, else a table)"),
    ] = None,
    as_json: Json = False,
    file: Annotated[Path | None, typer.Option("-o", help="write it to FILE")] = None,
) -> None:
    """What happened in a period, with the balance at the foot."""
    wanted = _format(form, as_json, file)
    filters = Filters(department, agent, number, language, outcome)

    def use(made: Report, count: int) -> None:
        if file is None:
            show_reports.report(made, wanted)
            return
        with show.progress(f"{count} calls", quiet=count < MANY) as step:
            show_reports.write(show_reports.counted(made, count, step), wanted, file)

    asked = Request(name, begin, end, filters)
    try:
        asyncio.run(report_of(place_of(context, center=False).state, asked, use))
    except PeriodInvalid as invalid:
        raise typer.BadParameter(str(invalid)) from None


def _format(form: Format | None, as_json: bool, file: Path | None) -> Format:
    if as_json and form not in (None, "json"):
        raise typer.BadParameter(f"--json and --format {form} are two things")
    suffix = file.suffix.removeprefix(".") if file else ""
    chosen = form or ("json" if as_json else suffix)
    wanted: Format = next((known for known in get_args(Format) if known == chosen), "table")
    if wanted == "xlsx" and file is None and sys.stdout.isatty():
        raise typer.BadParameter("a spreadsheet needs a file: -o FILE.xlsx")
    return wanted


@app.command()
def call(
    context: typer.Context,
    call_id: Annotated[str, typer.Argument(metavar="ID", help="as `report calls` shows it")],
    as_json: Json = False,
    file: Annotated[Path | None, typer.Option("-o", help="draw it into FILE.svg")] = None,
) -> None:
    """One call as a timeline: menus, keys, waits, rings, talk, hold, transfers."""
    found, day = asyncio.run(told_call(place_of(context, center=False).state, call_id))
    if file is not None:
        file.write_text(picture(found, day), encoding="utf-8")
        return
    show_reports.call(call_json(found, day), timeline(found, day), as_json)


@app.command()
def rebuild(context: typer.Context) -> None:
    """Make all calls again from the raw records."""
    print(f"{asyncio.run(rebuilt(place_of(context, center=False).state))} calls")
