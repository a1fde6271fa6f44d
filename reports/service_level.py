"""The six ways in which the field reckons a service level. There is no binding one."""

from dataclasses import astuple, dataclass

from reports.tally import per_cent

DEFINITIONS = {
    "SL-1": "(A_T + B_T) / (A + B)",
    "SL-2": "A_T / A",
    "SL-3": "A_T / (A + B)",
    "SL-4": "A_T / (A + B - B_T)",
    "SL-5": "(A_T + B_S) / (A + B)",
    "SL-6": "A_T / (A + B + F)",
}


@dataclass(frozen=True)
class Counts:
    """Visits: answered, of those within T; abandoned, within T, short ones; flowed out."""

    answered: int = 0
    answered_in_time: int = 0
    abandoned: int = 0
    abandoned_in_time: int = 0
    short_abandoned: int = 0
    flowed_out: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        both = zip(astuple(self), astuple(other), strict=True)
        return Counts(*(one + more for one, more in both))


def service_levels(counts: Counts) -> dict[str, float | None]:
    """Per cent with one decimal by name; None where nothing was counted."""
    a, a_t, f = counts.answered, counts.answered_in_time, counts.flowed_out
    b, b_t, b_s = counts.abandoned, counts.abandoned_in_time, counts.short_abandoned
    return {
        "SL-1": per_cent(a_t + b_t, a + b),
        "SL-2": per_cent(a_t, a),
        "SL-3": per_cent(a_t, a + b),
        "SL-4": per_cent(a_t, a + b - b_t),
        "SL-5": per_cent(a_t + b_s, a + b),
        "SL-6": per_cent(a_t, a + b + f),
    }
