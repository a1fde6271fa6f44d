"""The section `reports:` of `center.yaml`: which report is sent when, to whom."""

from typing import Literal

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


class ScheduledReport(Noun):
    """One letter with a report, on some days at some time of the center's zone."""

    report: NAMES
    period: Text = Text("yesterday")
    days: Text = Text("mon-sun")
    at: Text = Text("07:30")
    format: Literal["table", "json", "csv", "xlsx", "pdf", "html"] = "pdf"
    email: Texts


class ReportsSection(Noun):
    """The scheduled reports by name."""

    reports: dict[Text, ScheduledReport] = {}
