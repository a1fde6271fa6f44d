"""How a call ended: exactly one outcome, in the order of the contract."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.call import Outcome, Segment
from reports.channels import Channel

_LEFT = {
    "menu": Outcome.ABANDONED_IN_MENU,
    "announcement": Outcome.ABANDONED_IN_MENU,
    "queue": Outcome.ABANDONED_IN_QUEUE,
    "ring": Outcome.ABANDONED_RINGING,
    "voicemail": Outcome.ABANDONED_IN_VOICEMAIL,
    "fax": Outcome.FAILED,
    "park": Outcome.ABANDONED_IN_QUEUE,
}
_LET_GO = {
    "menu": Outcome.GOODBYE,
    "announcement": Outcome.GOODBYE,
    "voicemail": Outcome.ABANDONED_IN_VOICEMAIL,
}
_BUSY = {"BUSY": Outcome.BUSY, "NOANSWER": Outcome.NO_ANSWER, "CANCEL": Outcome.NO_ANSWER}


@dataclass(frozen=True)
class Kept:
    """What a call left behind: a message in this mailbox, pages on this fax line."""

    voicemail: str | None
    fax: str | None


def kept(channels: Iterable[Channel]) -> Kept:
    """Read from what the dialplan says at the end of a recording or a reception."""
    message = pages = None
    for channel in channels:
        for words in _words(channel, "voicemail-end"):
            if words[1:2] == ["SUCCESS"]:
                message = words[0]
        for words in _words(channel, "fax-end"):
            if words[-1].isdigit() and int(words[-1]) > 0:
                pages = words[0]
    return Kept(message, pages)


def outcome_of_arrival(first: Channel, parts: Sequence[Segment], left: Kept) -> Outcome:
    """Of a call that came through a trunk and is over."""
    kinds = {part.kind for part in parts}
    if kinds & {"talk", "hold"}:
        return Outcome.ANSWERED
    if "outside" in kinds:
        return Outcome.FORWARDED
    if left.voicemail:
        return Outcome.VOICEMAIL
    if left.fax:
        return Outcome.FAX
    return _where_it_ended(first, parts[-1].kind)


def _where_it_ended(first: Channel, kind: str) -> Outcome:
    told = [row for row in first.rows if row.event in _TELLING]
    last = told[-1].event if told else ""
    if last == "refused":
        return Outcome.REJECTED
    if last in ("goodbye", "hangup"):
        return _let_go(first)
    if first.hangup.by_itself:
        return _LEFT[kind]
    return _LET_GO.get(kind, Outcome.FAILED) if told else Outcome.FAILED


_TELLING = (
    "menu announcement overflow ring outside voicemail voicemail-end fax goodbye hangup refused"
).split()


def _let_go(first: Channel) -> Outcome:
    """What led to the last words decides: closed hours, a mailbox that failed, or a wish."""
    told = [row for row in first.rows if row.event in (*_TELLING, "rule")]
    for row in reversed(told[:-1]):
        if row.event == "rule" and not row.text.endswith(" closed"):
            continue
        if row.event in ("rule", "overflow") and row.text.endswith(" closed"):
            return Outcome.CLOSED
        if row.event != "announcement":
            return Outcome.FAILED if row.event == "voicemail-end" else Outcome.GOODBYE
    return Outcome.GOODBYE


def outcome_of_attempt(first: Channel, parts: Sequence[Segment]) -> Outcome:
    """Of a call that an extension made and that is over."""
    if any(part.kind in ("talk", "hold") for part in parts):
        return Outcome.ANSWERED
    if _words(first, "outside"):
        return _BUSY.get(first.hangup.dialled, Outcome.FAILED)
    for words in reversed(list(_words(first, "untaken"))):
        return _BUSY.get(words[-1], Outcome.FAILED)
    if any(part.kind in ("ring", "queue", "voicemail") for part in parts):
        return Outcome.NO_ANSWER
    return Outcome.REFUSED


def _words(first: Channel, event: str) -> list[list[str]]:
    return [row.text.split() or [""] for row in first.rows if row.event == event]
