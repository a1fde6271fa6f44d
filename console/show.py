"""How answers look: tables for people, JSON for programs."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text as Styled

from center.apply import Applied
from center.simulate import Simulation
from switchboard.alarms import Alarm
from switchboard.outbox import OutboxRow
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
        _json({"problems": [problem.as_json() for problem in found]})
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
        _json(done.__dict__)
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
        _json(asdict(walked))
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
        _json(known)
        return
    table = _table("extension", "secret")
    for number, secret in known.items():
        table.add_row(number, secret)
    out.print(table)


def letters(rows: list[OutboxRow], as_json: bool) -> None:
    """The outbox, one letter a line."""
    if as_json:
        _json([letter_json(row) for row in rows])
        return
    for row in rows:
        head = f"{row.id:>6}  {row.state:8} {row.kind:10} {', '.join(_to(row))}  {row.subject}"
        out.print(Styled(head, style="red" if row.state == "dead" else ""))
        if row.last_error:
            again = f"; again at {_moment(row.due_at)}" if row.state == "waiting" else ""
            out.print(Styled(f"{'':16} {row.last_error}{again}", style="dim"))
    out.print(f"{len(rows)} letters")


def letter(row: OutboxRow, as_json: bool) -> None:
    """One letter, and what became of each recipient."""
    whole = letter_json(row) | {
        "sender": row.sender,
        "created_at": row.created_at.isoformat(),
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        "recipients": [
            {"address": one.address, "state": one.state, "answer": one.answer}
            for one in row.recipients
        ],
    }
    if as_json:
        _json(whole)
        return
    for key, value in whole.items():
        if key not in ("to", "recipients"):
            out.print(Styled(f"{key:12} {'-' if value in (None, '') else value}"))
    for one in row.recipients:
        out.print(Styled(f"{one.state:12} {one.address}  {one.answer}"))


def letter_json(row: OutboxRow) -> dict[str, Any]:
    """A letter as the contract lists it; `due_at` is null once nothing more will happen."""
    due = _due(row)
    return {
        "id": row.id,
        "kind": row.kind,
        "state": row.state,
        "to": _to(row),
        "subject": row.subject,
        "message_id": row.message_id,
        "tries": row.tries,
        "last_error": row.last_error,
        "due_at": due.isoformat() if due else None,
    }


def _to(row: OutboxRow) -> list[str]:
    return [recipient.address for recipient in row.recipients]


def _due(row: OutboxRow) -> datetime | None:
    return row.due_at if row.state == "waiting" else None


def alarms(standing: list[Alarm], as_json: bool) -> None:
    """What is wrong, since when, and how to mend it."""
    if as_json:
        _json(
            [
                {
                    "key": alarm.key,
                    "what": alarm.what,
                    "since": alarm.since.isoformat(),
                    "how_to_mend": alarm.how_to_mend,
                }
                for alarm in standing
            ]
        )
        return
    if not standing:
        out.print("nothing is wrong")
    for alarm in standing:
        out.print(Styled(f"{_moment(alarm.since)}  {alarm.what}", style="red"))
        out.print(Styled(f"{'':18} {alarm.how_to_mend}"))


def _moment(moment: datetime | None) -> str:
    """A time on this machine's clock."""
    return moment.astimezone().strftime("%d.%m.%y %H:%M:%S") if moment else "-"


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="bold")
    for column in columns:
        table.add_column(column)
    return table


def _json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
