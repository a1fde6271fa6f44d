"""From turns to a table: every figure beside the same round of the hand-written dialplan."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Turn:
    """One contestant's calls at one rate in one round."""

    round: int
    rate: int  # calls a second
    contestant: str
    calls: int
    failed: int  # as SIPp counts
    astray: int  # calls that did not hear the goodbye
    cpu_ms_per_call: float  # of all that carries the call
    records_ms_per_call: float  # of what keeps its records beside
    key_to_sound_ms: list[float]


@dataclass(frozen=True)
class Row:
    """All turns of one contestant at one rate; ratios are taken within each round."""

    rate: int
    contestant: str
    calls: int
    failed: int
    astray: int
    cpu_ms_per_call: float  # median of the rounds, as the others
    ratio: float
    lowest_ratio: float
    highest_ratio: float
    records_ms_per_call: float
    ratio_with_records: float
    key_to_sound_p50_ms: float
    key_to_sound_p99_ms: float


def rows(turns: Sequence[Turn]) -> list[Row]:
    """One row for each rate and contestant; the first contestant is what the others are held to."""
    yardstick = turns[0].contestant
    places = dict.fromkeys((turn.rate, turn.contestant) for turn in turns)
    return [_row(turns, rate, name, yardstick) for rate, name in sorted(places, key=_rate_of)]


def _rate_of(place: tuple[int, str]) -> int:
    return place[0]


def _row(turns: Sequence[Turn], rate: int, name: str, yardstick: str) -> Row:
    at_rate = [turn for turn in turns if turn.rate == rate]
    measure = {turn.round: turn.cpu_ms_per_call for turn in at_rate if turn.contestant == yardstick}
    own = [turn for turn in at_rate if turn.contestant == name]
    ratios = [turn.cpu_ms_per_call / measure[turn.round] for turn in own]
    whole = [turn.cpu_ms_per_call + turn.records_ms_per_call for turn in own]
    # one wait alone, or none, has no quantiles: SIPp or Asterisk failed, and the row says so
    waits = [wait for turn in own for wait in turn.key_to_sound_ms] or [float("nan")]
    return Row(
        rate=rate,
        contestant=name,
        calls=sum(turn.calls for turn in own),
        failed=sum(turn.failed for turn in own),
        astray=sum(turn.astray for turn in own),
        cpu_ms_per_call=median(turn.cpu_ms_per_call for turn in own),
        ratio=median(ratios),
        lowest_ratio=min(ratios),
        highest_ratio=max(ratios),
        records_ms_per_call=median(turn.records_ms_per_call for turn in own),
        ratio_with_records=median(
            ms / measure[turn.round] for ms, turn in zip(whole, own, strict=True)
        ),
        key_to_sound_p50_ms=median(waits),
        key_to_sound_p99_ms=quantiles(waits * 2, n=100, method="inclusive")[98],
    )


def markdown(table: Sequence[Row]) -> str:
    """The rows as they stand in docs/performance.md."""
    lines = [
        "| calls/s | dialplan | CPU ms a call | ratio (lowest to highest round) | records, ms "
        "(ratio with them) | key to sound, ms p50 / p99 | calls | failed | astray |",
        "|--:|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in table:
        spread = f"({row.lowest_ratio:.2f} to {row.highest_ratio:.2f})"
        waits = f"{row.key_to_sound_p50_ms:.1f} / {row.key_to_sound_p99_ms:.1f}"
        kept = f"{row.records_ms_per_call:.1f} ({row.ratio_with_records:.2f})"
        records = kept if row.records_ms_per_call else "-"
        lines.append(
            f"| {row.rate} | {row.contestant} | {row.cpu_ms_per_call:.1f} | {row.ratio:.2f} "
            f"{spread} | {records} | {waits} | {row.calls} | {row.failed} | {row.astray} |"
        )
    return "\n".join(lines)
