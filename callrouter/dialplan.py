"""The router's conditions as dialplan: hours, lists of callers, and E.164, each a subroutine."""

from collections.abc import Iterable, Mapping
from datetime import date

from callrouter.callers import CallerList
from callrouter.hours import DAY, Hours, Spans
from switchboard.numbering import NumberingPlan
from switchboard.pbx.dialplan import Context, Step
from switchboard.yamltext import Text

# a test moves the clock of the dialplan with the global CLOCK_OFFSET (seconds)
NOW = "$[${EPOCH} + 0${GLOBAL(CLOCK_OFFSET)}]"


def hours_context(
    name: str, version: str, hours: Hours, zone: str, first: date, last: date
) -> Context:
    """Gosub(hours-NAME-vN,s,1) returns `open` or `closed`, at this moment.

    Days that are not as every such weekday (holidays, dates) are listed from `first` to `last`.
    """
    clock = f"STRFTIME(${{NOW}},{hours.timezone or zone}"
    context = Context(f"hours-{name}-{version}", comment="returns open or closed")
    context.extension(
        "s",
        [
            f"Set(NOW={NOW})",  # once, or a midnight between two steps is asked for on two days
            f"Set(AT=${{{clock},%H%M)}})",
            f'Goto(${{IF($["${{DB(switch/{name})}}"=""]?calendar:switched)}},1)',
        ],
    )
    context.extension("switched", [f"Return(${{DB(switch/{name})}})"])
    context.extension("calendar", [f"Goto(day-${{{clock},%Y-%m-%d)}},1)"])
    for day, spans in sorted(hours.exceptions(first, last).items()):
        context.extension(f"day-{day.isoformat()}", _open_at(spans))
    context.extension("_day-.", [f"Goto(week-${{{clock},%u)}},1)"])
    for weekday in range(7):
        context.extension(f"week-{weekday + 1}", _open_at(hours.ordinary_minutes(weekday)))
    return context


def _open_at(spans: Spans) -> list[Step | str]:
    """Steps that return `open` when AT (hhmm) lies in a span, else `closed`."""
    if not spans:
        return ["Return(closed)"]
    if spans == ((0, DAY),):
        return ["Return(open)"]
    within = " | ".join(
        f"(${{AT}} >= {_hhmm(begin)} & ${{AT}} < {_hhmm(end)})" for begin, end in spans
    )
    return [f"Return(${{IF($[{within}]?open:closed)}})"]


def _hhmm(minutes: int) -> int:
    """Minutes of the day as the number that %H%M shows: 1110 for 11:10, 2400 at the end."""
    return minutes // 60 * 100 + minutes % 60


def callers_context(name: str, version: str, listed: CallerList) -> Context:
    """Gosub(callers-NAME-vN,NUMBER,1) returns `yes` when the caller is on the list."""
    context = Context(f"callers-{name}-{version}", comment="returns yes or no")
    for entry in dict.fromkeys(listed.entries):
        number = f"_{entry[:-1]}!" if entry.endswith("*") else str(entry)
        context.extension(number, ["Return(yes)"])
    return context.extension("_[+0-9a-z]!", ["Return(no)"])


def e164_context(plan: NumberingPlan) -> Context:
    """Gosub(e164,NUMBER,1) returns the number as E.164, or as it came where no form fits."""
    context = Context("e164", comment=f"how {plan.country} writes its numbers")
    for form in plan.forms:
        context.extension(form.pattern, [f"Return({form.put}${{EXTEN{_from(form.cut)}}})"])
    return context.extension("_[+0-9*#a-z]!", ["Return(${EXTEN})"])


def _from(cut: int) -> str:
    return f":{cut}" if cut else ""


def condition_steps(
    hours: str | None, callers: Iterable[str], spoken: str | None, version: str, otherwise: str
) -> list[Step | str]:
    """Steps that go on when all conditions hold, else jump to the label `otherwise`."""
    steps: list[Step | str] = []
    if hours:
        steps.append(f"Gosub(hours-{hours}-{version},s,1)")
        steps.append(f'GotoIf($["${{GOSUB_RETVAL}}"!="open"]?{otherwise})')
    listed = ""
    for name in callers:
        steps.append(f"Gosub(callers-{name}-{version},${{CALLER}},1)")
        steps.append(f"Set(LISTED={listed}${{GOSUB_RETVAL}})")
        listed = "${LISTED}"
    if listed:
        steps.append(f'GotoIf($[!("${{LISTED}}" =~ "yes")]?{otherwise})')
    if spoken:
        steps.append(f'GotoIf($["${{CHANNEL(language)}}"!="{spoken}"]?{otherwise})')
    return steps


def hours_contexts(
    hours: Mapping[Text, Hours], version: str, zone: str, first: date, last: date
) -> list[Context]:
    """One context for each hours of the center."""
    return [
        hours_context(name, version, opening, zone, first, last) for name, opening in hours.items()
    ]
