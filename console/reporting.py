"""The commands on calls and figures: `report`, `call`, `rebuild`."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, get_args

import typer

from console import show, show_reports
from console.accounts import Request, rebuilt, report_of, told_call
from console.place import place_of
from console.show_reports import DRAWN, Format
from reports.call import Outcome
from reports.listing import call_json, timeline
from reports.paper.picture import picture
from reports.period import PeriodInvalid
from reports.report import Report
from reports.section import NAMES as Name
from reports.store import Filters
from reports.wording import wording_of
from switchboard.paper.house import House

app = typer.Typer()
Json = Annotated[bool, typer.Option("--json", help="print JSON for programs")]
MANY = 2000  # calls, of which some time passes


@app.command()
def report(
    context: typer.Context,
    name: Annotated[Name, typer.Argument(help="which report", metavar="NAME")],
    begin: Annotated[
        str | None, typer.Option("--from", help="a date or a time, ISO 8601 (default: today)")
    ] = None,
    end: Annotated[
        str | None,
        typer.Option("--to", help="a date (included) or a time (default: the day of --from)"),
    ] = None,
    department: Annotated[str | None, typer.Option(help="only calls that were in it")] = None,
    agent: Annotated[str | None, typer.Option(help="only calls this extension spoke in")] = None,
    number: Annotated[str | None, typer.Option(help="only calls from or to it, E.164")] = None,
    language: Annotated[str | None, typer.Option(help="only calls in it")] = None,
    outcome: Annotated[Outcome | None, typer.Option(help="only calls that ended so")] = None,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="how it is written (default: as FILE ends, else a table)"),
    ] = None,
    compare: Annotated[
        str | None, typer.Option(help="beside those of another period: previous, or FROM..TO")
    ] = None,
    as_json: Json = False,
    file: Annotated[Path | None, typer.Option("-o", help="write it to FILE")] = None,
) -> None:
    """What happened in a period, with the balance at the foot."""
    wanted = _format(form, as_json, file)
    filters = Filters(department, agent, number, language, outcome)

    def use(made: Report, count: int, house: House) -> None:
        if file is None:
            show_reports.report(made, wanted, house)
            return
        with show.progress(f"{count} calls", quiet=count < MANY) as step:
            show_reports.write(show_reports.counted(made, count, step), wanted, file, house)

    asked = Request(name, begin, end, filters, compare, wanted in DRAWN)
    place = place_of(context, center=False)
    try:
        asyncio.run(report_of(place.state, asked, use, place.directory, show.warn))
    except PeriodInvalid as invalid:
        raise typer.BadParameter(str(invalid)) from None


def _format(form: Format | None, as_json: bool, file: Path | None) -> Format:
    if as_json and form not in (None, "json"):
        raise typer.BadParameter(f"--json and --format {form} are two things")
    suffix = file.suffix.removeprefix(".") if file else ""
    chosen = form or ("json" if as_json else suffix)
    wanted: Format = next((known for known in get_args(Format) if known == chosen), "table")
    if wanted in ("xlsx", "pdf") and file is None and sys.stdout.isatty():
        raise typer.BadParameter(f"this needs a file: -o FILE.{wanted}")
    return wanted


@app.command()
def call(
    context: typer.Context,
    call_id: Annotated[str, typer.Argument(metavar="ID", help="as `report calls` shows it")],
    as_json: Json = False,
    file: Annotated[
        Path | None, typer.Option("-o", help="draw it into FILE.svg or FILE.pdf")
    ] = None,
) -> None:
    """One call as a timeline: menus, keys, waits, rings, talk, hold, transfers."""
    place = place_of(context, center=False)
    found, day, house = asyncio.run(told_call(place.state, call_id, place.directory))
    if file is not None and file.suffix == ".pdf":
        show_reports.draw(found, day, house, file)
        return
    if file is not None:
        file.write_text(picture(found, day, wording_of(house.language)), encoding="utf-8")
        return
    show_reports.call(call_json(found, day), timeline(found, day), as_json)


@app.command()
def rebuild(context: typer.Context) -> None:
    """Make all calls again from the raw records."""
    print(f"{asyncio.run(rebuilt(place_of(context, center=False).state))} calls")
