"""Every report by its name, and what it is made of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from reports.agents import agents_report
from reports.balance import Balance
from reports.call import Call
from reports.departments import Promise, departments_report
from reports.hours import hours_report
from reports.left_behind import fax_report, voicemail_report
from reports.listing import calls_report
from reports.menus import menus_report
from reports.numbers import numbers_report
from reports.outbound import outbound_report
from reports.owed import owed_report
from reports.period import Period
from reports.report import Report


@dataclass(frozen=True)
class Material:
    """`calls` began in the period, `around` also before it; both are those asked for.

    `until_now` are all of the period and after it. Each in its order.
    """

    period: Period
    calls: Sequence[Call]
    around: Sequence[Call]
    until_now: Sequence[Call]
    promises: Mapping[str, Promise]
    foot: Balance


REPORTS: Mapping[str, Callable[[Material], Report]] = {
    "calls": lambda made: calls_report(made.period, made.calls, made.foot),
    "departments": lambda made: departments_report(
        made.period, made.around, made.promises, made.foot
    ),
    "agents": lambda made: agents_report(made.period, made.around, made.foot),
    "hours": lambda made: hours_report(made.period, made.calls, made.foot),
    "menus": lambda made: menus_report(made.period, made.calls, made.foot),
    "numbers": lambda made: numbers_report(made.period, made.calls, made.foot),
    "outbound": lambda made: outbound_report(made.period, made.calls, made.foot),
    "voicemail": lambda made: voicemail_report(made.period, made.calls, made.foot),
    "fax": lambda made: fax_report(made.period, made.calls, made.foot),
    "owed": lambda made: owed_report(made.period, made.until_now, made.foot),
}
