"""Reports in words: titles, heads of columns, figures, outcomes, definitions, in one language.

English names of columns and outcomes are made of the keys of JSON; what another language lacks is
said in English. Programs (JSON, CSV, XLSX) always read the keys themselves.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from reports.balance import Balance
from reports.period import Period
from reports.report import plain
from switchboard.letterhead import plain as one_line
from switchboard.pbx.installation import NODE
from switchboard.wording import SPARE_LANGUAGE

TEMPLATES = Path(__file__).parent / "templates"
PER_CENT = frozenset({"occupancy"} | {f"SL-{number}" for number in range(1, 7)})
# times that are added up over a period, in hours; all other seconds are waits and means
ADDED_UP = frozenset(
    f"{word}_seconds" for word in "signed_in paused talk hold wrapup available".split()
)
LONGEST = 200  # signs of a cell
# columns whose cells are words of ours; what callers and administrators named stays as it is
OF_OURS = {"outcome": "outcomes", "direction": "words", "day": "days"}


class Wording:
    """One language. `say` fills in the gaps of a phrase."""

    def __init__(self, language: str) -> None:
        is_known = (TEMPLATES / f"{language}.yaml").is_file()
        self.language = language if is_known else SPARE_LANGUAGE
        self._spare, self._own = _read(SPARE_LANGUAGE), _read(self.language)

    def _found(self, kind: str, key: str) -> str | None:
        for words in (self._own, self._spare):
            found = words.get(kind, {}).get(key)
            if found is not None:
                return str(found)
        return None

    def word(self, kind: str, key: str) -> str:
        """`abandoned in queue` of the outcome `abandoned_in_queue`."""
        return self._found(kind, key) or key.replace("_", " ")

    def say(self, phrase: str, /, kind: str = "phrases", **gaps: object) -> str:
        return self.word(kind, phrase).format(**gaps)

    def report(self, name: str) -> str:
        return self._found("titles", name) or name.capitalize()

    def definition(self, report: str, word: str, english: str) -> str:
        known = self._own.get("definitions", {}).get(report, {})
        return str(known.get(word, english))

    def outcome(self, outcome: str | None) -> str:
        return self.word("outcomes", outcome or "in_progress")

    def title(self, column: str, report: str = "") -> str:
        """`service level SL-4 %` of `service_level.SL-4`, `wait s` of `wait_seconds`.

        In a list of calls a time is that of one call, in seconds; else those added up are in hours.
        """
        name = column.rpartition(".")[2]
        if name in PER_CENT:
            name, unit = name, "%"
        elif name.endswith("_per_cent"):
            name, unit = name.removesuffix("_per_cent"), "%"
        elif name.endswith("_seconds"):
            unit = "h" if name in ADDED_UP and report != "calls" else "s"
            name = name.removesuffix("_seconds")
        else:
            return self.column(name.removesuffix("_at"))
        unit = self.word("units", unit)
        return self.say("unit", "words", word=self.column(name), unit=unit)

    def column(self, name: str) -> str:
        known = self._found("columns", name)
        return known or name.replace("_", " ").replace("SL-", "service level SL-")

    def cell(self, value: Any, column: str, report: str = "") -> str:
        """One line of text; `-` where nothing was counted."""
        if value is None or value == {} or value == "":
            return "-"
        if column in ADDED_UP and report != "calls":
            return hours(value)
        if isinstance(value, float):
            return self.number(f"{value:.1f}")
        text = one_line(str(plain(value)), LONGEST) or "-"
        if text == "total":
            return self.word("words", text)
        if column.endswith("_at"):
            return text[:19].replace("T", " ")
        if column in OF_OURS:
            return self.word(OF_OURS[column], text)
        return text.removeprefix(f"{NODE}-") if column == "id" else text

    def seconds(self, lasted: float) -> str:
        """`3.5 s`."""
        return f"{self.number(f'{lasted:.1f}')} {self.word('units', 's')}"

    def number(self, written: str) -> str:
        """With the sign that the language writes before decimals."""
        return written.replace(".", str(self._own.get("decimal", ".")))

    def balance(self, balance: Balance) -> list[str]:
        """The lines at the foot of every report."""
        lines = [
            self.say(
                "arrived",
                arrived=balance.arrived,
                accounted=balance.accounted,
                in_progress=balance.in_progress,
                unexplained=len(balance.unexplained),
            ),
            self.say("accounted", outcomes=self._counted(balance.outcomes)),
        ]
        if balance.unexplained:
            lines.append(self.say("unexplained", ids=", ".join(balance.unexplained)))
        if balance.attempts:
            lines.append(self.say("attempts", outcomes=self._counted(balance.attempts)))
        return lines

    def _counted(self, outcomes: Mapping[str, int]) -> str:
        told = (
            self.say("counted", count=count, outcome=self.outcome(outcome))
            for outcome, count in outcomes.items()
        )
        return ", ".join(told) or "-"

    def period(self, period: Period) -> str:
        """`1 to 30 November 2026`, with the hours where they are no whole days."""
        begin, last = period.begin, period.end - timedelta(microseconds=1)
        whole = begin.strftime("%H%M%S") == period.end.strftime("%H%M%S") == "000000"
        if not whole:
            moments = (f"{self._day(at)} {at:%H:%M}" for at in (begin, period.end))
            told = self._span(*moments)
        elif begin.date() == last.date():
            weekday = self._own["weekdays"][begin.weekday()]
            told = self.say("weekday", weekday=weekday, date=self._day(begin))
        elif (begin.year, begin.month) == (last.year, last.month):
            told = self._span(str(begin.day), self._day(last))
        else:
            told = self._span(self._day(begin), self._day(last))
        return self.say("in_zone", period=told, zone=period.zone)

    def _span(self, first: str, last: str) -> str:
        return self.say("span", first=first, last=last)

    def _day(self, moment: datetime) -> str:
        month = self._own["months"][moment.month - 1]
        return self.say("date", day=moment.day, month=month, year=moment.year)


def hours(seconds: float) -> str:
    """`7:05:09`."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


@cache
def _read(language: str) -> Mapping[str, Any]:
    words: dict[str, Any] = yaml.safe_load((TEMPLATES / f"{language}.yaml").read_text("utf-8"))
    return words


@cache
def wording_of(language: str) -> Wording:
    """The words of a center's language."""
    return Wording(language)


ENGLISH = wording_of(SPARE_LANGUAGE)
