"""The section `reports:` of `center.yaml`: which report is sent when, to whom."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator

from callrouter.hours import weekdays
from switchboard.noun import Noun
from switchboard.shapes import Texts
from switchboard.yamltext import Text

NAMES = Literal[
    "calls",
    "departments",
    "agents",
    "hours",
    "menus",
    "numbers",
    "outbound",
    "fax",
    "voicemail",
    "owed",
]

_TIME = re.compile(r"^([01][0-9]|2[0-3]):[0-5][0-9]$")


def _days(written: Text) -> Text:
    weekdays(written)
    return written


def _time(written: Text) -> Text:
    if not _TIME.fullmatch(written):
        raise ValueError(f"“{written}” is not a time of day such as 07:30")
    return written


class ScheduledReport(Noun):
    """One letter with a report, on some days at some time of the center's zone."""

    report: NAMES
    period: Text = Text("yesterday")
    days: Annotated[Text, AfterValidator(_days)] = Text("mon-sun")
    at: Annotated[Text, AfterValidator(_time)] = Text("07:30")
    format: Literal["table", "json", "csv", "xlsx", "pdf", "html"] = "pdf"
    email: Texts


class ReportsSection(Noun):
    """The scheduled reports by name."""

    reports: dict[Text, ScheduledReport] = {}
