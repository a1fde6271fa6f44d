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

PERIODS = Literal["today", "yesterday", "last_7_days", "last_30_days", "last_week", "last_month"]

_COLOUR = re.compile(r"^#[0-9a-fA-F]{6}$")
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
    period: PERIODS = "yesterday"
    compare: Literal["previous"] | None = None
    days: Annotated[Text, AfterValidator(_days)] = Text("mon-sun")
    at: Annotated[Text, AfterValidator(_time)] = Text("07:30")
    format: Literal["table", "json", "csv", "xlsx", "pdf", "html"] = "pdf"
    email: Texts


def _colour(written: Text) -> Text:
    if not _COLOUR.fullmatch(written):
        raise ValueError(f"“{written}” is not a colour such as #1d5b99")
    return written


class Paper(Noun):
    """How reports look: a picture (PNG or JPEG) below the center, and a colour of the house."""

    logo: Text | None = None
    colour: Annotated[Text, AfterValidator(_colour)] = Text("#1d5b99")


class ReportsSection(Noun):
    """The scheduled reports by name, and what the paper of all reports looks like."""

    reports: dict[Text, ScheduledReport] = {}
    paper: Paper = Paper()
