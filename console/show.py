"""How answers look: tables for people, JSON for programs."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text as Styled

from center.apply import Applied
from center.simulate import Simulation
from switchboard.pbx.snapshot import Live
from switchboard.problems import Problems

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def error(message: str) -> None:
    """One line on standard error."""
    err.print(Styled(f"switchboard: {message}", style="red"))


def warn(message: str) -> None:
    """One line on standard error that asks for nothing at once."""
    err.print(Styled(message, style="yellow"))


def problems(found: Problems, as_json: bool) -> None:
    """Every problem with its line and a caret, then how many there are."""
    if as_json:
        json_({"problems": [problem.as_json() for problem in found]})
        return
    for problem in found:
        out.print(Styled(str(problem), style="red" if problem.severity == "error" else "yellow"))
    errors = len(found.errors)
    out.print(f"{_count(errors, 'error')}, {_count(len(found) - errors, 'warning')}")


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def applied(done: Applied, as_json: bool) -> None:
    """What an apply did."""
    if as_json:
        json_(done.__dict__)
        return
    if not done.changed:
        out.print(f"nothing has changed since version {done.number}")
        return
    where = "callers hear it from now on" if done.running else "it will be heard from `run` on"
    out.print(f"applied version {done.number}; {where}")
    if done.restart:
        out.print(f"a restart of `run` is needed for: {', '.join(done.restart)}", style="yellow")


@contextmanager
def progress(word: str, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar that appears with the first step and fills up; nothing where nothing is to be done."""
    columns = (TextColumn(f"making {word}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, disable=quiet, transient=True) as bar:
        tasks: list[Any] = []

        def step(done: int, total: int) -> None:
            if not tasks:
                tasks.append(bar.add_task(word, total=total))
            bar.update(tasks[0], completed=done, total=total)

        yield step


def simulation(walked: Simulation, as_json: bool) -> None:
    """Each step of a simulated call: what was heard and pressed, what followed, and why."""
    if as_json:
        json_(asdict(walked))
        return
    for step in walked.steps:
        heard = " ".join(f"“{text}”" for text in step.heard)
        head = f"{step.menu or '':12} {heard}".rstrip()
        if head:
            out.print(Styled(head))
        pressed = f"{step.key} -> " if step.key else ""
        out.print(Styled(f"{'':12} {pressed}{step.result}", style="bold"))
        for reason in step.why:
            out.print(Styled(f"{'':14} {reason}", style="dim"))
    (kind, name), *_ = walked.destination.items()
    out.print(f"ends at {kind} {name}, in {walked.language}")


def live(now: Live, as_json: bool) -> None:
    """Extensions, departments with members and waiting callers, calls."""
    if as_json:
        sys.stdout.write(now.as_json() + "\n")
        return
    phones = _table("extension", "state", "address")
    for number, phone in now.extensions.items():
        phones.add_row(number, phone.state.value, phone.address or "-")
    queues = _table("department", "members", "waiting")
    for name, department in now.departments.items():
        members = ", ".join(
            f"{member.extension} {'paused' if member.paused else member.state.value}"
            for member in department.members
        )
        waiting = ", ".join(f"{one.number or '?'}" for one in department.waiting)
        queues.add_row(name, members or "nobody signed in", waiting or "-")
    calls = _table("call", "from", "where", "with")
    for call in now.calls:
        calls.add_row(
            call.id, call.from_number or "-", call.place, ", ".join(call.talking_to) or "-"
        )
    for table in (phones, queues, calls):
        out.print(table)


def secrets(known: dict[str, str], as_json: bool) -> None:
    """Extension and secret."""
    if as_json:
        json_(known)
        return
    table = _table("extension", "secret")
    for number, secret in known.items():
        table.add_row(number, secret)
    out.print(table)


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="bold")
    for column in columns:
        table.add_column(column)
    return table


def json_(value: Any) -> None:
    """For programs: one value, with a line for each of its parts."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def counts(found: Mapping[str, int], as_json: bool) -> None:
    """How many of each thing there are."""
    if as_json:
        json_(dict(found))
        return
    for name, count in found.items():
        out.print(f"{count:>8}  {name}")


def overdue(found: Sequence[tuple[str, int, int]], dry_run: bool, as_json: bool) -> None:
    """What is let go, or would be: kind, the days it is kept, how many are older."""
    if as_json:
        json_([{"kind": kind, "keep_days": days, "overdue": count} for kind, days, count in found])
        return
    for kind, days, count in found:
        done = "older than" if dry_run else "let go, older than"
        out.print(f"{count:>8}  {kind} {done} {days} days")
