"""The commands on calls and figures: `report`, `call`, `rebuild`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from console import show_reports
from console.accounts import Filters, rebuilt, report_of, told_call
from console.place import place_of
from console.show_reports import Format
from reports.call import Outcome
from reports.listing import call_json, timeline
from reports.period import PeriodInvalid
from reports.report import Report
from reports.section import NAMES as Name

app = typer.Typer()


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
    form: Annotated[Format, typer.Option("--format", help="how it is printed")] = "table",
    file: Annotated[Path | None, typer.Option("-o", help="write it there")] = None,
) -> None:
    """What happened in a period, with the balance at the foot."""
    filters = Filters(department, agent, number, language, outcome)
    try:
        made = asyncio.run(
            report_of(place_of(context, center=False).state, name, begin, end, filters)
        )
    except PeriodInvalid as invalid:
        raise typer.BadParameter(str(invalid)) from None
    if file is not None:
        _write(made, form, file)
    else:
        show_reports.report(made, form)


@app.command()
def call(
    context: typer.Context,
    call_id: Annotated[str, typer.Argument(metavar="ID", help="as `report calls` shows it")],
    as_json: Annotated[bool, typer.Option("--json", help="print JSON for programs")] = False,
) -> None:
    """One call as a timeline: menus, keys, waits, rings, talk, hold, transfers."""
    found, day = asyncio.run(told_call(place_of(context, center=False).state, call_id))
    show_reports.call(call_json(found, day), timeline(found, day), as_json)


@app.command()
def rebuild(context: typer.Context) -> None:
    """Make all calls again from the raw records."""
    print(f"{asyncio.run(rebuilt(place_of(context, center=False).state))} calls")


def _write(made: Report, form: Format, file: Path) -> None:
    # spreadsheets take CSV for UTF-8 only with the mark at its beginning
    with file.open("w", encoding="utf-8-sig" if form == "csv" else "utf-8", newline="") as out:
        show_reports.report(made, form, out)
