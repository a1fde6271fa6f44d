"""The dialplan is open and closed as Python says, minute by minute, where clocks and days jump.

One channel walks through thousands of moments; a call for each would take a day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from callrouter.hours import Hours
from center.line import open_line
from center.load import load_center
from center.render import DIALPLAN
from switchboard.problems import Problems
from tests.centers import MENU
from tests.journeys.center import Center, RunningCenter

pytestmark = pytest.mark.asterisk

YEAR = date.today().year + 1
LEAP_YEAR = next(
    year
    for year in range(YEAR, YEAR + 8)
    if date.fromordinal(date(year, 3, 1).toordinal() - 1).day == 29
)
CENTER = f"""\
name: Acme
timezone: Europe/Berlin
country: DE
language: en
listen: {{sip: "127.0.0.1:5060", ami: "127.0.0.1:5038"}}
numbers: {{other: {{menu: main}}}}
hours:
  office:
    weekly: {{mon-fri: "09:00-18:00", sat: ["10:00-13:00", "14:00-16:00"]}}
    holidays: DE
    dates:
      {YEAR}-12-31: "09:00-15:00"
      {YEAR}-05-02..{YEAR}-05-09: closed
      {YEAR}-05-05: ["07:00-07:30", "12:00-24:00"]
      {LEAP_YEAR}-02-29: "00:00-24:00"
  night: {{weekly: {{mon-sun: "22:00-06:00"}}, dates: {{{YEAR}-01-01: closed}}}}
  weekend: {{weekly: {{fri: "18:00-02:30", sat-sun: "00:00-24:00"}}, timezone: America/New_York}}
  early: {{weekly: {{sun: "01:30-02:30", mon: "00:00-00:01"}}, timezone: Australia/Lord_Howe}}
"""
ZONE = ZoneInfo("Europe/Berlin")


MOST_LETTERS = 300  # a record of CEL has them twice, and is cut at 1024 bytes


@dataclass(frozen=True)
class Walk:
    """Moments one after the other."""

    begin: datetime
    step: timedelta
    count: int

    @property
    def moments(self) -> list[datetime]:
        return [self.begin + number * self.step for number in range(self.count)]

    def pieces(self) -> Iterator["Walk"]:
        """The same in walks that one record can tell."""
        for first in range(0, self.count, MOST_LETTERS):
            begin = self.begin + first * self.step
            yield Walk(begin, self.step, min(MOST_LETTERS, self.count - first))


MENUS = {"main": MENU}


def clock_changes(zone: ZoneInfo) -> Iterator[datetime]:
    """The moments of the year at which the zone's clocks are put forward or back."""
    at = datetime(YEAR, 1, 1, tzinfo=UTC)
    while at.year == YEAR:
        after = at + timedelta(minutes=30)
        if at.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            yield after
        at = after


def walks(hours: Hours) -> list[Walk]:
    """All that is asked about one `hours`, in pieces."""
    return [piece for walk in jumps(hours) for piece in walk.pieces()]


def jumps(hours: Hours) -> Iterator[Walk]:
    """Each minute around each change of the clock, the leap day and holidays, then all the year."""
    zone = ZoneInfo(hours.timezone) if hours.timezone else ZONE
    for change in clock_changes(zone):
        yield Walk(change - timedelta(hours=4), timedelta(minutes=1), 480)
    for first, days in [
        (date(LEAP_YEAR, 2, 28), 3),
        (date(YEAR, 5, 1), 10),
        (date(YEAR - 1, 12, 30), 4),
        (date(YEAR, 12, 24), 9),
    ]:
        begin = datetime(first.year, first.month, first.day, tzinfo=zone).astimezone(UTC)
        yield Walk(begin, timedelta(minutes=30), days * 48)
        yield Walk(begin - timedelta(minutes=1), timedelta(minutes=30), days * 48)
    yield Walk(datetime(YEAR, 1, 1, tzinfo=UTC), timedelta(hours=17, minutes=13), 500)


def dialplan(all_hours: dict[str, Hours]) -> str:
    """`probe`: walks through all moments and writes down `o` or `c` for each."""
    lines = ["[probe]", "exten => s,1,Answer()"]
    for name, hours in all_hours.items():
        for number, walk in enumerate(walks(hours)):
            lines += [
                f" same => n,Set(MOMENT={int(walk.begin.timestamp())})",
                f" same => n,Set(LEFT={walk.count})",
                " same => n,Set(SAID=)",
                f" same => n({name}{number}),Set(GLOBAL(CLOCK_OFFSET)=$[${{MOMENT}} - ${{EPOCH}}])",
                f" same => n,Gosub(hours-{name}-v1,s,1)",
                " same => n,Set(SAID=${SAID}${GOSUB_RETVAL:0:1})",
                f" same => n,Set(MOMENT=$[${{MOMENT}} + {walk.step // timedelta(seconds=1)}])",
                " same => n,Set(LEFT=$[${LEFT} - 1])",
                f" same => n,GotoIf(${{LEFT}}?{name}{number})",
                f" same => n,CELGenUserEvent(said,{name} {number} ${{SAID}})",
            ]
    return "\n".join(["", *lines, " same => n,CELGenUserEvent(said,all)", ""])


async def ask_the_dialplan(running: RunningCenter, all_hours: dict[str, Hours]) -> None:
    """Has one channel of Asterisk walk through `probe`."""
    with (running.state.version(1) / "etc" / DIALPLAN).open("a") as version:
        version.write(dialplan(all_hours))
    await running.cli("dialplan reload")
    async with open_line(running.state) as ami:
        way = {"Channel": "Local/s@probe/n", "Application": "Wait", "Data": "60"}
        await ami.ask("Originate", Async="true", **way)


async def test_the_dialplan_is_open_when_python_says_so(
    center: Center, running: RunningCenter, center_directory: Path
) -> None:
    loaded = load_center(center_directory, Problems())
    assert loaded is not None
    all_hours = {str(name): hours for name, hours in loaded.router.hours.items()}
    await ask_the_dialplan(running, all_hours)
    await center.notes("said all", within=60)
    said = {event.rpartition(" ")[0]: event.rpartition(" ")[2] for event in center.events()}
    wrong = [
        f"{name} at {moment.astimezone(ZONE)}"
        for name, hours in all_hours.items()
        for number, walk in enumerate(walks(hours))
        for moment, letter in zip(walk.moments, said[f"said {name} {number}"], strict=True)
        if (letter == "o") != hours.is_open(moment, ZONE)
    ]
    assert wrong == []
