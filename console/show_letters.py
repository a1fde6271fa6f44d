"""How letters, what they bring, and alarms look: lines for people, JSON for programs."""

from datetime import datetime
from typing import Any

from rich.text import Text as Styled

from console.show import json_, out
from switchboard.alarms import Alarm
from switchboard.outbox import OutboxRow


def letters(rows: list[OutboxRow], as_json: bool) -> None:
    """The outbox, one letter a line."""
    if as_json:
        json_([letter_json(row) for row in rows])
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
        json_(whole)
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


def fate_json(letter: OutboxRow | None) -> dict[str, Any] | None:
    """What became of the letter about a message or a fax, as the contract lists it."""
    if letter is None:
        return None
    return {
        "state": letter.state,
        "message_id": letter.message_id,
        "to": _to(letter),
        "tries": letter.tries,
        "last_error": letter.last_error,
    }


def arrival(one: dict[str, Any], where: str, how_much: str) -> Styled:
    """A message or a fax, of which `one` is the JSON, in a line."""
    caller = " ".join(filter(None, (one["from_name"], one["from"]))) or "number withheld"
    mail = f"letter {one['mail']['state']}" if one["mail"] else "no letter"
    error = f": {one['mail']['last_error']}" if one["mail"] and one["mail"]["last_error"] else ""
    head = f"{one['id']}  {one['received_at'][:16]}  {where:10} {how_much}"
    return Styled(f"{head}  {one['status']:8}  {caller}  {mail}{error}")


def _to(row: OutboxRow) -> list[str]:
    return [recipient.address for recipient in row.recipients]


def _due(row: OutboxRow) -> datetime | None:
    return row.due_at if row.state == "waiting" else None


def alarms(standing: list[Alarm], as_json: bool) -> None:
    """What is wrong, since when, and how to mend it."""
    if as_json:
        json_(
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
