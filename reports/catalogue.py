"""Every report by its name, and what it is made of."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from reports.agents import agents_report
from reports.balance import Balance
from reports.compare import compared
from reports.course import course_of
from reports.departments import Promise, departments_report
from reports.hours import hours_report
from reports.left_behind import fax_report, voicemail_report
from reports.listing import calls_report
from reports.menus import menus_report
from reports.numbers import callers_in, numbers_report
from reports.outbound import outbound_report
from reports.owed import owed_report
from reports.period import Period
from reports.report import Asked, Report
from reports.store import ALL, Filters
from reports.summary import Clockwork, Tallies, tallied


@dataclass(frozen=True)
class Question:
    """A report and what it is asked for. `unheard`: calls whose message or fax nobody has whole."""

    name: str
    period: Period
    clockwork: Clockwork
    promises: Mapping[str, Promise]
    filters: Filters = ALL
    unheard: Collection[str] = ()
    is_drawn: bool = False  # with what its charts show


@dataclass(frozen=True)
class Recipe:
    """`kinds` are the tallies that a report is made of; `by_row` filters only choose its rows."""

    make: Callable[[Session, Asked, Tallies, Question], Report]
    kinds: tuple[str, ...] = ()
    by_row: frozenset[str] = frozenset()


REPORTS: Mapping[str, Recipe] = {
    "calls": Recipe(lambda session, asked, _, __: calls_report(session, asked)),
    "departments": Recipe(
        lambda _, asked, found, __: departments_report(
            asked, found["departments"], found["agents"]
        ),
        ("departments", "agents"),
        frozenset({"department"}),
    ),
    "agents": Recipe(
        lambda _, asked, found, __: agents_report(asked, found["agents"]),
        ("agents",),
        frozenset({"agent"}),
    ),
    "hours": Recipe(lambda _, asked, found, __: hours_report(asked, found["hours"]), ("hours",)),
    "menus": Recipe(lambda _, asked, found, __: menus_report(asked, found["menus"]), ("menus",)),
    "numbers": Recipe(
        lambda session, asked, found, __: numbers_report(
            asked, found["numbers"], callers_in(session, asked.period.span, asked.filters)
        ),
        ("numbers",),
    ),
    "outbound": Recipe(
        lambda _, asked, found, __: outbound_report(asked, found["outbound"]),
        ("outbound",),
        frozenset({"agent"}),
    ),
    "voicemail": Recipe(
        lambda _, asked, found, __: voicemail_report(asked, found["left"]), ("left",)
    ),
    "fax": Recipe(lambda _, asked, found, __: fax_report(asked, found["left"]), ("left",)),
    "owed": Recipe(
        lambda session, asked, _, q: owed_report(session, asked, q.unheard, is_counted=q.is_drawn)
    ),
}


def report_on(session: Session, question: Question, has_course: bool = True) -> Report:
    """The answer; its rows may be read from the database while they are gone through."""
    recipe, span = REPORTS[question.name], question.period.span
    by_row = question.filters.wanted <= recipe.by_row
    first = ("balance", *recipe.kinds) if by_row else ("balance",)
    found = tallied(session, span, first, question.clockwork)
    if not by_row and recipe.kinds:
        filters = question.filters
        found |= tallied(session, span, recipe.kinds, question.clockwork, filters)
    foot = Balance.of(found["balance"])
    asked = Asked(question.period, foot, question.promises, question.filters)
    made = recipe.make(session, asked, found, question)
    if not question.is_drawn or not has_course:
        return made
    course = course_of(session, asked, question.clockwork, by_row)
    return replace(made, course=course)


def answered(session: Session, question: Question, other: Period | None) -> Report:
    """The answer, beside that of another period where one is named."""
    made = report_on(session, question)
    if other is None:
        return made
    earlier = report_on(session, replace(question, period=other), has_course=False)
    return compared(made, earlier)
